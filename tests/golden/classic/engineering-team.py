"""Engineering team.

A planner, a coder, a tester who really runs the code, and a reviewer. A model chooses
who speaks next, along the arrows that you draw.
"""

import sys
from typing import Any

from autogen import (
    Agent,
    AssistantAgent,
    GroupChat,
    GroupChatManager,
    UserProxyAgent,
    gather_usage_summary,
)

llm_config = {"model": "test-model", "cache_seed": None}


def dollars(agents: list[Agent]) -> float:
    """What the models of these agents cost so far."""
    usage = gather_usage_summary(agents)["usage_including_cached_inference"]
    return float(usage["total_cost"])


planner = AssistantAgent(
    "planner",
    description="breaks the task into steps",
    system_message="""You plan small pieces of software. Answer with at most five \
numbered steps: what is to be written, which cases must be tested, and what counts as \
done. Write no code.""",
    llm_config=llm_config,
)

coder = AssistantAgent(
    "coder",
    description="writes the module and its tests",
    system_message="""You write clean, typed Python for the standard library.

Always send the whole program as one ```python block: the functions first, then the tests as plain asserts or printed checks. The program must exit with an error when a test fails. Before the block, say in one or two sentences what you changed and why.""",
    llm_config=llm_config,
)

tester = UserProxyAgent(
    "tester",
    description="runs the tests",
    human_input_mode="NEVER",
    code_execution_config={"work_dir": "coding", "timeout": 60},
    default_auto_reply="There was no code to run. Send it fenced, with its language.",
)

reviewer = AssistantAgent(
    "reviewer",
    description="reads for edge cases and names",
    system_message="""You review code that already passes its tests. Look for \
cases that the tests forgot, unclear names and needless complexity. Ask for the one \
change that matters most, with an example. When nothing important is left, say why it \
is good and end with the word APPROVED.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)


def next_speaker(last_speaker: Agent, group_chat: GroupChat) -> Agent | str | None:
    """A model chooses."""
    if last_speaker not in group_chat.agents:
        return planner
    return "auto"


def is_over(message: dict[str, Any]) -> bool:
    """Whether this message ends the conversation."""
    if message.get("name") == "reviewer" and "APPROVED" in (
        message.get("content") or ""
    ):
        return True
    return dollars([planner, coder, tester, reviewer]) >= 0.5


group_chat = GroupChat(
    [planner, coder, tester, reviewer],
    messages=[],
    max_round=17,
    speaker_selection_method=next_speaker,
    max_retries_for_selecting_speaker=2,
    select_speaker_message_template="""Several agents work on a task together. You say who speaks next. The agents are:

{roles}

Read the conversation, then choose one of {agentlist}. Failing code goes back to the coder, code that ran without an error to the reviewer. Answer with the name only.""",
    allowed_or_disallowed_speaker_transitions={
        planner: [coder],
        coder: [tester],
        tester: [coder, reviewer],
        reviewer: [coder],
    },
    speaker_transitions_type="allowed",
)
manager = GroupChatManager(
    group_chat, llm_config=llm_config, is_termination_msg=is_over
)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
