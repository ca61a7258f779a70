from autogen import ConversableAgent, GroupChat, GroupChatManager
from classic_prelude import LLM_CONFIG, said

REPLIES = {"I am": ["reply one", "reply two", "reply three"]}

agents = [
    ConversableAgent(name, system_message=f"I am {name}", llm_config=LLM_CONFIG, human_input_mode="NEVER") for name in ("a", "b", "c")
]
a, b, c = agents


def choose(last_speaker, groupchat):
    if last_speaker is a:
        return c
    if last_speaker is c:
        return "round_robin" if len(groupchat.messages) < 3 else b
    return None


group = GroupChat(agents=agents, messages=[], max_round=9, speaker_selection_method=choose)
manager = GroupChatManager(groupchat=group, llm_config=LLM_CONFIG)
a.initiate_chat(manager, message="Go.")
RESULT = said(group.messages)
