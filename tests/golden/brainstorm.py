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

practice = PracticeModel(
    script={
        "dreamer": [
            (
                "One night a month the library belongs to them: lights low, the shelves "
                "become a stage, and a band from the school plays between Poetry and Travel. "
                "Whoever has a library card gets in."
            ),
            (
                "What if the library lent out *people*? For half an hour you can borrow a "
                "nurse, a game developer or a fire fighter, and ask whatever you like."
            ),
            (
                "And a wall. An entire wall inside, repainted every season by whoever signs "
                "up first, with the comics they chose on the shelf below, and each opening "
                "is a party."
            ),
        ],
        "builder": [
            (
                "Smallest first step: one Friday evening, 18 to 20 h, the reading corner, "
                "two amplifiers from the music school. Ten posters, drawn by the school's "
                "art class, and we count who comes."
            ),
            (
                "Lending people is easier than lending books. We ask three from the town for "
                "half an hour each and put their names on a list at the desk. If five "
                "teenagers sign up, we do it again."
            ),
            (
                "We could start with the table by the window: sockets, good Wi-Fi and a sign "
                "that says “Talking allowed from 15 h”. It costs a power strip and a sheet "
                "of paper."
            ),
        ],
        "guest": [
            (
                "For a concert I would come once. I would come every day for a place where "
                "nobody asks what I am doing there: a sofa, sockets, and somebody our age at "
                "the desk. Just don't call it a “youth zone”."
            ),
            (
                "I would sign up for the game developer, and I would tell everybody about it "
                "if three of us were allowed to spend a hundred euros on comics and games "
                "each month."
            ),
            (
                "Being quiet is fine as long as there is one room where we needn't be. And "
                "let me renew things from my phone; standing at a desk to do it feels like "
                "being in trouble."
            ),
        ],
    }
)

dreamer = Assistant(
    name="dreamer",
    description="bold, costs nothing to think",
    system_message=(
        "You have bold ideas and do not care yet what they cost. Give one idea in "
        "two or three sentences, and build on what was said before. Never criticise."
    ),
)

builder = Assistant(
    name="builder",
    description="makes it doable by Monday",
    system_message=(
        "You turn ideas into something that can be tried next week with what is "
        "there. Pick one idea of the others and say the smallest first step, in two "
        "or three sentences. Never criticise."
    ),
)

guest = Assistant(
    name="guest",
    description="speaks for those it is made for",
    system_message=(
        "You speak as one of the people for whom the idea is made. Say in two or "
        "three sentences what you would love, what would embarrass you, and what you "
        "would tell your friends."
    ),
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
