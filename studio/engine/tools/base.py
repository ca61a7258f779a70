"""What a tool is: a schema that a model sees and a call that ends in text."""

from __future__ import annotations

from typing import ClassVar, Literal

from studio.engine.code.base import CodeSession, Executor, FunctionResult
from studio.engine.component import Component
from studio.engine.models.base import ToolSchema

Approval = Literal["never", "always"]


class Tool(Component):
    """A tool that agents can be given. `approval` says whether a person must agree to every call."""

    category: ClassVar[str] = "tool"

    def schema_for_model(self) -> ToolSchema:
        """Raises FlowError when the tool's source has no usable function."""
        raise NotImplementedError

    @property
    def needs_approval(self) -> bool:
        raise NotImplementedError

    @property
    def runs_in(self) -> Executor | None:
        """The executor that `call` needs a session of; None when it runs in this process."""
        return None

    async def call(self, arguments: str, session: CodeSession | None) -> FunctionResult:
        """Arguments are JSON text. Mistakes of the model or of the tool are results with `is_error`, never exceptions."""
        raise NotImplementedError
