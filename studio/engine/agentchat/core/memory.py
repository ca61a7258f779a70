"""Memories of a script: what an assistant is told before it speaks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import Enum
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from studio.engine.agentchat.core.component import ComponentBase
from studio.engine.agentchat.core.image import Image
from studio.engine.component import Component as EngineComponent
from studio.engine.errors import FlowError
from studio.engine.memory.list_memory import ListMemory as Facts
from studio.texts import text


class MemoryMimeType(Enum):
    TEXT = "text/plain"
    JSON = "application/json"
    MARKDOWN = "text/markdown"
    IMAGE = "image/*"
    BINARY = "application/octet-stream"


class MemoryContent(BaseModel):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    content: str | bytes | dict[str, Any] | Image
    mime_type: MemoryMimeType | str = MemoryMimeType.TEXT
    metadata: dict[str, Any] | None = None

    @property
    def text(self) -> str:
        """As a model reads it."""
        return self.content if isinstance(self.content, str) else "[image]" if isinstance(self.content, Image) else str(self.content)


class MemoryQueryResult(BaseModel):
    results: list[MemoryContent]


class UpdateContextResult(BaseModel):
    memories: MemoryQueryResult


class Memory(ComponentBase, ABC):
    """A memory of your own needs `query`, which is asked by the newest message before its assistant speaks."""

    component_type = "memory"
    name: str = "memory"

    @abstractmethod
    async def query(self, query: str | MemoryContent, cancellation_token: Any = None, **options: Any) -> MemoryQueryResult: ...

    @abstractmethod
    async def add(self, content: MemoryContent, cancellation_token: Any = None) -> None: ...

    async def update_context(self, model_context: Any) -> UpdateContextResult:
        """Not called: what `query` finds is told to the model after the system message."""
        return UpdateContextResult(memories=MemoryQueryResult(results=[]))

    async def clear(self) -> None:
        return

    async def close(self) -> None:
        return


class ListMemory(Memory):
    """Everything that was put into it, in that order."""

    def __init__(self, name: str | None = None, memory_contents: Sequence[MemoryContent] | None = None) -> None:
        self.name = name or "default_list_memory"
        self._contents = list(memory_contents or ())

    @property
    def content(self) -> list[MemoryContent]:
        return self._contents

    @content.setter
    def content(self, value: list[MemoryContent]) -> None:
        self._contents = value

    async def query(self, query: str | MemoryContent = "", cancellation_token: Any = None, **options: Any) -> MemoryQueryResult:
        return MemoryQueryResult(results=list(self._contents))

    async def add(self, content: MemoryContent, cancellation_token: Any = None) -> None:
        self._contents.append(content)

    async def clear(self) -> None:
        self._contents = []

    def component(self) -> Facts:
        return Facts(facts=tuple(each.text for each in self._contents))

    @classmethod
    def of_component(cls, component: EngineComponent) -> Self:
        if not isinstance(component, Facts):
            raise FlowError(component.kind, text("engine.agentchat.no_facts"))
        return cls(memory_contents=[MemoryContent(content=fact) for fact in component.facts])
