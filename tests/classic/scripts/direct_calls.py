from autogen import ConversableAgent
from classic_prelude import LLM_CONFIG, said

REPLIES = {"New words": ["by the new words"], "Talker": ["a", "b", "c", "d"]}

talker = ConversableAgent("talker", system_message="Talker", llm_config=LLM_CONFIG, human_input_mode="NEVER")
user = ConversableAgent(
    "user", llm_config=False, human_input_mode="NEVER", default_auto_reply={"content": "as a dictionary", "name": "other"}
)
RESULT = [talker.generate_reply(messages=[{"role": "user", "content": "hi"}])]
user.send("no reply wanted", talker, request_reply=False)
user.send("a reply", talker, request_reply=True)
RESULT.append(said(user.chat_messages[talker]))
talker.update_system_message("New words")
user.send({"content": "more", "override_role": "system"}, talker, request_reply=True, silent=True)
RESULT.append([said(talker.chat_messages[user]), [message["role"] for message in talker.chat_messages[user]]])
user.update_max_consecutive_auto_reply(2, talker)
RESULT.append([user.max_consecutive_auto_reply(talker), user.max_consecutive_auto_reply(), talker.system_message])
result = user.initiate_chat(talker, message="go")
RESULT.append([said(result.chat_history), result.summary])
user.initiate_chat(talker, message="forget", max_turns=1, clear_history=False)
RESULT.append(len(user.chat_messages[talker]))
user.reset()
RESULT.append([len(user.chat_messages[talker]), user.name, talker.description])
