"""Everything that can happen in a run, as typed events: durable ones make the log, transient ones are only shown.

The log is the truth: the conversation's state, the transcript, the cost and a replay are folds over it. `seq` counts from 1
without gaps; identifiers inside an event are derived from `seq`, so that two executions of one conversation are equal.
"""

from __future__ import annotations

from datetime import UTC, datetime
from operator import not_
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from studio.engine.usage import NOTHING, Usage

EVENT_VERSION = 1
"""Version of the event schema, stored in `run_started.v`."""

YOU = "you"
"""The source of the task and of what the person in front of the screen says."""

Status = Literal["done", "stopped", "failed", "waiting", "paused", "interrupted"]


def now() -> datetime:
    return datetime.now(UTC)


class Event(BaseModel):
    """The base of all events. `source` is the participant (or `you`, or the team) that it is about; `seq` is 0 until stored.

    `scope` is the id of the conversation that it belongs to; None is the run's own, all others lie within it.
    """

    # Each class makes its validator when it is first used: all at once they are a third of what importing the engine takes.
    model_config = ConfigDict(frozen=True, defer_build=True)

    seq: int = 0
    time: datetime = Field(default_factory=now)
    source: str = ""
    scope: str | None = None


class ToolCall(BaseModel):
    """A model's wish to call a tool. `arguments` is the JSON text exactly as the model wrote it.

    `signed` is what its server wants to be shown again with the call: the thoughts that led to it, in the server's own form.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    name: str
    arguments: str = "{}"
    signed: Annotated[dict[str, Any] | None, Field(exclude_if=not_)] = None


class CodeBlock(BaseModel):
    """A fenced block: language word, code, and the file name that its first line asked for."""

    model_config = ConfigDict(frozen=True)

    language: str
    code: str
    filename: str | None = None


LARGEST_ATTACHMENT = 8_000_000
"""Characters of an attachment's data: six million bytes in base64."""

MOST_ATTACHMENTS = 16
"""Attachments of one message."""


class Attachment(BaseModel):
    """A file or an image that belongs to a message. `data` is its content in base64, so that a log needs no file beside it.

    `url` is the address of an image that the model's server fetches itself; logs hold none.
    """

    model_config = ConfigDict(frozen=True)

    name: str = Field(max_length=255)
    media_type: str = Field(default="application/octet-stream", max_length=127, pattern=r"^[\w.+-]+/[\w.+-]+$")
    data: str = Field(default="", max_length=LARGEST_ATTACHMENT, pattern=r"^[A-Za-z0-9+/]*={0,2}$", repr=False)
    url: str = Field(default="", max_length=2_010, pattern=r"^(https?://\S+)?$", exclude_if=not_)


Attachments = Annotated[tuple[Attachment, ...], Field(max_length=MOST_ATTACHMENTS, exclude_if=not_)]


# Durable: what the log holds ------------------------------------------------------------------------------------------


class RunStarted(Event):
    """The first event. `history` is what earlier tasks of the same session said, so that a log needs no other log.

    `parent` is the run whose first `copied` events this log repeats before it goes its own way. `attachments` belong to the task.
    `via` says by which door a guest's task came, where the flow is served to others.
    """

    type: Literal["run_started"] = "run_started"
    v: int = EVENT_VERSION
    task: str = ""
    flow: str = ""
    history: tuple[ThreadEvent, ...] = ()
    attachments: Attachments = ()
    parent: Annotated[str, Field(exclude_if=not_)] = ""
    copied: Annotated[int, Field(exclude_if=not_)] = 0
    via: Annotated[str, Field(exclude_if=not_)] = ""


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
    """A message of a participant, heard by all. `id` is `m<seq>`; `seconds` is how long the model or the person took.

    `data` is what a structured answer says; `done` is set by one who may end the conversation and does.
    """

    type: Literal["message"] = "message"
    text: str
    id: str = ""
    role: Literal["agent", "human", "task", "code"] = "agent"
    reasoning: str = ""
    model: str | None = None
    usage: Usage = NOTHING
    seconds: float | None = None
    practice: bool = False
    data: Any = None
    done: bool | None = None
    attachments: Attachments = ()


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
    """`files` are names in the run's folder; `attachments` are pictures that the model which called is shown with the result."""

    type: Literal["tool_result"] = "tool_result"
    call: str
    name: str
    output: str
    is_error: bool = False
    seconds: float | None = None
    files: tuple[str, ...] = ()
    attachments: Attachments = ()


class HandedOff(Event):
    """`source` hands the conversation to `target`, who need not be a participant. `signed` is as in the call that did so.

    A `wordless` one was made without a word: the text then only says who hands over to whom.
    """

    type: Literal["handoff"] = "handoff"
    target: str
    text: str = ""
    wordless: Annotated[bool, Field(exclude_if=not_)] = False
    call: str | None = None
    signed: Annotated[dict[str, Any] | None, Field(exclude_if=not_)] = None
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
    """A person must answer before anything goes on. `id` is `q<seq>`.

    `approve` takes yes or no and a reason, `edit` also a changed version of `details` as the answer's text, `choice` one of the
    choices, `form` a JSON object that fits the JSON schema `fields`. After `timeout` seconds without an answer `default` is the answer.
    """

    type: Literal["question"] = "question"
    id: str = ""
    text: str
    form: Literal["text", "approve", "edit", "choice", "form"] = "text"
    choices: tuple[str, ...] = ()
    subject: str = ""
    details: str = ""
    fields: dict[str, Any] | None = None
    timeout: float | None = None
    default: str = ""


class QuestionAnswered(Event):
    """`source` is who answered, `timeout` when nobody did in time. For `approve`, `approved` is set and `text` is the reason."""

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


