"""What stands on the canvas, drawn: agents, teams, notes, and the small parts that they use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from studio.flow.notes import note_lines
from studio.flow.sizes import Box
from studio.formats.picture.elements import drawn_icon, rect, words
from studio.formats.picture.icons import icon
from studio.formats.picture.measuring import width, wrapped
from studio.formats.picture.tokens import mix
from studio.texts import text

View = Mapping[str, Any]
Tokens = Mapping[str, str]

AGENT_WIDTH = 180.0
PART_WIDTH, PART_HEIGHT = 150.0, 52.0
_LINE = 17.0
_NOTE_LINE = 18.0
_INSET = 13.0
_CHIP_GAP = 4.0


def agent_height(view: View) -> float:
    """As tall as its lines: a name, and up to two of what it is for."""
    return 41.0 + (2.0 + _LINE * len(_agent_lines(view)) if view["line"] else 0.0)


def _agent_lines(view: View) -> list[str]:
    return wrapped(view["line"], 12, AGENT_WIDTH - 2 * _INSET, 2)


def node(view: View, box: Box, tokens: Tokens) -> Iterator[str]:
    """The elements of a node, in the order in which they are drawn."""
    draw: Callable[[View, Box, Tokens], Iterator[str]] = {"team": _team, "agent": _agent, "note": _note}.get(view["category"], _part)
    return draw(view, box, tokens)


def own_color(view: View, tokens: Tokens) -> str:
    """The colour that belongs to a node everywhere."""
    if view["kind"] == "human":
        return tokens["human"]
    return tokens["muted"] if view["color"] is None else tokens[f"agent-{view['color'] % 8}"]


def _agent(view: View, box: Box, tokens: Tokens) -> Iterator[str]:
    human = view["kind"] == "human"
    yield rect(box.x, box.y, box.width, box.height, 10, tokens["raised"], tokens["human" if human else "line"])
    x, y = box.x + _INSET, box.y + 10
    yield f'<circle cx="{x + 4.5:g}" cy="{y + 10:g}" r="4.5" fill="{own_color(view, tokens)}"/>'
    room = box.width - 2 * _INSET - 17
    if view["turn"] is not None:
        room -= 24
        yield from _turn(view["turn"], box.right - _INSET, y + 2, tokens)
    yield words(view["name"] or view["title"], x + 17, y + 14.5, 13, tokens["text"], strong=True, most=room)
    for number, line in enumerate(_agent_lines(view)):
        yield words(line, x, y + 22 + 12.5 + number * _LINE, 12, tokens["muted"])


def _turn(turn: int, right: float, y: float, tokens: Tokens) -> Iterator[str]:
    says = str(turn)
    wide = max(16.0, width(says, 11) + 8)
    yield rect(right - wide, y, wide, 16, 8, tokens["soft"])
    yield words(says, right - wide / 2, y + 12, 11, tokens["muted"], middle=True)


def _team(view: View, box: Box, tokens: Tokens) -> Iterator[str]:
    inner = view["parent"] is not None
    ground = mix(tokens["panel"], tokens["soft"], 0.7) if inner else mix(tokens["panel"], tokens["ground"], 0.58)
    is_filter = inner and view["kind"] == "filter"
    yield rect(box.x, box.y, box.width, box.height, 12, ground, tokens["line-strong" if is_filter else "line"], "4 3" if is_filter else "")
    x, y, right = box.x + 15, box.y + (9 if inner else 11), box.right - 15
    if view["kind"] != "team":
        yield drawn_icon(icon(view["kind"], "team"), x, y + 3, 14, tokens["muted"])
        x += 19
    if view["turn"] is not None:
        yield from _turn(view["turn"], right, y + 2, tokens)
        right -= 32
    name, most = view["name"] or view["title"], (right - x) * 0.6
    yield words(name, x, y + 14.5, 13, tokens["text"], strong=True, most=most)
    x += min(width(name, 13, strong=True), most) + 8
    yield from _chips(view["chips"], x, y + 0.5, right, tokens)
    if not view["members"]:
        empty = text("canvas.filter_empty" if view["kind"] == "filter" else "canvas.team_empty")
        yield words(empty, box.x + box.width / 2, box.y + box.height / 2 + 16, 13, tokens["muted"], middle=True, most=box.width - 32)


def _chips(chips: list[str], x: float, y: float, right: float, tokens: Tokens) -> Iterator[str]:
    """Chips beside each other; where there is too little room, the wide ones give way."""
    wanted = [width(chip, 11) + 16 for chip in chips]
    room = right - x - _CHIP_GAP * (len(chips) - 1)
    share = min(1.0, room / sum(wanted)) if wanted else 1.0
    for chip, full in zip(chips, wanted, strict=True):
        wide = full * share
        if wide < 24:
            return
        yield rect(x, y, wide, 19, 9.5, tokens["panel"], tokens["line"])
        yield words(chip, x + 8, y + 13.5, 11, tokens["muted"], most=wide - 15.5)
        x += wide + _CHIP_GAP


def _part(view: View, box: Box, tokens: Tokens) -> Iterator[str]:
    yield rect(box.x, box.y, box.width, box.height, 10, tokens["raised"], tokens["line"])
    x, y, name, line = box.x + 11, box.y + 8, view["name"], view["line"]
    color = tokens["wire-memory"] if view["category"] == "memory" else tokens["muted"]
    yield drawn_icon(icon(view["kind"], view["category"]), x, y + 2, 12, color)
    title = f"{view['title']} · {name}" if line and name and name != view["title"] else view["title"]
    yield words(title, x + 17, y + 12, 11, tokens["muted"], most=box.right - 11 - x - 17)
    yield words(line or name, x, y + 16 + 13, 12, tokens["text"], most=box.width - 22)


def _note(view: View, box: Box, tokens: Tokens) -> Iterator[str]:
    yield rect(box.x, box.y, box.width, box.height, 5, mix(tokens["soft"], tokens["ground"], 0.7))
    yield rect(box.x, box.y, 2, box.height, 1, tokens["line-strong"])
    lines = [(line, "plain") for line in (text("canvas.note_empty"),)] if not view["text"].strip() else note_lines(view["text"])
    y = box.y + 10
    for says, look in lines:
        for row in wrapped(says, 12, box.width - 28, 60):
            if y + _NOTE_LINE > box.bottom - 4:
                return
            strong = look == "strong"
            yield words(row, box.x + 14, y + 13, 12, tokens["text" if strong else "muted"], strong=strong, most=box.width - 22)
            y += _NOTE_LINE
        y += 6
