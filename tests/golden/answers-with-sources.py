"""Answers with sources.

A guide cites documents, a checker looks them up again.
"""

from studio.engine import (
    Assistant,
    Document,
    Documents,
    MaxTurns,
    PracticeModel,
    Team,
    TextMention,
    console,
)

practice = PracticeModel(recording="answers-with-sources")

documents = Documents(
    documents=[
        Document(
            name="house-rules.md",
            text="""# House rules of the boat hire

## Opening hours

From April to October we are open every day from 9:00 to 19:00. From November to March only on Saturdays and Sundays, from 10:00 to 16:00. The last boat leaves one hour before we close.

## Bringing a boat back

Boats are back at the jetty at the latest when we close. Whoever is late pays 10 euros for each quarter of an hour that has begun. Ring us if the wind turns: a boat that we fetch because of the weather costs nothing extra.

## Who may row

Children under twelve row with an adult in the boat. Everybody wears a life jacket, which is part of the price. Dogs are welcome in the canoes, not in the sailing boats.

## Deposit

We keep 50 euros for each boat until it is back, in cash or on a card. Nothing is kept of it for scratches below the waterline.
""",
        ),
        Document(
            name="prices.csv",
            text="""boat,seats,one hour,half a day,whole day
Rowing boat,4,12 euros,30 euros,45 euros
Canoe,2,10 euros,24 euros,36 euros
Sailing boat,5,25 euros,70 euros,110 euros
Paddle board,1,9 euros,20 euros,30 euros
""",
        ),
    ],
    top_k=3,
)

guide = Assistant(
    name="guide",
    description="answers from the documents",
    system_message="""You answer guests of a boat hire from its documents, in \
three or four short sentences. Say only what the passages hold, with their numbers in \
brackets, such as [1]. Say so when they do not hold an answer.""",
    memory=[documents],
)

checker = Assistant(
    name="checker",
    description="reads the sources again",
    system_message="""You check the guide's answer against the passages. Say in \
one or two sentences whether each figure is right, and cite the passage. End with the \
word CHECKED when all of it is right; otherwise say what must be changed.""",
    memory=[documents],
)

team = Team(
    name="Boat hire",
    participants=[guide, checker],
    stop=TextMention(text="CHECKED", sources=["checker"]) | MaxTurns(max_turns=6),
    model=practice,
)

if __name__ == "__main__":
    console(team)
