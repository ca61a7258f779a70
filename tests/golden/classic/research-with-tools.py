"""Research with tools.

A researcher looks things up with Python tools, a writer turns the notes into a short
report, and a checker compares every figure with its source.
"""

import math
import sys
from typing import Any

from autogen import (
    Agent,
    AssistantAgent,
    GroupChat,
    GroupChatManager,
    UserProxyAgent,
    gather_usage_summary,
    register_function,
)

llm_config = {"model": "test-model", "cache_seed": None}

NOTES = {
    "Moon": "gravity no air sunlight ice in polar craters day night travel days",
    "Mars": "gravity thin air carbon dioxide dust storms ice day travel months",
    "Titan": "gravity thick air nitrogen methane lakes cold day travel years",
}


def search_notes(words: str) -> str:
    """List the notes that mention any of the words, best match first. Use read_note to read one."""
    wanted = set(words.lower().split())
    found = {
        title: len(wanted & {title.lower(), *text.split()})
        for title, text in NOTES.items()
    }
    titles = [
        title
        for title, hits in sorted(found.items(), key=lambda pair: -pair[1])
        if hits
    ]
    return ", ".join(titles) or "No note mentions these words."


FACTS = {
    "moon": "Moon. Gravity 1.62 m/s2. No air. About -130 C at night and 120 C by day at the equator. "
    "One day lasts 29.5 Earth days. Travel: about 3 days. Water ice in craters at the poles.",
    "mars": "Mars. Gravity 3.71 m/s2. Carbon dioxide at about 0.6 % of Earth's pressure. About -60 C on average. "
    "One day lasts 24.7 hours. Travel: 6 to 9 months. Ice below the surface.",
    "titan": "Titan. Gravity 1.35 m/s2. Nitrogen and methane at 1.5 times Earth's pressure. About -180 C. "
    "One day lasts 15.9 Earth days. Travel: about 7 years. Lakes of methane.",
}


def read_note(title: str) -> str:
    """Read the whole note with this title."""
    return FACTS.get(title.strip().lower(), f"There is no note called {title}.")


def weight_on(gravity: float, kilograms: float) -> str:
    """Say how many kilograms a mass seems to weigh where gravity is given in m/s2."""
    if not math.isfinite(gravity) or gravity < 0:
        raise ValueError("gravity must be a positive number")
    return f"{kilograms:g} kg feel like {kilograms * gravity / 9.81:.1f} kg on Earth."


def tokens(agents: list[Agent], kind: str) -> int:
    """Tokens of one kind that the models of these agents used so far."""
    usage = gather_usage_summary(agents)["usage_including_cached_inference"]
    return sum(used[kind] for used in usage.values() if isinstance(used, dict))


researcher = AssistantAgent(
    "researcher",
    description="looks things up, quotes notes",
    system_message="""You collect facts with your tools. Search first, read every \
note that matters, calculate instead of guessing. Then list what you found, one line a \
fact, with the title of the note in brackets. Say openly what the notes do not tell.""",
    llm_config=llm_config,
)

writer = AssistantAgent(
    "writer",
    description="writes the short report",
    system_message="""You write short reports from the researcher's facts: the \
answer in the first sentence, then a small table, then one sentence on what is \
uncertain. Use no fact that the researcher did not list.""",
    llm_config=llm_config,
)

checker = AssistantAgent(
    "checker",
    description="compares figures with sources",
    system_message="""You check reports. Read the notes again with your tool and \
compare every figure. List what is wrong. If nothing is wrong, say what you compared \
and end with the word CHECKED.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

for function in (search_notes, read_note, weight_on):
    register_function(
        function,
        caller=researcher,
        executor=researcher,
        description=function.__doc__ or "",
    )
register_function(
    read_note,
    caller=checker,
    executor=checker,
    description="Read the whole note with this title.",
)


def next_speaker(last_speaker: Agent, group_chat: GroupChat) -> Agent | str | None:
    """Everybody in turn; who calls a tool first hears what it gives."""
    message = group_chat.messages[-1]
    if message.get("tool_calls") or message.get("tool_responses"):
        return last_speaker
    spoken = [
        each
        for each in group_chat.messages
        if not (each.get("tool_calls") or each.get("tool_responses"))
    ]
    turns = len(spoken) - 1
    if turns >= 9:
        return None
    return "round_robin"


def is_over(message: dict[str, Any]) -> bool:
    """Whether this message ends the conversation."""
    if (
        message.get("name") == "checker"
        and not message.get("tool_calls")
        and not message.get("tool_responses")
        and "CHECKED" in (message.get("content") or "")
    ):
        return True
    return tokens([researcher, writer, checker], "total_tokens") >= 50_000


group_chat = GroupChat(
    [researcher, writer, checker],
    messages=[],
    max_round=180,
    speaker_selection_method=next_speaker,
)
manager = GroupChatManager(group_chat, is_termination_msg=is_over)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
