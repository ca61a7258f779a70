"""Reading scripts for Agent Framework: a flow of each workflow, or of the agents that are asked alone. Runs and imports nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from studio.flow.findings import Imported
from studio.formats.agent_framework.read_agents import Agents, is_agent
from studio.formats.agent_framework.read_code_loops import CodeLoop, code_loops
from studio.formats.agent_framework.read_code_loops import draw as draw_code_loop
from studio.formats.agent_framework.read_talks import BUILDERS
from studio.formats.agent_framework.read_teams import Teams
from studio.formats.foreign_script.accounting import Manners, settle
from studio.formats.foreign_script.functions import is_framework
from studio.formats.foreign_script.reading import NobodyFound, ScriptReading
from studio.formats.foreign_script.tasks import is_whole, words_of
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Record, walk
from studio.texts import text

PACKAGE = "agent_framework"
MAX_FLOWS = 40
_ASKS = ("run", "run_stream")
_SIGNATURES: Mapping[str, tuple[str, ...]] = {
    "Agent": ("client", "instructions"),
    "ChatAgent": ("chat_client", "instructions"),
    "run": ("message",),
    "run_stream": ("message",),
    "tool": ("func",),
    "add_edge": ("source", "target", "condition"),
    "Message": ("role", "contents"),
    "create_session": (),
}
_BY_ITSELF = frozenset(
    "build talk work Message create_session get_outputs Content ResponseStream AgentResponse AgentResponseUpdate "
    "get_final_response from_updates from_text MiddlewareTermination agent_middleware function_middleware".split()
)
"""Calls whose work is done here without being drawn."""

_USUAL: Mapping[str, Mapping[str, tuple[Any, ...]]] = {"run": {"stream": (True, False)}}


def is_agent_framework_script(script: Script) -> bool:
    """Whether a script imports Agent Framework."""
    return any(module.partition(".")[0] == PACKAGE or module.startswith(f"{PACKAGE}_") for module in script.imports)


def from_script(script: Script, name: str = "") -> tuple[Imported, ...]:
    """The flows of a script. `name` is what to call a flow. Raises NobodyFound where there is no agent in it at all."""
    builders = [record for record in script.records if record.of is None and record.method in BUILDERS and is_framework(record.callee)]
    inner = {id(each) for record in builders for value in (*record.args, *record.kwargs.values()) for each in walk(value)}
    loops = {id(loop.agent): loop for loop in code_loops(script)}
    agents_asked = [record for record in script.records if id(record) in loops or (is_agent(record) and any(_tasks_of(_calls_of(record))))]
    leading = [*(record for record in builders if id(record) not in inner), *agents_asked]
    leading = leading or [record for record in script.records if is_agent(record)][:1]
    if not leading:
        raise NobodyFound(script)
    drawn: list[tuple[ScriptReading, str, tuple[str, ...]]] = []
    taken: set[int] = set()
    for record in leading[:MAX_FLOWS]:
        reading = ScriptReading(script, text("script.form.agent_framework"))
        agents = Agents(reading)
        if record.method in BUILDERS:
            Teams(reading, agents).draw(record)
        elif id(record) in loops:
            draw_code_loop(loops[id(record)], reading, agents)
        else:
            agents.draw(record, None)
        taken |= agents.taken
        asked = _calls_of(record, loops.get(id(record)))
        _tell_asked(reading, asked)
        title = f"{name}: {record.name}" if name and len(leading) > 1 else name or record.name.replace("_", " ")
        drawn.append((reading, title, tuple(dict.fromkeys(_tasks_of(asked)))))
    first = drawn[0][0]
    if len(leading) > MAX_FLOWS:
        first.tell("decision", "more_flows", "", remedy=True, limit=MAX_FLOWS)
    beside = Agents(first)
    for record in script.records:
        if is_agent(record) and id(record) not in taken | beside.taken:
            node = beside.draw(record, None)
            first.tell("approximated", "loose", record.spot, (node,), name=first.name_of(node))
            _tell_asked(first, _calls_of(record))
    for record in script.records:
        if record.method in _BY_ITSELF and is_framework(record.callee):
            record.take(*record.kwargs, *range(len(record.args)))
    settle(script, [reading for reading, _, _ in drawn], taken | beside.taken, Manners(_parameters, _USUAL, _BY_ITSELF))
    return tuple(reading.finish(title, "", tasks) for reading, title, tasks in drawn)


def _calls_of(record: Record, loop: CodeLoop | None = None) -> list[Record]:
    """The calls that ask an agent or a workflow for something; in a loop around code only the first one does."""
    return loop.asked[:1] if loop is not None else [call for call in record.chained() if call.method in _ASKS]


def _tasks_of(calls: Iterable[Record]) -> list[str]:
    """What is asked."""
    found = []
    for call in calls:
        call.take(0, "message", "messages", "stream", "session", "thread")
        if words := words_of(call.look("message", 0, call.look("messages"))):
            found.append(words)
    return found


def _tell_asked(reading: ScriptReading, calls: Iterable[Record]) -> None:
    """What is asked of which only a run would tell all, or a part."""
    for call in calls:
        given = call.look("message", 0, call.look("messages"))
        if not is_whole(given):
            reading.tell("approximated", "task_partly", call.spot)
        elif given is not None and not words_of(given):
            spot = call.spot_of("message", 0)
            source = " ".join(reading.script.source.text[spot.start : spot.end].split())[:120]
            reading.tell("approximated", "task_unknown", call.spot, source=source)


def _parameters(record: Record) -> Sequence[str]:
    return _SIGNATURES.get(record.method, ())
