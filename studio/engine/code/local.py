"""Code on this machine, in a process group of its own, after a person said yes."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.code.base import Executor
from studio.engine.component import Widget


class LocalExecutor(Executor):
    kind: ClassVar[str] = "local"
    title: ClassVar[str] = "This machine"
    summary: ClassVar[str] = "Without a sandbox: the code can do what you can do"

    timeout: Annotated[float, Field(title="Time limit", description="Seconds for one execution.", gt=0, le=3600), Widget("seconds")] = 60.0
