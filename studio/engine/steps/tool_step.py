"""Calling tools: consent first, the intents into the log, all calls at once, the results in the order of the calls."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from studio.engine.agents.agent import ListTools, RunTools
from studio.engine.code.base import FunctionResult
from studio.engine.decide import Due
from studio.engine.errors import ConveneError
from studio.engine.events import HandedOff, Noticed, ToolCall, ToolFinished, ToolsOffered, ToolStarted, VariablesSet, Working
from studio.engine.models.base import Told
from studio.engine.steps.model_step import priced
from studio.engine.steps.sampling_step import ask_for_tool
from studio.engine.steps.workplace import Own, Workplace
from studio.engine.tools.base import Tool, by_name
from studio.engine.tools.mcp_errors import SignInNeeded
from studio.texts import text

log = logging.getLogger("studio.engine")


async def list_tools(work: Workplace, due: Due, step: ListTools) -> None:
    """Ask a server of tools what it offers. Without a person's consent it offers nothing. Raises ConveneError."""
    tool, scope = step.tool, due.talk.scope
    match await work.consent_to_start(due, tool):
        case "asked":
            return
        case "refused":
            notice = Noticed(source=due.source, code="not_started", text=text("engine.tool.not_started", agent=due.source))
            await work.writer.append(scope, ToolsOffered(source=due.source, key=tool.key, tools=()), notice)
            return
        case "given":
            pass
    if not work.may_sign_in(tool):
        notice = Noticed(source=due.source, code="not_signed_in", text=text("engine.tool.not_signed_in", agent=due.source))
        await work.writer.append(scope, ToolsOffered(source=due.source, key=tool.key, tools=()), notice)
        return
    work.show(Working(source=due.source, scope=scope, what="tool"))
    place = work.tool_place(due, tool)
    try:
        offered = await tool.list_tools(place)
        instructions = await tool.instructions(place)
    except SignInNeeded as needed:
        await work.ask_to_sign_in(due, tool, needed.url)
        return
    schemas = tuple(_plain(asdict(schema)) for schema in offered)
    await work.writer.append(scope, ToolsOffered(source=due.source, key=tool.key, tools=schemas, instructions=instructions))


def _plain(schema: dict[str, object]) -> dict[str, object]:
    plain: dict[str, object] = json.loads(json.dumps(schema, default=str))
    return plain


async def run_tools(work: Workplace, due: Due, step: RunTools) -> None:
    tools = by_name(step.tools, work.state.offered)
    for call in step.calls:
        if (tool := tools.get(call.name)) is not None and not _refused(work, call):
            executor = tool.runs_in
            if executor is not None and await work.consent_to_code(due, executor, *_shown(tool, call)) == "asked":
                return
            if await work.consent_to_start(due, tool) == "asked":
                return
    work.show(Working(source=due.source, scope=due.talk.scope, what="tool"))
    early = {call.id: refusal for call in step.calls if (refusal := await _cannot(work, due, call, tools)) is not None}
    started = [ToolStarted(source=due.source, call=call.id, name=call.name) for call in step.calls if call.id not in early]
    if started:
        await work.writer.append(due.talk.scope, *started)
    results, turned_away = await _results(work, due, step, tools, early)
    target = next((result.target for result in reversed(results) if result.target), "")
    if turned_away and not target:
        call, needed = turned_away[0]
        await work.ask_to_sign_in(due, tools[call.name], needed.url, call.name)
        return
    for call, needed in turned_away:
        await _finished(work, due, call, _not_signed_in(needed), ())
    if target and due.speaker in due.talk.open:
        said = text("engine.agent.hands_over", agent=due.source, target=target)
        await work.writer.append(due.talk.scope, HandedOff(source=due.source, target=target, text=said, wordless=True))


