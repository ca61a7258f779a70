"""The async shell: performs what `decide` asks for and writes what happened to the log, until the run ends or a person must answer."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, assert_never

from studio.engine.agents.agent import Ask, CallModel, RunCode, RunTools, Say, Step, StopRun
from studio.engine.code.base import CodeSession, Executor, FunctionResult, Sandbox
from studio.engine.conditions.condition import Met
from studio.engine.errors import ConveneError, FlowError, StaleEpoch
from studio.engine.events import (
    CodeFinished,
    CodeStarted,
    ErrorHappened,
    Event,
    HandedOff,
    MessageSaid,
    Noticed,
    OutputDelta,
    PartialSaid,
    QuestionAsked,
    RunFinished,
    Status,
    TextDelta,
    ToolCall,
    ToolFinished,
    ToolsCalled,
    ToolStarted,
    TransientEvent,
    Voided,
    Working,
    now,
)
from studio.engine.models.base import Accounts, Delta, Model, ModelClient, ModelReply, Retrying
from studio.engine.state import LOCAL_CODE, TOOL, ConversationState, Finish, Wait, apply, candidates_of, decide, fold, turn_of
from studio.engine.teams.team import Team
from studio.engine.tools.base import Tool, ToolPlace, by_name
from studio.engine.tools.resources import Resources
from studio.engine.usage import Usage

if TYPE_CHECKING:
    from studio.engine.models.prices import Prices

log = logging.getLogger("studio.engine")

CLOSING = 5.0
"""Seconds that closing a sandbox or a client may take before it is left behind."""


class Sink(Protocol):
    """Where a run's events go."""

    async def append(self, events: Sequence[Event]) -> None:
        """Store numbered events; returns when they are durable. Raises StaleEpoch when another writer took the run over."""
        ...

    def show(self, event: TransientEvent) -> None:
        """Show what is never stored."""
        ...


@dataclass(frozen=True, slots=True)
class Environment:
    """What a run needs from the outside. `allow_local_code` is a person's yes, given before, to code without a sandbox."""

    accounts: Accounts
    folder: Path
    run: str = "run"
    docker_image: str = ""
    allow_local_code: bool = False
    prices: Prices | None = None
    labels: dict[str, str] = field(default_factory=dict)


async def advance(team: Team, events: Sequence[Event], sink: Sink, environment: Environment) -> Status:
    """Go on with the run whose log is `events` until it is over or a person must answer.

    Cancelling stops the run: what was under way is ended, the log gets what had been said and `run_finished`, and
    CancelledError is raised again. Raises StaleEpoch.
    """
    return await _Advance(team, fold(team, events), sink, environment).go()


