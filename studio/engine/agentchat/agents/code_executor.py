"""AgentChat's agent that runs code, over the engine's: the same arguments, sentences and approvals."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import BaseModel, Field

from studio.engine.agentchat.agents.assistant import called, heard_before
from studio.engine.agentchat.agents.chat_agent import EngineAgent
from studio.engine.agentchat.core.code_executor import CodeBlock, CodeExecutor, EngineExecutor
from studio.engine.agentchat.core.model_context import ChatCompletionContext, UnboundedChatCompletionContext
from studio.engine.agentchat.core.models import ChatCompletionClient, LLMMessage
from studio.engine.agentchat.model_bridge import ClientModel, EngineClient, messages_of
from studio.engine.agents.agent import Step, Turn
from studio.engine.agents.code_runner import WRITES_CODE, CodeRunner
from studio.engine.code.fences import runnable_blocks
from studio.engine.component import Component as EngineComponent
from studio.engine.errors import FlowError
from studio.engine.events import CodeBlock as EngineBlock
from studio.engine.events import CodeFinished, Event, MessageSaid, QuestionAsked
from studio.engine.models.base import ModelReply, ModelRequest
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.agentchat.running import Run


class ApprovalRequest(BaseModel):
    """All blocks, fenced, and what the agent's model read."""

    code: str
    context: list[LLMMessage]


class ApprovalResponse(BaseModel):
    approved: bool
    reason: str


ApprovalFuncType = Callable[[ApprovalRequest], Any]

_SHELLS = {"sh": "bash", "shell": "bash"}


class CodeExecutorAgent(EngineAgent):
    """Without `model_client` it runs what others wrote since it spoke last; with one it writes, runs, repairs and says what came of it."""

    DEFAULT_TERMINAL_DESCRIPTION = "Runs the Python and shell code that others write in fenced blocks, and does nothing else."
    DEFAULT_AGENT_DESCRIPTION = "Writes Python and shell code for a task, runs it, and says what came of it."
    DEFAULT_SYSTEM_MESSAGE = WRITES_CODE
    NO_CODE_BLOCKS_FOUND_MESSAGE = (
        "No code blocks found in the thread. Please provide at least one markdown-encoded code block to execute "
        "(i.e., quoting code in ```python or ```sh code blocks)."
    )
    DEFAULT_SUPPORTED_LANGUAGES = ("python", "sh")

    def __init__(
        self,
        name: str,
        code_executor: CodeExecutor,
        *,
        model_client: ChatCompletionClient | None = None,
        model_context: ChatCompletionContext | None = None,
        model_client_stream: bool = False,
        max_retries_on_error: int = 0,
        description: str | None = None,
        system_message: str | None = DEFAULT_SYSTEM_MESSAGE,
        sources: Sequence[str] | None = None,
        supported_languages: Sequence[str] | None = None,
        approval_func: ApprovalFuncType | None = None,
    ) -> None:
        """Raises ValueError for repairs without a model. Warns when code runs without approval."""
        if description is None:
            description = self.DEFAULT_TERMINAL_DESCRIPTION if model_client is None else self.DEFAULT_AGENT_DESCRIPTION
        super().__init__(name, description)
        if approval_func is None:
            warnings.warn(
                f"No approval function set for CodeExecutorAgent {name}: its code runs without anybody having seen it.",
                UserWarning,
                stacklevel=2,
            )
        if max_retries_on_error > 0 and model_client is None:
            raise ValueError("model_client must be provided when max_retries_on_error > 0")
        self.code_executor, self.model_client, self.approval_func = code_executor, model_client, approval_func
        self.streams, self.shows_code = model_client_stream, model_client is not None
        self.languages = tuple(supported_languages or self.DEFAULT_SUPPORTED_LANGUAGES)
        self._context = model_context or UnboundedChatCompletionContext()
        self._context.belong_to(name, lambda: self.memory_of_thread)
        self._repairs, self._system, self._sources = max_retries_on_error, system_message or "", tuple(sources or ())

    @property
    def model_context(self) -> ChatCompletionContext:
        return self._context

    def _plain(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "description": self.description,
            "model": self.model_client.component() if self.model_client is not None else None,
            "system_message": self._system,
            "repairs": min(self._repairs, 20),
            "sources": self._sources,
            "context": self._context.component(),
            "approval": self.approval_func is not None,
        }

    def playing(self, run: Run) -> CodeRunner:
        return _Runner(owner=self, before=run.apart(self.memory_of_thread), executor=self.code_executor.playing(), **self._plain())

    def component(self) -> CodeRunner:
        """Raises FlowError for an executor, a client or an approval that only code can hold."""
        plain = self._plain()
        if isinstance(plain["model"], ClientModel) or not isinstance(self.code_executor, EngineExecutor):
            raise FlowError(self.name, text("engine.agentchat.own_executor"), text("engine.agentchat.own_executor.remedy"))
        if self.approval_func is not None:
            raise FlowError(self.name, text("engine.agentchat.own_approval"), text("engine.agentchat.own_approval.remedy"))
        return CodeRunner(executor=self.code_executor.component(), **plain)

    @classmethod
    def of_component(cls, component: EngineComponent) -> Self:
        if not isinstance(component, CodeRunner):
            raise FlowError(component.kind, text("engine.agentchat.no_code_runner"))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return cls(
                component.name,
                EngineExecutor.of_component(component.executor),
                model_client=EngineClient(component.model) if component.model is not None else None,
                max_retries_on_error=component.repairs if component.model is not None else 0,
                description=component.description,
                system_message=component.system_message,
                sources=component.sources or None,
            )

    async def answer(self, question: QuestionAsked, run: Run) -> tuple[str, bool | None] | None:
        """What the approval function says. Raises FlowError for whatever it raises."""
        if self.approval_func is None or question.form != "approve":
            return None
        context = messages_of(ModelRequest(agent=self.name, system=self._system, thread=run.thread))
        try:
            said = await called(self.approval_func, ApprovalRequest(code=question.details, context=context))
        except Exception as mistake:
            raise FlowError(
                self.name,
                text("engine.agentchat.approval_failed", kind=type(mistake).__name__, error=mistake),
                text("engine.function.remedy"),
            ) from mistake
        return said.reason, said.approved


