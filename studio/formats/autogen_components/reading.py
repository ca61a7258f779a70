"""A flow while it is being read: its nodes and wires, what there is to say about them, and what is kept as it stood."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from pydantic_core import PydanticUndefined, to_jsonable_python

from studio.flow.catalogue.validation import validate_config
from studio.flow.document import MAX_EDGES, MAX_NODES, Edge, EdgeKind, FlowDocument, Node
from studio.flow.findings import Finding, Findings, ForeignFileError, Imported, ImportReport, Level, Place
from studio.flow.kinds import drawn_class, nested_classes, parts
from studio.flow.layout import place
from studio.flow.names import MAX_NAME, unique_name, with_new_name
from studio.formats.autogen_components.bounds import beyond, nearest
from studio.formats.autogen_components.envelope import Envelope
from studio.formats.autogen_components.mapping import ClassMap
from studio.formats.autogen_components.source import Piece
from studio.texts import text

UNKNOWN = "autogen"
"""The kind of a node that holds a foreign component as it stood, in `config.original`."""

SECRET = re.compile(r"^\*{3,}$")
_SECRET_FIELD = re.compile(r"(?:api_?key|secret|password|(?:access|auth|ad|bearer)_?token|authorization)$", re.IGNORECASE)
_NOT_IN_A_NAME = re.compile(r"[^\w \-]")
_NOT_SAID = ("config_list", "model_elsewhere", "model_unknown")
"""Findings after which nobody can say that a node came over as it was: the file does not say what it is."""

MAX_CLASS = 48
MAX_DESCRIPTION = 5_000
MAX_TASK = 20_000
MAX_TASKS = 20


class Reading:
    """Collects one flow. `source` is its piece of the file, for the lines of the report and for what is kept byte for byte."""

    unknown_kind: ClassVar[str] = UNKNOWN

    def __init__(self, source: Piece, form: str) -> None:
        self.source = source
        self.form = form
        self.nodes: list[Node] = []
        self.findings = Findings()
        self._originals: dict[str, str] = {}
        self._shared: dict[str, str] = {}
        self._met_again: set[str] = set()
        self.called: dict[str, str] = {}
        """The nodes of agents that are tools, by what was said of them."""
        self._wires: dict[tuple[EdgeKind, str, str], dict[str, Any]] = {}
        self._names: list[str] = []
        self._renamed: dict[str, str] = {}
        self._drawn_as: dict[int, tuple[str, str, list[str]]] = {}
        self._came: dict[str, tuple[str, str]] = {}

    # What is drawn ----------------------------------------------------------------------------------------------------

    def node(
        self, kind: str, name: str = "", config: Mapping[str, Any] | None = None, parent: str | None = None, *, what: str = "", at: str = ""
    ) -> str:
        """Draws a node and gives its id. `what` names it in the report, `at` is its place. Raises ForeignFileError at too many."""
        if len(self.nodes) >= MAX_NODES:
            raise ForeignFileError(text("autogen.too_many", limit=MAX_NODES), at or "/")
        node_id = f"n_{len(self.nodes) + 1:010d}"
        self.nodes.append(Node(id=node_id, kind=kind, name=name[:200], config=dict(config or {}), parent=parent))
        if what:
            self._came[node_id] = (what, at)
        return node_id

    def shared(self, kind: str, name: str, config: Mapping[str, Any], *, what: str, at: str) -> str:
        """The node of a model or a tool; equal ones are one node."""
        key = json.dumps([kind, name, config], sort_keys=True, ensure_ascii=False)
        if key not in self._shared:
            self._shared[key] = self.node(kind, name, config, what=what, at=at)
        else:
            self._met_again.add(self._shared[key])
        return self._shared[key]

    def wire(self, kind: EdgeKind, source: str, target: str, config: Mapping[str, Any] | None = None) -> None:
        if len(self._wires) >= MAX_EDGES:
            raise ForeignFileError(text("autogen.too_many", limit=MAX_EDGES), "/")
        self._wires.setdefault((kind, source, target), dict(config or {}))

    def unwire(self, kind: EdgeKind, source: str, targets: Collection[str]) -> None:
        for target in targets:
            self._wires.pop((kind, source, target), None)

    def wires(self, kind: EdgeKind, targets: Collection[str]) -> list[tuple[str, str]]:
        """(source, target) of the wires of a kind that end at these nodes."""
        return [(source, target) for each, source, target in self._wires if each == kind and target in targets]

    def kind_of(self, node_id: str) -> str:
        return self._node(node_id).kind

    def name_of(self, node_id: str) -> str:
        return self._node(node_id).name

    def config_of(self, node_id: str) -> dict[str, Any]:
        return self._node(node_id).config

    def put(self, node_id: str, config: Mapping[str, Any]) -> None:
        """Gives a node that was drawn already its fields."""
        index = int(node_id.removeprefix("n_")) - 1
        self.nodes[index] = self.nodes[index].model_copy(update={"config": dict(config)})

    def _node(self, node_id: str) -> Node:
        # The ids count the nodes.
        return self.nodes[int(node_id.removeprefix("n_")) - 1]

    def agent_name(self, wanted: Any, fallback: str, at: str, *, own: bool = True, who: int | None = None) -> str:
        """A name that an agent may bear, which nobody else in the flow has, and a finding where its own had to be changed.

        `own` is off for a name that the file does not say. `who` tells an agent that takes part more than once from others of its name.
        """
        given = wanted.strip() if isinstance(wanted, str) else ""
        name = re.sub(r"\s+", " ", _NOT_IN_A_NAME.sub("_", given))[:MAX_NAME].strip(" -") or fallback
        name = unique_name(name, self._names)
        self._names.append(name)
        if name != given and given:
            self._renamed.setdefault(given, name)
        first = self._drawn_as.setdefault(who, (name, at, []))[0] if who is not None else name
        if who is not None and first != name:
            self._drawn_as[who][2].append(name)
        elif own and name != " ".join(given.split()):
            self.say("approximated", "renamed", at, was=given[:80] or "—", name=name)
        return name

    def unknown(self, found: Envelope | None, value: Any, at: str, parent: str | None = None) -> str:
        """Keeps a component as it stands, byte for byte; it runs nothing and goes out again unchanged."""
        name = found.name if found is not None else text("autogen.something")
        own = found.config.get("name") if found is not None else None
        label = own if isinstance(own, str) and own else (found.label if found is not None else "")
        config = {"provider": found.provider[:300] if found else "", "component_type": found.type[:60] if found else ""}
        node_id = self.node(f"{self.unknown_kind}:{name[:MAX_CLASS]}", (label or name)[:200], config, parent)
        self._originals[node_id] = at
        self.say("decision", "unknown", at, (node_id,), what=(found.provider if found is not None else name)[:120], remedy=True)
        if holds_secrets(value):
            self.say("decision", "secret_kept", at, (node_id,), what=name[:80], remedy=True)
        return node_id

    # What is said -----------------------------------------------------------------------------------------------------

    def say(
        self, level: Level, code: str, at: str, nodes: tuple[str, ...] = (), *, remedy: bool = False, subject: str = "", **facts: Any
    ) -> None:
        """A finding with the sentence `autogen.<code>` of the catalogue; what is drawn once for several places is spoken of once."""
        key = f"autogen.{code}"
        cure = text(f"{key}.remedy", **facts) if remedy else ""
        finding = Finding(level, code.rpartition(".")[2], text(key, **facts), cure, nodes, Place(at), subject)
        if nodes and self._met_again.issuperset(nodes):
            finding = next((each for each in self.findings.kept.values() if _says_the_same(each, finding)), finding)
        self.findings.add(finding)

    def within(self, value: int, least: int, most: int, at: str, nodes: tuple[str, ...] = (), *, name: str, field: str) -> int:
        """A number within its bounds; one beyond them becomes the bound, with a finding."""
        bound = beyond(value, least, most)
        if bound is None:
            return value
        self.tell_bound(value, bound, at, nodes, name=name, field=field)
        return int(bound)

    def tell_bound(self, value: Any, bound: Any, at: str, nodes: tuple[str, ...] = (), *, name: str, field: str) -> None:
        """A finding for a number that became the bound of its field."""
        code = "too_small" if value < bound else "too_large"
        self.say("approximated", code, at, nodes, name=name[:80], field=field[:80], value=_written(value), bound=_written(bound))

    def first(self, listed: Sequence[Any], most: int, at: str, nodes: tuple[str, ...] = (), *, what: str) -> Sequence[Any]:
        """As many of a list as can be taken in; the others are told."""
        if len(listed) > most:
            self.say("decision", "more_left_out", at, nodes, what=what[:80], count=len(listed) - most, limit=most)
        return listed[:most]

    # Fields -----------------------------------------------------------------------------------------------------------

    def plain(self, table: ClassMap, found: Envelope, kind: str, *, nested: bool = False) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """The fields of ours that a component's plain fields give, and what was lost, as (theirs, why) pairs."""
        lost: list[tuple[str, str]] = []
        config = dict(table.given)
        for theirs, value in found.config.items():
            ours = table.fields.get(theirs)
            if theirs in table.wired:
                continue
            if ours is not None and self._has(kind, ours, nested):
                if value is not None:
                    bound = nearest(_class(kind, nested), ours, value)
                    if bound is not None:
                        own = found.config.get("name")
                        self.tell_bound(
                            value, bound, found.at(theirs), name=own if isinstance(own, str) and own else found.name, field=theirs
                        )
                        value = bound
                    config[ours] = [value] if ours == "sources" and isinstance(value, str) else value
                elif ours == "system_message":
                    config[ours] = ""
            elif not _means_nothing(table, theirs, value):
                lost.append((theirs, ""))
        mistakes = self._mistakes(kind, config, nested)
        for path, why in mistakes.items():
            ours = path.partition(".")[0]
            config.pop(ours, None)
            theirs = next((each for each, mine in table.fields.items() if mine == ours), ours)
            if theirs in found.config:
                lost.append((theirs, self._instead(kind, ours, why, nested)))
        return {name: value for name, value in config.items() if not self._is_default(kind, name, value, nested)}, lost

    def tell_unread(
        self, found: Envelope, read: Collection[str], nodes: tuple[str, ...], name: str, usual: Mapping[str, Any] | None = None
    ) -> None:
        """What a component says beside the fields that were read; `usual` are values that change nothing."""
        for theirs, value in found.config.items():
            is_usual = usual is not None and theirs in usual and usual[theirs] == value
            nothing = is_usual or value in (None, "", [], {}) or (value is False and (usual is None or theirs not in usual))
            if theirs not in read and not nothing:
                self.say("approximated", "field_lost", found.at(theirs), nodes, name=name[:80], field=str(theirs)[:80])

    def tell_losses(self, lost: list[tuple[str, str]], found: Envelope, nodes: tuple[str, ...], name: str) -> None:
        for theirs, why in lost:
            code = "value_refused" if why else "field_lost"
            self.say("approximated", code, found.at(theirs), nodes, name=name[:80], field=theirs[:80], why=why)

    def _has(self, kind: str, field: str, nested: bool) -> bool:
        found = _class(kind, nested)
        return found is not None and field in parts(found)

    def _is_default(self, kind: str, field: str, value: Any, nested: bool) -> bool:
        found = _class(kind, nested)
        part = parts(found).get(field) if found is not None else None
        if part is None:
            return False
        default = part.info.get_default(call_default_factory=True, validated_data={})
        return default is not PydanticUndefined and to_jsonable_python(default) == value and type(default) is type(value)

    def _instead(self, kind: str, field: str, why: str, nested: bool) -> str:
        """Why a value was left out, with what stands in its place."""
        default = parts(_class(kind, nested))[field].info.get_default(call_default_factory=True, validated_data={})
        usual = default if isinstance(default, str | int | float) and default != "" else None
        return text("autogen.instead", why=why.rstrip("."), value=usual) if usual is not None else why

    def _mistakes(self, kind: str, config: dict[str, Any], nested: bool) -> dict[str, str]:
        if not nested:
            return validate_config(kind, config)
        for category, owner, field in (
            ("selection", "team", "selection"),
            ("executor", "code_runner", "executor"),
            ("context", "assistant", "context"),
        ):
            found = _class(kind, True)
            if found is not None and found.category == category:
                wrong = validate_config(owner, {field: {"kind": kind, **config}})
                return {path.removeprefix(f"{field}."): why for path, why in wrong.items()}
        return {}

    def _follow_names(self) -> None:
        """What names an agent by the name that it had in the file names it as it is called here: rules, hand-overs, and code."""
        for was, name in self._renamed.items():
            if any(node.name == was for node in self.nodes):
                continue
            quoted = re.compile(rf"(['\"]){re.escape(was)}\1")
            for index, node in enumerate(self.nodes):
                node = with_new_name(node, was, name)
                for field, value in _sources(node):
                    source = quoted.sub(lambda found, name=name: f"{found[1]}{name}{found[1]}", value)  # type: ignore[misc]
                    node = _with_source(node, field, source)
                    if was in source:
                        self.say("decision", "name_in_code", "", (node.id,), remedy=True, was=was[:80], name=name)
                self.nodes[index] = node

    def _tell_again(self) -> None:
        """Says once of each agent that takes part several times what else it is called."""
        for name, at, others in self._drawn_as.values():
            if others:
                nodes = tuple(node.id for node in self.nodes if node.name in others)
                self.say("approximated", "again", at, nodes, name=name, names=", ".join(others)[:300])

    def _tell_cut(self, description: str, sample_tasks: Sequence[str]) -> None:
        """Says what of a flow's texts does not fit."""
        self.first(sample_tasks, MAX_TASKS, "", what=text("autogen.what.tasks"))
        for written, most in [(description, MAX_DESCRIPTION), *((task, MAX_TASK) for task in sample_tasks[:MAX_TASKS])]:
            if len(written) > most:
                self.say("approximated", "text_cut", "", what=written[:40], limit=most)

    # The end ----------------------------------------------------------------------------------------------------------

    def finish(self, name: str, description: str = "", sample_tasks: tuple[str, ...] = ()) -> Imported:
        """The flow, laid out, with the report: every node that nothing else is said about came over as it was."""
        self._tell_again()
        self._tell_cut(description, sample_tasks)
        if self.findings.left_out:
            self.say("decision", "more_findings", "", count=self.findings.left_out)
        self._follow_names()
        self.findings.kept = self._pointed()
        differs = (each for each in self.findings.kept.values() if each.level == "approximated" or each.code in _NOT_SAID)
        told = {node for finding in differs for node in finding.nodes}
        for node_id, (what, at) in self._came.items():
            if node_id not in told:
                self.say("exact", "exact", at, (node_id,), what=" ".join(what.split()))  # what has no name leaves a gap
        wanted = {finding.place.pointer for finding in self.findings.kept.values()} | set(self._originals.values())
        where = self.source.spans({above for pointer in wanted for above in _path(pointer)})
        nodes = []
        for node in self.nodes:
            if (pointer := self._originals.get(node.id)) is not None and (span := where.get(pointer)) is not None:
                node = node.model_copy(update={"config": {**node.config, "original": self.source.original(span)}})
            nodes.append(node)
        document = FlowDocument(
            name=" ".join(name.split())[:200] or text("flow.untitled"),
            description=description[:MAX_DESCRIPTION],
            sample_tasks=tuple(task[:MAX_TASK] for task in sample_tasks[:MAX_TASKS]),
            nodes=tuple(nodes),
            edges=tuple(
                Edge(id=f"e_{number:010d}", kind=kind, source=source, target=target, config=config)
                for number, ((kind, source, target), config) in enumerate(self._wires.items(), 1)
            ),
        )
        findings = (self._placed(finding, where) for finding in self.findings.sorted())
        return Imported(place(document), ImportReport(self.form, tuple(findings)))

    def _pointed(self) -> dict[tuple[str, ...], Finding]:
        """The findings; one that names no node is about the one in whose piece of the file it stands."""
        drawn = {pointer: node for node, (_, pointer) in reversed(self._came.items())}
        found = {}
        for key, finding in self.findings.kept.items():
            pointer = finding.place.pointer
            around = next((drawn[above] for above in _path(pointer) if above in drawn), None) if pointer and not finding.nodes else None
            found[key] = replace(finding, nodes=(around,)) if around is not None else finding
        return found

    def _placed(self, finding: Finding, where: Mapping[str, Any]) -> Finding:
        pointer = finding.place.pointer
        span = next((where[above] for above in _path(pointer) if above in where), None)
        return replace(finding, place=Place(finding.place.pointer, span.line if span is not None else None))


