"""Reading scripts for AutoGen 0.2 and AG2: every conversation that a script begins becomes a flow. Runs and imports nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from studio.flow.findings import Imported
from studio.formats.classic_python.read_agents import Agents
from studio.formats.classic_python.read_calls import BESIDE, BY_ITSELF, SILENT, USUAL, arguments, parameters
from studio.formats.classic_python.read_groups import is_group
from studio.formats.classic_python.read_roles import is_agent, name_of
from studio.formats.classic_python.read_teams import Teams
from studio.formats.classic_python.read_tools import tools_of
from studio.formats.foreign_script.accounting import Manners, settle
from studio.formats.foreign_script.functions import is_framework
from studio.formats.foreign_script.given_code import keep_given
from studio.formats.foreign_script.reading import BUILDERS, NobodyFound, ScriptReading, only_looks
from studio.formats.foreign_script.tasks import Asked, asked_in, is_whole, words_of
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Function, Record, plain
from studio.texts import text

PACKAGES = frozenset(("autogen", "ag2", "pyautogen"))
MAX_FLOWS = 40
MAX_KEPT = 60
_PAIRS = ("initiate_chat", "a_initiate_chat")
_ROWS = ("initiate_chats", "a_initiate_chats")
_GROUPS = ("initiate_group_chat", "a_initiate_group_chat", "run_group_chat", "a_run_group_chat")
_SWARMS = ("initiate_swarm_chat", "a_initiate_swarm_chat", "run_swarm")
_RUNS = ("run", "a_run", "generate_reply", "a_generate_reply")
_SENDS = ("send", "a_send")
_CHAT_FIELDS = frozenset(("carryover", "summary_method"))


def is_classic_script(script: Script) -> bool:
    """Whether a script imports AutoGen 0.2, AG2 or what has their vocabulary here."""
    return any(module.partition(".")[0] in PACKAGES or module.startswith("studio.classic") for module in script.imports)


@dataclass(slots=True)
class _Conversation:
    """A conversation that a script begins. `calls` are those that begin it or go on with it."""

    kind: Literal["pair", "group", "row", "pattern", "alone"]
    sender: Record | None
    recipient: Record | None
    calls: list[Record]
    tasks: list[Asked] = field(default_factory=list)
    queue: list[Mapping[Any, Any]] = field(default_factory=list)


def from_script(script: Script, name: str = "") -> tuple[Imported, ...]:
    """The flows of a script: one of each conversation. `name` is what to call a flow. Raises NobodyFound without any agent."""
    conversations = _conversations(script)
    if not conversations:
        raise NobodyFound(script)
    _join_hand_overs(script)
    tools = tools_of(script)
    taken: set[int] = set()
    drawn: list[tuple[ScriptReading, str, tuple[str, ...]]] = []
    for each in conversations[:MAX_FLOWS]:
        reading = ScriptReading(script, text("script.form.classic"))
        agents = Agents(reading, tools)
        _draw(Teams(reading, agents), each)
        taken |= agents.taken
        taken |= reading.pictured([image for task in each.tasks for image in task.images])
        tasks = tuple(dict.fromkeys(task.words for task in each.tasks if task.words))
        drawn.append((reading, _title(each, name, len(conversations) > 1), tasks))
    first = drawn[0][0]
    if len(conversations) > MAX_FLOWS:
        first.tell("decision", "more_flows", "", remedy=True, limit=MAX_FLOWS)
    beside = Agents(first, tools)
    seen = {(record.spot, name_of(record)) for record in script.records if id(record) in taken}
    for record in script.records:
        if is_agent(record) and id(record) not in taken and _is_ours(record):
            taken.add(id(record))
            if (record.spot, name_of(record)) in seen:
                # The same line of the script, gone through twice.
                continue
            seen.add((record.spot, name_of(record)))
            node = beside.draw(record, None)
            first.tell("approximated", "loose", record.spot, (node,), name=name_of(record))
    _tell_rest(script, [reading for reading, _, _ in drawn], taken | beside.taken)
    return tuple(reading.finish(title, "", tasks) for reading, title, tasks in drawn)


def _join_hand_overs(script: Script) -> None:
    """`register_hand_off(agent, …)` says of an agent what the agent's own method says."""
    for record in script.records:
        if record.method == "register_hand_off" and record.of is None and isinstance(agent := record.look("agent", 0), Record):
            if record.args:
                record.take("agent", 0)
            agent.calls.append(record)


def _is_ours(record: Record) -> bool:
    return record.definition is not None or is_framework(record.callee)


# Which conversations there are --------------------------------------------------------------------------------------------


