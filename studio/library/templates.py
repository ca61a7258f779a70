"""The templates that come with the studio: flow documents in files, read once when somebody first asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from studio.flow.document import FlowDocument
from studio.flow.upgrade import read_document

FOLDER = Path(__file__).parent / "templates"

FIRST = ("coder-and-executor", "engineering-team", "writing-room", "support-desk", "data-question", "research-with-tools")
"""The templates that are shown first, in this order; the others follow by title."""


@dataclass(frozen=True, slots=True)
class Template:
    """A flow to begin with. `id` is the file's name and what the command line calls it."""

    id: str
    title: str
    description: str
    document: FlowDocument


@cache
def _templates() -> tuple[Template, ...]:
    found = {path.stem: read_document(path.read_bytes()) for path in FOLDER.glob("*.json")}
    order = sorted(found, key=lambda name: (FIRST.index(name) if name in FIRST else len(FIRST), found[name].name))
    return tuple(Template(name, found[name].name, found[name].description, found[name]) for name in order)


def templates() -> list[Template]:
    """All templates, the ones to begin with first."""
    return list(_templates())


def template(template_id: str) -> Template | None:
    """The template with this id, or None."""
    return next((each for each in _templates() if each.id == template_id), None)
