"""How long a test waits for what is promised within a time."""

from __future__ import annotations

import os

SHARED = "PYTEST_XDIST_WORKER" in os.environ
"""Whether other tests use the machine at the same time."""


def within(seconds: float) -> float:
    """The seconds in which something has to happen: those that are promised, and five times as many where the machine is shared."""
    return 5 * seconds if SHARED else seconds
