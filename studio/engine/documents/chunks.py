"""Cutting the sections of a document into passages that are found and cited: whole paragraphs where they fit, with some overlap."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from studio.engine.documents.reading import Section
from studio.texts import text

MOST_PASSAGES = 5_000
"""Passages of one document."""

_SENTENCE = re.compile(r"(?<=[.!?…])\s+|(?<=[。！？])|\n")


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a document. `place` says where it stands; `text` is what is told and cited."""

    place: str
    text: str


def passages_of(sections: Iterable[Section], size: int, overlap: int) -> list[Passage]:
    """Passages of at most `size` characters, each of one section.

    What stands at the end of one begins the next: whole paragraphs or sentences, `overlap` characters at most.
    """
    found: list[Passage] = []
    for section in sections:
        pieces = list(_pieces(section.text, size))
        texts = list(_packed(pieces, size, min(overlap, size // 2)))
        for number, packed in enumerate(texts, 1):
            part = text("engine.document.part", number=number) if len(texts) > 1 else ""
            found.append(Passage(", ".join(filter(None, (section.place, part))), packed))
            if len(found) == MOST_PASSAGES:
                return found
    return found


def _pieces(text: str, size: int) -> Iterator[tuple[str, str]]:
    """(what stands before it, piece): paragraphs that fit; of others sentences; of those that do not fit either, as much as does."""
    for paragraph in re.split(r"\n[ \t]*\n", text):
        whole = paragraph.strip()
        if not whole:
            continue
        if len(whole) <= size:
            yield "\n\n", whole
            continue
        before = "\n\n"
        for sentence in filter(None, (each.strip() for each in _SENTENCE.split(whole))):
            for part in _parts(sentence, size):
                yield before, part
                before = " "


def _parts(sentence: str, size: int) -> Iterator[str]:
    """Cut between words where there are any."""
    while len(sentence) > size:
        end = sentence.rfind(" ", size // 2, size + 1)
        end = end if end > 0 else size
        yield sentence[:end].strip()
        sentence = sentence[end:].strip()
    if sentence:
        yield sentence


def _packed(pieces: list[tuple[str, str]], size: int, overlap: int) -> Iterator[str]:
    held: list[tuple[str, str]] = []
    length = 0
    for before, piece in pieces:
        if held and length + len(before) + len(piece) > size:
            yield _joined(held)
            held = _tail(held, min(overlap, size - len(piece) - len(before)))
            length = len(_joined(held))
        length += len(piece) + (len(before) if held else 0)
        held.append((before, piece))
    if held:
        yield _joined(held)


def _tail(held: list[tuple[str, str]], room: int) -> list[tuple[str, str]]:
    """The last pieces that fit, or the last sentences of the last one."""
    kept: list[tuple[str, str]] = []
    for before, piece in reversed(held):
        if len(piece) + len(before) > room:
            break
        kept.insert(0, (before, piece))
        room -= len(piece) + len(before)
    if kept or room <= 0:
        return kept
    sentences = [each.strip() for each in _SENTENCE.split(held[-1][1]) if each.strip()]
    last = ""
    for sentence in reversed(sentences[1:]):
        longer = f"{sentence} {last}".strip()
        if len(longer) + 2 > room:
            break
        last = longer
    return [("\n\n", last)] if last else []


def _joined(held: list[tuple[str, str]]) -> str:
    return "".join(before + piece for before, piece in held).strip()
