"""Guests: people and programs that may run a flow without being its owner, and on which terms."""

from __future__ import annotations

from dataclasses import dataclass

from studio.engine.events import ThreadEvent


@dataclass(frozen=True, slots=True)
class Guest:
    """Who starts a run from outside the studio. `via` is the door that they came through, for its log.

    `money` (US dollars) and `seconds` (without those of people) end the run; `history` is what they say was said before, where
    they hold the conversation themselves, or besides what the session holds. What the owner allowed a flow for good, such as code on
    this machine, a guest is not allowed.
    """

    via: str
    money: float | None = None
    seconds: float | None = None
    history: tuple[ThreadEvent, ...] = ()
