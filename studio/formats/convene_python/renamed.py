"""Agents that a program calls by another name: what names them elsewhere in the program follows, as it does on the canvas."""

from __future__ import annotations

from collections.abc import Iterator

from studio.flow.document import Node
from studio.flow.names import with_new_name
from studio.formats.convene_python.base import Base
from studio.formats.convene_python.made import Made
from studio.formats.convene_python.matching import Match


def follow_names(base: Base, match: Match, team: Made) -> Iterator[tuple[Made, str, str]]:
    """Renames what still names an agent as the drawing did; gives each component that did, with the old name and the new one.

    Nothing follows where somebody else in the program bears the old name now.
    """
    everybody = list(team.within())
    names = {each.name for each in everybody if each.is_speaker}
    for node_id, made in match.made.items():
        node = base.drawing.by_id.get(node_id)
        was = node.name.strip() if node is not None and made.is_speaker else ""
        if not was or was in names or node_id in match.by_place:
            continue
        for each in everybody:
            if _follows(each, was, made.name):
                yield each, was, made.name


def _follows(made: Made, was: str, name: str) -> bool:
    before = Node(id="n", kind=made.cls.kind, config=made.own)
    after = with_new_name(before, was, name)
    arrows = {(name if one == was else one, name if other == was else other): said for (one, other), said in made.arrows.items()}
    if after is before and arrows.keys() == made.arrows.keys():
        return False
    made.own, made.arrows, made.digest = dict(after.config), arrows, ""
    return True
