"""Support desk.

An assistant looks up the order and drafts an answer to a customer. Nothing goes out
before you have approved it.
"""

from studio.engine import (
    Assistant,
    Human,
    MaxTurns,
    PracticeModel,
    Team,
    TextMention,
    console,
)

practice = PracticeModel(recording="support-desk")

ORDERS = {
    "1042": "Order 1042, Mira Olsen: 1 desk lamp, 39.90 EUR, delivered 3 days ago, paid by card.",
    "1043": "Order 1043, Jonas Weber: 1 office chair, 189.00 EUR, at the carrier since Friday.",
    "1044": "Order 1044, Ana Sousa: 2 desks, 2 x 249.00 EUR, delivered 9 days ago, paid by invoice.",
}


def look_up_order(number: str) -> str:
    """Find an order by its number: customer, goods, price, delivery and payment."""
    return ORDERS.get(number.strip(), f"There is no order {number}.")


POLICY = {
    "damage": "Damaged goods: refund or replacement, as the customer likes, within 30 days. Ask for a photo above 100 EUR.",
    "return": "Return: within 14 days after delivery, unused. The customer pays the way back.",
    "delay": "Delay: apologise, name the carrier's date, offer to cancel after 7 days.",
}


def read_policy(topic: str) -> str:
    """Read the shop's rule for a topic: damage, return or delay."""
    return POLICY.get(
        topic.strip().lower(), "There is no rule for this. Ask the supervisor."
    )


clerk = Assistant(
    name="clerk",
    description="looks up, drafts, closes the case",
    system_message="""You answer customers of a small furniture shop.

1. Look up the order and the rule that applies. Never guess prices or dates.
2. Draft a short, friendly answer and say in one line what it costs us. Then wait for the supervisor.
3. If the supervisor rejects it, change the draft as the reason says. If it is approved, close the case with one sentence that ends with the word RESOLVED.""",
    tools=[look_up_order, read_policy],
)

supervisor = Human(
    name="supervisor",
    description="approves what goes out",
    form="approve",
    prompt="May this answer go to the customer?",
)

team = Team(
    name="Support desk",
    participants=[clerk, supervisor],
    stop=TextMention(text="RESOLVED", sources=["clerk"]) | MaxTurns(max_turns=10),
    model=practice,
)

if __name__ == "__main__":
    console(team)
