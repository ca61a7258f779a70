"""How a run is shown on the command line: as lines of JSON for programs, or as a conversation for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TextIO

from studio.engine.answers import IN_TIME
from studio.engine.events import Event
from studio.engine.harmless import harmless
from studio.engine.stored_events import event_to_json
from studio.texts import text

if TYPE_CHECKING:
    from rich.console import Console
    from rich.status import Status

    from studio.engine.usage import Usage

COLOURS = ("cyan", "magenta", "green", "yellow", "blue", "bright_red", "bright_cyan", "bright_magenta")
INDENT = "│ "
"""What stands before each line of a conversation within another one."""

_INTERRUPT = frozenset({"run_finished", "run_interrupted", "error", "question", "partial"})
"""Events that are shown at once, even while somebody else is streaming."""

MAX_SHOWN = 4_000
"""Characters of a tool's or a program's output that are shown; the log keeps everything."""


class Stream(NamedTuple):
    """Who is streaming, and in which conversation."""

    scope: str | None
    source: str


class Transcript(Protocol):
    def event(self, event: Any) -> None:
        """Shows a durable event."""

    def show(self, frame: dict[str, Any]) -> None:
        """Shows something that is not stored: a piece of text, of output, or that somebody works."""

    def close(self) -> None:
        """Gives the terminal back."""


class JsonLines:
    """One JSON object a line for each durable event, written out at once."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def event(self, event: Event) -> None:
        self._stream.write(event_to_json(event) + "\n")
        self._stream.flush()

    def show(self, frame: dict[str, Any]) -> None:
        return

    def close(self) -> None:
        self._stream.flush()


