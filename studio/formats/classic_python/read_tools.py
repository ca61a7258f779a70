"""Functions that agents of classic scripts call: whoever offers them, by register_function, by decorators or by maps."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from studio.formats.autogen_components.reading_tools import read_function
from studio.formats.classic_python.read_calls import Given, arguments
from studio.formats.classic_python.read_group_functions import in_group
from studio.formats.classic_python.read_handoffs import Group
from studio.formats.foreign_script.bound import beside_of, code_of, standing_alone
from studio.formats.foreign_script.functions import wrapped_in
from studio.formats.foreign_script.reading import ScriptReading, at
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Entries, Function, Imported, Record, Symbol, Unknown, plain

_HANDED = re.compile(r"Handed over to (.{1,200})\.")


@dataclass(slots=True)
class Offered:
    """A function that an agent's model may call."""

    caller: Record
    function: Any
    name: str
    description: str
    spot: Spot
    name_at: Spot | None = None
    arguments: tuple[str, ...] = ()
    """What a schema tells the model of and the function does not."""


def tools_of(script: Script) -> list[Offered]:
    """Every function that a script offers to an agent, in the order of the script."""
    found: list[Offered] = []
    for function in script.functions:
        for decorator in function.decorators:
            if isinstance(decorator, Record) and decorator.method == "register_for_llm" and decorator.of is not None:
                found.append(_offered(decorator.of, function, arguments(decorator), function.spot))
    for record in script.records:
        given = arguments(record)
        if record.method == "register_function" and record.of is None and isinstance(caller := given.looked("caller"), Record):
            record.take("caller", "executor")
            found.append(_offered(caller, given.get("f"), given, record.spot))
        elif record.callee.endswith(".register_for_llm()") and record.of is not None and record.of.of is not None and record.args:
            record.take(0)
            found.append(_offered(record.of.of, record.args[0], arguments(record.of), record.spot))
        elif record.callee == "function.register_for_llm" and len(record.args) > 1 and isinstance(record.args[1], Record):
            function = record.args[0]
            record.take(0, 1)
            found.append(_offered(record.args[1], function, _decorated_as(function), record.spot))
        elif record.method == "register_for_llm" and record.of is not None and record.of.method == "Tool" and record.args:
            tool = record.of.kwargs
            if isinstance(record.args[0], Record):
                record.take(0)
                record.of.take("name", "description", "func_or_tool")
                found.append(_offered(record.args[0], tool.get("func_or_tool"), tool, record.spot))
        elif record.of is None and (functions := given.looked("functions")) is not None:
            listed = list(functions) if isinstance(functions, list | tuple) else [functions]
            if all(isinstance(each, Function | Imported) for each in listed):
                record.take("functions")
            for each in (each for each in listed if isinstance(each, Function | Imported)):
                named = {"name": each.name} if isinstance(each, Imported) else {}
                found.append(_offered(record, each, named, record.spot_of("functions")))
    found += _by_name(script)
    _take_executors(script, {id(each.function) for each in found})
    return found


@dataclass(frozen=True, slots=True)
class Called:
    """An agent, or the manager of a group, that a function asks: the tool is whoever answers."""

    record: Record
    remembers: bool
    chat: Record
    heard: str


def called_by(script: Script, offered: Offered) -> Called | None:
    """Whom a function gives its one argument to and whose answer it gives back; None for a function that does anything else."""
    function = offered.function
    if not isinstance(function, Function) or function.is_lambda or function.owner is not None or len(function.parameters) != 1:
        return None
    if len(function.node.body) > 1 + (ast.get_docstring(function.node) is not None):  # type: ignore[arg-type]
        return None
    _, records = script.follow(function)
    chats = [each for each in records if each.method in ("initiate_chat", "a_initiate_chat") and each.of is not None]
    if len(chats) != 1:
        return None
    given = arguments(chats[0])
    recipient, message = given.looked("recipient"), given.looked("message")
    asked = isinstance(message, Unknown) and message.source == function.parameters[0]
    once = plain(given.looked("max_turns")) == 1
    if not isinstance(recipient, Record) or recipient is offered.caller or recipient.of is not None or not asked or not once:
        return None
    summary = given.looked("summary_method")
    if isinstance(summary, Function):
        summary.taken = True
    whole = isinstance(summary, Function) and not summary.is_lambda and "Everything" in (ast.get_docstring(summary.node) or "")  # type: ignore[arg-type]
    return Called(recipient, plain(given.looked("clear_history")) is False, chats[0], "all" if whole else "last")


def handed_to(offered: Offered) -> tuple[str, str]:
    """To whom a function hands over that our own export made, and when; empty for any other."""
    function = offered.function
    if not isinstance(function, Function) or isinstance(function.node, ast.Lambda) or function.parameters:
        return "", ""
    last = function.node.body[-1]
    said = last.value.value if isinstance(last, ast.Return) and isinstance(last.value, ast.Constant) else None
    found = _HANDED.fullmatch(said) if isinstance(said, str) and function.name.startswith("transfer_to_") else None
    if found is None:
        return "", ""
    words = offered.description or ast.get_docstring(function.node) or ""
    return found[1], words.removeprefix(f"Hand the conversation over to {found[1]}.").strip()


