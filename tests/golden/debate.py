"""Debate with a judge.

Two debaters take opposite sides of a question, a judge asks back and decides which
argument was better.
"""

from studio.engine import Assistant, MaxTurns, PracticeModel, Team, TextMention, console

practice = PracticeModel(recording="debate")

advocate = Assistant(
    name="advocate",
    description="argues for it",
    system_message="""You argue in favour of the proposal. Give your two strongest \
reasons with concrete examples, and answer what the other side said last. At most 100 \
words. Stay fair: invent no figures.""",
)

opponent = Assistant(
    name="opponent",
    description="argues against it",
    system_message="""You argue against the proposal. Give your two strongest \
reasons with concrete examples, and answer what the other side said last. At most 100 \
words. Stay fair: invent no figures.""",
)

judge = Assistant(
    name="judge",
    description="asks back, then decides",
    system_message="""You judge a debate. After the first round ask each side the \
one question that its argument has not answered. After the second round give your \
decision in a paragraph that begins with VERDICT: and says which argument decided it \
and under which condition you would decide otherwise.""",
)

team = Team(
    name="Debate",
    participants=[advocate, opponent, judge],
    stop=TextMention(text="VERDICT:", sources=["judge"]) | MaxTurns(max_turns=9),
    model=practice,
)

if __name__ == "__main__":
    console(team)
