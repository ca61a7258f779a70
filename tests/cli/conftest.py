"""Fixtures of the command line's tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from command_line import Convene, Finished, typed


@pytest.fixture
def convene(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Convene:
    """`convene("run", flow, "--task", "x")` with a data directory of its own."""

    def run(*arguments: Any, stdin: bytes = b"") -> Finished:
        return typed(monkeypatch, tmp_path / "data", *arguments, stdin=stdin)

    return run
