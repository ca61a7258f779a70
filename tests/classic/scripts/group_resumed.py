import json

from autogen import ConversableAgent, GroupChat, GroupChatManager
from classic_prelude import LLM_CONFIG, said

REPLIES = {"turns:I am": ["reply one", "reply two", "reply three"]}

agents = [ConversableAgent(name, system_message=f"I am {name}", llm_config=LLM_CONFIG, human_input_mode="NEVER") for name in ("a", "b")]
before = [
    {"content": "Go.", "role": "user", "name": "a"},
    {"content": "an old reply", "role": "user", "name": "b"},
    {"content": "the end. TERMINATE", "role": "user", "name": "a"},
]
group = GroupChat(agents=agents, messages=[], max_round=3, speaker_selection_method="round_robin")
manager = GroupChatManager(groupchat=group, llm_config=LLM_CONFIG)
last_agent, last_message = manager.resume(messages=json.dumps(before), remove_termination_string="TERMINATE")
result = last_agent.initiate_chat(recipient=manager, message=last_message, clear_history=False)
RESULT = [last_agent.name, said(group.messages), said(agents[1].chat_messages[manager])]
