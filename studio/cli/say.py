"""Saying something in the terminal, whoever wrote the words."""

from __future__ import annotations

from typing import TextIO

from studio.engine.harmless import harmless


def say(*words: object, file: TextIO | None = None, flush: bool = False) -> None:
    """Prints a line, of which no character drives the terminal; `file` is standard output unless another one is given."""
    print(*(harmless(str(each)) for each in words), file=file, flush=flush)
