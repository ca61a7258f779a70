"""Question to the data.

An analyst answers a question about figures by writing Python, a runner executes it, and
the answer quotes only what was really calculated.
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

practice = PracticeModel(
    script={
        "analyst": [
            '''First the data, as a file that every later step reads.

```python
import csv
from pathlib import Path

Path("coffee.csv").write_text("""day,cups
Mon,112
Tue,98
Wed,121
Thu,134
Fri,187
Sat,243
Sun,156
""")

with open("coffee.csv", newline="") as file:
    rows = list(csv.DictReader(file))
print(f"{len(rows)} rows, {sum(int(row['cups']) for row in rows)} cups in total")
```''',
            """Seven rows, nothing was lost. Now each day against the average of the week:

```python
import csv
from statistics import mean

with open("coffee.csv", newline="") as file:
    cups = {row["day"]: int(row["cups"]) for row in csv.DictReader(file)}

average = mean(cups.values())
print(f"average {average:.1f} cups")
for day, number in sorted(cups.items(), key=lambda pair: -pair[1]):
    bar = "#" * (number // 10)
    print(f"{day} {number:4} {100 * (number / average - 1):+6.1f} %  {bar}")
```""",
            (
                "ANSWER: Saturday should get the second barista: 243 cups are 61.8 % above "
                "the average of 150.1. Friday follows with 187 cups, 24.5 % above it; all "
                "days from Monday to Thursday lie below."
            ),
        ]
    }
)

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
