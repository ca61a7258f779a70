"""Everything that can happen in a run, as typed events: durable ones make the log, transient ones are only shown.

The log is the truth: the conversation's state, the transcript, the cost and a replay are folds over it. `seq` counts from 1
without gaps; identifiers inside an event are derived from `seq`, so that two executions of one conversation are equal.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from studio.engine.usage import NOTHING, Usage

EVENT_VERSION = 1
"""Version of the event schema, stored in `run_started.v`."""

YOU = "you"
"""The source of the task and of what the person in front of the screen says."""

Status = Literal["done", "stopped", "failed", "waiting", "interrupted"]


def now() -> datetime:
    return datetime.now(UTC)


class Event(BaseModel):
    """The base of all events. `source` is the participant (or `you`, or the team) that it is about; `seq` is 0 until stored."""

    model_config = ConfigDict(frozen=True)

    seq: int = 0
    time: datetime = Field(default_factory=now)
    source: str = ""


class ToolCall(BaseModel):
    """A model's wish to call a tool. `arguments` is the JSON text exactly as the model wrote it."""

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    arguments: str = "{}"


class CodeBlock(BaseModel):
    """A fenced block: language word, code, and the file name that its first line asked for."""

    model_config = ConfigDict(frozen=True)

    language: str
    code: str
    filename: str | None = None


# Durable: what the log holds ------------------------------------------------------------------------------------------


class RunStarted(Event):
    """The first event. `history` is what earlier tasks of the same session said, so that a log needs no other log."""

    type: Literal["run_started"] = "run_started"
    v: int = EVENT_VERSION
    task: str = ""
    flow: str = ""
    history: tuple[ThreadEvent, ...] = ()


class SpeakerChosen(Event):
    """`source` is the team; `by` the strategy's kind or `transition`, `handoff`, `fallback`; `reason` a sentence for people."""

    type: Literal["speaker_chosen"] = "speaker_chosen"
    speaker: str
    by: str = ""
    reason: str = ""
    candidates: tuple[str, ...] = ()
    attempts: int = 0
    usage: Usage = NOTHING
    model: str | None = None


class SelectionRejected(Event):
    """A model's answer to 'who speaks next' that named nobody, or several."""

    type: Literal["selection_rejected"] = "selection_rejected"
    answer: str = ""
    why: str = ""
    usage: Usage = NOTHING


class MessageSaid(Event):
    """A message of a participant, heard by all. `id` is `m<seq>`; `seconds` is how long the model or the person took."""

    type: Literal["message"] = "message"
    text: str
    id: str = ""
    role: Literal["agent", "human", "task", "code"] = "agent"
    reasoning: str = ""
    model: str | None = None
    usage: Usage = NOTHING
    seconds: float | None = None
    practice: bool = False


class ToolsCalled(Event):
    """A model asked for tools instead of (or before) speaking; the calls run next."""

    type: Literal["tool_calls"] = "tool_calls"
    calls: tuple[ToolCall, ...]
    text: str = ""
    reasoning: str = ""
    model: str | None = None
    usage: Usage = NOTHING
    seconds: float | None = None
    practice: bool = False


class ToolStarted(Event):
    """The intent to run a tool, written before it runs: without a result after it, a crash may have left it half done."""

    type: Literal["tool_started"] = "tool_started"
    call: str
    name: str


class ToolFinished(Event):
    type: Literal["tool_result"] = "tool_result"
    call: str
    name: str
    output: str
    is_error: bool = False
    seconds: float | None = None


class HandedOff(Event):
    """`source` hands the conversation to `target`, who need not be a participant."""

    type: Literal["handoff"] = "handoff"
    target: str
    text: str = ""
    call: str | None = None
    model: str | None = None
    usage: Usage = NOTHING
    seconds: float | None = None
    practice: bool = False


class CodeStarted(Event):
    """The intent to run code, written before it runs."""

    type: Literal["code_started"] = "code_started"
    blocks: tuple[CodeBlock, ...]
    where: str = ""


