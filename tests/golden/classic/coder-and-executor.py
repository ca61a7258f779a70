"""Coder and executor. One agent writes Python, the other runs it until it works."""

import sys

from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

llm_config = {"model": "test-model", "cache_seed": None}

coder = AssistantAgent(
    "coder",
    description="writes Python and repairs it",
    system_message="""You solve tasks with Python that somebody else runs for you.
Send the whole program as one ```python block; use the standard library only and print what shows that the result is right.
Read the output: if it shows a mistake, say what was wrong and send the whole corrected program; when it proves that the task is solved, sum it up in two sentences and end with the word TERMINATE.""",
    llm_config=llm_config,
)

executor = UserProxyAgent(
    "executor",
    description="runs it",
    human_input_mode="NEVER",
    code_execution_config={"work_dir": "coding", "timeout": 60},
    default_auto_reply="There was no code to run. Send it fenced, with its language.",
    is_termination_msg=lambda message: "TERMINATE" in (message.get("content") or ""),
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

group_chat = GroupChat(
    [coder, executor], messages=[], max_round=13, speaker_selection_method="round_robin"
)
manager = GroupChatManager(
    group_chat,
    is_termination_msg=lambda message: (
        message.get("name") == "coder" and "TERMINATE" in (message.get("content") or "")
    ),
)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
