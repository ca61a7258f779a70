"""Coder and executor.

One agent writes Python, the other runs it, and they repair it until it works.
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

practice = PracticeModel(
    script={
        "coder": [
            """Each letter has a value, so I add the values up and compare the result with the four numbers that we know.

```python
import sys

VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def from_roman(numeral: str) -> int:
    return sum(VALUES[letter] for letter in numeral)


failed = 0
for numeral, expected in [("MMXXVI", 2026), ("XLIX", 49), ("CMXCIV", 994), ("IV", 4)]:
    number = from_roman(numeral)
    verdict = "ok" if number == expected else f"WRONG, expected {expected}"
    failed += number != expected
    print(f"{numeral:>7} = {number:<5} {verdict}")
if failed:
    sys.exit(f"{failed} of 4 checks failed")
```""",
            """Only MMXXVI is right. The other three contain a smaller letter *before* a larger one (XL, CM, IV), and such a letter is subtracted, not added. I compare every letter with the one that follows it:

```python
import sys

VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def from_roman(numeral: str) -> int:
    total = 0
    for letter, following in zip(numeral, numeral[1:] + " "):
        value = VALUES[letter]
        total += -value if value < VALUES.get(following, 0) else value
    return total


failed = 0
for numeral, expected in [("MMXXVI", 2026), ("XLIX", 49), ("CMXCIV", 994), ("IV", 4)]:
    number = from_roman(numeral)
    verdict = "ok" if number == expected else f"WRONG, expected {expected}"
    failed += number != expected
    print(f"{numeral:>7} = {number:<5} {verdict}")
if failed:
    sys.exit(f"{failed} of 4 checks failed")
print("all 4 checks passed")
```""",
            (
                "All four checks pass now: MMXXVI = 2026, XLIX = 49, CMXCIV = 994 and IV = "
                "4. `from_roman` subtracts a letter that stands before a larger one and adds "
                "all others. TERMINATE"
            ),
        ]
    }
)

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