@dataclass(slots=True)
class _Advance:
    """One execution of a run: its open clients and sandboxes, and the text that is being said."""

    team: Team
    state: ConversationState
    sink: Sink
    environment: Environment
    clients: dict[int, ModelClient] = field(default_factory=dict)
    sessions: dict[str, CodeSession] = field(default_factory=dict)
    resources: Resources = field(default_factory=Resources)
    spoken: list[str] = field(default_factory=list)

    async def go(self) -> Status:
        try:
            return await self._until_rest()
        except asyncio.CancelledError:
            await asyncio.shield(asyncio.ensure_future(self._write_stop()))
            raise
        finally:
            await asyncio.shield(asyncio.ensure_future(self._close()))

    async def _until_rest(self) -> Status:
        while True:
            try:
                step = decide(self.state)
            except ConveneError as mistake:
                return await self._fail(mistake)
            match step:
                case Wait():
                    return "waiting"
                case Finish(reason, by) | StopRun(reason, by):
                    return await self._finish("done", reason, by)
                case Say(said):
                    await self._append(*said)
                case Ask(question):
                    await self._append(question)
                case CallModel() | RunTools() | RunCode():
                    if (status := await self._perform(step)) is not None:
                        return status
                case _:
                    assert_never(step)

    async def _perform(self, step: CallModel | RunTools | RunCode) -> Status | None:
        """Do one step that takes time, no longer than the stop rules allow."""
        stop = self.team.stop
        left = stop.seconds_left(self.state.progress(at=now()), self.state.memory) if stop is not None else None
        try:
            async with asyncio.timeout(left) as limit:
                await self._act(step)
        except TimeoutError:
            if not limit.expired():
                raise
            return await self._out_of_time()
        except StaleEpoch:
            raise
        except ConveneError as mistake:
            return await self._fail(mistake)
        except Exception as mistake:
            log.exception("run %s: %s failed", self.environment.run, type(step).__name__)
            return await self._fail(ConveneError(f"{type(mistake).__name__}: {mistake}", "This is a mistake in Convene; the log is kept."))
        return None

    async def _act(self, step: CallModel | RunTools | RunCode) -> None:
        match step:
            case CallModel():
                await self._call_model(step)
            case RunTools():
                await self._run_tools(step)
            case RunCode():
                await self._run_code(step)

    # Models -----------------------------------------------------------------------------------------------------------

    async def _call_model(self, step: CallModel) -> None:
        state = self.state
        choosing = state.speaker is None
        source = state.speaker or self.team.name
        self.sink.show(Working(source=source, what="choosing" if choosing else "thinking"))
        self.spoken.clear()
        client = self._client(step.model)
        began = time.monotonic()
        reply: ModelReply | None = None
        async with contextlib.aclosing(client.stream(step.request)) as answer:  # type: ignore[type-var]
            async for piece in answer:
                match piece:
                    case Delta(text, kind):
                        if not choosing:
                            if kind == "text":
                                self.spoken.append(text)
                            self.sink.show(TextDelta(source=source, text=text, kind=kind))
                    case Retrying(attempt, why, wait):
                        self.spoken.clear()
                        self.sink.show(Voided(source=source))
                        again = f" Trying again in {wait:.1f} s." if wait >= 0.1 else " Trying again."
                        await self._append(Noticed(source=source, code="retry", text=f"Attempt {attempt} failed: {why}{again}"))
                    case ModelReply():
                        reply = piece
        if reply is None:
            raise FlowError(source, "the model client ended without a reply.")
        reply = self._priced(reply)
        seconds = round(time.monotonic() - began, 3)
        if choosing:
            said = self.team.selection.on_reply(candidates_of(state), reply)
        else:
            said = state.agents[source].on_reply(turn_of(state), reply, seconds)
        await self._append(*said)
        self.spoken.clear()

    def _client(self, model: Model) -> ModelClient:
        key = id(model)  # the team keeps its models alive, and dumping one at every call would cost more than the call's bookkeeping
        if key not in self.clients:
            self.clients[key] = model.connect(self.environment.accounts)
        return self.clients[key]

    def _priced(self, reply: ModelReply) -> ModelReply:
        usage, prices = reply.usage, self.environment.prices
        if usage.cost is not None or prices is None:
            return reply
        cost = prices.cost(reply.model, usage.prompt_tokens, usage.completion_tokens, usage.cached_tokens)
        return ModelReply(
            reply.text,
            reply.reasoning,
            reply.calls,
            reply.finish,
            Usage(**(usage.model_dump() | {"cost": cost})),
            reply.model,
            reply.practice,
        )

    # Tools ------------------------------------------------------------------------------------------------------------

    async def _run_tools(self, step: RunTools) -> None:
        tools = by_name(step.tools, {})
        for call in step.calls:
            tool = tools.get(call.name)
            executor = tool.runs_in if tool is not None else None
            if executor is not None and not self._refused(call):
                consent = await self._consent(executor, f"{call.name}({call.arguments})")
                if consent == "asked":
                    return
        self.sink.show(Working(source=self.state.speaker or "", what="tool"))
        try:
            async with asyncio.TaskGroup() as group:
                for call in step.calls:
                    group.create_task(self._run_tool(call, tools))
        except* ConveneError as several:
            raise several.exceptions[0] from None

    def _refused(self, call: ToolCall) -> bool:
        answer = self.state.approvals.get(call.id)
        return answer is not None and not answer.approved

    async def _run_tool(self, call: ToolCall, tools: dict[str, Tool]) -> None:
        result = await self._result(call, tools)
        await self._append(
            ToolFinished(
                source=self.state.speaker or "",
                call=call.id,
                name=call.name,
                output=result.output,
                is_error=result.is_error,
                seconds=round(result.seconds, 3),
            )
        )

    async def _result(self, call: ToolCall, tools: dict[str, Tool]) -> FunctionResult:
        tool = tools.get(call.name)
        if tool is None:
            known = ", ".join(tools) or "none"
            return FunctionResult(f"There is no tool '{call.name}'. Tools that exist: {known}.", is_error=True)
        if self._refused(call):
            why = self.state.approvals[call.id].text
            return FunctionResult("A person refused this call." + (f" Reason: {why}" if why else ""), is_error=True)
        executor = tool.runs_in
        if executor is not None and await self._consent(executor, call.name) == "refused":
            return FunctionResult("A person refused to run code on this machine.", is_error=True)
        await self._append(ToolStarted(source=self.state.speaker or "", call=call.id, name=call.name))
        return await self._called(tool, call)

    async def _called(self, tool: Tool, call: ToolCall) -> FunctionResult:
        """A tool's result; whatever it raises is a result too, which the model can react to."""
        executor = tool.runs_in
        try:
            session = self._session(executor) if executor is not None else None
            place = ToolPlace(self.environment.folder, self.environment.accounts, self.resources, session)
            return await tool.call(call.name, call.arguments, place)
        except ConveneError as mistake:
            return FunctionResult(str(mistake), is_error=True)
        except Exception as mistake:
            log.exception("run %s: tool %s raised", self.environment.run, call.name)
            return FunctionResult(f"{type(mistake).__name__}: {mistake}", is_error=True)

    # Code -------------------------------------------------------------------------------------------------------------

    async def _run_code(self, step: RunCode) -> None:
        source = self.state.speaker or ""
        code = "\n\n".join(block.code for block in step.blocks)
        match await self._consent(step.executor, code):
            case "asked":
                return
            case "refused":
                refusal = "Code execution on this machine was not approved."
                await self._append(CodeFinished(source=source, exit_code=1, output=refusal, refused=True))
                return
            case "given":
                pass
        session = self._session(step.executor)
        await self._append(CodeStarted(source=source, blocks=step.blocks, where=session.where))
        self.sink.show(Working(source=source, what="code"))
        result = await session.execute(step.blocks, lambda text: self.sink.show(OutputDelta(source=source, text=text)))
        await self._append(
            CodeFinished(
                source=source,
                exit_code=result.exit_code,
                output=result.output,
                where=session.where,
                files=result.files,
                seconds=round(result.seconds, 3),
            )
        )

    async def _consent(self, executor: Executor, code: str) -> Literal["given", "asked", "refused"]:
        """Whether code may run where this executor would run it; asks once in a run when nobody said so yet."""
        needed = await executor.needs_consent()  # asked even when everything is allowed: from then on it is known where code will run
        if not needed or self.environment.allow_local_code or self.state.consent:
            return "given"
        if self.state.consent is False:
            return "refused"
        await self._append(
            QuestionAsked(
                source=self.state.speaker or self.team.name,
                text="May code written by a model run on this machine, without a sandbox? "
                "It can read, change and delete whatever you can, and reach the network. Your yes counts for this run.",
                form="approve",
                subject=LOCAL_CODE,
                details=code,
            )
        )
        return "asked"

    def _session(self, executor: Executor) -> CodeSession:
        key = executor.model_dump_json()
        if key not in self.sessions:
            place = self.environment
            self.sessions[key] = executor.open(Sandbox(place.run, place.folder, place.docker_image, place.labels))
        return self.sessions[key]

    # The log ----------------------------------------------------------------------------------------------------------

    async def _append(self, *events: Any) -> None:
        """Number events, fold them in and store them: identifiers come from the numbers.

        Storing is shielded: what is folded in must be in the log before anything else, a stop included, is written after it.
        """
        numbered: list[Event] = []
        for event in events:
            seq = self.state.seq + 1
            changes: dict[str, Any] = {"seq": seq, "time": now()}
            match event:
                case MessageSaid():
                    changes["id"] = f"m{seq}"
                case QuestionAsked():
                    changes["id"] = f"q{seq}"
                case ToolsCalled(calls=calls):
                    # Servers repeat ids, or make them up anew each time: ours are one of a kind in the log and equal in every replay.
                    changes["calls"] = tuple(call.model_copy(update={"id": f"c{seq}_{n}"}) for n, call in enumerate(calls, 1))
                case HandedOff(call=str()):
                    changes["call"] = f"c{seq}_1"
                case _:
                    pass
            stored = event.model_copy(update=changes)
            apply(self.state, stored)
            numbered.append(stored)
        await asyncio.shield(asyncio.ensure_future(self.sink.append(numbered)))

    async def _finish(self, status: Literal["done", "stopped", "failed"], reason: str, by: str) -> Status:
        if self.state.finished is None:
            await self._append(RunFinished(source=self.team.name, status=status, stop_reason=reason, by=by, usage=self.state.usage))
            return status
        return "done" if self.state.finished.status == "waiting" else self.state.finished.status

    async def _fail(self, mistake: ConveneError) -> Status:
        source = self.state.speaker or self.team.name
        account = getattr(mistake, "account", "")
        await self._partial()
        await self._append(ErrorHappened(source=source, code=mistake.code, text=mistake.sentence, remedy=mistake.remedy, account=account))
        return await self._finish("failed", mistake.sentence, mistake.code)

    async def _out_of_time(self) -> Status:
        met = self.state.met
        if met is None and self.team.stop is not None:
            self.state.memory, met = self.team.stop.observe(self.state.progress(at=now()), self.state.memory)
        met = met or Met("the time is over", "time_limit")
        await self._partial()
        return await self._finish("done", met.reason, met.by)

    async def _partial(self) -> None:
        text, self.spoken = "".join(self.spoken), []
        if text and self.state.speaker:
            await self._append(PartialSaid(source=self.state.speaker, text=text))

    async def _write_stop(self) -> None:
        if self.state.finished is not None:
            return
        with contextlib.suppress(ConveneError):
            async with asyncio.timeout(CLOSING):
                await self._partial()
                await self._finish("stopped", "stopped by a person", "stop")

    async def _close(self) -> None:
        closing = [session.close() for session in self.sessions.values()] + [client.close() for client in self.clients.values()]
        if self.resources.open:
            closing.append(self.resources.close())
        self.sessions, self.clients = {}, {}
        if not closing:
            return
        try:
            async with asyncio.timeout(CLOSING):
                for outcome in await asyncio.gather(*closing, return_exceptions=True):
                    if isinstance(outcome, Exception):
                        log.warning("run %s: closing failed: %s", self.environment.run, outcome)
        except TimeoutError:
            log.warning("run %s: closing took more than %s s", self.environment.run, CLOSING)


__all__ = ["TOOL", "Environment", "Sink", "Step", "advance"]
