from autogen import ConversableAgent, GroupChat, GroupChatManager
from classic_prelude import LLM_CONFIG, said

REPLIES = {"I am inner": ["inner one", "inner two"], "I am": ["one", "two", "three"]}


def agent(name):
    return ConversableAgent(name, system_message=f"I am {name}", llm_config=LLM_CONFIG, human_input_mode="NEVER")


a, b, inner = agent("a"), agent("b"), agent("inner")
group = GroupChat(agents=[a, b], messages=[], max_round=4, speaker_selection_method="round_robin")
manager = GroupChatManager(groupchat=group, llm_config=LLM_CONFIG)
b.register_nested_chats(
    [{"recipient": inner, "max_turns": 2, "summary_method": lambda sender, recipient, args: "summed up", "carryover": "extra"}],
    trigger=manager,
)
a.initiate_chat(manager, message="Go.")
user = ConversableAgent("user", llm_config=False, human_input_mode="NEVER")
front = agent("front")


def own_reply(chat_queue, recipient, messages, sender, config):
    return True, f"{len(chat_queue)} chats for {recipient.name}, {messages[-1]['content']}"


front.register_nested_chats([{"recipient": inner}], trigger=lambda sender: sender.name == "user", reply_func_from_nested_chats=own_reply)
second = user.initiate_chat(front, message="Hello", max_turns=1)
outer = agent("outer")
outer.register_nested_chats([{"recipient": manager, "sender": a, "summary_method": "last_msg"}], trigger=user)
third = user.initiate_chat(outer, message="To the group", max_turns=1)
RESULT = [said(group.messages), said(b.chat_messages[inner]), second.summary, third.summary, said(third.chat_history)]
