"""Writing room.

A planner decides what a text must do, a writer drafts it, and a critic sends it back
until it is good.
"""

from studio.engine import (
    Assistant,
    FollowEdges,
    MaxTurns,
    PracticeModel,
    Team,
    TextMention,
    console,
)

practice = PracticeModel(recording="writing-room")

planner = Assistant(
    name="planner",
    description="says what the text must do",
    system_message="""You plan short texts. Name the reader, the one thing the \
text must achieve, what it must contain, its tone and its length. Use a short list. Do \
not write the text.""",
)

writer = Assistant(
    name="writer",
    description="drafts and rewrites",
    system_message="""You write clear, warm prose in short sentences. Follow the \
plan. When the critic asks for changes, answer with the whole new text and nothing \
else.""",
)

critic = Assistant(
    name="critic",
    description="says what is not good enough",
    system_message="""You are a demanding but kind editor. Compare the draft with \
the plan. Name at most three things that must change, each with a reason. When the \
text does what the plan asks for, say what makes it work and end with the word \
APPROVED.""",
)

team = Team(
    name="Writing room",
    participants=[planner, writer, critic],
    selection=FollowEdges(),
    stop=TextMention(text="APPROVED", sources=["critic"]) | MaxTurns(max_turns=9),
    model=practice,
    transitions={"planner": ["writer"], "writer": ["critic"], "critic": ["writer"]},
)

if __name__ == "__main__":
    console(team)