class ReadableTranscript:
    """A conversation to read. In a terminal it streams word by word and shows who is at work; into a file it writes whole messages.

    Conversations within the conversation are indented. Of several who speak at once one streams, and the others follow whole.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._colours: dict[str, str] = {}
        self._streaming: Stream | None = None
        self._streamed = ""
        self._later: list[Any] = []
        self._status: Status | None = None
        self._depths: dict[str | None, int] = {None: 0}
        self._indent = ""

    def event(self, event: Any) -> None:
        self._rest()
        if self._streaming is not None and (event.scope, event.source) != self._streaming and event.type not in _INTERRUPT:
            self._later.append(event)
            return
        self._show(event)
        if self._streaming is None:
            self._catch_up()

    def _catch_up(self) -> None:
        """What happened while somebody else was streaming."""
        later, self._later = self._later, []
        for event in later:
            self._show(event)

    def _show(self, event: Any) -> None:
        self._indent = INDENT * self._depths.get(event.scope, 0)
        match event.type:
            case "run_started":
                self._head(text("cli.you"), event.flow)
                self._plain(event.task)
                if event.attachments:
                    self._aside(text("cli.attached", names=", ".join(each.name for each in event.attachments)))
                if event.parent:
                    self._aside(text("cli.forked", run=event.parent, count=event.copied))
            case "message" if event.role == "task" or (event.role == "code" and event.seconds is not None):
                pass  # said already: by the start of the run, or by the result of the code
            case "message":
                self._message(event)
            case "speaker_chosen" if event.by in ("fallback", "model_choice", "handoff") and event.reason:
                self._aside(text("cli.chosen", speaker=event.speaker, reason=event.reason))
            case "tool_calls":
                self._finish_stream()
                for call in event.calls:
                    self._aside(text("cli.calls", source=event.source, name=call.name, arguments=_short(call.arguments)))
            case "tool_result":
                self._aside(_short(event.output), "red" if event.is_error else "")
            case "code_started":
                self._aside(text("cli.code", source=event.source, where=event.where))
            case "code_result":
                self._aside(_short(event.output) + "\n" + text("cli.exit_code", code=event.exit_code), "red" if event.exit_code else "")
            case "handoff":
                self._aside(text("cli.handoff", source=event.source, target=event.target))
            case "question":
                self._question(event)
            case "answer":
                self._answer(event)
            case "conversation_opened":
                self._depths[event.id] = self._depths.get(event.scope, 0) + 1
                self._aside(text("cli.talk", source=event.source, team=event.team))
                self._indent += INDENT
                if event.task:
                    self._aside(_short(event.task))
            case "team_outlined":
                names = ", ".join(str(agent.get("name")) for agent in (event.outline or {}).get("agents", ()))
                key = "cli.outlined" if event.outline else "cli.outlined_none"
                self._aside(text(key, source=event.source, team=event.team, names=names))
            case "conversation_closed":
                self._finish_stream()
                self._aside(text("cli.talk_over", team=event.team, why=event.stop_reason or "…"))
            case "ledger":
                self._head(event.source, text(f"cli.ledger.{event.page}"))
                self._aside(_short(event.text or json.dumps(event.data, ensure_ascii=False, indent=2)))
            case "summary":
                self._aside(text("cli.summary", text=_short(event.text)))
            case "recalled" if event.entries:
                self._aside(text("cli.recalled", source=event.source, memory=event.memory.partition(":")[0], count=len(event.entries)))
            case "remembered" if event.person and event.text:
                self._aside(text("transcript.noted", person=event.person, text=_short(event.text)))
            case "variables":
                values = ", ".join(f"{name} = {json.dumps(value, ensure_ascii=False)}" for name, value in event.values.items())
                self._aside(text("cli.variables", values=_short(values)))
            case "function_result":
                value = _short(json.dumps(event.value, ensure_ascii=False))
                self._aside(text("cli.function", name=event.name or event.purpose, value=value), "red" if event.is_error else "")
            case "command" if event.command == "next_speaker":
                self._aside(text(_named(event), speaker=event.speaker, other=event.instead_of or event.after))
            case "run_resumed":
                self._aside(text("cli.resumed"))
            case "notice":
                self._aside(event.text, "yellow")
            case "partial":
                self._finish_stream()
            case "error":
                self._finish_stream()
                self._plain(f"{event.text} {event.remedy}".strip(), "red")
            case "run_interrupted":
                self._aside(text("cli.interrupted"), "yellow")
            case "run_finished":
                self._end(event)
            case _:
                pass

    def show(self, frame: dict[str, Any]) -> None:
        if not self._console.is_terminal:
            return
        match frame["t"]:
            case "delta" if frame.get("kind", "text") == "text":
                self._rest()
                who = Stream(frame.get("scope"), frame["source"])
                if self._streaming is None:
                    self._indent = INDENT * self._depths.get(who.scope, 0)
                    self._head(who.source)
                    self._console.out(self._indent, end="", highlight=False)
                    self._streaming = who
                if self._streaming == who:
                    self._streamed += frame["text"]
                    self._flow(frame["text"])
            case "output" if self._streaming is None:
                self._rest()
                self._console.out(harmless(frame["text"]), end="", style="dim", highlight=False)
            case "void":
                self._rest()
                if self._streaming == (frame.get("scope"), frame["source"]):
                    self._finish_stream()
            case "working" if frame.get("what"):
                self._rest()
                if self._streaming is None:
                    self._status = self._console.status(text("cli.works", source=frame["source"]))
                    self._status.start()
            case _:
                pass

    def close(self) -> None:
        self._rest()
        self._finish_stream()
        self._catch_up()

    def _message(self, event: Any) -> None:
        streamed = self._streaming == (event.scope, event.source)
        if streamed and self._streamed and event.text.startswith(self._streamed):
            # The last words may come with the message itself.
            self._flow(event.text[len(self._streamed) :])
            self._finish_stream()
        else:
            self._finish_stream()
            self._head(event.source, event.model or "")
            self._plain(event.text)
        if event.attachments:
            self._aside(text("cli.attached", names=", ".join(each.name for each in event.attachments)))
        facts = [text("cli.practice")] if event.practice else []
        if event.usage.total_tokens:
            facts.append(_cost(event.usage))
        if event.seconds:
            facts.append(text("cli.seconds", seconds=f"{event.seconds:.1f}"))
        if facts:
            self._aside(" · ".join(facts))

    def _question(self, event: Any) -> None:
        self._finish_stream()
        self._head(text("cli.asks", source=event.source))
        self._plain(event.text, "bold")
        if event.details:
            self._plain(event.details)
        for number, choice in enumerate(event.choices, 1):
            self._plain(f"{number}. {choice}")
        for name, field in ((event.fields or {}).get("properties") or {}).items():
            self._plain(_field(name, field, name in (event.fields or {}).get("required", ())))
        if event.timeout is not None:
            self._aside(text("cli.in_time", seconds=f"{event.timeout:g}", default=event.default or text("cli.nothing")))

    def _answer(self, event: Any) -> None:
        words = {True: text("cli.yes"), False: text("cli.no"), None: ""}[event.approved]
        self._head(text("cli.nobody_answered") if event.source == IN_TIME else event.source)
        self._plain(": ".join(filter(None, (words, event.text))) or text("cli.nothing"))

    def _end(self, event: Any) -> None:
        self._finish_stream()
        style = {"done": "green", "waiting": "yellow", "paused": "yellow"}.get(event.status, "red")
        facts = [event.stop_reason] if event.stop_reason else []
        if event.usage.total_tokens:
            facts.append(_cost(event.usage))
        self._console.out("")
        self._plain(" · ".join([text(f"cli.status.{event.status}"), *facts]), style)

    def _head(self, source: str, beside: str = "") -> None:
        self._console.out(self._indent.rstrip())
        colour = self._colours.setdefault(source, COLOURS[len(self._colours) % len(COLOURS)])
        if self._indent:
            self._console.out(self._indent, end="", style="dim", highlight=False)
        self._console.out(harmless(source), style=f"bold {colour}", end="" if beside else "\n", highlight=False)
        if beside:
            self._console.out(f"  {harmless(beside)}", style="dim", highlight=False)

    def _plain(self, words: str, style: str = "") -> None:
        # `out` takes the words as they are: what a model says is never markup, and control characters never reach the terminal.
        lines = harmless(words).replace("\n", f"\n{self._indent}")
        self._console.out(self._indent + lines, style=style or None, highlight=False)

    def _aside(self, words: str, style: str = "") -> None:
        self._plain(words, style or "dim")

    def _flow(self, words: str) -> None:
        self._console.out(harmless(words).replace("\n", f"\n{self._indent}"), end="", highlight=False)

    def _finish_stream(self) -> None:
        if self._streaming is not None:
            self._console.out("")
        self._streaming, self._streamed = None, ""

    def _rest(self) -> None:
        if self._status is not None:
            self._status.stop()
            self._status = None


def _field(name: str, field: Any, needed: bool) -> str:
    """A field of a form in one line."""
    facts = field if isinstance(field, dict) else {}
    kind = " | ".join(map(str, facts["enum"])) if "enum" in facts else str(facts.get("type", ""))
    title = facts.get("title", "")
    return "".join((f"  {name}", "*" * needed, f" ({kind})" * bool(kind), f": {title}" * bool(title)))


def _named(event: Any) -> str:
    """How it is said who speaks next: in somebody's place, after somebody's turn, or just so."""
    if event.instead_of and event.instead_of != event.speaker:
        return "cli.next_speaker.instead"
    return "cli.next_speaker.after" if event.after else "cli.next_speaker"


def _cost(usage: Usage) -> str:
    tokens = text("cli.tokens", tokens=f"{usage.total_tokens:,}")
    return " · ".join(filter(None, (tokens, known_cost(usage.cost or None, usage.unpriced))))


def known_cost(cost: float | None, unpriced: int) -> str:
    """Dollars as far as they are known; nothing where no price is."""
    if cost is None:
        return ""
    return text("cli.at_least", amount=f"${cost:.4f}") if unpriced else f"${cost:.4f}"


def _short(words: str) -> str:
    return words if len(words) <= MAX_SHOWN else words[:MAX_SHOWN] + " …"
