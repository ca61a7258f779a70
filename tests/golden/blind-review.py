"""Blind review.

Two reviewers read a paper without hearing each other, each behind a filter; then the
chair, who hears both, decides.
"""

from studio.engine import (
    Assistant,
    Filter,
    Hears,
    PracticeModel,
    Sequential,
    Team,
    console,
)

practice = PracticeModel(recording="blind-review")

author = Assistant(
    name="author",
    description="sums up the paper",
    system_message="""You sum up a paper for reviewers: the claim, the method, the \
numbers, the limits. Four sentences.""",
)

method_reviewer = Assistant(
    name="method_reviewer",
    description="looks at the method",
    system_message="""You review methods. Give a mark from 1 to 5 and the one \
reason that weighs most.""",
)

first_desk = Filter(
    name="first_desk",
    participants=[method_reviewer],
    heard="last",
    hears=[Hears(source="author", count=1)],
    hears_task=False,
)

use_reviewer = Assistant(
    name="use_reviewer",
    description="asks what it is good for",
    system_message="""You review what a result is good for. Give a mark from 1 to \
5 and the one reason that weighs most.""",
)

second_desk = Filter(
    name="second_desk",
    participants=[use_reviewer],
    heard="last",
    hears=[Hears(source="author", count=1)],
    hears_task=False,
)

chair = Assistant(
    name="chair",
    description="decides",
    system_message="""You decide from both reviews: accept, revise or reject, with \
what the author must do. At most four sentences.""",
)

team = Team(
    name="Programme committee",
    participants=[author, first_desk, second_desk, chair],
    selection=Sequential(),
    model=practice,
)

if __name__ == "__main__":
    console(team)
