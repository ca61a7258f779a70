"""The drawing of a program: the nodes that were there with what the program says of them now, new ones beside them, others gone."""

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode
from collections.abc import Iterable
from typing import Any

from studio.engine.teams.team import Team
from studio.engine.tools.python_tool import PythonTool
from studio.flow.document import MAX_EDGES, MAX_NODES, FlowDocument, Node
from studio.flow.findings import ForeignFileError
from studio.formats.convene_python.base import Base, Hints, own_config
from studio.formats.convene_python.made import Made, digest, own_values
from studio.formats.convene_python.matching import Match, function_of
from studio.formats.convene_python.places import laid_out
from studio.formats.convene_python.rewire import member_orders, reordered, rewired, use_orders
from studio.formats.python_text.names import identifier
from studio.texts import text

_ABSENT = object()
MAX_NAME = 200
"""Characters of a node's name."""
MAX_PACKED = 400_000
"""Characters that one packed text may unpack to."""


def redrawn(base: Base, match: Match) -> FlowDocument:
    """The document of a program over the one that was there; the very same one when the program says nothing else.

    Raises ForeignFileError for more nodes or wires than a flow may have.
    """
    gone = base.used - match.made.keys() - match.staying
    gone |= _lost_with(base, gone)
    nodes = {node.id: _node(base, match, node) for node in base.drawing.nodes if node.id not in gone}
    for node_id in _in_order_of_birth(match):
        nodes[node_id] = _new_node(match, node_id)
    edges = rewired(base, match, nodes)
    if len(nodes) > MAX_NODES:
        raise ForeignFileError(text("edit.too_many_nodes", limit=MAX_NODES))
    if len(edges) > MAX_EDGES:
        raise ForeignFileError(text("edit.too_many_edges", limit=MAX_EDGES))
    ordered = reordered(list(nodes), [*member_orders(match), *use_orders(match)])
    document = base.document.model_copy(update={"nodes": tuple(nodes[key] for key in ordered), "edges": tuple(edges)})
    return laid_out(base, match, document)


def _lost_with(base: Base, gone: Iterable[str]) -> set[str]:
    """Stop rules and models that lay in a team that is gone and that nobody used: nothing could show them any more."""
    teams = {key for key in gone if base.drawing.categories[key] == "team"}
    kept = ("note", "agent", "team")
    return {node.id for node in base.drawing.nodes if node.parent in teams and base.drawing.categories[node.id] not in kept}


# Nodes ---------------------------------------------------------------------------------------------------------------


def _node(base: Base, match: Match, node: Node) -> Node:
    made = match.made.get(node.id)
    if made is None:
        known = node.parent is None or node.parent not in base.used or node.parent in match.made or node.parent in match.staying
        parent = node.parent if known else None
        return node if parent == node.parent else node.model_copy(update={"parent": parent})
    changes: dict[str, Any] = {}
    if node.kind != made.cls.kind:
        changes["kind"] = made.cls.kind
    if made.is_speaker:
        if (node.name.strip() or ("team" if issubclass(made.cls, Team) else "")) != made.name:
            changes["name"] = made.name[:MAX_NAME]
        parent = match.parents.get(node.id)
        if parent != _lies_in(base, node):
            changes["parent"] = parent
    elif made.cls is PythonTool and node.name and node.name == base.function(node) != (function := function_of(made)):
        changes["name"] = function[:MAX_NAME]
    elif (renamed := _renamed(base, match, made)) is not None:
        changes["name"] = renamed
    config = _config(base, node, made)
    if config != node.config or json.dumps(config, default=str) != json.dumps(node.config, default=str):
        changes["config"] = config
    return node.model_copy(update=changes) if changes else node


def _renamed(base: Base, match: Match, made: Made) -> str | None:
    """The new name of a model or a tool whose variable has another name than any of its nodes would give it; None for no new one.

    A function has its own name, whatever its tool is called; a stop rule has no variable unless somebody made one.
    """
    kind = made.cls.category
    if kind not in ("model", "tool") or made.cls is PythonTool or not made.variable:
        return None
    equal = [node for node, other in match.made.items() if node in base.drawing.by_id and digest(other) == digest(made)]
    for node in equal:
        # A model of models is written without the name of its node.
        written = identifier((not made.uses and base.drawing.by_id[node].name) or kind, kind)
        if re.fullmatch(rf"{re.escape(written)}(_{kind})?(_\d+)?", made.variable):
            return None
    return _spoken(made.variable)[:MAX_NAME]


def _lies_in(base: Base, node: Node) -> str | None:
    team = base.drawing.team_of(node)
    return team.id if team is not None else None


def _config(base: Base, node: Node, made: Made) -> dict[str, Any]:
    """The fields of a node: as they stood on the canvas wherever the program means the same."""
    hints = base.hints.get(node.id, Hints()) if base.hints is not None else None
    before = _before(node, made, hints)
    known = hints is None or node.kind != made.cls.kind
    if hints is not None and not known:
        candidate = {name: value for name, value in made.own.items() if name not in hints.left_out} | before
    else:
        candidate = {name: value for name, value in before.items() if name in made.cls.model_fields}
    was, now = own_values(made.cls, candidate), own_values(made.cls, made.own)
    found: dict[str, Any] = {}
    for name in dict.fromkeys((*candidate, *made.own)):
        unsure = name in made.unsure and name not in made.own
        same = unsure or _same(was.get(name, _ABSENT), now.get(name, _ABSENT))
        value = candidate.get(name, _ABSENT) if same else made.own.get(name, _ABSENT)
        if value is not _ABSENT:
            found[name] = value
    return found


def _before(node: Node, made: Made, hints: Hints | None) -> dict[str, Any]:
    """The fields as they stood on the canvas, as far as they are known."""
    if hints is None:
        return own_config(node)
    unpacked = {name: unpack(packed, str(made.own.get(name, ""))) for name, packed in hints.packed.items()}
    return {**hints.held, **{name: value for name, value in unpacked.items() if value is not None}}


def unpack(packed: str, dictionary: str) -> str | None:
    """A text that was packed with another one at hand; None when that one is no longer the same."""
    try:
        unpacker = zlib.decompressobj(zdict=dictionary.encode("utf-8", "surrogatepass"))
        data = unpacker.decompress(b64decode(packed, validate=True), MAX_PACKED)
        return data.decode("utf-8", "surrogatepass") if unpacker.eof else None
    except (ValueError, zlib.error):
        return None


def _same(one: Any, other: Any) -> bool:
    if one is _ABSENT or other is _ABSENT:
        return one is other
    return json.dumps(one, sort_keys=True, default=str) == json.dumps(other, sort_keys=True, default=str)


def _new_node(match: Match, node_id: str) -> Node:
    made = match.made[node_id]
    label = made.name if made.is_speaker else made.variable if made.cls is PythonTool else _spoken(made.variable)
    return Node(id=node_id, kind=made.cls.kind, name=label[:MAX_NAME], config=dict(made.own), parent=match.parents.get(node_id))


def _spoken(variable: str) -> str:
    return " ".join(variable.split("_")).strip()


def _in_order_of_birth(match: Match) -> list[str]:
    return [key for key in match.made if key in match.new]
