"""Coder and executor.

One agent writes Python, the other runs it until it works.
"""

from studio.engine import (
    Assistant,
    AutoExecutor,
    Human,
    MaxTurns,
    PracticeModel,
    Team,
    TextMention,
    console,
)

practice = PracticeModel(recording="coder-and-executor")

coder = Assistant(
    name="coder",
    description="writes Python and repairs it",
    system_message="""You solve tasks with Python that somebody else runs for you.
Send the whole program as one ```python block; use the standard library only and print what shows that the result is right.
Read the output: if it shows a mistake, say what was wrong and send the whole corrected program; when it proves that the task is solved, sum it up in two sentences and end with the word TERMINATE.""",
)

executor = Human(
    name="executor", description="runs it", input_mode="never", executor=AutoExecutor()
)

team = Team(
    name="Workbench",
    participants=[coder, executor],
    stop=TextMention(text="TERMINATE", sources=["coder"]) | MaxTurns(max_turns=12),
    model=practice,
)

if __name__ == "__main__":
    console(team)
