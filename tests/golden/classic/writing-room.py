"""Writing room.

A planner decides what a text must do, a writer drafts it, and a critic sends it back
until it is good.
"""

import sys

from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

llm_config = {"model": "test-model", "cache_seed": None}

planner = AssistantAgent(
    "planner",
    description="says what the text must do",
    system_message="""You plan short texts. Name the reader, the one thing the \
text must achieve, what it must contain, its tone and its length. Use a short list. Do \
not write the text.""",
    llm_config=llm_config,
)

writer = AssistantAgent(
    "writer",
    description="drafts and rewrites",
    system_message="""You write clear, warm prose in short sentences. Follow the \
plan. When the critic asks for changes, answer with the whole new text and nothing \
else.""",
    llm_config=llm_config,
)

critic = AssistantAgent(
    "critic",
    description="says what is not good enough",
    system_message="""You are a demanding but kind editor. Compare the draft with \
the plan. Name at most three things that must change, each with a reason. When the \
text does what the plan asks for, say what makes it work and end with the word \
APPROVED.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

group_chat = GroupChat(
    [planner, writer, critic],
    messages=[],
    max_round=10,
    speaker_selection_method="round_robin",
    allowed_or_disallowed_speaker_transitions={
        planner: [writer],
        writer: [critic],
        critic: [writer],
    },
    speaker_transitions_type="allowed",
)
manager = GroupChatManager(
    group_chat,
    is_termination_msg=lambda message: (
        message.get("name") == "critic" and "APPROVED" in (message.get("content") or "")
    ),
)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
