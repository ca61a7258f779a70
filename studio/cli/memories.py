"""`convene memory`: what agents remember, and forgetting it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from studio.cli.exits import BAD_INPUT, DONE
from studio.cli.say import say
from studio.library.memories import Memories
from studio.texts import text

if TYPE_CHECKING:
    from studio.settings import Settings


def list_memories(settings: Settings, search: str, person: str | None, as_json: bool) -> None:
    """What is remembered, a note a line with the key by which it is forgotten."""
    from studio.cli.lists import table

    notes = _memories(settings).notes(search, person)
    if as_json:
        rows = [
            {
                "key": note.key,
                "memory": note.memory,
                "person": note.person,
                "text": note.text,
                "at": note.at.isoformat() if note.at else None,
            }
            for note in notes
        ]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    elif not notes:
        say(text("cli.memory.none"))
    else:
        table(
            tuple(text(f"cli.table.{name}") for name in ("key", "person", "note", "noted")),
            [
                (
                    note.key,
                    note.person,
                    " ".join(note.text.split())[:100],
                    note.at.astimezone().strftime("%Y-%m-%d %H:%M") if note.at else "",
                )
                for note in notes
            ],
        )


def forget_memories(settings: Settings, keys: Sequence[str], person: str | None, everything: bool) -> int:
    """Forgets notes by their keys, all about a person, or all there are; gives the exit status. Raises NoteMissing."""
    memories = _memories(settings)
    if not keys and person is None and not everything:
        say(f"convene: {text('cli.memory.which')}", file=sys.stderr)
        return BAD_INPUT
    chosen = keys or [note.key for note in memories.notes(person=person)]
    say(text("cli.memory.forgotten", count=len(memories.forget(chosen))))
    return DONE


def _memories(settings: Settings) -> Memories:
    return Memories(settings.data_dir / "memories")