class _Runner(CodeRunner):
    """A CodeExecutorAgent in a run."""

    kind: ClassVar[str] = CodeRunner.kind
    drawable: ClassVar[bool] = False
    owner: Annotated[Any, Field(exclude=True, repr=False)]
    before: Annotated[tuple[Any, ...], Field(exclude=True, repr=False)] = ()

    def next_step(self, turn: Turn) -> Step:
        return super().next_step(heard_before(turn, self.before))

    def on_reply(self, turn: Turn, reply: ModelReply, seconds: float) -> tuple[Event, ...]:
        return super().on_reply(heard_before(turn, self.before), reply, seconds)

    def nothing_to_run(self, turn: Turn) -> str:
        return str(self.owner.NO_CODE_BLOCKS_FOUND_MESSAGE)

    def blocks_of_others(self, turn: Turn) -> tuple[EngineBlock, ...]:
        """All blocks of all messages since it spoke last."""
        found: list[EngineBlock] = []
        for event in reversed(turn.thread):
            if event.source == self.name:
                break
            if isinstance(event, MessageSaid) and (not self.sources or event.source in self.sources):
                found[:0] = self.blocks_in(event.text)
        return tuple(found)

    def blocks_in(self, text: str) -> tuple[EngineBlock, ...]:
        wanted = {_SHELLS.get(each, each) for each in (language.casefold() for language in self.owner.languages)}
        return tuple(block for block in runnable_blocks(text) if _SHELLS.get(block.language, block.language) in wanted)

    def result_message(self, result: CodeFinished) -> MessageSaid:
        output = result.output
        if result.refused:
            text = output
        elif not output.strip():
            text = (
                f"The script ran but produced no output to console. The POSIX exit code was: {result.exit_code}. "
                "If you were expecting output, consider revising the script to ensure content is printed to stdout."
            )
        elif result.exit_code != 0:
            text = f"The script ran, then exited with an error (POSIX exit code: {result.exit_code})\nIts output was:\n{output}"
        else:
            text = output
        return MessageSaid(source=self.name, role="code", text=text, seconds=result.seconds)


__all__ = ["ApprovalRequest", "ApprovalResponse", "CodeBlock", "CodeExecutorAgent"]
