"""Article in three chats.

Three chats follow one another: collect facts, write the draft, find the headline. Each
gets a summary of those before it, not their whole talk.
"""

from studio.engine import Assistant, Chat, PracticeModel, Sequential, Team, console

practice = PracticeModel(recording="article-in-chats")

finder = Assistant(
    name="finder",
    description="collects facts",
    system_message="""You collect what is known about a question, in at most four \
points, each with how sure you are.""",
)

doubter = Assistant(
    name="doubter",
    description="crosses out what is not sure",
    system_message="""You go through the points and say which can stay and which \
must be told as a guess.""",
)

research = Chat(
    name="research",
    participants=[finder, doubter],
    max_turns=2,
    heard="last",
    summarised="model",
)

author = Assistant(
    name="author",
    description="writes",
    system_message="""You write short articles for curious readers. When the \
reader answers, write the whole text again.""",
)

reader = Assistant(
    name="reader",
    description="asks what is unclear",
    system_message="""You read as a curious person. Ask the one thing that stays \
unclear.""",
)

draft = Chat(
    name="draft",
    participants=[author, reader],
    max_turns=3,
    heard="last",
    message="""Write an article of five sentences for curious readers from \
these facts.""",
)

headliner = Assistant(
    name="headliner",
    description="finds headlines",
    system_message="""You find headlines that promise no more than the article \
keeps.""",
)

title = Chat(
    name="title",
    participants=[headliner],
    max_turns=1,
    heard="last",
    message="""Find a headline of at most eight words for this article, and \
say nothing else.""",
)

team = Team(
    name="Magazine",
    participants=[research, draft, title],
    selection=Sequential(),
    model=practice,
)

if __name__ == "__main__":
    console(team)
