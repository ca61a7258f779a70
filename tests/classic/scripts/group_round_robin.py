from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent
from classic_prelude import LLM_CONFIG, said

REPLIES = {"I am one": ["one first", "one second"], "I am two": ["two first", "two second"]}

one = AssistantAgent("one", system_message="I am one", llm_config=LLM_CONFIG)
two = AssistantAgent("two", system_message="I am two", llm_config=LLM_CONFIG)
user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False, default_auto_reply="I listen.")
group = GroupChat(agents=[user, one, two], messages=[], max_round=6, speaker_selection_method="round_robin")
manager = GroupChatManager(groupchat=group, llm_config=LLM_CONFIG)
result = user.initiate_chat(manager, message="Talk.")
RESULT = [said(group.messages), said(one.chat_messages[manager]), said(result.chat_history), result.summary]
