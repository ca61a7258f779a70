"""Question to the data.

An analyst quotes only figures that a runner has calculated.
"""

from studio.engine import (
    Assistant,
    CodeRunner,
    MaxTurns,
    PracticeModel,
    Team,
    TextMention,
    console,
)

practice = PracticeModel(recording="data-question")

analyst = Assistant(
    name="analyst",
    description="asks the data with Python",
    system_message="""You answer questions about data with Python that somebody else runs for you.
First write the data into a CSV file and print how many rows were read back. Then calculate, and print every figure that you are going to use. One ```python block a message, standard library only; files stay there between blocks. State only figures that were printed. Begin the final answer with the word ANSWER: and use one or two sentences.""",
)

runner = CodeRunner(name="runner", description="runs the code", sources=["analyst"])

team = Team(
    name="Data desk",
    participants=[analyst, runner],
    stop=TextMention(text="ANSWER:", sources=["analyst"]) | MaxTurns(max_turns=10),
    model=practice,
)

if __name__ == "__main__":
    console(team)
