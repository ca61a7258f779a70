from autogen import ConversableAgent, GroupChat, GroupChatManager
from classic_prelude import LLM_CONFIG, said

REPLIES = {"I am": ["reply one", "CLEAR HISTORY b 1 and on", "reply three"]}

agents = [
    ConversableAgent(
        name,
        system_message=f"I am {name}",
        description=f"is {name}",
        llm_config=LLM_CONFIG,
        human_input_mode="NEVER",
        max_consecutive_auto_reply=2,
    )
    for name in ("a", "b", "c")
]
group = GroupChat(agents=agents, messages=[], max_round=4, speaker_selection_method="round_robin", send_introductions=True)
manager = GroupChatManager(groupchat=group, llm_config=LLM_CONFIG)
agents[0].initiate_chat(manager, message="Go.")
RESULT = [said(group.messages), len(agents[1].chat_messages[manager]), "a: is a" in agents[1].chat_messages[manager][0]["content"]]
