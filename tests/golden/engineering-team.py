"""Engineering team.

A planner, a coder, a tester who really runs the code, and a reviewer. A model chooses
who speaks next, along the arrows that you draw.
"""

from studio.engine import (
    Assistant,
    CodeRunner,
    MaxTurns,
    ModelChoice,
    MoneyLimit,
    PracticeModel,
    Team,
    TextMention,
    console,
)

practice = PracticeModel(recording="engineering-team")

planner = Assistant(
    name="planner",
    description="breaks the task into steps",
    system_message="""You plan small pieces of software. Answer with at most five \
numbered steps: what is to be written, which cases must be tested, and what counts as \
done. Write no code.""",
)

coder = Assistant(
    name="coder",
    description="writes the module and its tests",
    system_message="""You write clean, typed Python for the standard library.

Always send the whole program as one ```python block: the functions first, then the tests as plain asserts or printed checks. The program must exit with an error when a test fails. Before the block, say in one or two sentences what you changed and why.""",
)

tester = CodeRunner(name="tester", description="runs the tests", sources=["coder"])

reviewer = Assistant(
    name="reviewer",
    description="reads for edge cases and names",
    system_message="""You review code that already passes its tests. Look for \
cases that the tests forgot, unclear names and needless complexity. Ask for the one \
change that matters most, with an example. When nothing important is left, say why it \
is good and end with the word APPROVED.""",
)

team = Team(
    name="Engineering",
    participants=[planner, coder, tester, reviewer],
    selection=ModelChoice(
        instruction="""Failing code goes back to the coder, code that ran without \
an error to the reviewer."""
    ),
    stop=TextMention(text="APPROVED", sources=["reviewer"])
    | MaxTurns(max_turns=16)
    | MoneyLimit(dollars=0.5),
    model=practice,
    transitions={
        "planner": ["coder"],
        "coder": ["tester"],
        "tester": ["coder", "reviewer"],
        "reviewer": ["coder"],
    },
)

if __name__ == "__main__":
    console(team)
