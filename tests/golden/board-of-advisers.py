"""Board of advisers.

Three advisers debate among themselves and answer as one voice; then a clerk writes the
memo. What they said inside can be read, but only their answer counts outside.
"""

from studio.engine import Assistant, PracticeModel, Sequential, Society, Team, console

practice = PracticeModel(recording="board-of-advisers")

optimist = Assistant(
    name="optimist",
    description="sees what could go well",
    system_message="You see chances. Name the strongest one in two sentences.",
)

sceptic = Assistant(
    name="sceptic",
    description="sees what could fail",
    system_message="""You see risks. Name the one that would hurt most in two \
sentences.""",
)

accountant = Assistant(
    name="accountant",
    description="asks what it costs",
    system_message="""You count. Say in two sentences what it costs, what it \
brings, and what you would try first.""",
)

advisers = Society(
    name="advisers",
    participants=[optimist, sceptic, accountant],
    max_turns=3,
    heard="last",
)

clerk = Assistant(
    name="clerk",
    description="writes the memo",
    system_message="""You write the memo: one line with the decision, three lines \
with the reasons, one line with the next step and its date.""",
)

team = Team(
    name="Board", participants=[advisers, clerk], selection=Sequential(), model=practice
)

if __name__ == "__main__":
    console(team)
