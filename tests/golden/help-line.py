"""Help line with hand-offs.

A reception listens and hands over to a technician or to billing, and they hand over to
each other until the customer has to decide.
"""

from studio.engine import Assistant, HandOffTo, MaxTurns, PracticeModel, Team, console

practice = PracticeModel(
    script={
        "reception": [
            {
                "text": (
                    "Two things, then: no internet since this morning with a red light on the "
                    "box, and a double charge in May. First you should be online again, so I "
                    "hand you over to our technician."
                ),
                "tool": "transfer_to_technician",
                "arguments": {},
            }
        ],
        "technician": [
            {
                "text": (
                    "A red light means that the box gets no signal from the line. Please pull "
                    "out the plug of the *line*, wait for one minute, put it back until it "
                    "clicks, and give the box five minutes. If the light is still red then, the "
                    "fault is outside your home and I send somebody. While you wait, my "
                    "colleague looks at the charge in May."
                ),
                "tool": "transfer_to_billing",
                "arguments": {},
            }
        ],
        "billing": [
            {
                "text": (
                    "I am sorry about the double charge. I can send the second amount back to "
                    "your bank account, which takes up to five working days, or take it off your "
                    "next invoice. Tell me which you prefer, and tell us whether the light is "
                    "green."
                ),
                "tool": "transfer_to_user",
                "arguments": {},
            }
        ],
    }
)

reception = Assistant(
    name="reception",
    description="listens and hands over",
    system_message=(
        "You answer the phone of an internet provider. Say in one sentence what you "
        "understood, then hand over: connections and devices to the technician, "
        "money and contracts to billing. Solve nothing yourself."
    ),
    handoffs=["technician", "billing"],
)

technician = Assistant(
    name="technician",
    description="knows boxes and lines",
    system_message=(
        "You repair connections. Give the next one or two steps in plain words. If "
        "something about money is still open, hand over to billing; otherwise hand "
        "over to user, so that the customer can try it."
    ),
    handoffs=["billing", "user"],
)

billing = Assistant(
    name="billing",
    description="knows invoices and contracts",
    system_message=(
        "You answer questions about invoices. Say what you will do and by when, and "
        "promise nothing that you cannot do. If something technical is still open, "
        "hand over to the technician; otherwise hand over to user for a decision."
    ),
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
