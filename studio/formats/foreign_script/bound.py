"""Methods of objects, and functions of which some arguments are given, as functions that stand alone."""

from __future__ import annotations

import ast
import copy
from textwrap import indent
from typing import Any

from studio.engine.parsing import parsed, parsed_expression
from studio.formats.autogen_components.said_of_code import under_name
from studio.formats.foreign_script.functions import MAX_HELD, Standing, from_margin, standing, standing_as
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.values import Class, Function, Instance, Record, is_known

_IMPORT = "from types import SimpleNamespace"
_OBJECT = "_object"
_BOUND = "_with_what_is_given"


def code_of(value: Any) -> Function | None:
    """The function behind a function, a method or a partial; None for anything else."""
    if isinstance(value, Record) and value.callee == "functools.partial" and value.args and not value.rest:
        return code_of(value.args[0])
    return value if isinstance(value, Function) else None


def beside_of(value: Any) -> list[Function | Class]:
    """What of the script belongs to a value that is code: the class of an object, or of a method's; the function of a partial."""
    if isinstance(value, Instance):
        return [value.definition]
    function = code_of(value)
    if function is None:
        return [value] if isinstance(value, Class) else []
    owner = function.owner
    definition = owner.definition if isinstance(owner, Instance) else owner
    return [definition] if isinstance(definition, Class) else [function]


def standing_alone(script: Script, value: Any, name: str = "") -> Standing | None:
    """The source of a function, a method or a partial, with everything of its script that it uses.

    None for what cannot stand alone: a method of an object that the script does not make where it can be seen, and lambdas without
    `name`, which is what a lambda is called then.
    """
    function = code_of(value)
    if function is None or (function.is_lambda and not name):
        return None
    if isinstance(value, Record):
        return _given(script, value, function)
    if function.owner is None or _is_static(function):
        return standing(script, function, name)
    return _method(script, function)


def _is_static(function: Function) -> bool:
    decorators = function.node.decorator_list if not isinstance(function.node, ast.Lambda) else []
    return any(isinstance(each, ast.Name) and each.id == "staticmethod" for each in decorators)


def _method(script: Script, function: Function) -> Standing | None:
    owner = function.owner
    if not isinstance(owner, Instance) or not function.parameters:
        return None
    made = _made_anew(script, function, owner)
    return _with_what_is_known(script, function, owner) if made is None or made.missing else made


def _made_anew(script: Script, function: Function, owner: Instance) -> Standing | None:
    """A method of an object that is made as the script makes it."""
    variable = next((name for name, value in script.names.items() if value is owner), "")
    made = "" if variable or owner.spot is None else script.source.text[owner.spot.start : owner.spot.end]
    if not variable and not made:
        return None
    written = _calling(function, function.name, f"{variable or _OBJECT}.{function.name}", dropped=1)
    last = f"{_OBJECT} = {made}" if made else ""
    nodes = [each for part in (written, last) for each in _tree(part)]
    if not nodes or (last and len(nodes) < 2):
        return None
    function.taken = owner.definition.taken = True
    alone = standing_as(script, function, written, function.name, *nodes, last=last)
    state = (*alone.state, *([owner.definition.name] if made else []))
    return Standing(alone.source, alone.name, alone.missing, state if _keeps_something(function) else ())


def _with_what_is_known(script: Script, function: Function, owner: Instance) -> Standing:
    """A method of an object that has agents: of one with the values that the script's has, and with the methods that it calls."""
    members, reached, used = owner.definition.members, [function], set[str]()
    for each in reached:
        for name in _asked_of_itself(each):
            member = members.get(name)
            if isinstance(member, Function) and name != "__init__":
                reached += [member] if member not in reached else []
            else:
                used.add(name)
    for each in reached:
        each.taken = True
    fields = {name: _stand_in(owner.fields[name] if name in owner.fields else members.get(name)) for name in sorted(used)}
    given = ", ".join(f"{name}={said}" for name, said in fields.items() if said)
    methods = "\n\n".join(_indented(script, each) for each in reached)
    called = owner.definition.name
    written = _calling(function, function.name, f"{_OBJECT}.{function.name}", dropped=1)
    main = f"{written}\n\nclass {called}(SimpleNamespace):\n{methods}"
    nodes = [*_tree(written), *(each.node for each in reached)]
    alone = standing_as(script, function, main, function.name, *nodes, last=f"{_OBJECT} = {called}({given})")
    source = alone.source
    future = "from __future__ import annotations\n"
    source = source.replace(future, f"{future}{_IMPORT}\n", 1) if source.startswith(future) else f"{_IMPORT}\n{source}"
    lost = tuple(f"self.{name}" for name, said in fields.items() if not said)
    missing = tuple(name for name in alone.missing if name != _OBJECT)
    return Standing(source, function.name, (*missing, *lost), (called,) if any(map(_keeps_something, reached)) else ())


def _asked_of_itself(function: Function) -> list[str]:
    """The attributes that a method asks of its object."""
    if isinstance(function.node, ast.Lambda) or not function.parameters:
        return []
    own = function.parameters[0]
    found = [each for each in ast.walk(function.node) if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name)]
    return [each.attr for each in found if isinstance(each.value, ast.Name) and each.value.id == own]


