from autogen import ConversableAgent, GroupChat, GroupChatManager
from classic_prelude import LLM_CONFIG, said

REPLIES = {"I am": ["reply one", "reply two", "reply three"]}

agents = [
    ConversableAgent(name, system_message=f"I am {name}", llm_config=LLM_CONFIG, human_input_mode="NEVER") for name in ("a", "b", "c")
]
a, b, c = agents
group = GroupChat(
    agents=agents,
    messages=[],
    max_round=9,
    speaker_selection_method="round_robin",
    allowed_or_disallowed_speaker_transitions={a: [c], c: [b]},
    speaker_transitions_type="allowed",
)
manager = GroupChatManager(groupchat=group, llm_config=LLM_CONFIG)
a.initiate_chat(manager, message="Go.")
denied = GroupChat(
    agents=agents,
    messages=[],
    max_round=6,
    speaker_selection_method="round_robin",
    allowed_or_disallowed_speaker_transitions={a: [a, c], b: [b], c: [c, b]},
    speaker_transitions_type="disallowed",
)
second = GroupChatManager(groupchat=denied, llm_config=LLM_CONFIG)
a.initiate_chat(second, message="Go again.")
RESULT = [said(group.messages), said(denied.messages)]
