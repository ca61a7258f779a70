from autogen import Agent, ConversableAgent
from classic_prelude import LLM_CONFIG, said

REPLIES = {"Talker": ["first", "second", "third", "fourth"]}

talker = ConversableAgent("talker", system_message="Talker", llm_config=LLM_CONFIG, human_input_mode="NEVER")
other = ConversableAgent("other", system_message="Talker", llm_config=LLM_CONFIG, human_input_mode="NEVER")
user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER", default_auto_reply="default")
seen = []


def looks(recipient, messages=None, sender=None, config=None):
    seen.append([recipient.name, sender.name, messages[-1]["content"], config])
    config["count"] += 1
    return (True, "made up") if config["count"] == 2 else (False, None)


talker.register_reply([Agent, None], looks, position=0, config={"count": 0})
user.register_reply("talker", lambda recipient, messages, sender, config: (False, None), position=1)
talker.register_hook("process_last_received_message", lambda text: f"{text}!")
talker.register_hook("process_all_messages_before_reply", lambda messages: messages[-2:])
user.register_hook("process_message_before_send", lambda sender, message, recipient, silent: f"{message} (sent)")
first = user.initiate_chat(talker, message="hi", max_turns=3)
talker.register_reply(ConversableAgent, lambda recipient, messages, sender, config: (True, None), remove_other_reply_funcs=True)
second = user.initiate_chat(talker, message="hi", max_turns=3)
by_type = other.initiate_chat(user, message={"content": "as a dictionary", "name": "somebody"}, max_turns=1)
RESULT = [said(first.chat_history), seen, said(second.chat_history), said(by_type.chat_history)]
