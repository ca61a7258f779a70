"""What agents that run code share: which blocks to run, and how the result reads to the others."""

from __future__ import annotations

from collections.abc import Sequence

from studio.engine.agents.agent import Turn
from studio.engine.code.fences import runnable_blocks
from studio.engine.events import CodeBlock, CodeFinished, MessageSaid

NOTHING_TO_RUN = "There was no code to run. Put complete code into a fenced block that names its language."


def blocks_to_run(turn: Turn, own_name: str, sources: Sequence[str] = ()) -> tuple[CodeBlock, ...]:
    """The blocks of the newest message with code since this agent spoke last (AutoGen 0.2's rule "auto")."""
    for event in reversed(turn.thread):
        if not isinstance(event, MessageSaid):
            continue
        if event.source == own_name:
            return ()
        if sources and event.source not in sources:
            continue
        if found := runnable_blocks(event.text):
            return tuple(found)
    return ()


def finished_code(turn: Turn) -> CodeFinished | None:
    """The result of this turn's code, when it ran."""
    return next((event for event in turn.so_far if isinstance(event, CodeFinished)), None)


def as_message(source: str, result: CodeFinished) -> MessageSaid:
    """What the others hear of a result: AutoGen 0.2's two lines, exit code and output."""
    outcome = "execution succeeded" if result.exit_code == 0 else "execution failed"
    text = f"exitcode: {result.exit_code} ({outcome})\nCode output: {result.output}"
    return MessageSaid(source=source, role="code", text=text, seconds=result.seconds)