def _stand_in(value: Any) -> str:
    """What makes a value as far as a function that chooses looks at it: agents by their names; empty for what nobody knows."""
    if isinstance(value, Record):
        name = value.get("name", 0)
        return f"SimpleNamespace(name={str(name)!r})" if isinstance(name, str) else ""
    if isinstance(value, dict) and len(value) <= MAX_HELD and all(isinstance(key, str | int) for key in value):
        parts = {key: _stand_in(each) for key, each in value.items()}
        return f"{{{', '.join(f'{key!r}: {said}' for key, said in parts.items())}}}" if all(parts.values()) else ""
    if isinstance(value, list | tuple) and len(value) <= MAX_HELD:
        several = [_stand_in(each) for each in value]
        return f"[{', '.join(several)}]" if all(several) else ""
    return repr(value) if isinstance(value, str | int | float | bool | None) and is_known(value) else ""


def _keeps_something(function: Function) -> bool:
    """Whether a method sets attributes: they are as they were in the next call."""
    return any(isinstance(each, ast.Attribute) and isinstance(each.ctx, ast.Store) for each in ast.walk(function.node))


def _indented(script: Script, function: Function) -> str:
    """A method as it stands in a class at the margin."""
    assert not isinstance(function.node, ast.Lambda)
    return indent(from_margin(script.source, function.node), "    ")


def _given(script: Script, partial: Record, function: Function) -> Standing | None:
    if function.owner is not None or function.is_lambda or partial.args[0] is not function:
        return None
    texts = {key: script.source.text[spot.start : spot.end] for key, spot in partial.spots.items()}
    before = [texts.get(place, "") for place in range(1, len(partial.args))]
    keywords = {name: texts.get(name, "") for name in partial.kwargs}
    keywords = {name: text.partition("=")[2].strip() if text.startswith(f"{name}=") else text for name, text in keywords.items()}
    if not all((*before, *keywords.values())) or not all(map(_is_expression, (*before, *keywords.values()))):
        return None
    name = f"{function.name}{_BOUND}"
    written = _calling(function, name, function.name, dropped=len(before), before=before, keywords=keywords)
    nodes = _tree(written)
    if not nodes:
        return None
    partial.take(*range(len(partial.args)), *partial.kwargs)
    function.taken = True
    alone = standing_as(script, function, written, name, *nodes)
    # Whatever hands on what is given bears the name.
    source = under_name(under_name(alone.source, function.name, f"{function.name}_itself"), name, function.name)
    return Standing(source, function.name if source != alone.source else name, alone.missing, alone.state)


def _calling(
    function: Function, name: str, target: str, *, dropped: int, before: list[str] | None = None, keywords: dict[str, str] | None = None
) -> str:
    """A function that hands on what it is given: with the parameters that are left, the hints and the docstring of the other one."""
    node, keywords = function.node, keywords or {}
    assert not isinstance(node, ast.Lambda)
    given = copy.deepcopy(node.args)
    positional = [*given.posonlyargs, *given.args]
    defaults: list[ast.expr | None] = [*[None] * (len(positional) - len(given.defaults)), *given.defaults]
    left = [(each, default) for each, default in list(zip(positional, defaults, strict=True))[dropped:] if each.arg not in keywords]
    only = [(each, default) for each, default in zip(given.kwonlyargs, given.kw_defaults, strict=True) if each.arg not in keywords]
    # Those without a default come first.
    left.sort(key=lambda each: each[1] is not None)
    given.posonlyargs, given.args = [], [each for each, _ in left]
    given.defaults = [default for _, default in left if default is not None]
    given.kwonlyargs, given.kw_defaults = [each for each, _ in only], [default for _, default in only]
    names_only = {each.arg for each in node.args.posonlyargs}
    passed = [*(before or []), *(each.arg for each, _ in left if each.arg in names_only)]
    passed += [f"*{given.vararg.arg}"] if given.vararg is not None else []
    passed += [f"{each.arg}={each.arg}" for each, _ in (*left, *only) if each.arg not in names_only]
    passed += [f"{each}={text}" for each, text in keywords.items()]
    passed += [f"**{given.kwarg.arg}"] if given.kwarg is not None else []
    waits = isinstance(node, ast.AsyncFunctionDef)
    call = f"{'await ' if waits else ''}{target}({', '.join(passed)})"
    written = parsed(f"{'async ' if waits else ''}def {name}():\n    return {call}\n").body[0]
    assert isinstance(written, ast.FunctionDef | ast.AsyncFunctionDef)
    written.args, written.returns = given, node.returns
    if (words := ast.get_docstring(node)) is not None:
        written.body.insert(0, ast.Expr(ast.Constant(words)))
    return ast.unparse(ast.fix_missing_locations(written)) + "\n"


def _tree(source: str) -> list[ast.stmt]:
    """The statements of a source; none where it cannot be read."""
    try:
        return parsed(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _is_expression(text: str) -> bool:
    try:
        parsed_expression(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
