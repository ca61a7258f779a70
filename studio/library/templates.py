"""The templates that come with the studio: flow documents in files, read once when somebody first asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from studio.flow.document import FlowDocument
from studio.flow.upgrade import read_document
from studio.texts import catalogue

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
    found = (template_of(path.stem, read_document(path.read_bytes()), catalogue()) for path in FOLDER.glob("*.json"))
    return tuple(sorted(found, key=lambda each: (FIRST.index(each.id) if each.id in FIRST else len(FIRST), each.title)))


def template_of(template_id: str, document: FlowDocument, words: Mapping[str, str]) -> Template:
    """A template by what `words` (texts by key) call it; the flow's own name and description where they do not say."""
    title = words.get(f"template.{template_id}.title", document.name)
    return Template(template_id, title, words.get(f"template.{template_id}.description", document.description), document)


def templates() -> list[Template]:
    """All templates, the ones to begin with first."""
    return list(_templates())


def template(template_id: str) -> Template | None:
    """The template with this id, or None."""
    return next((each for each in _templates() if each.id == template_id), None)
