"""Debate with a judge.

Two debaters take opposite sides of a question, a judge asks back and decides which
argument was better.
"""

from studio.engine import Assistant, MaxTurns, PracticeModel, Team, TextMention, console

practice = PracticeModel(
    script={
        "advocate": [
            (
                "Two reasons. **Focus:** most weeks have a day's worth of meetings that "
                "nobody would miss; a shorter week forces us to find and drop them. "
                "**People:** replacing an experienced colleague takes months of search and "
                "training. A free day is an offer that competitors find hard to match, and "
                "it costs nothing when nobody leaves."
            ),
            (
                "To the judge: I would not ask the support team to be away on the same day. "
                "Half of them take Monday, half take Friday, and the phone is answered five "
                "days a week. To my opponent: crowded days are a risk, and that is why I "
                "propose a trial of three months with figures that we agree on beforehand: "
                "answer times, delivery dates, sick days. If they get worse, we go back."
            ),
        ],
        "opponent": [
            (
                "Two reasons. **Customers:** they work on five days. If the support team is "
                "away on Friday, problems wait for three days, and the customer remembers "
                "only that. **Pressure:** the work does not shrink with the week. Whoever "
                "has to do five days' work in four gives up breaks and the conversations in "
                "which new ideas begin. That shows only after months."
            ),
            (
                "To the judge: pressure shows in sick days and in how often work is taken "
                "home, and both can be counted, I admit that. But with two half teams every "
                "hand-over happens twice a week, and knowledge is missing exactly on the day "
                "on which somebody calls. If there is a trial, hand-overs must be part of "
                "it, and it has to include the busiest month, otherwise it proves little."
            ),
        ],
        "judge": [
            (
                "A clear first round. One question each. **To the advocate:** who answers "
                "the customer on the fifth day? You have said what the company gains, not "
                "who is there. **To the opponent:** how would we notice the pressure that "
                "you fear before people fall ill? An effect that nobody can see cannot "
                "decide a question."
            ),
            (
                "VERDICT: for a trial. The advocate answered the strongest objection, the "
                "fifth day, with staggered free days, and offered to be measured. The "
                "opponent's point about hand-overs was not refuted, so it becomes a "
                "condition: the trial includes the busiest month, and answer times, "
                "hand-overs and sick days are counted from today. If customers cannot be "
                "served on all five days, I would decide the other way."
            ),
        ],
    }
)

advocate = Assistant(
    name="advocate",
    description="argues for it",
    system_message=(
        "You argue in favour of the proposal. Give your two strongest reasons with "
        "concrete examples, and answer what the other side said last. At most 100 "
        "words. Stay fair: invent no figures."
    ),
)

opponent = Assistant(
    name="opponent",
    description="argues against it",
    system_message=(
        "You argue against the proposal. Give your two strongest reasons with "
        "concrete examples, and answer what the other side said last. At most 100 "
        "words. Stay fair: invent no figures."
    ),
)

judge = Assistant(
    name="judge",
    description="asks back, then decides",
    system_message=(
        "You judge a debate. After the first round ask each side the one question "
        "that its argument has not answered. After the second round give your "
        "decision in a paragraph that begins with VERDICT: and says which argument "
        "decided it and under which condition you would decide otherwise."
    ),
)

team = Team(
    name="Debate",
    participants=[advocate, opponent, judge],
    stop=TextMention(text="VERDICT:", sources=["judge"]) | MaxTurns(max_turns=9),
    model=practice,
)

if __name__ == "__main__":
    console(team)
