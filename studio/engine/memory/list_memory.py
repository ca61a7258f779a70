"""A list of facts that an agent always knows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from studio.engine.component import Widget
from studio.engine.memory.base import Memory

if TYPE_CHECKING:
    from studio.engine.agents.agent import Turn


class ListMemory(Memory):
    kind: ClassVar[str] = "list_memory"
    title: ClassVar[str] = "Facts"
    summary: ClassVar[str] = "What an agent always knows"

    facts: Annotated[
        tuple[Annotated[str, Field(max_length=20_000)], ...],
        Field(title="Facts", description="One a line.", max_length=1_000),
        Widget("lines"),
    ] = ()

    def known(self, turn: Turn) -> str:
        return "What you know:\n" + "\n".join(f"- {fact}" for fact in self.facts) if self.facts else ""
