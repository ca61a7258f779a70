"""A conversation in a terminal: `console` shows what is said, and asks whoever sits there."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from types import BuiltinFunctionType
from typing import Any, TextIO

from studio.engine.answers import Answer, answer_from, unfit
from studio.engine.errors import ConveneError
from studio.engine.events import QuestionAsked, RunFinished
from studio.engine.harmless import harmless
from studio.engine.kept import Kept, KeptCannotRun
from studio.engine.logs import log_to
from studio.engine.script import stream
from studio.engine.stored_events import event_to_json
from studio.engine.teams.team import Team
from studio.texts import counted, text


class Terminal:
    """Asks in the terminal. Without a terminal the answers are read from standard input, one a line."""

    async def answer(self, question: QuestionAsked) -> Answer:
        """Asks again until the answer fits. Raises EOFError when there is nobody to ask."""
        prompt = f"\n{text('engine.terminal.asks', agent=question.source, question=question.text)}\n"
        if question.details:
            prompt += f"{question.details}\n"
        for number, choice in enumerate(question.choices, 1):
            prompt += f"  {number}. {choice}\n"
        prompt += _wanted(question)
        while True:
            answer = answer_from((await typed(prompt + "> ")).strip(), question)
            wrong = unfit(question, answer)
            if wrong is None:
                return answer
            prompt = f"{wrong[1] or _wanted(question)}\n"


def _wanted(question: QuestionAsked) -> str:
    match question.form:
        case "approve":
            return text("engine.terminal.approve")
        case "edit":
            return text("engine.terminal.edit_call") if question.subject else text("engine.terminal.edit")
        case "choice":
            return text("engine.terminal.choice")
        case "form":
            names = ", ".join((question.fields or {}).get("properties", {}))
            return text("engine.terminal.form_of", names=names) if names else text("engine.terminal.form")
        case "text":
            return ""


async def typed(prompt: str) -> str:
    """A line of standard input. A thread of its own waits for it, so that a wait that is broken off holds nothing up. Raises EOFError."""
    loop = asyncio.get_running_loop()
    line: asyncio.Future[str] = loop.create_future()

    def deliver(said: str | None) -> None:
        if not line.done():
            line.set_exception(EOFError()) if said is None else line.set_result(said)

    try:
        wait = prompted(harmless(prompt))
    except (OSError, ValueError):
        raise EOFError from None

    def read() -> None:
        try:
            said: str | None = wait()
        except (EOFError, OSError, ValueError):
            said = None
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(deliver, said)

    threading.Thread(target=read, daemon=True, name="answer").start()
    return await line


def line_of(prompt: str) -> str:
    """A line of standard input, after a prompt. Raises EOFError."""
    return prompted(prompt)()


def prompted(prompt: str) -> Callable[[], str]:
    """Shows a prompt, and gives what waits for the line, in whatever thread. Both raise EOFError.

    `input` holds a lock while it waits for a pipe, or for a terminal beside output that is none; a program that ends meanwhile is
    aborted by Python for that. There the prompt is shown here and now, and the line is read without a lock, byte by byte, so that
    nothing beyond it is taken.
    """
    if sys.stdin is None:  # closed before the program began
        raise EOFError
    source = _unheld(sys.stdin)
    if source is None:
        return partial(input, prompt)
    print(prompt, end="", flush=True)
    return partial(_line_from, source)


def _line_from(source: int) -> str:
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(source, 1)
        if not byte and not line:
            raise EOFError
        if not byte:
            break
        line += byte
    return line.decode("utf-8", "replace").rstrip("\r\n")


def _unheld(stdin: TextIO) -> int | None:
    """What to read by itself; None where `input` is right: at a terminal, and where it was replaced, as in notebooks."""
    if not isinstance(input, BuiltinFunctionType) or (stdin.isatty() and sys.stdout and sys.stdout.isatty()):
        return None
    try:
        return stdin.fileno()
    except (OSError, ValueError):
        return None


def console(team: Team, task: str | None = None, *, flow: str | None = None, kept: Sequence[Kept] = ()) -> None:
    """Hold the conversation in the terminal: the task from the command line (or asked for), questions answered by typing.

    CONVENE_EVENTS names a file that gets every durable event as a line of JSON. Ends the process with 0 when the run is done,
    1 when it failed, 3 when nobody answered. The log calls the flow what the first line of the program's docstring says, unless `flow`
    says otherwise. With anything `kept` that belongs to the conversation and cannot run, it says so and does not begin.
    """
    flow = _title(getattr(sys.modules.get("__main__"), "__doc__", None)) if flow is None else flow
    task = task or " ".join(sys.argv[1:])
    if not logging.getLogger().handlers:
        log_to()
    try:
        if kept:
            raise KeptCannotRun(kept)
        if not task:
            task = line_of(text("engine.terminal.task"))
        path = os.environ.get("CONVENE_EVENTS")
        with open(path, "w", encoding="utf-8") if path else nullcontext() as record:
            status = asyncio.run(_show(team, task, flow, record))
    except EOFError:
        print(f"\n{text('engine.terminal.nobody')}", file=sys.stderr)
        raise SystemExit(3) from None
    except KeyboardInterrupt:
        print(f"\n{text('engine.terminal.stopped')}", file=sys.stderr)
        raise SystemExit(1) from None
    except BrokenPipeError:
        # Who reads has seen enough; Python must not try once more at its end, and complain.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(1) from None
    except ConveneError as mistake:
        _say(str(mistake), file=sys.stderr)
        raise SystemExit(1) from None
    raise SystemExit(0 if status == "done" else 1)


def _title(docstring: str | None) -> str:
    """The first line of a docstring without the full stop at its end."""
    return (docstring or "").strip().partition("\n")[0].strip().removesuffix(".")


async def _show(team: Team, task: str, flow: str, record: TextIO | None) -> str:
    status, speaking = "failed", ""
    async for event in stream(team, task, people=Terminal(), flow=flow):
        if event.seq and record is not None:
            record.write(event_to_json(event) + "\n")
            record.flush()
        speaking = _print(event, speaking)
        if isinstance(event, RunFinished):
            status = event.status
    return status


def _print(event: Any, speaking: str) -> str:
    """Print one event; returns who is in the middle of a streamed message."""
    match event.type:
        case "delta" if event.kind == "text":
            if speaking != event.source:
                _say(f"\n── {event.source} ──")
            _say(event.text, end="", flush=True)
            return str(event.source)
        case "void":
            print(" …")
            return ""
        case "message" if speaking == event.source:
            print()
        case "message":
            _say(f"\n── {event.source} ──\n{event.text}")
        case "tool_calls":
            for call in event.calls:
                _say(f"\n── {text('engine.terminal.calls', agent=event.source, tool=call.name, arguments=call.arguments)}")
        case "tool_result":
            _say(f"   {text('engine.terminal.error', output=event.output) if event.is_error else f'→ {event.output}'}")
        case "handoff":
            _say(f"\n── {text('engine.terminal.hands_over', agent=event.source, target=event.target)}")
        case "error":
            _say(f"\n{event.text} {event.remedy}", file=sys.stderr)
        case "notice":
            _say(f"\n({event.text})")
        case "run_finished":
            total = event.usage.total_tokens
            _say(f"\n[{counted('engine.terminal.end', total, status=event.status, reason=event.stop_reason)}]")
        case _:
            return speaking
    return ""


def _say(words: str, *, end: str = "\n", file: TextIO | None = None, flush: bool = False) -> None:
    print(harmless(words), end=end, file=file, flush=flush)
