"""Fields that name a participant who is not there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from studio.engine.memory.base import Memory
from studio.engine.models.practice_client import REMEMBERS
from studio.flow.checks.problem import Problem, problem
from studio.flow.checks.repairs import added_below
from studio.flow.document import Node
from studio.flow.edits.model import Configure, Edit
from studio.flow.held import value
from studio.flow.kinds import drawn_class
from studio.flow.names import named_in
from studio.flow.ports import label
from studio.flow.wires import Drawing


def problems(drawing: Drawing) -> Iterator[Problem]:
    for node in drawing.nodes:
        if value(node, "guards"):
            yield from _guards(drawing, node)
        if node.kind in ("text_mention", "code_runner", "said_by", "done"):
            yield from _sources(drawing, node)
        elif node.kind == "assistant":
            yield from _handoffs(drawing, node)
        elif node.kind == "hand_off":
            yield from _target(drawing, node)
        elif node.kind == "practice":
            yield from _script(drawing, node)


def _names(drawing: Drawing, node: Node) -> set[str]:
    return {agent.name.strip() for agent in drawing.name_scope(node)}


def _sources(drawing: Drawing, node: Node) -> Iterator[Problem]:
    named = [name for _, name in named_in(node)]
    known = _names(drawing, node) if named else set()
    for name in dict.fromkeys(named):
        if name not in known:
            repair = Configure(id=node.id, values={"sources": [item for item in named if item in known]})
            yield problem("names_nobody", "warning", [node], field="sources", node=label(node), name=name, repair=repair)


def _handoffs(drawing: Drawing, node: Node) -> Iterator[Problem]:
    named = {name: field for field, name in reversed(tuple(named_in(node)))}
    if not named:
        return
    team = drawing.team_of(node)
    known = _names(drawing, node)
    ends = [value(rule, "target") for rule in drawing.of("condition") if rule.kind == "hand_off"]
    for name, field in reversed(named.items()):
        if name not in known and name not in ends:
            repair = added_below(drawing, [("hand_off", {"target": name})], "stop", [team]) if team is not None and name else None
            yield problem("handoff_to_nobody", "warning", [node], field=field, node=label(node), name=name, repair=repair)


def _guards(drawing: Drawing, node: Node) -> Iterator[Problem]:
    """To whom guards hand over: as with hand-overs, a name outside ends the conversation where a rule says so."""
    rows = value(node, "guards")
    named = [row.get("hand_to") for row in rows if isinstance(row, Mapping)] if isinstance(rows, (list, tuple)) else []
    wanted = dict.fromkeys(name for name in named if isinstance(name, str) and name)
    if not wanted:
        return
    known = _names(drawing, node) | {value(rule, "target") for rule in drawing.of("condition") if rule.kind == "hand_off"}
    for name in wanted:
        if name not in known:
            cleared = [{**row, "hand_to": ""} if isinstance(row, Mapping) and row.get("hand_to") == name else row for row in rows]
            repair = Configure(id=node.id, values={"guards": cleared})
            yield problem("names_nobody", "warning", [node], field="guards", node=label(node), name=name, repair=repair)


def _target(drawing: Drawing, node: Node) -> Iterator[Problem]:
    target = value(node, "target")
    givers = [agent for agent in drawing.name_scope(node) if agent.kind == "assistant"]
    if not isinstance(target, str) or not target or any(target == name for giver in givers for _, name in named_in(giver)):
        return
    repair: Edit | None = None
    if len(givers) == 1:
        known = [name for field, name in named_in(givers[0]) if field == "handoffs"]
        repair = Configure(id=givers[0].id, values={"handoffs": [*known, target]})
    yield problem("nobody_hands_over", "warning", [node], field="target", node=label(node), name=target, repair=repair)


def _learns(memory: Node) -> bool:
    kind = drawn_class(memory.kind)
    return kind is not None and issubclass(kind, Memory) and kind.learns


def _script(drawing: Drawing, node: Node) -> Iterator[Problem]:
    if drawing.is_loose(node) and drawing.alone is None:
        return
    if any(drawing.out_of(tool, "tool") for tool in drawing.of("tool") if tool.kind == "expert_team"):
        return  # who is in a team that is made up is known only then
    known = {speaker.name.strip() for speaker in (*drawing.of("agent"), *drawing.teams)} | {""}
    known |= {agent.name.strip() + REMEMBERS for agent in drawing.of("agent") if any(map(_learns, drawing.into(agent, "memory")))}
    for name in dict.fromkeys(name for _, name in named_in(node)):
        if name not in known:
            yield problem("script_for_nobody", "hint", [node], field="script", node=label(node), name=name)
