"""Debate with a judge.

Two debaters take opposite sides of a question, a judge asks back and decides which
argument was better.
"""

import sys

from autogen import AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

llm_config = {"model": "test-model", "cache_seed": None}

advocate = AssistantAgent(
    "advocate",
    description="argues for it",
    system_message="""You argue in favour of the proposal. Give your two strongest \
reasons with concrete examples, and answer what the other side said last. At most 100 \
words. Stay fair: invent no figures.""",
    llm_config=llm_config,
)

opponent = AssistantAgent(
    "opponent",
    description="argues against it",
    system_message="""You argue against the proposal. Give your two strongest \
reasons with concrete examples, and answer what the other side said last. At most 100 \
words. Stay fair: invent no figures.""",
    llm_config=llm_config,
)

judge = AssistantAgent(
    "judge",
    description="asks back, then decides",
    system_message="""You judge a debate. After the first round ask each side the \
one question that its argument has not answered. After the second round give your \
decision in a paragraph that begins with VERDICT: and says which argument decided it \
and under which condition you would decide otherwise.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

group_chat = GroupChat(
    [advocate, opponent, judge],
    messages=[],
    max_round=10,
    speaker_selection_method="round_robin",
)
manager = GroupChatManager(
    group_chat,
    is_termination_msg=lambda message: (
        message.get("name") == "judge" and "VERDICT:" in (message.get("content") or "")
    ),
)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
