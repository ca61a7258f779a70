"""A run that goes on from any event of another one: the log that it begins with, and the files that it finds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from studio.engine.events import YOU, Event, Noticed, RunResumed, RunStarted, now
from studio.engine.fold import fold
from studio.engine.saved import NoSuchEvent
from studio.engine.teams.team import Team
from studio.runs.errors import RunRefused
from studio.runs.recovery import interruption
from studio.texts import text

MOST_FILES = 5_000
"""Files of a work folder that a run takes along."""

LARGEST_FOLDER = 500_000_000
"""Bytes of a work folder that a run takes along."""


@dataclass(frozen=True, slots=True)
class Fork:
    """What a run begins with that goes on from another one. `computes` is whether it goes on by itself."""

    events: tuple[Event, ...]
    computes: bool


def forked(team: Team, log: Sequence[Event], run: str, seq: int) -> Fork:
    """The log of a run that goes on from event `seq` of `run`: a copy up to it.

    Where a tool or code was under way, nobody knows how far it came: then it is interrupted, and offers to be resumed. A question
    that is open there is open again, with all of its time. Raises RunRefused, NoSuchEvent and FlowError.
    """
    if not 1 <= seq <= len(log):
        raise NoSuchEvent(seq, len(log))
    kept = list(log[:seq])
    if isinstance(first := kept[0], RunStarted):
        kept[0] = first.model_copy(update={"parent": run, "copied": seq})
    state = fold(team, kept)
    if state.finished is not None and state.finished.status == "done":
        raise RunRefused("nothing_follows")
    at = now()
    if state.open_steps and state.finished is None and not state.interrupted:
        return Fork((*kept, interruption(state, at)), False)
    if state.question is not None and state.finished is None:
        index = state.question.seq - 1
        kept[index] = state.question.model_copy(update={"time": at})
        return Fork(tuple(kept), False)
    return Fork((*kept, RunResumed(seq=seq + 1, time=at, source=YOU)), True)


def copy_files(before: Path, folder: Path) -> Noticed | None:
    """Copy what a run left into the work folder of the one that goes on from it; a notice when that is too much."""
    if not before.is_dir():
        return None
    count = size = 0
    for place, _, names in os.walk(before):
        for name in names:
            count += 1
            size += os.lstat(os.path.join(place, name)).st_size
        if count > MOST_FILES or size > LARGEST_FOLDER:
            return Noticed(code="files_left", text=text("runs.files_left"))
    shutil.copytree(before, folder, symlinks=True, dirs_exist_ok=True, ignore_dangling_symlinks=True)
    return None