class ConversationOpened(Event):
    """`source` lets a team talk among itself: a member that is a team, a society, a nested chat, a tool. `id` is `t<seq>`.

    `key` tells several teams of one agent apart; `call` is the tool call that it answers. `hears` is what of the conversation
    around it the team is told: nothing, all of it, or what is new since it talked last; with `keep` it goes on where it left off.
    With `heard`, what is said in it counts as said in the conversation around it, once it is over.
    """

    type: Literal["conversation_opened"] = "conversation_opened"
    id: str = ""
    team: str
    task: str = ""
    key: str = ""
    call: str | None = None
    hears: Literal["nothing", "all", "new"] = "nothing"
    keep: bool = False
    heard: bool = False


class ConversationClosed(Event):
    """The conversation `id` is over, and `text` is what came of it."""

    type: Literal["conversation_closed"] = "conversation_closed"
    id: str
    team: str = ""
    call: str | None = None
    stop_reason: str = ""
    by: str = ""
    text: str = ""


class TeamOutlined(Event):
    """A model made up a team for the call `call` of a tool: it is `key` to whom called, and `outline` is what it is made of.

    Without an outline none came of it. `team` is what the team is called, `changes` say what was made otherwise than the model wrote it.
    """

    type: Literal["team_outlined"] = "team_outlined"
    key: str
    call: str
    team: str
    outline: dict[str, Any] | None = None
    changes: tuple[str, ...] = ()
    model: str | None = None
    usage: Usage = NOTHING
    seconds: float | None = None


class VariablesSet(Event):
    """Context variables got new values; None as a value removes one."""

    type: Literal["variables"] = "variables"
    values: dict[str, Any]


class ToolsOffered(Event):
    """A server of tools said what it offers: JSON schemas by name, under the tool's key; `instructions` are for those who use them."""

    type: Literal["tools_offered"] = "tools_offered"
    key: str
    tools: tuple[dict[str, Any], ...]
    instructions: Annotated[str, Field(exclude_if=not_)] = ""


class Recalled(Event):
    """What a memory had to say about `query`, before `source` spoke. Each entry has a text and may name where it is from.

    Passages of documents have a `number` too, by which they are cited. `model` is the one that compared them, if any did.
    """

    type: Literal["recalled"] = "recalled"
    memory: str
    query: str = ""
    entries: tuple[dict[str, Any], ...] = ()
    model: Annotated[str | None, Field(exclude_if=not_)] = None
    usage: Usage = NOTHING
    seconds: float | None = None


class Remembered(Event):
    """Something was put into a memory; with an empty text, nothing was worth it. `person` is whom it is about, if anybody.

    `model` is the one that decided so, if one did.
    """

    type: Literal["remembered"] = "remembered"
    memory: str
    text: str
    person: Annotated[str, Field(exclude_if=not_)] = ""
    model: Annotated[str | None, Field(exclude_if=not_)] = None
    practice: Annotated[bool, Field(exclude_if=not_)] = False
    usage: Usage = NOTHING


class FunctionReturned(Event):
    """What a Python function of the flow decided: who speaks, whether it is over, what is said. `purpose` says which.

    `kept` are the attributes of an object that answered, which its next turn begins with; None of a function.
    """

    type: Literal["function_result"] = "function_result"
    purpose: str
    name: str = ""
    value: Any = None
    is_error: bool = False
    seconds: float | None = None
    kept: dict[str, Any] | None = None


class Summarised(Event):
    """A summary of a part of the conversation: of the thread's first `upto` events, or of the conversation `of`."""

    type: Literal["summary"] = "summary"
    text: str
    upto: int = 0
    of: str | None = None
    model: str | None = None
    usage: Usage = NOTHING
    seconds: float | None = None


class LedgerWritten(Event):
    """A planner's page: facts, plan, progress or answer. `data` is its structured part."""

    type: Literal["ledger"] = "ledger"
    page: Literal["facts", "plan", "progress", "answer"]
    text: str = ""
    data: dict[str, Any] | None = None
    model: str | None = None
    usage: Usage = NOTHING
    seconds: float | None = None


class CommandGiven(Event):
    """A person steers the run: pause, resume, step (resume for one step), or `next_speaker` names who speaks next.

    `instead_of` had been chosen, had not begun yet and gives way; where that is the speaker, the turn stays with them. `after` is
    whose turn comes to its end first. `question` is one that nobody need answer any more.
    """

    type: Literal["command"] = "command"
    command: Literal["pause", "resume", "step", "next_speaker"]
    speaker: str = ""
    instead_of: Annotated[str, Field(exclude_if=not_)] = ""
    after: Annotated[str, Field(exclude_if=not_)] = ""
    question: Annotated[str, Field(exclude_if=not_)] = ""


class RunInterrupted(Event):
    """The server ended while the run was computing; `step` names what was under way."""

    type: Literal["run_interrupted"] = "run_interrupted"
    step: str = ""


class RunResumed(Event):
    type: Literal["run_resumed"] = "run_resumed"


class RunFinished(Event):
    """The last event of an execution. `stop_reason` is a sentence; `by` the kind of condition that stopped it.

    A run that waits or is paused has none in its log: there it says to somebody who follows that nothing more comes for now.
    """

    type: Literal["run_finished"] = "run_finished"
    status: Literal["done", "stopped", "failed", "waiting", "paused"]
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
    | ConversationOpened
    | ConversationClosed
    | TeamOutlined
    | VariablesSet
    | ToolsOffered
    | Recalled
    | Remembered
    | FunctionReturned
    | Summarised
    | LedgerWritten
    | CommandGiven
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