async def _results(
    work: Workplace, due: Due, step: RunTools, tools: Mapping[str, Tool], early: Mapping[str, FunctionResult]
) -> tuple[list[FunctionResult], list[tuple[ToolCall, SignInNeeded]]]:
    """All calls at the same time, their results written in the order of the calls: two executions make the same log.

    Returns also which calls a server did not take, because somebody must sign in there.
    """
    results: list[FunctionResult] = []
    turned_away: list[tuple[ToolCall, SignInNeeded]] = []
    try:
        async with asyncio.TaskGroup() as group:
            asked: dict[str, list[Noticed]] = {call.id: [] for call in step.calls}
            tasks = {
                call.id: group.create_task(_called(work, due, tools[call.name], call, asked[call.id]))
                for call in step.calls
                if call.id not in early
            }
            for call in step.calls:
                result = early.get(call.id) or await tasks[call.id]
                if isinstance(result, SignInNeeded):
                    turned_away.append((call, result))
                    continue
                results.append(result)
                await _finished(work, due, call, result, asked[call.id])
    except* ConveneError as several:
        raise several.exceptions[0] from None
    return results, turned_away


async def _finished(work: Workplace, due: Due, call: ToolCall, result: FunctionResult, asked: Sequence[Noticed]) -> None:
    finished = ToolFinished(
        source=due.source,
        call=call.id,
        name=call.name,
        output=result.output,
        is_error=result.is_error,
        seconds=round(result.seconds, 3),
        files=result.files,
        attachments=result.attachments,
    )
    if result.variables:
        await work.writer.append(due.talk.scope, *asked, finished, VariablesSet(source=due.source, values=dict(result.variables)))
    else:
        await work.writer.append(due.talk.scope, *asked, finished)


def _noticed(work: Workplace, due: Due, told: Told) -> Noticed:
    return Noticed(source=due.source, code=told.code, text=told.text, usage=priced(work, told.usage, told.model))


def _refused(work: Workplace, call: ToolCall) -> bool:
    answer = work.state.approvals.get(call.id)
    return answer is not None and not answer.approved


def _shown(tool: Tool, call: ToolCall) -> tuple[str, Own | None]:
    """What a person is shown of a call that runs code, and whose code it is: a function of the flow's own, or what the model wrote."""
    from studio.engine.tools.python_tool import PythonTool

    wanted = f"{call.name}({call.arguments})"
    return (f"# {wanted}\n\n{tool.source}", ("function", call.name)) if isinstance(tool, PythonTool) else (wanted, None)


async def _cannot(work: Workplace, due: Due, call: ToolCall, tools: Mapping[str, Tool]) -> FunctionResult | None:
    """Why a call does not happen, as its result."""
    tool = tools.get(call.name)
    if tool is None:
        known = ", ".join(tools) or "none"
        return FunctionResult(f"There is no tool '{call.name}'. Tools that exist: {known}.", is_error=True)
    if _refused(work, call):
        why = work.state.approvals[call.id].text
        return FunctionResult("A person refused this call." + (f" Reason: {why}" if why else ""), is_error=True)
    if tool.runs_in is not None and await work.consent_to_code(due, tool.runs_in, call.name) == "refused":
        return FunctionResult("A person refused to run code on this machine.", is_error=True)
    if await work.consent_to_start(due, tool) == "refused":
        return FunctionResult("A person did not allow this tool to start.", is_error=True)
    return None


def _not_signed_in(needed: SignInNeeded) -> FunctionResult:
    why = f"{needed.sentence} Nobody did, so this call was not made."
    return FunctionResult(f"{why} Go on without this server, or say that somebody has to sign in there first.", is_error=True)


async def _called(work: Workplace, due: Due, tool: Tool, call: ToolCall, asked: list[Noticed]) -> FunctionResult | SignInNeeded:
    """A tool's result; whatever it raises is a result too, which the model can react to. `asked` gets what it asked a model.

    SignInNeeded is returned where a person may be asked to sign in, after which the call is made anew.
    """
    answer = work.state.approvals.get(call.id)
    arguments = answer.text if answer is not None and answer.approved and answer.text.lstrip().startswith("{") else call.arguments
    try:
        place = replace(work.tool_place(due, tool), tell=lambda told: asked.append(_noticed(work, due, told)))
        if tool.may_ask_model:
            place = replace(place, ask=lambda request: ask_for_tool(work, due, tool, request, asked))
        return await tool.call(call.name, arguments, place)
    except SignInNeeded as needed:
        return needed if work.may_sign_in(tool) else _not_signed_in(needed)
    except ConveneError as mistake:
        return FunctionResult(str(mistake), is_error=True)
    except Exception as mistake:
        log.exception("run %s: tool %s raised", work.environment.run, call.name)
        return FunctionResult(f"{type(mistake).__name__}: {mistake}", is_error=True)
