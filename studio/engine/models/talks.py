"""What a client of a protocol with signed thoughts remembers, so that an agent's next turn can show its thoughts again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.engine.models.base import ModelRequest
from studio.engine.models.normalise import Perspective
from studio.engine.models.quirks import Quirks

MOST_TALKS = 64
"""Conversations per client."""

MOST_SIGNED = 1_000
"""Calls per agent whose thoughts are kept."""

IN_BLOCKS = Quirks(names="prefix", user_last=True, no_empty=True)
"""How a conversation is written before it is translated: who speaks stands in the text, and nothing is empty."""


@dataclass(slots=True)
class Talk:
    """A conversation as one agent sees it, and what its model signed, by the id of the call that it led to.

    What was signed belongs to the agent: its context may begin elsewhere at every turn, the ids of its calls stay.
    """

    perspective: Perspective
    signed: OrderedDict[str, Any] = field(default_factory=OrderedDict)

    def keep(self, calls: Sequence[str], signed: Sequence[Any]) -> None:
        """What was signed on the way to each of these calls, in their order; one entry alone is for the first of them."""
        for call, each in zip(calls, signed, strict=False):
            if each:
                self.signed[call] = each
        while len(self.signed) > MOST_SIGNED:
            self.signed.popitem(last=False)


class Talks:
    """The conversations of a client, the least recent of them forgotten first."""

    def __init__(self) -> None:
        self._talks: OrderedDict[tuple[str, str, int], Talk] = OrderedDict()
        self._signed: dict[str, OrderedDict[str, Any]] = {}

    def of(self, request: ModelRequest) -> Talk:
        """The conversation that a request goes on with, from where its last request left off."""
        place = (request.agent, request.purpose, id(request.thread[0]) if request.thread else 0)
        talk = self._talks.get(place)
        if talk is None:
            signed = self._signed.setdefault(request.agent, OrderedDict())
            talk = self._talks[place] = Talk(Perspective(request.agent, IN_BLOCKS), signed)
            if len(self._talks) > MOST_TALKS:
                self._talks.popitem(last=False)
        self._talks.move_to_end(place)
        talk.perspective.follow(request.thread)
        return talk

    def clear(self) -> None:
        self._talks.clear()
        self._signed.clear()