def _conversations(script: Script) -> list[_Conversation]:
    found: dict[tuple[Any, ...], _Conversation] = {}
    inner = _asked_within(script)
    for record in script.records:
        made = _begun(record)
        if made is None or id(record) in inner:
            continue
        place = id(made.queue) if made.queue else record.spot.start if made.kind == "pattern" else 0
        key = (made.kind, id(made.sender), id(made.recipient), place)
        known = found.setdefault(key, made)
        if known is not made:
            known.calls += made.calls
            known.tasks += made.tasks
    for record in script.records:
        if (
            record.method in _SENDS
            and record.of is not None
            and not _sent(record, found)
            and (made := _begun_by_message(record)) is not None
        ):
            found[(made.kind, id(made.sender), id(made.recipient), 0)] = made
    spoken = {id(each.recipient) for each in found.values()} | {id(each.sender) for each in found.values()}
    alone = [each for each in found.values() if each.kind == "alone"]
    for each in alone:
        if sum(1 for other in found.values() if other.kind != "alone" and id(each.recipient) in (id(other.recipient), id(other.sender))):
            found = {key: value for key, value in found.items() if value is not each}
    return list(found.values()) or _unbegun(script, spoken)


def _asked_within(script: Script) -> set[int]:
    """Calls of functions that agents are given (as replies, as tools): these are no conversations that the script begins."""
    given_away = [function.spot for function in script.functions if not function.called]
    runs = [record for record in script.records if record.of is None and record.method in _RUNS]
    return {id(record) for record in runs if any(spot.start <= record.spot.start < spot.end for spot in given_away)}


def _begun(record: Record) -> _Conversation | None:
    given = dict(arguments(record, record.method.removeprefix("a_")))
    sender = record.of
    if record.method in _PAIRS and isinstance(recipient := given.get("recipient"), Record):
        tasks = _task(given.get("message"), record) or _task(record.get("problem"), record)
        if is_group(recipient):
            return _Conversation("group", sender, recipient, [record], tasks)
        if sender is not None:
            return _Conversation("pair", sender, recipient, [record], tasks)
        # Who begins is known only when the script runs.
        return _Conversation("alone", None, recipient, [record], tasks) if is_agent(recipient) else None
    if record.method in _ROWS:
        queue = given.get("chat_queue")
        chats = [each for each in queue if isinstance(each, Mapping)] if isinstance(queue, list | tuple) else []
        if chats:
            return _Conversation("row", sender, None, [record], _task(chats[0].get("message"), record), chats)
    if record.method in _GROUPS and record.of is None and isinstance(pattern := given.get("pattern"), Record):
        return _Conversation("pattern", None, pattern, [record], _task(given.get("messages"), record))
    if record.method in _GROUPS and record.of is None and record.args and isinstance(record.args[0], Record):
        return _Conversation("pattern", None, record.args[0], [record], _task(record.look("messages", 1), record))
    if record.method in _SWARMS and record.of is None:
        return _Conversation("pattern", None, record, [record], _task(given.get("messages"), record))
    if record.method in _RUNS and sender is not None and is_agent(sender):
        recipient = given.get("recipient")
        tasks = _task(given.get("message", given.get("messages", record.args[0] if record.args else None)), record)
        if isinstance(recipient, Record):
            return _Conversation("group" if is_group(recipient) else "pair", sender, recipient, [record], tasks)
        return _Conversation("alone", None, sender, [record], tasks)
    return None


def _task(value: Any, record: Record) -> list[Asked]:
    asked = asked_in(value, record.spot)
    return [asked] if asked.words or asked.images else []


def _sent(record: Record, found: Mapping[tuple[Any, ...], _Conversation]) -> bool:
    """Whether a message goes on with a conversation: it is one more task to try."""
    recipient = record.look("recipient", 1)
    goes_on = False
    for each in found.values():
        if each.sender is record.of and each.recipient is recipient and (task := _task(record.look("message", 0), record)):
            record.take("recipient", 1, "message", 0, "request_reply", 2)
            each.tasks += task
            goes_on = True
    return goes_on


def _begun_by_message(record: Record) -> _Conversation | None:
    """A conversation that begins with a message that asks for an answer."""
    sender, recipient = record.of, record.look("recipient", 1)
    if plain(record.look("request_reply", 2)) is not True or not isinstance(recipient, Record) or sender is None:
        return None
    if not is_agent(sender) or not (is_group(recipient) or is_agent(recipient)):
        return None
    record.take("request_reply", 2, "recipient", 1)
    return _Conversation("group" if is_group(recipient) else "pair", sender, recipient, [record], _task(record.look("message", 0), record))


