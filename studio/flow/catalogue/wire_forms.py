"""The forms of wires that say something: an arrow of a graph, and the wire that makes an agent a tool."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from studio.engine.teams.graph import GraphEdge
from studio.engine.tools.team_tool import AgentTool
from studio.flow.catalogue.columns import columns
from studio.flow.catalogue.validation import misfits
from studio.texts import text


@dataclass(frozen=True, slots=True)
class WireForm:
    """What a wire can say: the fields of `model` but for those that the drawing gives, which have stand-ins in `given`.

    `owner` is the prefix of their words in the catalogue. What is wrong with all of them together is told at the field `whole`.
    """

    model: type[BaseModel]
    owner: str
    given: Mapping[str, Any]
    whole: str = ""
    advanced: tuple[str, ...] = ()

    @property
    def defaults(self) -> dict[str, Any]:
        """What each field holds where a wire says nothing."""
        return {column["name"]: column["default"] for column in self._columns()}

    def fields(self, config: Mapping[str, Any]) -> list[dict[str, Any]]:
        """The fields of a wire with what it holds and what is wrong with it."""
        wrong = self.mistakes(config)
        return [
            {
                **column,
                "widget": column["type"],
                "value": config.get(column["name"], column["default"]),
                "advanced": column["name"] in self.advanced,
                "changed": column["name"] in config and config[column["name"]] != column["default"],
                "error": wrong.get(column["name"]),
            }
            for column in self._columns()
        ]

    def mistakes(self, config: Mapping[str, Any]) -> dict[str, str]:
        """{field: sentence} of what cannot be read in a wire. Nothing in it is executed."""
        known = {column["name"] for column in self._columns()}
        found = {name: text("invalid.extra_forbidden") for name in config if name not in known}
        said = {name: value for name, value in config.items() if name in known}
        return found | {name or self.whole: sentence for name, sentence in misfits(self.model, said, self.given, strict=True).items()}

    def _columns(self) -> list[dict[str, Any]]:
        return columns(self.model, self.owner, leave_out=tuple(self.given))


ARROW = WireForm(GraphEdge, "arrow", {"source": "one", "target": "another"}, whole="condition", advanced=("group",))
"""When it is taken, and how it meets others."""

TOOL_WIRE = WireForm(AgentTool, "agent_tool", {"agent": None})
"""What the calls of an agent share, and what its caller reads."""


def arrow_fields(config: Mapping[str, Any], joins: bool) -> list[dict[str, Any]]:
    """The fields of an arrow that mean something as it stands. `joins`: whether several arrows meet at its end."""
    how = config.get("how", "contains")
    pointless = {"condition"} if how == "otherwise" else set()
    if not joins:
        pointless |= {"join", "group"}
    fields = [field for field in ARROW.fields(config) if field["changed"] or field["name"] not in pointless]
    return [{**field, "help": _condition_help(how)} if field["name"] == "condition" else field for field in fields]


def _condition_help(how: Any) -> str:
    return text(f"field.arrow.condition.help.{how}") if how in ("contains", "equals", "regex", "expression") else ""
