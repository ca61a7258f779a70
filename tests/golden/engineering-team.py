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

practice = PracticeModel(
    script={
        "Engineering": ["coder", "reviewer", "reviewer"],
        "planner": [
            """1. `slugify(title: str) -> str` in one module, standard library only.
2. Lower case; every run of other characters becomes one hyphen; none at the ends.
3. Tests: two plain words, punctuation and spaces at the ends, digits with a dot.
4. Done when the tests are green and the reviewer has nothing important left."""
        ],
        "coder": [
            '''One regular expression replaces everything that is not a letter or a digit. Three cases from the plan check it.

```python
import re
import sys


def slugify(title: str) -> str:
    """The title as a part of a web address: lower case, ASCII, single hyphens."""
    return re.sub(r"[^a-z0-9]", "-", title.lower())


CASES = {
    "Hello World": "hello-world",
    "  Ready, steady, go!  ": "ready-steady-go",
    "Release 2.0": "release-2-0",
}

failed = 0
for title, expected in CASES.items():
    slug = slugify(title)
    if slug != expected:
        failed += 1
        print(f"FAIL {title!r}: {slug!r} instead of {expected!r}")
print(f"{len(CASES) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
```''',
            '''The second case shows it: a comma and a space became two hyphens, and the ends kept theirs. Now a whole run is replaced at once, and hyphens at the ends are cut off.

```python
import re
import sys


def slugify(title: str) -> str:
    """The title as a part of a web address: lower case, ASCII, single hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


CASES = {
    "Hello World": "hello-world",
    "  Ready, steady, go!  ": "ready-steady-go",
    "Release 2.0": "release-2-0",
}

failed = 0
for title, expected in CASES.items():
    slug = slugify(title)
    if slug != expected:
        failed += 1
        print(f"FAIL {title!r}: {slug!r} instead of {expected!r}")
print(f"{len(CASES) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
```''',
            '''Accented letters are now split into letter and accent, and the accent is dropped. I added your example, and a title without a single usable character, which gives an empty slug.

```python
import re
import sys
import unicodedata


def slugify(title: str) -> str:
    """The title as a part of a web address: lower case, ASCII, single hyphens."""
    plain = unicodedata.normalize("NFKD", title.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


CASES = {
    "Hello World": "hello-world",
    "  Ready, steady, go!  ": "ready-steady-go",
    "Release 2.0": "release-2-0",
    "Crème brûlée à la carte": "creme-brulee-a-la-carte",
    "???": "",
}

failed = 0
for title, expected in CASES.items():
    slug = slugify(title)
    if slug != expected:
        failed += 1
        print(f"FAIL {title!r}: {slug!r} instead of {expected!r}")
print(f"{len(CASES) - failed} passed, {failed} failed")
sys.exit(1 if failed else 0)
```''',
        ],
        "reviewer": [
            (
                'Short and readable, but titles are not always English: `slugify("Crème '
                'brûlée")` gives `cr-me-br-l-e`. Please turn accented letters into their '
                "plain ones and add that case. What should happen with a title of "
                "punctuation only? A test should say so."
            ),
            (
                "Five cases pass, among them accents and a title of punctuation only. The "
                "function is two lines, its docstring says what comes out, and the tests "
                "name the rules. Nothing important is left. APPROVED"
            ),
        ],
    }
)

planner = Assistant(
    name="planner",
    description="breaks the task into steps",
    system_message=(
        "You plan small pieces of software. Answer with at most five numbered steps: "
        "what is to be written, which cases must be tested, and what counts as done. "
        "Write no code."
    ),
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
    system_message=(
        "You review code that already passes its tests. Look for cases that the "
        "tests forgot, unclear names and needless complexity. Ask for the one change "
        "that matters most, with an example. When nothing important is left, say why "
        "it is good and end with the word APPROVED."
    ),
)

team = Team(
    name="Engineering",
    participants=[planner, coder, tester, reviewer],
    selection=ModelChoice(
        instruction=(
            "Failing code goes back to the coder, code that ran without an error to the "
            "reviewer."
        )
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
