"""Pieces of other programs that a flow keeps as they stood: each has its place in the flow's program, and nothing runs it."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict

from studio.engine.errors import ConveneError
from studio.texts import text


class Kept(BaseModel):
    """The source of something for which there is no component: `original` is its text, `provider` its class, `kind` the node's kind."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    kind: str
    original: str
    provider: str = ""
    component_type: str = ""


class KeptCannotRun(ConveneError):
    code = "kept_cannot_run"

    def __init__(self, kept: Sequence[Kept]) -> None:
        names = ", ".join(f"{each.name} ({each.provider or each.kind})" for each in kept)
        super().__init__(text("engine.kept.cannot_run", names=names), text("engine.kept.cannot_run.remedy"))
