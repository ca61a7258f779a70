"""Functions of AG2's groups, which use the group's variables and say who goes on: with classes of these names over what our tools have."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from studio.engine.parsing import parsed
from studio.formats.classic_python.read_handoffs import END, Group
from studio.formats.classic_python.read_roles import is_agent, name_of
from studio.formats.foreign_script.functions import Standing, is_framework, value_of
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Function, Imported, Record

VARIABLES = "context_variables"
"""The parameter that AG2 gives the variables to, whatever its hint says."""

_ENGINE = "from studio.engine import ToolReply, Variables"

_CONTEXT = '''class {name}(Variables):
    """The variables of the group."""'''

_METHODS = {
    "set": "def set(self, key, value):\n        self[key] = value",
    "contains": "def contains(self, key):\n        return key in self",
    "remove": "def remove(self, key):\n        return self.pop(key, self) is not self",
    "to_dict": "def to_dict(self):\n        return dict(self)",
}
"""What AG2's variables can beside what any dictionary can."""

_AGENT = """class _Agent(ToolReply):
    def __init__(self, name):
        super().__init__(f"Transfer to {name}", name)

    @property
    def name(self):
        return self.target"""

_RESULT = """class {name}(ToolReply):
    def __init__(self, {said}="", {to}=None, context_variables=None):
        super().__init__({said}, getattr({to}, "target", {to} or ""), context_variables or {{}})"""

_TO_AGENT = """class {name}(ToolReply):
    def __init__(self, agent):
        super().__init__(f"Transfer to {{agent.name}}", agent.name)"""

_TO_NAME = """class {name}(ToolReply):
    def __init__(self, agent_name):
        super().__init__(f"Transfer to {{agent_name}}", agent_name)"""

_TO_ANYBODY = """class {name}(ToolReply):
    def __init__(self, agents):
        agent = random.choice(list(agents))
        super().__init__(f"Transfer to {{agent.name}}", agent.name)"""

_FIXED = """class {name}(ToolReply):
    def __init__(self):
        super().__init__({words!r}, {target!r})"""

_OPTIONS = """class {name}:
    TERMINATE = ToolReply("Terminate", {end!r})
    REVERT_TO_USER = ToolReply("Revert to User", {user!r})
    STAY = ToolReply("Stay")"""

_WRITTEN = {
    "ContextVariables": _CONTEXT,
    "ReplyResult": _RESULT,
    "SwarmResult": _RESULT,
    "AgentTarget": _TO_AGENT,
    "AgentNameTarget": _TO_NAME,
    "RandomAgentTarget": _TO_ANYBODY,
    "TerminateTarget": _FIXED,
    "RevertToUserTarget": _FIXED,
    "AskUserTarget": _FIXED,
    "StayTarget": _FIXED,
    "AfterWorkOption": _OPTIONS,
}


