"""A place for tool calls in tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from studio.engine.models.accounts import EnvironmentAccounts
from studio.engine.tools.base import ToolPlace


def nowhere(folder: Path | str = ".", **more: Any) -> ToolPlace:
    """A place without accounts and without an executor's session."""
    return ToolPlace(Path(folder), EnvironmentAccounts({}), **more)