class CodeFinished(Event):
    """`exit_code` 0 is success, 124 a time-out, 125 a cancellation; `files` are the names written into the work folder."""

    type: Literal["code_result"] = "code_result"
    exit_code: int
    output: str
    where: str = ""
    files: tuple[str, ...] = ()
    seconds: float | None = None
    refused: bool = False


class QuestionAsked(Event):
    """A person must answer before anything goes on. `id` is `q<seq>`; `approve` takes yes or no and a reason."""

    type: Literal["question"] = "question"
    id: str = ""
    text: str
    form: Literal["text", "approve", "choice"] = "text"
    choices: tuple[str, ...] = ()
    subject: str = ""
    details: str = ""


class QuestionAnswered(Event):
    """`source` is who answered. For `approve`, `approved` is set and `text` is the reason."""

    type: Literal["answer"] = "answer"
    question: str
    text: str = ""
    approved: bool | None = None


class Noticed(Event):
    """Something worth telling that changes nothing: a retry, a fallback, a limit that came close."""

    type: Literal["notice"] = "notice"
    text: str
    code: str = ""
    usage: Usage = NOTHING


class PartialSaid(Event):
    """What a participant had said when it was stopped. Shown, never part of the conversation."""

    type: Literal["partial"] = "partial"
    text: str


class ErrorHappened(Event):
    """The cause and the way out of a failure. `code` is the error class's code."""

    type: Literal["error"] = "error"
    code: str
    text: str
    remedy: str = ""
    account: str = ""


class RunInterrupted(Event):
    """The server ended while the run was computing; `step` names what was under way."""

    type: Literal["run_interrupted"] = "run_interrupted"
    step: str = ""


class RunResumed(Event):
    type: Literal["run_resumed"] = "run_resumed"


class RunFinished(Event):
    """The last event of an execution. `stop_reason` is a sentence; `by` the kind of condition that stopped it."""

    type: Literal["run_finished"] = "run_finished"
    status: Literal["done", "stopped", "failed", "waiting"]
    stop_reason: str = ""
    by: str = ""
    usage: Usage = NOTHING


ThreadEvent = Annotated[MessageSaid | ToolsCalled | ToolFinished | HandedOff, Field(discriminator="type")]
"""What a model may be shown: the thread of a conversation."""

DurableEvent = Annotated[
    RunStarted
    | SpeakerChosen
    | SelectionRejected
    | MessageSaid
    | ToolsCalled
    | ToolStarted
    | ToolFinished
    | HandedOff
    | CodeStarted
    | CodeFinished
    | QuestionAsked
    | QuestionAnswered
    | Noticed
    | PartialSaid
    | ErrorHappened
    | RunInterrupted
    | RunResumed
    | RunFinished,
    Field(discriminator="type"),
]

# Transient: shown, never stored ---------------------------------------------------------------------------------------


class TextDelta(Event):
    """A piece of a message that is being said. `kind` tells spoken text from the model's reasoning."""

    type: Literal["delta"] = "delta"
    text: str
    kind: Literal["text", "reasoning"] = "text"


class OutputDelta(Event):
    """A piece of what running code printed."""

    type: Literal["output"] = "output"
    text: str


class Working(Event):
    """`source` began something that takes time: choosing, thinking, tool, code. An empty `what` means it ended."""

    type: Literal["working"] = "working"
    what: str = ""


class Voided(Event):
    """What `source` streamed so far does not count: its model is asked again."""

    type: Literal["void"] = "void"


TransientEvent = TextDelta | OutputDelta | Working | Voided

RunStarted.model_rebuild()
_durable: TypeAdapter[Any] = TypeAdapter(DurableEvent)


def event_from_json(data: str | bytes | dict[str, Any]) -> Any:
    """The durable event of a stored row. Raises pydantic.ValidationError."""
    return _durable.validate_python(data) if isinstance(data, dict) else _durable.validate_json(data)


def event_to_json(event: Event) -> str:
    """One line of JSON, without the fields that are None."""
    return event.model_dump_json(exclude_none=True)
