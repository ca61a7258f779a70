"""Choosing agents for a task from a library of them: the likest by their words, then those that a model finds fit."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from studio.classic.config_lists import read_file
from studio.classic.model_configs import ConfigUnusable
from studio.classic.saved_teams import check_entry
from studio.engine.events import YOU, MessageSaid
from studio.engine.memory.lexical import embedding, similarity
from studio.engine.models.base import ModelClient, ModelReply, ModelRequest
from studio.engine.models.structured import structured
from studio.engine.outlines.asking import DESIGNER
from studio.texts import text

MOST_ENTRIES = 1_000
MOST_LINES = 50
TRIES = 3

INSTRUCTION = """You put a team together for a task from agents that are there already. Choose at most {most}, and fewer where fewer do: \
those whose description says that they can do a part of the task. Where a part of it needs somebody who is not there, say in a few words \
what is missing."""

_NAMES = {"type": "array", "items": {"type": "string"}}
FORM: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "agents": {**_NAMES, "description": "The names of those who are chosen, exactly as they are given."},
        "missing": {**_NAMES, "description": "What has to be done that none of them can; mostly nothing."},
        "code": {"type": "boolean", "description": "Whether somebody has to run code for them."},
    },
    "required": ["agents", "missing", "code"],
    "additionalProperties": False,
}

_FORM = '[{"name": …, "system_message": …, "description": …}]'

Entry = dict[str, Any]
"""{name, system_message, description}, and what else a library says of an agent."""


def read_library(path_or_json: str) -> list[Entry]:
    """The agents of a library, JSON or the path of a file with it. Raises ConfigUnusable, OSError for a file that cannot be read."""
    written = path_or_json
    if not written.lstrip().startswith("["):
        written = read_file(written)
    try:
        found = json.loads(written)
    except (ValueError, RecursionError) as mistake:
        raise ConfigUnusable(text("classic.library.no_json", error=mistake), text("classic.holds_a_list", example=_FORM)) from None
    if not isinstance(found, list) or not 0 < len(found) <= MOST_ENTRIES:
        raise ConfigUnusable(text("classic.library.no_list", most=MOST_ENTRIES), text("classic.holds_a_list", example=_FORM))
    for each in found:
        check_entry(each, text("classic.library.itself"))
    return found


@dataclass(frozen=True, slots=True)
class Choice:
    """Who is taken, what has to be done that none of them can, and whether somebody has to run code."""

    agents: tuple[Entry, ...]
    missing: tuple[str, ...]
    code: bool


async def choose(client: ModelClient, task: str, library: Sequence[Entry], top_k: int, most: int) -> Choice:
    """Let the model choose for a task. Raises ModelError, and ConfigUnusable after three answers that name nobody."""
    by_name = {str(each["name"]): each for each in _likest(task, library, top_k)}
    offered = "\n".join(f"{name}: {each['description'][:500]}" for name, each in by_name.items())
    asked = f"THE TASK\n{task}\n\nWHO IS THERE\n{offered}\n\nAnswer in JSON by this form: {json.dumps(FORM)}"
    why: str | None = ""
    for _ in range(TRIES):
        answer = await _answer(client, f"{asked}\n\nYour last answer cannot be used: {why}" if why else asked, most)
        data, why = structured(answer, FORM)
        if why is None:
            names = [name for name in dict.fromkeys(data["agents"]) if name in by_name][:most]
            missing = tuple(skill.strip()[:500] for skill in data["missing"] if skill.strip())
            if names or missing:
                return Choice(tuple(by_name[name] for name in names), missing, data["code"])
            why = "Nobody is chosen and nothing is missing."
    raise ConfigUnusable(text("classic.library.nobody_chosen", why=why), text("classic.library.nobody_chosen.remedy"))


def _likest(task: str, library: Sequence[Entry], top_k: int) -> list[Entry]:
    """The agents that are likest to some line of the task, in the order of the library."""
    known = [embedding(f"{each['name']} {each['description']}") for each in library]
    lines = [line for line in task.splitlines() if line.strip()][:MOST_LINES] or [task]
    found: set[int] = set()
    for line in lines:
        wanted = embedding(line)
        found |= set(sorted(range(len(library)), key=lambda number: -similarity(wanted, known[number]))[: max(1, top_k)])
    return [library[number] for number in sorted(found)]


async def _answer(client: ModelClient, question: str, most: int) -> str:
    request = ModelRequest(
        agent=DESIGNER,
        system=INSTRUCTION.format(most=most),
        thread=(MessageSaid(source=YOU, text=question, role="task", id="m1", seq=1),),
        schema=FORM,
    )
    text = ""
    async with aclosing(client.stream(request)) as pieces:  # type: ignore[type-var]
        async for piece in pieces:
            if isinstance(piece, ModelReply):
                text = piece.text
    return text
