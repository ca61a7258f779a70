"""Writing room.

A planner decides what a text must do, a writer drafts it, and a critic sends it back
until it is good.
"""

from studio.engine import (
    Assistant,
    FollowEdges,
    MaxTurns,
    PracticeModel,
    Team,
    TextMention,
    console,
)

practice = PracticeModel(
    script={
        "planner": [
            """- **Reader:** neighbours who own something broken and think that repairing is difficult.
- **Must achieve:** they come, with the broken thing under their arm.
- **Must contain:** first Saturday of the month, 10 to 14 h, community hall, bring what is broken, help is free.
- **Tone:** friendly, a little funny, no moralising about waste.
- **Length:** at most 90 words and a headline."""
        ],
        "writer": [
            """**Repair Café**

Every year tonnes of perfectly good appliances end up in landfill. We all have a responsibility to do something about that. That is why volunteers will be available on the first Saturday of the month in the community hall to assist with the repair of defective household items. Please bring your broken appliances. We look forward to welcoming numerous visitors.""",
            """**Does your toaster hold a grudge?**

Bring it along! On the first Saturday of the month, from 10 to 14 h, the community hall turns into a workshop. Lamps that flicker, zips that jam, radios that only know one song: our neighbours with screwdrivers and sewing machines look at them all. You sit beside them, hand over the pliers and learn the trick.

The help is free, and so is the coffee. Cake is welcome, broken or whole.""",
        ],
        "critic": [
            """Not there yet. Three things:

1. **The time is missing.** “10 to 14 h” was in the plan; without it nobody can come.
2. **It scolds.** The first two sentences are about landfill and responsibility. The plan asked for no moralising.
3. **It sounds like an office.** “Volunteers will be available to assist” makes nobody smile. Say what happens there, and that the help is free.""",
            (
                "Now I want to go. The toaster makes me smile, place, day and hours are in "
                "one sentence, the three examples show that anything may come, and it says "
                "that the help is free. It stays within 90 words and blames nobody. APPROVED"
            ),
        ],
    }
)

planner = Assistant(
    name="planner",
    description="says what the text must do",
    system_message=(
        "You plan short texts. Name the reader, the one thing the text must achieve, "
        "what it must contain, its tone and its length. Use a short list. Do not "
        "write the text."
    ),
)

writer = Assistant(
    name="writer",
    description="drafts and rewrites",
    system_message=(
        "You write clear, warm prose in short sentences. Follow the plan. When the "
        "critic asks for changes, answer with the whole new text and nothing else."
    ),
)

critic = Assistant(
    name="critic",
    description="says what is not good enough",
    system_message=(
        "You are a demanding but kind editor. Compare the draft with the plan. Name "
        "at most three things that must change, each with a reason. When the text "
        "does what the plan asks for, say what makes it work and end with the word "
        "APPROVED."
    ),
)

team = Team(
    name="Writing room",
    participants=[planner, writer, critic],
    selection=FollowEdges(),
    stop=TextMention(text="APPROVED", sources=["critic"]) | MaxTurns(max_turns=9),
    model=practice,
    transitions={"planner": ["writer"], "writer": ["critic"], "critic": ["writer"]},
)

if __name__ == "__main__":
    console(team)
