"""Writing a drawing as AutoGen components: what all writers share; what cannot be said is said as a loss."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from pydantic_core import PydanticUndefined, to_jsonable_python

from studio.engine.errors import FlowError
from studio.engine.tools.schema import schema_of_source
from studio.flow.catalogue.titles import field_title
from studio.flow.catalogue.validation import validate_config
from studio.flow.document import Node
from studio.flow.findings import Finding, Findings, Level
from studio.flow.kinds import drawn_class, parts
from studio.flow.ports import label
from studio.flow.wires import Drawing
from studio.formats.autogen_components.envelopes import Raw, Version
from studio.formats.autogen_components.mapping import ClassMap
from studio.texts import text

_ALWAYS = ("input_mode", "end_word", "include_task")
"""Fields of ours for which AutoGen has one fixed behaviour."""


class Writing:
    """Writes nodes of one drawing. `findings` are the losses so far."""

    def __init__(self, drawing: Drawing, version: Version) -> None:
        self.drawing = drawing
        self.version = version
        self.findings = Findings()
        self._mistakes: dict[str, set[str]] = {}
        self.names = _identifiers([node.name for node in drawing.nodes if drawing.categories[node.id] in ("agent", "team", "unknown")])

    # What is said -----------------------------------------------------------------------------------------------------

    def lose(self, code: str, node: Node, level: Level = "approximated", **facts: Any) -> None:
        """A loss with the sentence `autogen.lost.<code>`."""
        name = _called(node)
        self.findings.add(Finding(level, f"lost_{code}", text(f"autogen.lost.{code}", name=name, **facts), "", (node.id,), subject=node.id))

    def leftovers(self, node: Node, handled: Collection[str]) -> None:
        """Tells of every filled-in field that nothing was made of."""
        found = drawn_class(node.kind)
        known = parts(found) if found is not None else {}
        for name, value in node.config.items():
            if name in handled or name not in known or value in (None, "", [], {}) or value == known[name].info.default:
                continue
            if name == "guards":
                self.lose("guards", node, "decision")
                continue
            self.lose("field", node, field=field_title(found, known[name]) if found is not None else name)

    def kept(self, node: Node) -> Raw | None:
        """What a node of a foreign component holds, if it is still JSON."""
        original = node.config.get("original")
        if isinstance(original, str):
            try:
                if isinstance(json.loads(original), dict):
                    self.lose("as_it_came", node)
                    return Raw(original)
            except (ValueError, RecursionError):
                pass
        self.lose("unknown", node, "decision")
        return None

    def name(self, node: Node) -> str:
        """The agent's name as a Python identifier, which AutoGen wants."""
        wanted = node.name.strip()
        if self.names.get(wanted, wanted) != wanted:
            self.lose("renamed", node, to=self.names[wanted])
        return self.names.get(wanted, wanted)

    def plain(self, table: ClassMap, node: Node) -> dict[str, Any]:
        """The fields that mean the same, by AutoGen's names; a loss where the drawing differs from what AutoGen always does."""
        found = drawn_class(node.kind)
        known = parts(found) if found is not None else {}
        config: dict[str, Any] = {}
        for theirs, ours in table.fields.items():
            if ours in known:
                value = self.value(node, ours)
                config[theirs] = [self.names.get(each, each) for each in value or ()] or None if ours == "sources" else value
        for ours, always in table.given.items():
            if ours in _ALWAYS and ours in known and self.value(node, ours) != always:
                self.lose(f"given.{ours}", node)
        return config

    def value(self, node: Node, field: str) -> Any:
        """What a field holds as JSON; its default where it holds nothing that is possible."""
        if node.id not in self._mistakes:
            self._mistakes[node.id] = {path.partition(".")[0] for path in validate_config(node.kind, node.config)}
        if field in node.config and field not in self._mistakes[node.id]:
            return node.config[field]
        found = drawn_class(node.kind)
        default = parts(found)[field].info.get_default(call_default_factory=True, validated_data={}) if found is not None else None
        return None if default is PydanticUndefined else to_jsonable_python(default)


def _called(node: Node) -> str:
    """What people call a node: a tool by its function, a model by its own name."""
    if node.kind == "python_tool":
        try:
            return schema_of_source(str(node.config.get("source", ""))).name
        except FlowError:
            return label(node)
    return node.name.strip() or str(node.config.get("model") or "") or label(node) or node.kind


def _identifiers(names: list[str]) -> dict[str, str]:
    """Each name as a Python identifier of its own."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(each.strip() for each in names):
        plain = re.sub(r"\W", "_", name) or "agent"
        plain = plain if plain.isidentifier() else f"_{plain}"
        number, wanted = 2, plain
        while wanted in found.values():
            wanted, number = f"{plain}_{number}", number + 1
        found[name] = wanted
    return found