def in_group(script: Script, function: Function, alone: Standing, group: Group) -> Standing:
    """The function with what it uses of its group: the variables, results that name who goes on, and stand-ins for agents."""
    try:
        tree = parsed(alone.source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return alone
    names = {each.id for each in ast.walk(tree) if isinstance(each, ast.Name)}
    classes = {name: found for name in sorted(names) if (found := _class_of(script, name))}
    wants = VARIABLES in function.parameters
    agents = _given_back(script, function, tree, set(classes))
    if not classes and not wants and not agents:
        return alone
    source = alone.source
    if wants:
        known = next((name for name, found in classes.items() if found == "ContextVariables"), "ContextVariables")
        classes[known] = "ContextVariables"
        source = _hinted(source, tree, alone.name, known)
    asked = {each.attr for each in ast.walk(tree) if isinstance(each, ast.Attribute)}
    written = [
        _written(name, found, group, asked) for name, found in sorted(classes.items(), key=lambda each: list(_WRITTEN).index(each[1]))
    ]
    if agents:
        written += [_AGENT, "\n".join(f"{name} = _Agent({agent!r})" for name, agent in agents.items())]
    ending = {"TerminateTarget", "AfterWorkOption", *(() if group.user else ("RevertToUserTarget", "AskUserTarget"))}
    group.ends = group.ends or not ending.isdisjoint(classes.values())
    before, after = _parted(source)
    own = ["import random"] * ("RandomAgentTarget" in classes.values()) + [_ENGINE]
    pieces = [before, "\n".join(own), *written, after]
    imports, *rest = [piece.strip("\n") for piece in pieces if piece.strip()]
    whole = "\n\n\n".join((f"{imports}\n\n{rest[0]}" if before.strip() else f"{imports}\n\n\n{rest[0]}", *rest[1:])) + "\n"
    missing = tuple(name for name in alone.missing if name not in classes and name not in agents)
    return replace(alone, source=whole, missing=missing)


def _class_of(script: Script, name: str) -> str:
    """Which of AG2's classes a name of the script means; empty for any other."""
    value = script.names.get(name)
    return value.name if isinstance(value, Imported) and is_framework(value.path) and value.name in _WRITTEN else ""


def _given_back(script: Script, function: Function, tree: ast.Module, classes: set[str]) -> dict[str, str]:
    """The variables that hold agents and are only given back, or given to a target, with what these agents are called."""
    passed: list[ast.expr] = []
    for each in ast.walk(tree):
        if isinstance(each, ast.Return) and each.value is not None:
            passed.append(each.value)
        elif isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id in classes:
            passed += [*each.args, *(keyword.value for keyword in each.keywords)]
    inner = [part for each in passed for part in ([*each.elts, each] if isinstance(each, ast.List | ast.Tuple) else [each])]
    branches = [part for each in inner for part in ([each.body, each.orelse] if isinstance(each, ast.IfExp) else [each])]
    places = {id(each) for each in branches}
    found: dict[str, str] = {}
    used: dict[str, bool] = {}
    for each in ast.walk(tree):
        if isinstance(each, ast.Name) and isinstance(value := _value(script, function, each.id), Record) and is_agent(value):
            used[each.id] = used.get(each.id, True) and id(each) in places
            if used[each.id] and (name := name_of(value)):
                found[each.id] = name
            else:
                found.pop(each.id, None)
    return found


def _value(script: Script, function: Function, name: str) -> Any:
    return value if (value := value_of(function, name)) is not None else script.names.get(name)


def _written(name: str, found: str, group: Group, asked: set[str]) -> str:
    """A class of AG2's over ours; `asked` are the names of methods that are called of anything."""
    if found == "ContextVariables":
        return "\n\n    ".join((_CONTEXT.format(name=name), *(method for called, method in _METHODS.items() if called in asked)))
    if found == "ReplyResult":
        return _RESULT.format(name=name, said="message", to="target")
    if found == "SwarmResult":
        return _RESULT.format(name=name, said="values", to="agent")
    if found == "AfterWorkOption":
        return _OPTIONS.format(name=name, end=END, user=group.user or END)
    words, target = {
        "TerminateTarget": ("Terminate", END),
        "RevertToUserTarget": ("Revert to User", group.user or END),
        "AskUserTarget": ("Ask User", group.user or END),
        "StayTarget": ("Stay", ""),
    }.get(found, ("", ""))
    return _WRITTEN[found].format(name=name, words=words, target=target)


def _parted(source: str) -> tuple[str, str]:
    """The imports with which a source begins, and what comes after them."""
    body = parsed(source).body
    count = next((index for index, each in enumerate(body) if not isinstance(each, ast.Import | ast.ImportFrom)), len(body))
    lines = source.split("\n")
    end = (body[count - 1].end_lineno or 0) if count else 0
    return "\n".join(lines[:end]), "\n".join(lines[end:])


def _hinted(source: str, tree: ast.Module, called: str, hint: str) -> str:
    """The source with this hint at the parameter that takes the variables."""
    function = next((each for each in tree.body if isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef) and each.name == called), None)
    if function is None:
        return source
    arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
    given = next((each for each in arguments if each.arg == VARIABLES), None)
    if given is None or (isinstance(given.annotation, ast.Name) and given.annotation.id == hint):
        return source
    lines = [line.encode() for line in source.split("\n")]
    first = (given.lineno - 1, given.col_offset)
    last = (given.end_lineno or given.lineno) - 1, given.end_col_offset or given.col_offset
    lines[first[0] : last[0] + 1] = [lines[first[0]][: first[1]] + f"{VARIABLES}: {hint}".encode() + lines[last[0]][last[1] :]]
    return b"\n".join(lines).decode()
