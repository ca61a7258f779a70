"""A model's wish to call a function, in AgentChat's words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class FunctionCall:
    """`arguments` is JSON text."""

    id: str
    arguments: str
    name: str
