"""Press release with two critics.

A writer drafts, two critics read at the same time, an editor waits for both and sends
it back until it is good: a graph with a join and a loop.
"""

from studio.engine import (
    Assistant,
    Graph,
    GraphEdge,
    MaxTurns,
    PracticeModel,
    Team,
    console,
)

practice = PracticeModel(recording="press-release")

writer = Assistant(
    name="writer",
    description="writes and rewrites",
    system_message="""You write press releases of at most five sentences. When the \
editor asks for a revision, write the whole text again with every point mended.""",
)

fact_checker = Assistant(
    name="fact_checker",
    description="looks for what is missing or wrong",
    system_message="""You check press releases for facts: who, what, when, where, \
whom to ask. Name at most two points that are missing or wrong, or say that nothing \
is.""",
)

tone_reader = Assistant(
    name="tone_reader",
    description="reads it like the public",
    system_message="""You read press releases like somebody who does not care yet. \
Name the one sentence that should be cut or made plainer, or say that none is.""",
)

editor = Assistant(
    name="editor",
    description="decides",
    system_message="""You decide from both critics' points. While something must \
change, begin with REVISE and list it. When it is good, give the final text and \
nothing else.""",
)

team = Team(
    name="Press office",
    participants=[writer, fact_checker, tone_reader, editor],
    selection=Graph(
        edges=[
            GraphEdge(source="writer", target="fact_checker"),
            GraphEdge(source="writer", target="tone_reader"),
            GraphEdge(source="fact_checker", target="editor", group="critics"),
            GraphEdge(source="tone_reader", target="editor", group="critics"),
            GraphEdge(source="editor", target="writer", condition="REVISE"),
        ]
    ),
    stop=MaxTurns(max_turns=16),
    model=practice,
)

if __name__ == "__main__":
    console(team)
