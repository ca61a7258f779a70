"""Field trip with a planner.

A planner writes down facts and a plan, follows the progress before every turn, says who
does what, and gives the answer at the end.
"""

import sys

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


routes = AssistantAgent(
    "routes",
    description="finds trains and times",
    system_message="""You find connections. Give times, changes and the price for \
the group. Say when you assume something.""",
    llm_config=llm_config,
)

budget = AssistantAgent(
    "budget",
    description="adds up what it costs",
    system_message="""You add up costs for a group and for each person, and \
compare them with the limit. Show the sum.""",
    llm_config=llm_config,
)

writer = AssistantAgent(
    "writer",
    description="writes the plan of the day",
    system_message="""You write the plan of a day from what the others found: \
time, place, what to bring. At most ten lines.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

group_chat = GroupChat(
    [routes, budget, writer],
    messages=[],
    max_round=13,
    speaker_selection_method="auto",
    allow_repeat_speaker=False,
    max_retries_for_selecting_speaker=2,
    select_speaker_message_template="""Several agents work on a task together. You say who speaks next. The agents are:

{roles}

Read the conversation, then choose one of {agentlist}. Answer with the name only.""",
)
manager = GroupChatManager(
    group_chat,
    llm_config=llm_config,
    is_termination_msg=lambda message: dollars([routes, budget, writer]) >= 1.0,
)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