def _take_executors(script: Script, offered: set[int]) -> None:
    """Who runs a function that somebody's model may call: here whoever calls it runs it, which is told with the caller."""
    for function in script.functions:
        for decorator in function.decorators:
            if id(function) in offered and isinstance(decorator, Record) and decorator.method == "register_for_execution":
                decorator.take("name")
    for record in script.records:
        if record.callee.endswith(".register_for_execution()") and record.args and id(record.args[0]) in offered and record.of is not None:
            record.take(0)
            record.of.take("name")
        elif record.callee == "function.register_for_execution" and record.args and id(record.args[0]) in offered:
            record.take(0, 1)
        for name in ("function_map", 0) if record.method == "register_function" and record.of is not None else ("function_map",):
            mapped = record.kwargs.get("function_map") if name == "function_map" else next(iter(record.args), None)
            if isinstance(mapped, Mapping) and all(id(each) in offered for each in mapped.values()):
                record.take(name)


def _decorated_as(function: Function) -> Mapping[str, Any]:
    """The name and the description that AG2's `@tool(…)` gives a function."""
    return next((each.kwargs for each in function.decorators if isinstance(each, Record) and each.method == "tool"), {})


def _by_name(script: Script) -> list[Offered]:
    """The old way: schemas in the llm_config of one agent, functions by their names in the map of another."""
    functions: dict[str, Any] = {}
    for record in script.records:
        for mapped in (arguments(record).looked("function_map"), record.kwargs.get("function_map")):
            if isinstance(mapped, Mapping):
                functions.update({name: each for name, each in mapped.items() if isinstance(name, str) and isinstance(each, Symbol)})
    found = []
    for record in script.records:
        config = arguments(record).looked("llm_config") if record.of is None else None
        listed = [*_listed(config, "functions"), *_of_assistant(record, config)]
        for schema in listed:
            name = plain(schema.get("name")) if isinstance(schema, Mapping) else None
            if isinstance(name, str) and name in functions:
                function, said = functions[name], {"name": name, "description": schema.get("description")}
                spot = function.spot if isinstance(function, Function) else _around(schema, record.spot)
                offered = _offered(record, function, said, spot)
                offered.arguments = _told_of(schema, function)
                found.append(offered)
    return found


def _told_of(schema: Mapping[Any, Any], function: Any) -> tuple[str, ...]:
    """The arguments of which a schema says what they are for, in words that do not stand in the function."""
    parameters = schema.get("parameters")
    told = parameters.get("properties") if isinstance(parameters, Mapping) else None
    source = function.source if isinstance(function, Function) else ""
    return tuple(
        str(name)
        for name, said in (told.items() if isinstance(told, Mapping) else ())
        if isinstance(said, Mapping) and isinstance(words := plain(said.get("description")), str) and words not in source
    )


def _around(schema: Mapping[Any, Any], where: Spot) -> Spot:
    """Where all of a schema stands that is written out."""
    spots = sorted(schema.spots.values(), key=lambda spot: spot.start) if isinstance(schema, Entries) else []
    return Spot(spots[0].line, spots[-1].end_line, spots[0].start, spots[-1].end) if spots else where


def _listed(config: Any, name: str) -> list[Any]:
    found = config.get(name) if isinstance(config, Mapping) else None
    return list(found) if isinstance(found, list | tuple) else []


def _of_assistant(record: Record, config: Any) -> list[Any]:
    """The schemas of the functions that one of OpenAI's assistants was given."""
    if record.method != "GPTAssistantAgent":
        return []
    tools = [*_listed(arguments(record).looked("assistant_config"), "tools"), *_listed(config, "tools")]
    return [each.get("function") for each in tools if isinstance(each, Mapping) and plain(each.get("type")) == "function"]


def _offered(caller: Record, function: Any, given: Mapping[str, Any], spot: Spot) -> Offered:
    name, description = given.get("name"), given.get("description")
    named = given.record.spot_of("name") if isinstance(given, Given) and "name" in given else None
    words = str(description) if isinstance(description, str) else ""
    return Offered(caller, function, str(name) if isinstance(name, str) else "", words, spot, named)


def draw_tool(reading: ScriptReading, offered: Offered, group: Group) -> str:
    """Draws a tool of somebody in a group and gives its node's id; one that is no function of the script is kept as it stands."""
    given, asks_first = wrapped_in(offered.function) if isinstance(offered.function, Function) else (offered.function, False)
    function, alone = code_of(given), standing_alone(reading.script, given, offered.name)
    if function is None or alone is None:
        return reading.keep(offered.name or "tool", offered.spot, beside=beside_of(given))
    alone = in_group(reading.script, function, alone, group)
    where = at(function.spot)
    node = read_function(
        reading,
        source=alone.source,
        name=offered.name or alone.name,
        description=offered.description,
        imports=None,
        at=where,
        code_at=where,
        name_at=at(offered.name_at) if offered.name_at is not None else where,
    )
    if offered.arguments:
        named = ", ".join(offered.arguments)[:200]
        reading.tell("approximated", "tool_arguments", offered.caller.spot_of("llm_config"), (node,), name=alone.name, arguments=named)
    if asks_first and reading.kind_of(node) == "python_tool":
        reading.put(node, {**reading.config_of(node), "approval": "always"})
    if alone.state:
        reading.tell("approximated", "state_lost", function.spot, (node,), name=alone.name, what=", ".join(alone.state)[:200])
    if alone.missing:
        missing = ", ".join(alone.missing)[:200]
        reading.tell("decision", "names_missing", function.spot, (node,), remedy=True, name=alone.name, missing=missing)
    return node
