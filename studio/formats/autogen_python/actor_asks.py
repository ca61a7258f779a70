"""What an actor asks its model with: the client, system messages and tools; and the words of the script's own messages."""

from __future__ import annotations

from typing import Any

from studio.formats.autogen_python.actor_parts import attributes, records_within
from studio.formats.autogen_python.actors import LOOP, Actor
from studio.formats.python_reading.values import Function, Instance, Member, Record, is_small, walk


def words_in(value: Any, depth: int = 0) -> str:
    """The text of a message of the script's own class: its content, or the first text that it holds."""
    if isinstance(value, str):
        return str(value)
    if depth > 4 or not is_small(value):
        return ""
    held: dict[Any, Any] = {}
    if isinstance(value, Instance):
        held = value.fields
    elif isinstance(value, Record):
        held = {**value.kwargs, **dict(enumerate(value.args))}
    elif isinstance(value, list | tuple):
        held = dict(enumerate(value[:20]))
    preferred = [held[name] for name in ("content", "task", "body", "text", "question", "message", "prompt") if name in held]
    return next((words for each in (*preferred, *held.values()) if (words := words_in(each, depth + 1)).strip()), "")


def prompts_of(actor: Actor) -> list[Any]:
    """The system messages of an actor: those that its model is asked with, else those that it holds."""
    asked = [each for call in actor.asks for each in records_within([*call.args, *call.kwargs.values()])]
    found = [each for each in asked if each.method == "SystemMessage"]
    if not found:
        found = [each for each in records_within(list(actor.made.fields.values())) if each.method == "SystemMessage"]
    if found:
        return [each.look("content", 0) for each in found]
    held = {**actor.made.kwargs, **actor.made.fields}
    return [value for name, value in held.items() if "system" in name and isinstance(value, str)]


def tools_of(actor: Actor) -> list[Any]:
    """The tools that an actor offers its model: FunctionTools, functions, or what only a run would tell."""
    given = [call.look("tool_schema", 2) if call.callee == LOOP else call.look("tools", 1) for call in actor.asks]
    given += [*actor.made.kwargs.values()] if actor.definition is None else []
    listed = [each for value in given for each in walk(value) if isinstance(each, Record | Function | Member)]
    if not listed:
        listed = [each for each in attributes(actor.made) if each.method.endswith("Tool")]
    found: dict[int, Any] = {}
    for each in listed:
        while isinstance(each, Member):
            # `[tool.schema for tool in tools]`
            each = each.of
        if isinstance(each, Record) and each.method in ("list_tools", "list_tools()") and each.of is not None:
            each = each.of
        usable = isinstance(each, Function) or (isinstance(each, Record) and each.method.endswith(("Tool", "Workbench")))
        if usable or (isinstance(each, Record) and actor.definition is not None):
            found.setdefault(id(each), each)
    return list(found.values())
