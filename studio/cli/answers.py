"""Where answers to a run's questions come from on the command line: a file, the terminal, or nobody."""

from __future__ import annotations

import asyncio
import json
import sys
import threading
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from studio.cli.find_flow import FileUnreadable, read_bytes
from studio.texts import text

if TYPE_CHECKING:
    from rich.console import Console

    from studio.engine.answers import Answer
    from studio.engine.events import QuestionAsked


_PROMPTS = {"approve": "cli.ask.approve", "edit": "cli.ask.edit", "choice": "cli.ask.choice", "form": "cli.ask.form"}


class Answers(Protocol):
    """Whoever answers. None means that nobody does, and the run goes on waiting."""

    async def answer(self, question: QuestionAsked) -> Answer | None: ...

    async def typed(self, prompt: str) -> str | None:
        """A line, for what is no question of the run."""
        ...


class Nobody:
    """No terminal and no file: every question stays open."""

    async def answer(self, question: QuestionAsked) -> Answer | None:
        return None

    async def typed(self, prompt: str) -> str | None:
        return None


class Prepared:
    """Answers that were written down before, given in their order."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)

    async def answer(self, question: QuestionAsked) -> Answer | None:
        from studio.engine.answers import answer_from

        line = next(self._lines, None)
        return None if line is None else answer_from(line, question)

    async def typed(self, prompt: str) -> str | None:
        return next(self._lines, None)


class AtTheTerminal:
    """The person in front of the terminal; the end of input means that they leave the question open."""

    def __init__(self, console: Console) -> None:
        self._console = console

    async def answer(self, question: QuestionAsked) -> Answer | None:
        from studio.engine.answers import answer_from, unfit

        proposes = question.form == "edit" and not question.subject
        prompt = text("cli.ask.change" if proposes else _PROMPTS.get(question.form, "cli.ask.text"))
        while (line := await _typed(self._console, prompt)) is not None:
            answer = answer_from(line.strip(), question)
            wrong = unfit(question, answer)
            if wrong is None:
                return answer
            self._console.out(wrong[1] or text("cli.ask.unfit"), style="yellow", highlight=False)
        return None

    async def typed(self, prompt: str) -> str | None:
        return await _typed(self._console, prompt)


def answers_from(file: str | None, console: Console, *, as_json: bool) -> Answers:
    """The answers of `--answers FILE`, else the terminal if there is one. Raises FileUnreadable."""
    if file is not None:
        return Prepared(read_answers(file))
    if as_json or not sys.stdin.isatty():
        return Nobody()
    return AtTheTerminal(console)


def read_answers(file: str) -> list[str]:
    """The answers of a file: a JSON list of texts, or one answer a line. Raises FileUnreadable."""
    try:
        content = read_bytes(file).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise FileUnreadable(file, text("cli.not_utf8")) from None
    if not content.lstrip().startswith("["):
        return content.splitlines()
    try:
        answers = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise FileUnreadable(file, text("cli.answers_not_json", why=error)) from None
    if not all(isinstance(answer, str) for answer in answers):
        raise FileUnreadable(file, text("cli.answers_not_texts"))
    return list(answers)


async def _typed(console: Console, prompt: str) -> str | None:
    """A line from the terminal; None at its end. A thread of its own waits for it, so that Ctrl+C need not."""
    from studio.engine.terminal import prompted

    loop = asyncio.get_running_loop()
    typed: asyncio.Future[str | None] = loop.create_future()

    def deliver(line: str | None) -> None:
        if not typed.done():
            typed.set_result(line)

    try:
        wait = partial(console.input, prompt) if sys.stdout.isatty() else prompted(prompt)
    except (EOFError, OSError, ValueError):
        return None

    def read() -> None:
        line: str | None
        try:
            line = wait()
        except (EOFError, OSError, ValueError):
            line = None
        try:
            loop.call_soon_threadsafe(deliver, line)
        except RuntimeError:
            return  # the run ended meanwhile

    threading.Thread(target=read, daemon=True, name="answer").start()
    return await typed
