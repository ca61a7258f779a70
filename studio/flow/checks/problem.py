"""A problem of a drawing: what is wrong, where, and the one edit that repairs it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from studio.flow.document import Node
from studio.flow.edits.model import Edit
from studio.texts import text

Level = Literal["error", "warning", "hint"]
"""error: the flow does not run; warning: it runs but probably not as meant; hint: good to know."""

LEVELS: Mapping[Level, int] = {"error": 0, "warning": 1, "hint": 2}


@dataclass(frozen=True, slots=True)
class Problem:
    """`text` says what is wrong, `hint` what to do, `nodes` where, `field` the form field; `repair` fixes it when applied."""

    code: str
    level: Level
    text: str
    hint: str = ""
    nodes: tuple[str, ...] = ()
    field: str | None = None
    repair: Edit | None = None

    @property
    def identity(self) -> str:
        """What finds it again after another check of the drawing."""
        return "|".join((self.code, self.field or "", *self.nodes))

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it; the repair as the edit's own JSON."""
        return {
            "code": self.code,
            "level": self.level,
            "text": self.text,
            "hint": self.hint,
            "nodes": list(self.nodes),
            "field": self.field,
            "repair": self.repair.model_dump(mode="json") if self.repair is not None else None,
        }


def problem(
    key: str, level: Level, nodes: Iterable[Node] = (), *, field: str | None = None, repair: Edit | None = None, **facts: Any
) -> Problem:
    """A problem with the catalogue's texts `check.<key>.text` and `check.<key>.hint`.

    The key is the code, or the code, a dot and a variant of its words (`missing_model.many`).
    """
    return Problem(
        key.partition(".")[0],
        level,
        text(f"check.{key}.text", **facts),
        text(f"check.{key}.hint", **facts),
        tuple(node.id for node in nodes),
        field,
        repair,
    )
