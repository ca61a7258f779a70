"""Runs scripts and components of AgentChat in an environment that has it, one after the other, and prints what was said as JSON lines.

Standard input: a JSON list of {id, folder, file, base_url, task, typed}. Only AutoGen and the standard library are imported here.
"""

import asyncio
import builtins
import contextlib
import io
import json
import os
import runpy
import sys
import traceback
import warnings

warnings.simplefilter("ignore")
LIMIT = 60


def main():
    orders = json.load(sys.stdin)
    out = sys.stdout
    for order in orders:
        said = []
        os.environ |= {"OPENAI_API_KEY": "sk-test", "OPENAI_BASE_URL": order["base_url"]}
        os.chdir(order["folder"])
        typed = iter(order["typed"])
        builtins.input = lambda prompt="", typed=typed: next(typed)
        error = ""
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
                (run_component if order["file"].endswith(".json") else run_script)(order, said)
        except BaseException as mistake:
            error = "".join(traceback.format_exception_only(mistake)).strip()[-1_500:]
        print(json.dumps({"id": order["id"], "said": said, "error": error}), file=out, flush=True)


def run_script(order, said):
    import autogen_agentchat.ui

    shown = autogen_agentchat.ui.Console
    autogen_agentchat.ui.Console = lambda stream, **options: shown(recorded(stream, said), **options)
    limited = asyncio.run
    asyncio.run = lambda work: limited(asyncio.wait_for(work, LIMIT))
    sys.argv = [order["file"], order["task"]]
    try:
        runpy.run_path(order["file"], run_name="__main__")
    finally:
        autogen_agentchat.ui.Console, asyncio.run = shown, limited


def run_component(order, said):
    from autogen_core import ComponentLoader, ComponentModel

    with open(order["file"], encoding="utf-8") as file:
        described = json.load(file)

    async def run():
        team = ComponentLoader.load_component(ComponentModel(**described), object)
        for executor in executors_in(team):
            await executor.start()
        async for _ in recorded(team.run_stream(task=order["task"]), said):
            pass

    asyncio.run(asyncio.wait_for(run(), LIMIT))


def executors_in(team):
    members = getattr(team, "_participants", [])
    return [each._code_executor for each in members if hasattr(each, "_code_executor")]


async def recorded(stream, said):
    async for each in stream:
        said.extend(rows_of(each))
        yield each


def rows_of(each):
    """What compares: who said what, which tools were called with what, what they gave, and why it ended."""
    kind = type(each).__name__.partition("[")[0]
    source = getattr(each, "source", "")
    if kind == "TaskResult":
        return [["stop", each.stop_reason or ""]]
    if source == "user" and kind == "TextMessage":
        return []
    if kind == "ToolCallRequestEvent":
        return [["call", source, call.name, call.arguments] for call in each.content if not call.name.startswith("transfer_to_")]
    if kind == "ToolCallExecutionEvent":
        return [["result", source, result.name, result.content] for result in each.content if not result.name.startswith("transfer_to_")]
    if kind == "HandoffMessage":
        return [["hand over", source, each.target]]
    if kind == "ThoughtEvent":
        return [["thought", source, each.content]]
    if kind in ("TextMessage", "ToolCallSummaryMessage", "StopMessage", "StructuredMessage"):
        return [["said", source, each.to_text()]]
    return []


if __name__ == "__main__":
    main()
