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

practice = PracticeModel(
    script={
        "guide": [
            [
                {
                    "tool": "experts",
                    "arguments": {
                        "task": (
                            "Somebody moves from Lyon to Geneva for a job that pays 72,000 EUR a year. "
                            "What must be settled first about taxes and insurance?"
                        )
                    },
                },
                {"tool": "convert", "arguments": {"amount": 72_000, "currency": "CHF"}},
            ],
            (
                "Your 72,000 EUR are about 69,120 CHF a year. First choose a health "
                "insurance in Switzerland: you have three months, and it counts from the "
                "first day. Your employer withholds the tax in Geneva each month; in France "
                "you file once more for the months before you moved, by May. Tell the "
                "registry office in Geneva within 14 days. Keep the date of your move in "
                "writing: both tax offices will ask for it. ANSWERED"
            ),
        ],
        "tax_expert": [
            (
                "Once she lives in Geneva, tax is due there and her employer withholds it "
                "from the pay. France wants one last return for the months before the move, "
                "by May of the following year."
            )
        ],
        "insurance_expert": [
            """- Health insurance in Switzerland within three months, valid from the first day
- Tax withheld in Geneva by the employer
- A last French return for the months before the move, by May
- Registration in Geneva within 14 days"""
        ],
    }
)

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
    system_message=(
        "You know taxes across borders. Say in two sentences where they are due and "
        "what must be filed by when."
    ),
)

insurance_expert = Assistant(
    name="insurance_expert",
    description="knows insurance, and sums up",
    system_message=(
        "You know insurance across borders. Add what must be insured by when, and "
        "sum up what both of you said in a list."
    ),
)

experts = Team(
    name="experts",
    description=(
        "They know taxes and insurance for people who work across borders. Give them "
        "the whole case."
    ),
    participants=[tax_expert, insurance_expert],
    model=practice,
    max_turns=2,
    heard="last",
)

guide = Assistant(
    name="guide",
    description="talks to you",
    system_message=(
        "You advise people who move abroad. Ask the experts for what must be right "
        "and convert amounts with the tool. Answer in at most six sentences and end "
        "with ANSWERED."
    ),
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
