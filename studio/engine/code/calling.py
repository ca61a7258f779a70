"""Calling a function with JSON arguments: fitting them to the function's hints, and its result as text.

The same code serves a function of this process and one that is run in a sandbox: there the text of this file is handed to an
interpreter, so it needs nothing but the standard library of Python 3.10. Run as a program it reads
`{"source", "function", "arguments", "limit"}` from standard input and writes `{"output", "is_error", "is_text", "variables", "target"}`
to the file that CONVENE_RESULT names, so that what the function prints cannot be taken for its result. `Writer.reply` is a function
too: the method of a new object.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import functools
import importlib.util
import inspect
import json
import linecache
import math
import os
import sys
import traceback
import types
import typing
from collections.abc import Callable
from typing import Any, Union

SOURCE_NAME = "tool.py"
"""What a tool's source is called in its error messages and tracebacks."""

LISTS = (list, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)
SETS = (set, frozenset)
OBJECTS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_WRITTEN = ("datetime", "decimal", "pathlib", "uuid")
"""Packages whose classes are made of a text; Python 3.13 keeps Path in pathlib._local."""
_UNIONS = (Union, getattr(types, "UnionType", Union))


class BadArguments(Exception):
    """Arguments that do not fit. The message is written for the model that sent them."""


# Arguments ------------------------------------------------------------------------------------------------------------


def fitted(function: Callable[..., Any], arguments: dict[str, Any]) -> tuple[list[Any], dict[str, Any]]:
    """Positional and keyword arguments for `function`, each fitted to its hint. Raises BadArguments naming the argument."""
    parameters = inspect.signature(function).parameters
    hints = _hints_of(function)
    named = {
        name: parameter
        for name, parameter in parameters.items()
        if parameter.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    }
    unknown = [name for name in arguments if name not in named]
    if unknown:
        known = ", ".join(named) or "none"
        raise BadArguments(f"There is no argument '{_cut(unknown[0], 60)}'. Arguments that exist: {known}.")
    positional: list[Any] = []
    keywords: dict[str, Any] = {}
    for name, parameter in named.items():
        if name in arguments:
            value = fit(arguments[name], hints.get(name, Any), name)
        elif parameter.default is inspect.Parameter.empty:
            raise BadArguments(f"The argument '{name}' is missing.")
        elif parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
            value = parameter.default
        else:
            continue
        if parameter.kind is inspect.Parameter.POSITIONAL_ONLY:
            positional.append(value)
        else:
            keywords[name] = value
    return positional, keywords


