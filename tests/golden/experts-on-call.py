"""Experts on call.

One assistant talks to you and calls a team of experts when it needs them, like any
other tool: it gives them a task and gets their answer.
"""

from studio.engine import (
    Assistant,
    MaxTurns,
    PracticeModel,
    Team,
    TeamTool,
    TextMention,
    console,
)

practice = PracticeModel(recording="experts-on-call")

RATES = {"USD": 1.09, "GBP": 0.85, "CHF": 0.96}


def convert(amount: float, currency: str) -> str:
    """Convert an amount in EUR into another currency: USD, GBP or CHF."""
    rate = RATES.get(currency.strip().upper())
    return (
        f"{amount * rate:.2f} {currency.upper()}"
        if rate
        else f"There is no rate for {currency}."
    )


tax_expert = Assistant(
    name="tax_expert",
    description="knows where taxes are due",
    system_message="""You know taxes across borders. Say in two sentences where \
they are due and what must be filed by when.""",
)

insurance_expert = Assistant(
    name="insurance_expert",
    description="knows insurance, and sums up",
    system_message="""You know insurance across borders. Add what must be insured \
by when, and sum up what both of you said in a list.""",
)

experts = Team(
    name="experts",
    description="""They know taxes and insurance for people who work across \
borders. Give them the whole case.""",
    participants=[tax_expert, insurance_expert],
    model=practice,
    max_turns=2,
    heard="last",
)

guide = Assistant(
    name="guide",
    description="talks to you",
    system_message="""You advise people who move abroad. Ask the experts for what \
must be right and convert amounts with the tool. Answer in at most six sentences and \
end with ANSWERED.""",
    tools=[TeamTool(team=experts), convert],
)

team = Team(
    name="Front desk",
    participants=[guide],
    stop=TextMention(text="ANSWERED", sources=["guide"]) | MaxTurns(max_turns=6),
    model=practice,
)

if __name__ == "__main__":
    console(team)
