"""How actors that tell each other things work together: a row, a circle, hand-overs, a manager with a group, or one who asks several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from graphlib import CycleError, TopologicalSorter
from typing import Literal

from studio.formats.autogen_python.actors import Actor, Telling

MAX_AT_ONCE = 20
"""Of one type of actor that another one asks at the same time."""


@dataclass(slots=True)
class Shape:
    """What a team of actors is: its members in order, and how it goes on.

    `leader` chooses, or puts together what the others say. `arrows` lead from member to member, by their place.
    """

    kind: Literal["alone", "round_robin", "model_choice", "swarm", "graph"]
    members: list[Actor]
    leader: Actor | None = None
    arrows: list[tuple[int, int]] = field(default_factory=list)


def shape_of(actors: Sequence[Actor], first: Sequence[Telling], handoffs: Mapping[str, Sequence[str]]) -> Shape | None:
    """How the actors that say something work together; None where none does. `first` is what the script tells them."""
    talking = [each for each in actors if each.talks]
    if not talking:
        return None
    if any(handoffs.values()):
        return Shape("swarm", _begun(talking, first))
    if (led := _led(actors)) is not None:
        return led
    if len(talking) == 1:
        return Shape("alone", talking)
    members = _begun(talking, first)
    reached = [_reached(actors, each) for each in members]
    arrows = [(a, b) for a in range(len(members)) for b, other in enumerate(members) if a != b and id(other) in reached[a]]
    if arrows and _ends(arrows):
        return Shape("graph", members, arrows=arrows)
    return Shape("round_robin", _in_turn(members, arrows))


def _reached(actors: Sequence[Actor], one: Actor) -> set[int]:
    """To whom what somebody says comes, at once or by somebody between them who says nothing of his own: the ids of the actors."""
    reached: set[int] = {id(one)}
    waiting = [one]
    while waiting:
        told = waiting.pop().tells
        for target in actors:
            if id(target) not in reached and any(target.is_told(telling) for telling in told):
                reached.add(id(target))
                if not target.talks:
                    waiting.append(target)
    return reached


def _begun(members: Sequence[Actor], first: Sequence[Telling]) -> list[Actor]:
    """The members with whoever hears the task first, people who only begin after the others."""
    begin = [each for each in members if any(each.is_told(telling) for telling in first) and not each.is_person]
    rest = [each for each in members if each not in begin]
    return [*begin, *(each for each in rest if not each.is_person), *(each for each in rest if each.is_person)]


def _in_turn(members: list[Actor], arrows: Sequence[tuple[int, int]]) -> list[Actor]:
    """The members as they come to speak, following the arrows from the first one."""
    order: list[int] = []
    waiting = list(range(len(members)))
    at: int | None = waiting[0]
    while at is not None:
        order.append(at)
        waiting.remove(at)
        at = next((b for a, b in arrows if a == at and b in waiting), waiting[0] if waiting else None)
    return [members[each] for each in order]


def _ends(arrows: Sequence[tuple[int, int]]) -> bool:
    """Whether nobody comes back to himself along the arrows."""
    order: TopologicalSorter[int] = TopologicalSorter()
    for a, b in arrows:
        order.add(b, a)
    try:
        order.prepare()
    except CycleError:
        return False
    return True


def _led(actors: Sequence[Actor]) -> Shape | None:
    """A manager that lets others speak, or one that asks several at once and puts their answers together."""
    for leader in actors:
        asked = [telling for telling in leader.tells if telling.agent]
        answering = [each for each in actors if each is not leader and each.talks and each.answers]
        several = [(each, count) for each in answering if (count := _at_once(each, asked))]
        if leader.asks and several:
            workers = [each for each, count in several for _ in range(count)]
            return Shape("graph", [*workers, leader], leader, [(place, len(workers)) for place in range(len(workers))])
        group = _group(leader, actors)
        if len(group) > 1 and not any(_tells_first(leader, each) for each in actors if each is not leader and each not in group):
            return Shape("model_choice" if leader.asks else "round_robin", group, leader)
    return None


def _group(leader: Actor, actors: Sequence[Actor]) -> list[Actor]:
    """Those who answer a message that only one actor sends."""
    found: list[Actor] = []
    for kind in dict.fromkeys(telling.kind for telling in leader.tells if telling.kind):
        led = [telling for telling in leader.tells if telling.kind == kind]
        group = [each for each in actors if each is not leader and each.talks and any(each.is_told(telling) for telling in led)]
        own = not any(telling.kind == kind for each in actors if each is not leader for telling in each.tells)
        answering = [each for each in group if any(leader.is_told(telling) for telling in each.tells)]
        if own and len(answering) == len(group) and len(group) > len(found):
            found = group
    return found


def _tells_first(leader: Actor, other: Actor) -> bool:
    """Whether somebody outside of a group, who says something of his own, tells its manager what to do."""
    return other.talks and not other.is_person and any(leader.is_told(telling) for telling in other.tells)


def _at_once(actor: Actor, asked: Sequence[Telling]) -> int:
    """How many of a type of actor are asked with the same message."""
    same = Counter(id(telling.value) for telling in asked if actor.is_told(telling))
    return min(max(same.values(), default=0), MAX_AT_ONCE)