def _hints_of(function: Callable[..., Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(written(function), include_extras=True)
    except Exception:  # a hint that cannot be evaluated fits everything
        return {}


def written(function: Any) -> Any:
    """The function that somebody wrote, with its name, hints and docstring: behind decorators, a partial or a callable object."""
    if isinstance(function, functools.partial):
        function = function.func
    if not inspect.isroutine(function) and not inspect.isclass(function):
        function = type(function).__call__
    return inspect.unwrap(function)


def fit(value: Any, hint: Any, path: str) -> Any:
    """`value` as the hint wants it, with the small repairs that models need: "3" for 3, 3 for "3", 2.0 for 2.

    Hints that are not known fit everything. Raises BadArguments naming `path`.
    """
    if hint is Any or hint is object or isinstance(hint, (str, typing.TypeVar)):
        return value
    if hint is None or hint is type(None):
        if value is None:
            return None
        raise _misfit(path, "null", value)
    if isinstance(hint, type) and hint in _SIMPLE:
        return _SIMPLE[hint](value, path)
    origin, parts = typing.get_origin(hint) or hint, typing.get_args(hint)
    if hasattr(origin, "__metadata__") or origin is typing.Annotated:
        return fit(value, parts[0], path)
    if origin is typing.Literal:
        return _fit_literal(value, parts, path)
    if origin in _UNIONS:
        return _fit_union(value, parts, path)
    if origin in OBJECTS:
        return _fit_object(value, parts, path)
    if origin in LISTS:
        return _fit_items(value, parts, path)
    if origin in SETS:
        return origin(_fit_items(value, parts, path))
    if origin is tuple:
        return _fit_tuple(value, parts, path)
    if hasattr(origin, "model_validate"):
        return _fit_model(value, origin, path)
    return _fit_class(value, origin, path) if isinstance(origin, type) else value


def _fit_text(value: Any, path: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    raise _misfit(path, "text", value)


def _fit_integer(value: Any, path: str) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    try:
        if isinstance(value, str) or (isinstance(value, float) and value.is_integer()):
            return int(value)
    except ValueError:
        pass
    raise _misfit(path, "a whole number", value)


def _fit_number(value: Any, path: str) -> float:
    try:
        if isinstance(value, (int, float, str)) and not isinstance(value, bool) and math.isfinite(number := float(value)):
            return number
    except (ValueError, OverflowError):
        pass
    raise _misfit(path, "a number", value)


def _fit_truth(value: Any, path: str) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise _misfit(path, "true or false", value)


def _fit_literal(value: Any, choices: tuple[Any, ...], path: str) -> Any:
    for choice in choices:
        if type(choice) is type(value) and choice == value:
            return choice
    for choice in choices:
        if isinstance(value, (str, int, float)) and not isinstance(value, bool) and str(choice) == str(value):
            return choice
    raise _misfit(path, "one of " + ", ".join(shown(choice) for choice in choices), value)


def _fit_union(value: Any, hints: tuple[Any, ...], path: str) -> Any:
    exact = {bool: bool, int: int, float: float, str: str, type(None): type(None)}
    for hint in hints:
        if exact.get(hint) is type(value):
            return value
    mistakes = []
    for hint in hints:
        try:
            return fit(value, hint, path)
        except BadArguments as mistake:
            mistakes.append(mistake)
    raise mistakes[0]


def _fit_object(value: Any, parts: tuple[Any, ...], path: str) -> dict[Any, Any]:
    if not isinstance(value, dict):
        raise _misfit(path, "an object", value)
    if len(parts) != 2:
        return value
    return {fit(key, parts[0], f"{path} (key)"): fit(item, parts[1], f"{path}.{_cut(key, 60)}") for key, item in value.items()}


def _fit_items(value: Any, parts: tuple[Any, ...], path: str) -> list[Any]:
    if not isinstance(value, list):
        raise _misfit(path, "a list", value)
    return [fit(item, parts[0], f"{path}[{index}]") for index, item in enumerate(value)] if parts else value


def _fit_class(value: Any, cls: Any, path: str) -> Any:
    """Enumerations, dataclasses, TypedDicts, and what is written as text: dates and times, paths, decimals, UUIDs."""
    if typing.is_typeddict(cls):
        return _fit_fields(value, cls, cls.__annotations__, sorted(cls.__required_keys__), path)
    if isinstance(value, cls):
        return value
    if issubclass(cls, enum.Enum):
        return cls(_fit_literal(value, tuple(member.value for member in cls), path))
    if dataclasses.is_dataclass(cls):
        fields = {each.name: each for each in dataclasses.fields(cls) if each.init}
        missing = dataclasses.MISSING
        required = [name for name, each in fields.items() if each.default is missing and each.default_factory is missing]
        made: Any = cls
        values = _fit_fields(value, cls, fields, required, path)
        try:
            return made(**values)
        except Exception as mistake:  # a class may check what it is made of
            raise BadArguments(f"The argument '{path}' does not fit: {mistake}.") from None
    if cls.__module__.partition(".")[0] in _WRITTEN and isinstance(value, (str, int, float)) and not isinstance(value, bool):
        return _fit_written(value, cls, path)
    return value


def _fit_fields(value: Any, cls: Any, names: Any, required: list[str], path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _misfit(path, "an object", value)
    for name in value:
        if name not in names:
            raise BadArguments(f"The argument '{path}' has no field '{_cut(str(name), 60)}'. Fields that exist: {', '.join(names)}.")
    for name in required:
        if name not in value:
            raise BadArguments(f"The argument '{path}.{name}' is missing.")
    try:
        hints = typing.get_type_hints(cls, include_extras=True)
    except Exception:  # a hint that cannot be evaluated fits everything
        hints = {}
    return {name: fit(item, hints.get(name, Any), f"{path}.{name}") for name, item in value.items()}


def _fit_written(value: Any, cls: Any, path: str) -> Any:
    if not hasattr(cls, "fromisoformat"):
        wanted = {"UUID": "a UUID", "Decimal": "a number"}.get(cls.__name__, "text")
        make: Callable[[str], Any] = cls
    else:
        wanted = {"date": "a date such as 2026-05-01", "time": "a time such as 09:30"}.get(cls.__name__, "a time such as 2026-05-01T09:30")
        make = _moment(cls)
    try:
        return make(str(value).strip())
    except (ValueError, ArithmeticError):
        raise _misfit(path, wanted, value) from None


def _moment(cls: Any) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        return cls.fromisoformat(text[:-1] + "+00:00" if text.endswith("Z") and cls.__name__ != "date" else text)

    return read


def _fit_tuple(value: Any, parts: tuple[Any, ...], path: str) -> tuple[Any, ...]:
    if len(parts) == 2 and parts[1] is Ellipsis:
        return tuple(_fit_items(value, parts[:1], path))
    items = _fit_items(value, (), path)
    if parts and len(parts) != len(items):
        raise _misfit(path, f"a list of {len(parts)}", value)
    return (
        tuple(fit(item, part, f"{path}[{index}]") for index, (item, part) in enumerate(zip(items, parts, strict=True)))
        if parts
        else tuple(items)
    )


def _fit_model(value: Any, model: Any, path: str) -> Any:
    try:
        return model.model_validate(value)
    except ValueError as mistake:
        first = mistake.errors()[0] if hasattr(mistake, "errors") else {"loc": (), "msg": str(mistake)}
        place = "".join(f".{part}" for part in first["loc"])
        raise BadArguments(f"The argument '{path}{place}' does not fit: {first['msg']}.") from None


_SIMPLE: dict[Any, Callable[[Any, str], Any]] = {str: _fit_text, int: _fit_integer, float: _fit_number, bool: _fit_truth}


def _misfit(path: str, wanted: str, value: Any) -> BadArguments:
    return BadArguments(f"The argument '{path}' must be {wanted}, but is {shown(value)}.")


def shown(value: Any) -> str:
    """A value as its sender reads it in a sentence: in JSON, and short."""
    if value is None:
        return "null"
    if isinstance(value, (dict, list)) and len(value) > 8:
        return f"{'an object' if isinstance(value, dict) else 'a list'} of {len(value)}"
    return _cut(json.dumps(value, ensure_ascii=False, default=str), 80)


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


# What a function may use of the conversation, and give back to it ---------------------------------------------------------


class Variables(dict[str, Any]):
    """The conversation's context variables, as the type of a function's parameter: it is given, not asked of the model.

    It is a copy; what the function changes in it is set in the conversation once the function returned. A variable that is
    removed is set to None. Where the hint is a class that inherits from this one, it is an object of that.
    """


@dataclasses.dataclass(frozen=True)
class ToolReply:
    """A function's result with more than a text: whom to hand over to, and context variables to set."""

    text: Any = ""
    target: str = ""
    variables: collections.abc.Mapping[str, Any] = dataclasses.field(default_factory=dict)


def variables_parameter(function: Callable[..., Any]) -> str:
    """The name of the parameter that takes the context variables; empty when there is none."""
    return next((name for name, hint in _hints_of(function).items() if name != "return" and _variables_in(hint) is not None), "")


def variables_of(function: Callable[..., Any], values: dict[str, Any]) -> Variables:
    """The context variables as the function's parameter wants them. `values` must be a copy."""
    hint = _hints_of(function).get(variables_parameter(function))
    wanted = _variables_in(hint) or Variables
    made: Variables = wanted(values)
    return made


def changed(before: collections.abc.Mapping[str, Any], after: collections.abc.Mapping[str, Any]) -> dict[str, Any]:
    """What to set so that `before` becomes `after`."""
    new = {name: value for name, value in after.items() if name not in before or before[name] != value}
    return new | dict.fromkeys(name for name in before if name not in after)


def _variables_in(hint: Any) -> Any:
    """The class of variables that a hint names, or None. By its name: in a sandbox a program's own engine has another class."""
    if typing.get_origin(hint) is typing.Annotated:
        return _variables_in(typing.get_args(hint)[0])
    if typing.get_origin(hint) in _UNIONS:
        return next((found for part in typing.get_args(hint) if (found := _variables_in(part)) is not None), None)
    is_class = isinstance(hint, type) and issubclass(hint, dict)
    return hint if is_class and any(each.__name__ == "Variables" for each in hint.__mro__) else None


def _reply_of(value: Any) -> ToolReply:
    """What a function returned, as a reply; the class goes by its name here too."""
    is_reply = any(each.__name__ == "ToolReply" for each in type(value).__mro__)
    if is_reply and all(hasattr(value, name) for name in ("text", "target", "variables")):
        return ToolReply(value.text, str(value.target), value.variables)
    return ToolReply(value)


# Results --------------------------------------------------------------------------------------------------------------


def text_of(value: Any) -> str:
    """A result as a model reads it: text as it is, everything else as JSON."""
    if isinstance(value, str):
        text = value
    else:
        if hasattr(value, "model_dump"):
            value = value.model_dump(mode="json")
        elif dataclasses.is_dataclass(value) and not isinstance(value, type):
            value = dataclasses.asdict(value)
        try:
            text = json.dumps(value, ensure_ascii=False, default=_plain)
        except (TypeError, ValueError, RecursionError):
            text = str(value)
    return text.encode("utf-8", "replace").decode("utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, enum.Enum):
        return value.value
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, (set, frozenset)):
        try:
            return sorted(value)
        except TypeError:
            return sorted(value, key=str)
    return str(value)


def error_of(mistake: BaseException, filename: str | None) -> str:
    """`ValueError: what it says (line 4)`: the innermost line within `filename`, the source of the function."""
    name = type(mistake).__name__
    if isinstance(mistake, SyntaxError) and mistake.filename == filename:
        return f"{name}: {mistake.msg} (line {mistake.lineno})"
    try:
        said = str(mistake)
    except Exception:
        said = ""
    lines = [frame.lineno for frame in traceback.extract_tb(mistake.__traceback__) if frame.filename == filename]
    text = (f"{name}: {said}" if said else name) + (f" (line {lines[-1]})" if lines else "")
    return text.encode("utf-8", "replace").decode("utf-8")


def shortened(text: str, limit: int) -> str:
    """`text` with its middle left out, and that said, where it is longer than `limit` characters."""
    if len(text) <= limit:
        return text
    head, tail = limit - limit // 2, limit // 2
    return f"{text[:head]}{left_out(len(text) - limit)}{text[len(text) - tail :]}"


def left_out(count: int) -> str:
    return f"\n… {count:,} characters left out …\n"


# Objects that keep something ---------------------------------------------------------------------------------------------

OBJECT = "self"
"""The argument of a method that holds what its object kept, by attribute."""
MAX_KEPT = 100_000
"""Characters of JSON that an object may keep."""


def _revived(module: types.ModuleType, function: str, kept: dict[str, Any]) -> Any:
    """Whose function it is: the module's, or an object's that is made anew and given what the last one kept."""
    name, _, _ = function.rpartition(".")
    if not name:
        return module
    made = getattr(module, name)()
    if kept:
        vars(made).update(kept)
    return made


def _attributes(owner: Any) -> dict[str, str]:
    return {name: repr(value) for name, value in getattr(owner, "__dict__", {}).items()}


def _kept(owner: Any, before: dict[str, str]) -> dict[str, Any]:
    """The attributes that JSON can hold. Those that it cannot are made anew by __init__, and must not have changed since."""
    kept = {}
    for name, value in getattr(owner, "__dict__", {}).items():
        try:
            holds = bool(json.loads(json.dumps(value, allow_nan=False)) == value)
        except (TypeError, ValueError, RecursionError):
            holds = False
        if holds:
            kept[name] = value
        elif repr(value) != before.get(name):
            what = type(value).__name__
            raise BadArguments(
                f"self.{_cut(name, 60)} cannot be kept until the next turn as it is ({what}). "
                "Texts, numbers, true, false, None, lists and dicts with text keys can."
            )
    if len(json.dumps(kept)) > MAX_KEPT:
        raise BadArguments(f"The object keeps more than {MAX_KEPT:,} characters until the next turn. Let it keep less, or a file.")
    return kept


# The program ----------------------------------------------------------------------------------------------------------


def _main() -> None:
    order = json.load(sys.stdin)
    result = os.environ.pop("CONVENE_RESULT")
    told = _called(order["source"], order["function"], order["arguments"])
    told["output"] = shortened(told["output"], order["limit"])
    with open(result, "w", encoding="utf-8") as file:
        json.dump(told, file)
    sys.stdout.flush()
    os._exit(0)  # threads that the function left behind must not hold the result back


def _engine() -> None:
    """Let a source import what the engine has for tools, where the engine is not: a sandbox holds only this file."""
    if importlib.util.find_spec("studio") is None:
        for name in ("studio", "studio.engine"):
            sys.modules[name] = types.ModuleType(name)
        for each in (ToolReply, Variables):
            setattr(sys.modules["studio.engine"], each.__name__, each)


def _called(source: str, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
    module = types.ModuleType("tool")
    module.__file__ = SOURCE_NAME
    sys.modules["tool"] = module
    linecache.cache[SOURCE_NAME] = (len(source), None, source.splitlines(keepends=True), SOURCE_NAME)
    try:
        if "studio" in source:
            _engine()
        exec(compile(source, SOURCE_NAME, "exec", dont_inherit=True), module.__dict__)  # noqa: S102  the sandbox is what this is for
        owner = _revived(module, name, arguments.pop(OBJECT, {}) if "." in name else {})
        attributes = _attributes(owner) if owner is not module else {}
        function = getattr(owner, name.rpartition(".")[2])
        given = variables_parameter(function)
        before = arguments.get(given, {})
        variables = variables_of(function, json.loads(json.dumps(before)))
        positional, keywords = fitted(function, arguments | {given: variables} if given else arguments)
        value = function(*positional, **keywords)
        if inspect.isawaitable(value):
            import asyncio  # most functions do without it, and it takes as long to import as all the rest

            value = asyncio.run(_awaited(value))
        reply = _reply_of(value)
        told = {"output": text_of(reply.text), "is_error": False, "is_text": isinstance(reply.text, str)}
        if owner is not module:
            return told | {"variables": _kept(owner, attributes), "target": ""}
        new = json.loads(json.dumps(changed(before, variables) | dict(reply.variables), default=_plain))
        return told | {"variables": new, "target": reply.target}
    except BadArguments as mistake:
        return {"output": str(mistake), "is_error": True}
    except BaseException as mistake:
        return {"output": error_of(mistake, SOURCE_NAME), "is_error": True}


async def _awaited(value: Any) -> Any:
    return await value


if __name__ == "__main__":
    _main()
