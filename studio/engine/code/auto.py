"""Docker where it answers, otherwise this machine after an explicit yes."""

from __future__ import annotations

from typing import Annotated, ClassVar

from pydantic import Field

from studio.engine.code.base import Executor


class AutoExecutor(Executor):
    kind: ClassVar[str] = "auto"
    title: ClassVar[str] = "Docker if it is there"
    summary: ClassVar[str] = "Docker when it answers; otherwise this machine, after you said yes"

    timeout: Annotated[float, Field(title="Time limit", description="Seconds for one execution.", gt=0, le=3600)] = 60.0