def _unbegun(script: Script, spoken: set[int]) -> list[_Conversation]:
    """Where a script begins nothing: its groups, or its agents, as they would talk."""
    groups = [record for record in script.records if is_group(record)]
    if groups:
        return [_Conversation("group", None, each, [each]) for each in groups]
    agents = [record for record in script.records if is_agent(record) and _is_ours(record) and id(record) not in spoken]
    people = [each for each in agents if each.method == "UserProxyAgent"]
    others = [each for each in agents if each.method != "UserProxyAgent"]
    if len(people) == 1 and len(others) == 1:
        return [_Conversation("pair", people[0], others[0], [others[0]])]
    return [_Conversation("alone", None, each, [each]) for each in others or people]


# Drawing them ---------------------------------------------------------------------------------------------------------------


def _draw(teams: Teams, each: _Conversation) -> None:
    reading, call = teams.reading, each.calls[0]
    match each.kind:
        case "pair":
            assert each.sender is not None
            assert each.recipient is not None
            teams.pair(each.sender, each.recipient, call)
        case "group":
            assert each.recipient is not None
            team = teams.group(each.recipient, each.sender)
            if each.sender is not None and id(each.sender) not in teams.agents.taken and is_agent(each.sender):
                teams.agents.taken.add(id(each.sender))
                reading.tell("approximated", "begins_only", each.sender.spot, (team,), name=name_of(each.sender))
        case "row":
            teams.row(call, each.queue, each.sender)
            if each.sender is not None and is_agent(each.sender):
                teams.agents.taken.add(id(each.sender))
        case "pattern":
            assert each.recipient is not None
            teams.pattern(call, each.recipient)
        case "alone":
            assert each.recipient is not None
            teams.member(each.recipient, None)
    for begun in each.calls:
        _tell_begun(reading, each, begun)


def _tell_begun(reading: ScriptReading, conversation: _Conversation, begun: Record) -> None:
    """What a conversation begins with, and what of that only a run would tell."""
    given = arguments(begun, begun.method.removeprefix("a_"))
    begun.take(*({"pattern", "recipient", "chat_queue", "max_rounds"} & set(given)), *((0,) if "0" in given or begun.args else ()))
    name = "message" if "message" in given else "messages"
    message = given.get(name)
    if isinstance(message, Function):
        source = " ".join(message.source.split())[:160]
        reading.tell("decision", "message_function", message.spot, remedy=True, source=source)
    elif not is_whole(message):
        reading.tell("approximated", "task_partly", begun.spot)
    elif message is not None and not words_of(message):
        spot = begun.spot_of(name)
        source = " ".join(reading.script.source.text[spot.start : spot.end].split())[:120]
        reading.tell("approximated", "task_unknown", spot, source=source)
    if conversation.kind in ("pair", "group"):
        for name in _CHAT_FIELDS:
            if given.get(name) not in (None, "last_msg"):
                reading.tell("approximated", "chat_field", begun.spot_of(name), field=name)


def _tell_rest(script: Script, readings: list[ScriptReading], taken: set[int]) -> None:
    """What of the framework is left and was not read where it is used is kept with its source, or told."""
    reading = readings[0]
    _keep_rest(script, reading, taken)
    keep_given(script, readings)
    settle(script, readings, taken, Manners(parameters, USUAL, BY_ITSELF))


def _keep_rest(script: Script, reading: ScriptReading, taken: set[int]) -> None:
    kept = 0
    seen: set[int] = set()
    for record in script.records:
        if id(record) in taken or not is_framework(record.callee) or record.spot.start in seen or is_agent(record):
            continue
        if record.method in BESIDE or (record.of is not None and record.method in SILENT | BY_ITSELF) or record.callee.endswith("()"):
            continue
        if record.method.endswith("ConfigEntry") or only_looks(record):
            continue
        seen.add(record.spot.start)
        kept += 1
        if kept > MAX_KEPT:
            reading.tell("decision", "more_kept", record.spot, remedy=True)
            return
        title = f"{record.of.name}.{record.method}" if record.of is not None and record.of.name else record.name or record.method
        reading.keep(record.method, record.spot, what=title, beside=[*record.args, *record.kwargs.values()], code=_how_kept(record))


def _how_kept(record: Record) -> str:
    """The finding of what is kept: what a builder of teams does is told with what to do instead."""
    if record.of is None or record.of.method not in BUILDERS:
        return "kept"
    return "kept_builder_file" if record.method == "load" else "kept_builder" if record.method.startswith("build") else "kept"


def _title(each: _Conversation, name: str, several: bool) -> str:
    own = name_of(each.recipient) if each.recipient is not None else ""
    if several and name:
        return f"{name}: {own or each.kind}"
    return name or own or "AutoGen"
