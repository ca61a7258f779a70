"""Board of advisers.

Three advisers debate among themselves and answer as one voice; then a clerk writes the
memo. What they said inside can be read, but only their answer counts outside.
"""

from studio.engine import Assistant, PracticeModel, Sequential, Society, Team, console

practice = PracticeModel(
    script={
        "optimist": [
            (
                "People two kilometres away would buy from us if the bread came to the door "
                "before eight. A bicycle is seen in every street and costs less than any "
                "advertisement."
            )
        ],
        "sceptic": [
            (
                "At six in the morning we have nobody to spare, and in January the bread "
                "arrives cold and late. One bad winter would cost us the regular customers "
                "we have."
            )
        ],
        "accountant": [
            (
                "A cargo bicycle costs 3,800 EUR and two hours of work a morning about 26 "
                "EUR; at 1.20 EUR for a delivery we need 22 orders a morning. I would rent a "
                "bicycle for three months and offer Saturdays only."
            )
        ],
        "advisers": [
            (
                "Try it small: deliver on Saturdays only, from April to June, with a rented "
                "bicycle, to streets within two kilometres. Go on only with 22 orders a "
                "morning; do not begin in winter, and do not take anybody away from the "
                "ovens."
            )
        ],
        "clerk": [
            """Decision: deliver by bicycle on Saturdays, as a trial.
1. Customers within two kilometres want bread before eight.
2. It pays from 22 orders a morning; a bought bicycle would be too early.
3. Winter and short staff are the risks, so it begins in April.
Next: rent a cargo bicycle by 15 March; decide on 30 June."""
        ],
    }
)

optimist = Assistant(
    name="optimist",
    description="sees what could go well",
    system_message="You see chances. Name the strongest one in two sentences.",
)

sceptic = Assistant(
    name="sceptic",
    description="sees what could fail",
    system_message=(
        "You see risks. Name the one that would hurt most in two sentences."
    ),
)

accountant = Assistant(
    name="accountant",
    description="asks what it costs",
    system_message=(
        "You count. Say in two sentences what it costs, what it brings, and what you "
        "would try first."
    ),
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
    system_message=(
        "You write the memo: one line with the decision, three lines with the "
        "reasons, one line with the next step and its date."
    ),
)

team = Team(
    name="Board", participants=[advisers, clerk], selection=Sequential(), model=practice
)

if __name__ == "__main__":
    console(team)
