"""Reading scripts for AutoGen 0.4 to 0.7: teams, agents alone, tasks, and a report of every line that matters. Runs and imports nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from studio.flow.findings import Imported
from studio.formats.autogen_components.envelope import envelope
from studio.formats.autogen_components.mapping import class_map
from studio.formats.autogen_components.reading_conditions import read_condition
from studio.formats.autogen_components.reading_teams import read_member
from studio.formats.autogen_components.reading_tools import read_tool
from studio.formats.autogen_python.actor_flows import ActorFlow
from studio.formats.autogen_python.actors import actors_of
from studio.formats.autogen_python.bundles import MAGENTIC_ONE
from studio.formats.autogen_python.records import Components
from studio.formats.autogen_python.signatures import BESIDE, BY_ITSELF, ROOTS, SILENT, USUAL, parameters
from studio.formats.foreign_script.accounting import Manners, settle
from studio.formats.foreign_script.functions import is_framework
from studio.formats.foreign_script.given_code import keep_given
from studio.formats.foreign_script.images import TaskImage
from studio.formats.foreign_script.reading import NobodyFound, ScriptReading, only_looks
from studio.formats.foreign_script.tasks import Asked, asked_in, is_whole, words_of
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Class, Joined, Record, walk
from studio.formats.python_reading.values import Imported as FromModule
from studio.texts import text

MAX_FLOWS = 40
MAX_KEPT = 60
_ASKS = ("run", "run_stream", "on_messages", "on_messages_stream")
_TEAMS = ("GroupChat", "Swarm", "Flow", "Team", MAGENTIC_ONE)
PACKAGES = frozenset(("autogen_agentchat", "autogen_core", "autogen_ext"))


def is_autogen_script(script: Script) -> bool:
    """Whether a script imports AutoGen 0.4 or newer."""
    return any(module.partition(".")[0] in PACKAGES for module in script.imports)


@dataclass(slots=True)
class _Root:
    """What becomes a flow: a team, or an agent that nobody else has or that is asked by itself."""

    record: Record
    type: str
    tasks: list[Asked]


def from_script(script: Script, name: str = "") -> tuple[Imported, ...]:
    """The flows of a script: one of each team and of each agent that is asked alone; of every agent where nobody is.

    `name` is what to call a flow. Raises NobodyFound where there is no agent in it at all.
    """
    roots = _roots(script)
    teams = [root for root in roots if root.type == "team"]
    alone = [root for root in roots if root.type != "team"]
    leading = [*teams, *(root for root in alone if root.tasks)] or alone
    actors = actors_of(script)
    if not leading and not actors:
        raise NobodyFound(script)
    taken: set[int] = set()
    drawn: list[tuple[ScriptReading, str, tuple[str, ...]]] = []
    known: dict[str, int] = {}
    for root in leading[:MAX_FLOWS]:
        reading, whole = _draw(script, root, taken)
        tasks = tuple(dict.fromkeys(task.words for task in root.tasks if task.words))
        if whole in known:
            # The same line of the script, gone through twice.
            earlier, title, before = drawn[known[whole]]
            taken |= earlier.pictured(_images(root))
            drawn[known[whole]] = (earlier, title, tuple(dict.fromkeys((*before, *tasks))))
            continue
        taken |= reading.pictured(_images(root))
        known[whole] = len(drawn)
        drawn.append((reading, _title(root, name, len(leading) > 1), tasks))
    if actors and (not leading or any(actor.called is not None for actor in actors)):
        reading, asked = ActorFlow(script, actors, taken).draw()
        drawn.append((reading, f"{name}: {text('script.actors')}" if leading and name else name or text("script.actors"), tuple(asked)))
    first = drawn[0][0]
    if len(leading) > MAX_FLOWS:
        first.tell("decision", "more_flows", "", remedy=True, limit=MAX_FLOWS)
    for root in (each for each in roots if each not in leading):
        _loose(script, first, root.record, taken)
    _tell_rest(script, [reading for reading, _, _ in drawn], taken)
    return tuple(reading.finish(title, "", tasks) for reading, title, tasks in drawn)


def _roots(script: Script) -> list[_Root]:
    inside: set[int] = set()
    found: list[_Root] = []
    for record in script.records:
        joins = record.of is not None and record.method in ("add_node", "add_edge")
        if joins or (record.of is None and (is_framework(record.callee) or record.definition is not None)):
            inside.update(id(each) for each in _held(record))
    for record in script.records:
        type = part_of(record)
        if not type:
            continue
        tasks = _tasks(record)
        if tasks or id(record) not in inside:
            found.append(_Root(record, type, tasks))
    if not found:
        # Nobody stands alone: those who are only lent to something that is no team.
        found = [_Root(record, part_of(record), _tasks(record)) for record in script.records if part_of(record)]
    return found


def part_of(record: Record) -> str:
    """Whether a call makes a team or an agent: `team`, `agent` or nothing."""
    if record.definition is not None:
        return _of_class(record.definition)
    if record.method == "load_component" and isinstance(ready := record.look("model", 0), dict):
        kind = ready.get("component_type")
        return kind if kind in ("team", "agent") else ""
    return ROOTS.get(record.method, "") if record.of is None and is_framework(record.callee) else ""


def _of_class(definition: Class) -> str:
    for base in definition.bases:
        if isinstance(base, Class):
            return _of_class(base)
        if isinstance(base, FromModule) and is_framework(base.path):
            return "team" if base.name.endswith(_TEAMS) else "agent" if base.name.endswith("Agent") else ""
    return ""


def _held(record: Record) -> list[Record]:
    """The records that a call is given, in lists and joined by operators too."""
    found: list[Record] = []
    waiting: list[Any] = [*record.args, *record.kwargs.values()]
    steps = 0
    while waiting and steps < 5_000:
        steps += 1
        for each in walk(waiting.pop()):
            if isinstance(each, Joined):
                waiting += [each.left, each.right]
            elif isinstance(each, Record):
                found.append(each)
    return found


def _images(root: _Root) -> list[TaskImage]:
    return [image for task in root.tasks for image in task.images]


def _tasks(record: Record) -> list[Asked]:
    tasks = []
    for call in record.chained():
        if call.method in _ASKS:
            given = call.look("task" if call.method.startswith("run") else "messages", 0)
            asked = asked_in(given, call.spot)
            if asked.words or asked.images:
                tasks.append(asked)
    return tasks


def _draw(script: Script, root: _Root, taken: set[int]) -> tuple[ScriptReading, str]:
    """Draws a root; and its JSON, which tells it from others."""
    reading = ScriptReading(script, text("script.form.autogen"))
    components = Components(script, reading.piece)
    value = components.component(root.record, "", root.type)
    found = envelope(value, "")
    if found is None:
        reading.keep(root.record.method, root.record.spot, what=root.record.name)
    else:
        read_member(reading, found)
    taken |= components.taken
    _tell(reading, components)
    for call in root.record.chained():
        if call.method in _ASKS and (words_of(given := call.look("task", 0, call.look("messages"))) or given is None):
            call.take("task", "messages", 0)
        elif call.method in _ASKS and not call.used:
            given = call.look("task", 0, call.look("messages"))
            call.take("task", "messages", 0)
            if isinstance(given, Record):
                given.take(*given.kwargs, *range(len(given.args)))
            source = " ".join(script.source.text[(spot := call.spot_of("task", 0)).start : spot.end].split())[:120]
            reading.tell("approximated", "task_unknown", call.spot, source=source)
        if call.method in ("run", "run_stream") and not is_whole(call.look("task", 0)):
            reading.tell("approximated", "task_partly", call.spot)
        if call.method == "load_state":
            call.take("state", 0)
            reading.tell("approximated", "state", call.spot)
    return reading, json.dumps(value, sort_keys=True)


def _tell(reading: ScriptReading, components: Components) -> None:
    nodes = reading.nodes_at([*(each.pointer for each in components.remarks), *(pointer for _, pointer in components.changed)])
    for each in components.remarks:
        reading.tell(each.level, each.code, each.spot, nodes[each.pointer], remedy=each.remedy, **each.facts)
    for record, pointer in components.changed:
        for node in nodes[pointer]:
            reading.changed(record, node)


def _loose(script: Script, reading: ScriptReading, record: Record, taken: set[int]) -> None:
    """An agent that nobody talks to is drawn beside the first team."""
    pointer = f"/loose/{len(reading.nodes)}"
    components = Components(script, reading.piece)
    value = components.component(record, pointer, "agent")
    found = envelope(value, pointer)
    if found is None:
        return
    node = read_member(reading, found)
    taken |= components.taken
    _tell(reading, components)
    reading.tell("approximated", "loose", record.spot, (node,), name=reading.name_of(node))


def _tell_rest(script: Script, readings: list[ScriptReading], taken: set[int]) -> None:
    """What of AutoGen is left: components that nothing uses are drawn beside, everything else is kept with its source, or told."""
    _keep_rest(script, readings[0], taken)
    for record in script.records:
        if record.method == "ModelInfo":
            # What a model can do is known here, as it is where a dictionary says it.
            record.take(*record.kwargs)
    keep_given(script, readings)
    settle(script, readings, taken, Manners(parameters, USUAL, BY_ITSELF))


def _keep_rest(script: Script, reading: ScriptReading, taken: set[int]) -> None:
    kept = 0
    seen: set[tuple[str, int]] = set()
    whole = reading.kept_spans()
    given = {
        id(each)
        for record in script.records
        for value in (*record.args, *record.kwargs.values())
        for each in walk(value)
        if isinstance(each, Record)
    }
    for record in script.records:
        if id(record) in taken or not is_framework(record.callee) or (record.callee, record.spot.start) in seen:
            continue
        seen.add((record.callee, record.spot.start))
        if any(start <= record.spot.start and record.spot.end <= end for start, end in whole):
            continue
        if (record.of is not None and record.method in SILENT) or record.method in BESIDE or part_of(record):
            continue
        if only_looks(record) or (record.method[:1].islower() and record.method in SILENT):
            continue
        kept += 1
        if kept > MAX_KEPT:
            reading.tell("decision", "more_kept", record.spot, remedy=True)
            return
        table = class_map(record.method, record.callee, "")
        if table is None or record.of is not None:
            beside = [*record.args, *record.kwargs.values()]
            reading.keep(record.callee.removeprefix("autogen_"), record.spot, what=record.name or record.method, beside=beside)
        elif table.type in ("termination", "tool", "workbench"):
            pointer = f"/rest/{kept}"
            components = Components(script, reading.piece)
            value = components.component(record, pointer, table.type)
            taken |= components.taken
            node = read_condition(reading, value, pointer) if table.type == "termination" else read_tool(reading, value, pointer)
            _tell(reading, components)
            reading.tell("approximated", "loose_part", record.spot, (node,), name=record.name or record.method)
        elif id(record) not in given:
            reading.tell("approximated", "unused", record.spot, name=record.name or record.method)


def _title(root: _Root, name: str, several: bool) -> str:
    given = root.record.get("name")
    own = given if isinstance(given, str) and root.type == "team" else root.record.name.replace("_", " ")
    if several and name:
        return f"{name}: {own or root.record.method}"
    return name or own or root.record.method
