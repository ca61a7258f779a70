"""Press release with two critics.

A writer drafts, two critics read at the same time, an editor waits for both and sends
it back until it is good: a graph with a join and a loop.
"""

import sys
from collections.abc import Callable

from autogen import Agent, AssistantAgent, GroupChat, GroupChatManager, UserProxyAgent

llm_config = {"model": "test-model", "cache_seed": None}

writer = AssistantAgent(
    "writer",
    description="writes and rewrites",
    system_message="""You write press releases of at most five sentences. When the \
editor asks for a revision, write the whole text again with every point mended.""",
    llm_config=llm_config,
)

fact_checker = AssistantAgent(
    "fact_checker",
    description="looks for what is missing or wrong",
    system_message="""You check press releases for facts: who, what, when, where, \
whom to ask. Name at most two points that are missing or wrong, or say that nothing \
is.""",
    llm_config=llm_config,
)

tone_reader = AssistantAgent(
    "tone_reader",
    description="reads it like the public",
    system_message="""You read press releases like somebody who does not care yet. \
Name the one sentence that should be cut or made plainer, or say that none is.""",
    llm_config=llm_config,
)

editor = AssistantAgent(
    "editor",
    description="decides",
    system_message="""You decide from both critics' points. While something must \
change, begin with REVISE and list it. When it is good, give the final text and \
nothing else.""",
    llm_config=llm_config,
)

user = UserProxyAgent("user", human_input_mode="NEVER", code_execution_config=False)

# Who comes after whom, who must have spoken before, and what the message must be.
arrows: dict[Agent, list[tuple[Agent, list[Agent], Callable[[str], bool]]]] = {
    writer: [
        (fact_checker, [writer], lambda text: True),
        (tone_reader, [writer], lambda text: True),
    ],
    fact_checker: [(editor, [fact_checker, tone_reader], lambda text: True)],
    tone_reader: [(editor, [fact_checker, tone_reader], lambda text: True)],
    editor: [(writer, [editor], lambda text: "REVISE" in text)],
}

ready: list[Agent] = [writer]
arrived: dict[Agent, list[Agent]] = {}


def next_speaker(last_speaker: Agent, group_chat: GroupChat) -> Agent | str | None:
    """Along the arrows of the graph, one branch after the other."""
    text = group_chat.messages[-1]["content"] or ""
    for target, awaited, holds in arrows.get(last_speaker, []):
        if holds(text):
            arrived.setdefault(target, []).append(last_speaker)
            if all(agent in arrived[target] for agent in awaited):
                arrived[target] = []
                ready.append(target)
    return ready.pop(0) if ready else None


group_chat = GroupChat(
    [writer, fact_checker, tone_reader, editor],
    messages=[],
    max_round=17,
    speaker_selection_method=next_speaker,
)
manager = GroupChatManager(group_chat)

if __name__ == "__main__":
    user.initiate_chat(manager, message=" ".join(sys.argv[1:]) or input("Task: "))
