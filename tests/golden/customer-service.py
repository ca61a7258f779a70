"""Customer service with refunds.

A reception hands over to orders, orders to refunds; a refund waits for your yes, and
the conversation ends when it is handed back to you.
"""

from studio.engine import (
    Assistant,
    FunctionTool,
    HandOffTo,
    MaxTurns,
    PracticeModel,
    Swarm,
    Team,
    console,
)

practice = PracticeModel(recording="customer-service")

ORDERS = {
    "A-1042": "Order A-1042, Mira Olsen: 1 desk lamp, 39.90 EUR, delivered 3 days ago, paid by card.",
    "A-1043": "Order A-1043, Jonas Weber: 1 office chair, 189.00 EUR, at the carrier since Friday.",
}


def look_up_order(number: str) -> str:
    """Find an order by its number: customer, goods, price, delivery and payment."""
    return ORDERS.get(number.strip().upper(), f"There is no order {number}.")


def refund(number: str, amount: float) -> str:
    """Send money back for an order: its number and the amount in EUR."""
    return f"{amount:.2f} EUR for order {number} are on their way back to the customer."


reception = Assistant(
    name="reception",
    description="listens and hands over",
    system_message="""You receive the customers of a furniture shop. Say in one \
sentence what you understood, then hand over. Solve nothing yourself.""",
    handoffs=["orders", "refunds"],
    handoff_when={
        "orders": "Anything about an order whose state must be looked up.",
        "refunds": "Money, once the order is known.",
    },
)

orders = Assistant(
    name="orders",
    description="knows every order",
    system_message="""You look up orders. State what the system says about the \
order, then hand over: to refunds when money is to go back, to user when the question \
is answered.""",
    tools=[look_up_order],
    handoffs=["refunds", "user"],
)

refunds = Assistant(
    name="refunds",
    description="sends money back",
    system_message="""You decide about refunds: broken on arrival is refunded in \
full within 30 days. Send the money with the tool, tell the customer when it arrives, \
and hand over to user.""",
    tools=[FunctionTool.of(refund, approval="always")],
    handoffs=["orders", "user"],
)

team = Team(
    name="Customer service",
    participants=[reception, orders, refunds],
    selection=Swarm(),
    stop=HandOffTo(target="user") | MaxTurns(max_turns=10),
    model=practice,
)

if __name__ == "__main__":
    console(team)
