"""The drawings that are being made in this process: they belong to the studio, not to the tab that asked for them."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass, field

from studio.api.drawing import change_flow, draw_team, keep_team
from studio.api.services import Services
from studio.engine.outlines.asking import Again, Progress, Writing
from studio.library.drawing import TeamDrawing, Wanted

MOST_AT_ONCE = 8
"""Drawings at the same time; another one takes the place of the one that was begun first."""


@dataclass(slots=True)
class OpenDrawing:
    """How far a drawing is: the names that were written so far, and why the model is asked once more. The task ends with the flow's id."""

    drawing: TeamDrawing
    task: asyncio.Task[str] = field(init=False)
    names: tuple[str, ...] = ()
    again: str = ""

    async def tell(self, piece: Progress) -> None:
        match piece:
            case Writing(names=names):
                self.names = names or self.names
            case Again(why):
                self.names, self.again = (), why


_open: dict[str, OpenDrawing] = {}


def begin(house: Services, wanted: Wanted, flow: str = "") -> str:
    """Let a team be drawn and kept as a flow, or a flow be changed; gives the key under which the drawing is found until it is taken."""
    while len(_open) >= MOST_AT_ONCE:
        stop(next(iter(_open)))
        _open.pop(next(iter(_open)))
    key = uuid.uuid4().hex
    made = OpenDrawing(TeamDrawing(wanted))
    made.task = asyncio.create_task(_made(house, made, flow), name=f"drawing {key}")
    _open[key] = made
    return key


def find(key: str) -> OpenDrawing | None:
    """The drawing with this key; None when it was taken, or the studio was started anew since."""
    return _open.get(key)


def take(key: str) -> OpenDrawing | None:
    """The drawing with this key, for whoever tells what came of it: the first one gets it."""
    return _open.pop(key, None)


def stop(key: str) -> None:
    """Breaks a drawing off: the request to the model is closed, and no flow is made."""
    if (made := _open.get(key)) is not None:
        made.task.cancel()


async def _made(house: Services, made: OpenDrawing, flow: str) -> str:
    if flow:
        await change_flow(house, flow, made.drawing, made.tell)
        return flow
    await draw_team(house, made.drawing, made.tell)
    return await keep_team(house, made.drawing)
