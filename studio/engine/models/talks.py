"""The conversations of a client of a protocol with signed thoughts, and the thoughts that are shown to its server again."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from studio.engine.events import ToolCall
from studio.engine.models.base import ModelRequest
from studio.engine.models.normalise import Perspective, encode
from studio.engine.models.quirks import Quirks

MOST_TALKS = 64
"""Conversations per client."""

LARGEST_SIGNED = 200_000
"""Bytes of what is kept with one call; without it a model thinks anew."""

IN_BLOCKS = Quirks(names="prefix", user_last=True, no_empty=True)
"""How a conversation is written before it is translated: who speaks stands in the text, and nothing is empty."""


@dataclass(slots=True)
class Talk:
    """A conversation as one agent sees it."""

    perspective: Perspective

    def signed(self, server: str) -> Mapping[str, Any]:
        """What a kind of server signed, by the id of the call that it led to. What another kind signed is of no use to it."""
        return {call: signed[server] for call, signed in self.perspective.signed.items() if server in signed}


class Talks:
    """The conversations of a client, the least recent of them forgotten first."""

    def __init__(self) -> None:
        self._talks: OrderedDict[tuple[str, str, int], Talk] = OrderedDict()

    def of(self, request: ModelRequest) -> Talk:
        """The conversation that a request goes on with, from where its last request left off."""
        place = (request.agent, request.purpose, id(request.thread[0]) if request.thread else 0)
        talk = self._talks.get(place)
        if talk is None or talk.perspective.reads != request.reads:
            talk = self._talks[place] = Talk(Perspective(request.agent, IN_BLOCKS, request.reads))
            if len(self._talks) > MOST_TALKS:
                self._talks.popitem(last=False)
        self._talks.move_to_end(place)
        talk.perspective.follow(request.thread)
        return talk

    def clear(self) -> None:
        self._talks.clear()


def with_signed(calls: Sequence[ToolCall], signed: Sequence[Any], server: str) -> tuple[ToolCall, ...]:
    """Calls that carry what a kind of server signed on the way to each of them, in their order; one entry alone is for the first."""
    shown = list(calls)
    for place, (call, each) in enumerate(zip(calls, signed, strict=False)):
        if each and len(encode(each)) <= LARGEST_SIGNED:
            shown[place] = call.model_copy(update={"signed": {server: each}})
    return tuple(shown)