def _says_the_same(one: Finding, other: Finding) -> bool:
    return (one.text, one.nodes) == (other.text, other.nodes)


def _written(value: Any) -> str:
    return f"{value:,}"[:40]


def _sources(node: Node) -> Iterator[tuple[str, str]]:
    """The fields of a node that hold code which is given the names of agents, and the code."""
    selection = node.config.get("selection")
    if isinstance(selection, Mapping) and isinstance(selection.get("source"), str):
        yield "selection", selection["source"]
    if node.kind == "function_rule" and isinstance(node.config.get("source"), str):
        yield "source", node.config["source"]


def _with_source(node: Node, field: str, source: str) -> Node:
    value = {**node.config["selection"], "source": source} if field == "selection" else source
    return node.model_copy(update={"config": {**node.config, field: value}})


def _path(pointer: str) -> Iterator[str]:
    """A pointer, then what it lies in, up to the whole."""
    yield pointer
    while pointer:
        pointer = pointer.rpartition("/")[0]
        yield pointer


def holds_secrets(value: Any) -> bool:
    """Whether a component has a field that is called like a secret and is not blanked out. Walks without recursion."""
    open_values = [value]
    while open_values:
        item = open_values.pop()
        if isinstance(item, Mapping):
            for key, inner in item.items():
                if isinstance(inner, str) and inner and not SECRET.match(inner) and _SECRET_FIELD.search(str(key)):
                    return True
                open_values.append(inner)
        elif isinstance(item, list):
            open_values.extend(item)
    return False


def is_secret(field: str) -> bool:
    """Whether a field is called like something that is nobody else's business."""
    return bool(_SECRET_FIELD.search(field))


def _class(kind: str, nested: bool) -> Any:
    if not nested:
        return drawn_class(kind)
    from studio.engine.component import kinds

    found = kinds().get(kind)
    return found if found is not None and kind in nested_classes(found) else None


def _means_nothing(table: ClassMap, field: str, value: Any) -> bool:
    """Whether leaving a field out changes nothing."""
    if value is None or (field not in table.silent and value in ("", [], {})):
        return True
    return field in table.silent and (table.silent[field] is ... or table.silent[field] == value)
