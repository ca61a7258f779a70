"""Writing a flow as AutoGen's component JSON, for 0.5 or for 0.6–0.7, and saying before what it cannot express."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.engine.component import component_class
from studio.engine.errors import ConveneError
from studio.flow.document import FlowDocument, Node
from studio.flow.findings import Finding
from studio.flow.wires import Drawing
from studio.formats.autogen_json.envelopes import NEWEST, Version, component, dumped, envelope_of, version_named
from studio.formats.autogen_json.mapping import CLASSES, class_for
from studio.formats.autogen_json.teams import MOST_TURNS, asking
from studio.formats.autogen_json.writing import Writing
from studio.texts import text


class NothingToWrite(ConveneError):
    code = "nothing_to_write"

    def __init__(self, why: str) -> None:
        super().__init__(why, text("autogen.nothing_to_write.remedy"))


@dataclass(frozen=True, slots=True)
class Written:
    text: str
    losses: tuple[Finding, ...]


def losses(document: FlowDocument, version: str = NEWEST) -> tuple[Finding, ...]:
    """What AutoGen cannot express, and what is done instead. Raises UnknownVersion; of what cannot be written at all, that."""
    try:
        return _written(document, version_named(version)).losses
    except NothingToWrite as mistake:
        return (Finding("decision", mistake.code, mistake.sentence, mistake.remedy),)


def to_autogen(document: FlowDocument, version: str = NEWEST) -> str:
    """The JSON of a team, of an agent alone, or of whatever single component there is; several of them are a gallery.

    Raises UnknownVersion and NothingToWrite.
    """
    return _written(document, version_named(version)).text


def _written(document: FlowDocument, version: Version) -> Written:
    drawing = Drawing(document)
    writing = _Teams(drawing, version)
    roots = [node for node in drawing.nodes if drawing.team_of(node) is None and not _used(drawing, node)]
    roots = [node for node in roots if drawing.categories[node.id] != "note"]
    whole = (
        [node for node in roots if drawing.categories[node.id] == "team"] or [node for node in roots if _agent_like(drawing, node)] or roots
    )
    written = [(node, each) for node in whole if (each := writing.any(node)) is not None]
    for node in roots:
        if node not in whole:
            writing.lose("loose", node)
    if not written:
        first = next(iter(writing.findings.kept.values()), None)
        raise NothingToWrite(first.text if first is not None else text("autogen.nothing_to_write"))
    found = writing.findings.sorted()
    if len(written) == 1:
        return Written(dumped(written[0][1]), found)
    return Written(dumped(_gallery(document, drawing, written)), found)


def _used(drawing: Drawing, node: Node) -> bool:
    return any(drawing.out_of(node, kind) for kind in ("model", "tool", "stop"))


def _agent_like(drawing: Drawing, node: Node) -> bool:
    return drawing.categories[node.id] == "agent" or node.config.get("component_type") in ("agent", "team")


def _takes_part(drawing: Drawing, node: Node) -> bool:
    category = drawing.categories[node.id]
    return category == "agent" or (category == "unknown" and not _used(drawing, node))


def _gallery(document: FlowDocument, drawing: Drawing, written: list[tuple[Node, Any]]) -> dict[str, Any]:
    shelves: dict[str, list[Any]] = {"agents": [], "models": [], "tools": [], "terminations": [], "teams": []}
    shelf_of = {"agent": "agents", "model": "models", "tool": "tools", "condition": "terminations", "team": "teams"}
    kept = {"agent": "agents", "model": "models", "tool": "tools", "termination": "terminations", "team": "teams"}
    for node, each in written:
        category = drawing.categories[node.id]
        shelf = kept.get(str(node.config.get("component_type")), "tools") if category == "unknown" else shelf_of[category]
        shelves[shelf].append(each)
    about = {"author": "", "version": "1.0.0", "description": document.description}
    return {"id": "convene", "name": document.name, "url": None, "metadata": about, "components": shelves}


class _Teams(Writing):
    """Writes teams and stop rules too."""

    def any(self, node: Node) -> Any:
        match self.drawing.categories[node.id]:
            case "team":
                return self.team(node)
            case "agent":
                return self.agent(node)
            case "model":
                return self.model(node)
            case "tool":
                return self.tool(node)
            case "condition":
                return self.condition(node)
            case _:
                return self.kept(node)

    def team(self, node: Node) -> Any:
        """A team's envelope; None when nobody is in it."""
        members = [each for each in self.drawing.inside(node) if _takes_part(self.drawing, each)]
        participants = [each for member in members if (each := self.agent(member)) is not None]
        if not participants:
            self.lose("empty_team", node, "decision")
            return None
        selection = self.value(node, "selection")
        held = selection if isinstance(selection, Mapping) else {}
        model = self.drawing.team_model(node)
        client = self.model(model, node.name) if model is not None else None
        name = self._class_of(node, str(held.get("kind")), len(participants), client is not None)
        table = next(each for each in CLASSES if each.name == name)
        config: dict[str, Any] = {"participants": participants}
        if self.version != "0.5":
            config = {"name": node.name.strip() or "team", "description": self.value(node, "description") or "", **config}
        config["termination_condition"] = self._stop(node)
        config["max_turns"] = self._turns(node, str(held.get("kind")), len(participants))
        if name == "SelectorGroupChat":
            config |= {"model_client": client, "selector_prompt": asking(str(held.get("instruction") or ""))}
            config |= {
                "allow_repeated_speaker": bool(held.get("allow_repeat", False)),
                "max_selector_attempts": held.get("max_attempts", 3),
            }
            self.lose("selector", node)
        elif name == "MagenticOneGroupChat":
            config |= {
                "model_client": client,
                "max_stalls": held.get("max_stalls", 3),
                "final_answer_prompt": held.get("answer_prompt", ""),
            }
        if self.drawing.speaks(node) and name != "GraphFlow":
            self.lose("arrows", node, "decision")
        if name == "Swarm" and held.get("after_work", "end") != "stay":
            self.lose("after_work", node)
        if name != "MagenticOneGroupChat":
            config["emit_team_events"] = False
        self.leftovers(node, ("selection", "description", "max_turns"))
        return component(table, config, self.version, node.name.strip())

    def _nested_default(self, kind: str, field: str, held: Mapping[str, Any]) -> Any:
        """What a nested component's field holds, or its default."""
        return held.get(field, component_class(kind).model_fields[field].default)

    def _class_of(self, node: Node, kind: str, participants: int, has_model: bool) -> str:
        """The AutoGen team that chooses like ours, or the nearest one."""
        table = class_for(kind, "team")
        name = table.name if table is not None else "RoundRobinGroupChat"
        if name in ("SelectorGroupChat", "MagenticOneGroupChat") and (participants < 2 or not has_model):
            self.lose("no_choice", node)
            return "RoundRobinGroupChat"
        if name == "GraphFlow" or (table is None and kind != "sequence"):
            self.lose("selection", node, "decision", kind=kind)
            return "RoundRobinGroupChat"
        return name

    def _turns(self, node: Node, kind: str, participants: int) -> int | None:
        """AutoGen's limit: the team's own, and that of a rule about turns among its stop rules."""
        limits = [self.value(node, "max_turns"), *([participants] if kind == "sequence" else [])]
        limits += [self.value(rule, "max_turns") for rule in self.drawing.stops_of(node) if rule.kind == "max_turns"]
        least = min((limit for limit in limits if isinstance(limit, int)), default=MOST_TURNS)
        return least if least < MOST_TURNS else None

    def _stop(self, team: Node) -> Any:
        rules = [rule for rule in self.drawing.stops_of(team) if rule.kind != "max_turns"]
        return self._any_of([each for rule in rules if (each := self.condition(rule)) is not None])

    def _any_of(self, rules: list[Any]) -> Any:
        if len(rules) < 2:
            return rules[0] if rules else None
        table = class_for("any_of", "termination")
        assert table is not None
        return component(table, {"conditions": rules}, self.version)

    def condition(self, node: Node, above: tuple[str, ...] = ()) -> Any:
        """A stop rule's envelope; None when AutoGen has none like it."""
        if self.drawing.categories[node.id] == "unknown":
            return self.kept(node)
        table = class_for(node.kind, "termination")
        if table is None or node.id in above:
            self.lose("condition", node, "decision")
            return None
        if node.kind not in ("any_of", "all_of"):
            self.leftovers(node, (*table.fields.values(), *table.given))
            config = self.plain(table, node)
            if node.kind == "said_by" and not config.get("sources"):
                return envelope_of("autogen_agentchat.conditions.TextMessageTermination", "termination", {"source": None})
            return component(table, config, self.version)
        inner = self.drawing.into(node, "stop")
        written = [self.condition(rule, (*above, node.id)) for rule in inner]
        rules = [each for each in written if each is not None]
        if node.kind == "any_of":
            return self._any_of(rules)
        if len(rules) < len(inner) or not rules:
            # Without one of its parts it would end the conversation too early.
            self.lose("all_of", node, "decision")
            return None
        return component(table, {"conditions": rules}, self.version) if len(rules) > 1 else rules[0]
