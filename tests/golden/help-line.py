"""Help line with hand-offs.

A reception listens and hands over to a technician or to billing, and they hand over to
each other until the customer has to decide.
"""

from studio.engine import Assistant, HandOffTo, MaxTurns, PracticeModel, Team, console

practice = PracticeModel(recording="help-line")

reception = Assistant(
    name="reception",
    description="listens and hands over",
    system_message="""You answer the phone of an internet provider. Say in one \
sentence what you understood, then hand over: connections and devices to the \
technician, money and contracts to billing. Solve nothing yourself.""",
    handoffs=["technician", "billing"],
)

technician = Assistant(
    name="technician",
    description="knows boxes and lines",
    system_message="""You repair connections. Give the next one or two steps in \
plain words. If something about money is still open, hand over to billing; otherwise \
hand over to user, so that the customer can try it.""",
    handoffs=["billing", "user"],
)

billing = Assistant(
    name="billing",
    description="knows invoices and contracts",
    system_message="""You answer questions about invoices. Say what you will do \
and by when, and promise nothing that you cannot do. If something technical is still \
open, hand over to the technician; otherwise hand over to user for a decision.""",
    handoffs=["technician", "user"],
)

team = Team(
    name="Help line",
    participants=[reception, technician, billing],
    stop=HandOffTo(target="user") | MaxTurns(max_turns=8),
    model=practice,
)

if __name__ == "__main__":
    console(team)
