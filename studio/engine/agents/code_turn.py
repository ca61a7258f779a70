"""What agents that run code share: which blocks to run, and how the result reads to the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from studio.engine.agents.agent import Turn
from studio.engine.code.fences import foreign_languages, runnable_blocks
from studio.engine.events import CodeBlock, CodeFinished, MessageSaid
from studio.texts import text

NOTHING_TO_RUN = "There was no code to run. Send it fenced, with its language."


def blocks_to_run(turn: Turn, own_name: str, sources: Sequence[str] = ()) -> tuple[CodeBlock, ...]:
    """The blocks of the newest message with code since this agent spoke last (AutoGen 0.2's rule "auto")."""
    return next((found for each in _heard(turn, own_name, sources) if (found := runnable_blocks(each.text))), ())


def not_run(turn: Turn, own_name: str, sources: Sequence[str] = ()) -> str:
    """What the others hear where all code since this agent spoke last is in languages that are not run; empty where there is none."""
    for each in _heard(turn, own_name, sources):
        if languages := foreign_languages(each.text):
            output = "\n".join(text("engine.code.block_not_run", language=language) for language in languages)
            return _as_text(1, output)
    return ""


def _heard(turn: Turn, own_name: str, sources: Sequence[str]) -> Iterator[MessageSaid]:
    """The messages since this agent spoke last, the newest first."""
    for event in reversed(turn.thread):
        if not isinstance(event, MessageSaid):
            continue
        if event.source == own_name:
            return
        if not sources or event.source in sources:
            yield event


def finished_code(turn: Turn) -> CodeFinished | None:
    """The result of this turn's code, when it ran."""
    return next((event for event in turn.so_far if isinstance(event, CodeFinished)), None)


def as_message(source: str, result: CodeFinished) -> MessageSaid:
    """What the others hear of a result: AutoGen 0.2's two lines, exit code and output."""
    return MessageSaid(source=source, role="code", text=_as_text(result.exit_code, result.output), seconds=result.seconds)


def _as_text(exit_code: int, output: str) -> str:
    return f"exitcode: {exit_code} (execution {'succeeded' if exit_code == 0 else 'failed'})\nCode output: {output}"
