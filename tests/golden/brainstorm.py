"""Brainstorming.

Three very different thinkers collect ideas in random order, as people do. Good before a
workshop, or when you are stuck.
"""

from studio.engine import (
    Assistant,
    MaxMessages,
    PracticeModel,
    RandomChoice,
    Team,
    TimeLimit,
    console,
)

practice = PracticeModel(recording="brainstorm")

dreamer = Assistant(
    name="dreamer",
    description="bold, costs nothing to think",
    system_message="""You have bold ideas and do not care yet what they cost. Give \
one idea in two or three sentences, and build on what was said before. Never \
criticise.""",
)

builder = Assistant(
    name="builder",
    description="makes it doable by Monday",
    system_message="""You turn ideas into something that can be tried next week \
with what is there. Pick one idea of the others and say the smallest first step, in \
two or three sentences. Never criticise.""",
)

guest = Assistant(
    name="guest",
    description="speaks for those it is made for",
    system_message="""You speak as one of the people for whom the idea is made. \
Say in two or three sentences what you would love, what would embarrass you, and what \
you would tell your friends.""",
)

team = Team(
    name="Round table",
    participants=[dreamer, builder, guest],
    selection=RandomChoice(seed=8),
    stop=MaxMessages(max_messages=7) | TimeLimit(seconds=600.0),
    model=practice,
)

if __name__ == "__main__":
    console(team)
