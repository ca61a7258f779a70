"""Calls that are worked out because their answer is plain: methods of texts, lists and dictionaries, and a few of Python's functions."""

from __future__ import annotations

import inspect
import json
import math
import re
import textwrap
from collections.abc import Callable
from itertools import islice
from typing import Any

from studio.formats.python_reading.scopes import MAX_ITEMS, MAX_TEXT
from studio.formats.python_reading.values import Setting, Symbol, Text, is_key, is_known, is_small

NOT_WORKED_OUT = object()
"""The answer for a call that only running would tell."""

_TEXT_METHODS = frozenset(
    "strip lstrip rstrip lower upper title capitalize casefold removeprefix removesuffix startswith endswith split rsplit splitlines "
    "join replace format partition rpartition count find isdigit isalpha isupper islower index".split()
)
_WIDE = re.compile(r"\d{4,}")
_FIELD = re.compile(r"\{(\w*)(?:![rs])?(:[^{}]*)?\}")
_SETTINGS = frozenset(("os.getenv", "os.environ.get", "os.environ.pop", "decouple.config", "environs.Env.str", "google.colab.userdata.get"))
_SAME = frozenset(
    "asyncio.run asyncio.gather asyncio.create_task asyncio.wait_for asyncio.get_event_loop.run_until_complete nest_asyncio.apply "
    "copy.copy copy.deepcopy typing.cast builtins.iter anyio.run".split()
)
"""Functions whose answer is as good as what they are given."""


def call_method(value: Any, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """What a method of a plain value gives, or NOT_WORKED_OUT. Lists and dictionaries change as they would."""
    try:
        if isinstance(value, str):
            return _text_method(value, method, args, kwargs)
        if isinstance(value, list):
            return _list_method(value, method, args)
        if isinstance(value, dict) and all(map(is_key, args[:1])):
            return _dict_method(value, method, args, kwargs)
        if isinstance(value, set) and all(map(is_key, args[:1])):
            return _set_method(value, method, args)
    except (TypeError, ValueError, KeyError, IndexError, LookupError, AttributeError, RecursionError):
        pass
    return NOT_WORKED_OUT


def call_function(path: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """What a function of a module gives, or NOT_WORKED_OUT."""
    if path in _SETTINGS and args and isinstance(args[0], str):
        default = args[1] if len(args) > 1 else kwargs.get("default")
        return Setting(str(args[0]), default)
    if path in _SAME and args:
        return args[0] if len(args) == 1 or path != "asyncio.gather" else list(args)
    found = _FUNCTIONS.get(path)
    if found is None:
        return NOT_WORKED_OUT
    try:
        return found(*args, **kwargs)
    except (TypeError, ValueError, KeyError, IndexError, OverflowError, ArithmeticError, RecursionError, AttributeError):
        return NOT_WORKED_OUT


def formatted(value: Any, spec: str) -> str | None:
    """A plain value as a text with a format; None for a format that could make an endless text."""
    if _WIDE.search(spec) or isinstance(value, Symbol) or not is_small(value):
        return None
    try:
        return format(value, spec)
    except (TypeError, ValueError, OverflowError):
        return None


def with_holes(result: str, *parts: Any) -> str:
    """A text that was put together, with what is not known in the texts it is made of."""
    holes = tuple(hole for part in parts if isinstance(part, Text) for hole in part.holes)
    return Text.of(result, holes) if holes else result


def _text_method(value: str, method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    if method == "format":
        return _format(value, args, kwargs)
    if method not in _TEXT_METHODS or kwargs:
        return NOT_WORKED_OUT
    if method == "join":
        items = args[0]
        if not isinstance(items, (list, tuple, set)) or not all(isinstance(item, str) for item in items):
            return NOT_WORKED_OUT
        if sum(len(item) + len(value) for item in items) > MAX_TEXT:
            return NOT_WORKED_OUT
        return with_holes(value.join(items), value, *items)
    if not all(is_known(arg) or isinstance(arg, Text) for arg in args):
        return NOT_WORKED_OUT
    if method == "replace" and len(value) * max(1, len(str(args[1]))) > MAX_TEXT:
        return NOT_WORKED_OUT
    if method in ("split", "rsplit", "splitlines") and len(value) > MAX_ITEMS:
        return NOT_WORKED_OUT
    result = getattr(str, method)(value, *args)
    return with_holes(result, value, *args) if isinstance(result, str) else result


def _format(value: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    """`str.format` with plain fields; what is not known stays in braces."""
    holes: list[Any] = list(value.holes) if isinstance(value, Text) else []
    counted = iter(range(len(args)))

    def filled(found: re.Match[str]) -> str:
        name, spec = found[1], (found[2] or ":")[1:]
        if name == "" or name.isdigit():
            place = int(name) if name else next(counted, len(args))
            given = args[place] if place < len(args) else NOT_WORKED_OUT
        else:
            given = kwargs.get(name, NOT_WORKED_OUT)
        written = formatted(given, spec) if given is not NOT_WORKED_OUT and is_known(given) else None
        if written is None:
            holes.append(given)
            return found[0]
        return written

    result = _FIELD.sub(filled, value.replace("{{", "\u0001").replace("}}", "\u0002")).replace("\u0001", "{").replace("\u0002", "}")
    return Text.of(result, tuple(holes)) if holes else result


def _list_method(value: list[Any], method: str, args: list[Any]) -> Any:
    if method == "append" and len(value) < MAX_ITEMS:
        value.append(args[0])
    elif method == "extend" and isinstance(args[0], (list, tuple, set)) and len(value) + len(args[0]) <= MAX_ITEMS:
        value.extend(list(args[0]))
    elif method == "extend" and isinstance(args[0], Symbol) and len(value) < MAX_ITEMS:
        # What is not known stands for all that it gives.
        value.append(args[0])
    elif method == "insert" and isinstance(args[0], int) and len(value) < MAX_ITEMS:
        value.insert(args[0], args[1])
    elif method == "remove" and is_small([value, args[0]]):
        value.remove(args[0])
    elif method == "reverse":
        value.reverse()
    elif method == "clear":
        value.clear()
    elif method == "pop":
        return value.pop(*args)
    elif method == "copy":
        return list(value)
    elif method == "index" and is_small([value, args[0]]):
        return value.index(args[0])
    else:
        return NOT_WORKED_OUT
    return None


def _dict_method(value: dict[Any, Any], method: str, args: list[Any], kwargs: dict[str, Any]) -> Any:
    if method == "get":
        return value.get(args[0], args[1] if len(args) > 1 else None)
    if method in ("keys", "values", "items"):
        return [list(pair) for pair in value.items()] if method == "items" else list(value.keys() if method == "keys" else value.values())
    if method == "update" and len(value) + len(kwargs) <= MAX_ITEMS and all(isinstance(arg, dict) for arg in args):
        for arg in args:
            value.update(dict(islice(arg.items(), MAX_ITEMS - len(value))))
        value.update(kwargs)
        return None
    if method == "setdefault" and len(value) < MAX_ITEMS:
        return value.setdefault(args[0], args[1] if len(args) > 1 else None)
    if method == "pop":
        return value.pop(*args)
    if method == "copy":
        return dict(value)
    return NOT_WORKED_OUT


def _set_method(value: set[Any], method: str, args: list[Any]) -> Any:
    if method == "add" and len(value) < MAX_ITEMS:
        value.add(args[0])
        return None
    return NOT_WORKED_OUT


def _range(*args: Any) -> list[int]:
    if not all(isinstance(arg, int) for arg in args) or len(made := range(*args)) > MAX_ITEMS:
        raise ValueError
    return list(made)


def _items(value: Any = ()) -> list[Any]:
    if not isinstance(value, (list, tuple, set, dict, str)) or len(value) > MAX_ITEMS:
        raise TypeError
    return list(value)


def as_set(items: list[Any]) -> set[Any]:
    """Raises TypeError for what no set can have."""
    if not all(map(is_key, items)):
        raise TypeError
    return set(items)


def _dict(*args: Any, **kwargs: Any) -> dict[Any, Any]:
    made: dict[Any, Any] = {}
    for arg in args:
        made.update(arg if isinstance(arg, dict) else {pair[0]: pair[1] for pair in _items(arg) if is_key(pair[0])})
    return {**made, **kwargs}


def _str(value: Any = "") -> str:
    if not is_known(value) and not isinstance(value, Text):
        raise TypeError
    if not isinstance(value, (str, int, float, bool, type(None))):
        raise TypeError
    return value if isinstance(value, str) else str(value)


def _number(kind: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def made(value: Any = 0) -> Any:
        if isinstance(value, Setting):
            value = value.default
        if not isinstance(value, (str, int, float, bool)) or (isinstance(value, str) and len(value) > 100):
            raise TypeError
        return kind(value)

    return made


def _bool(value: Any = False) -> bool:
    if not is_known(value):
        raise TypeError
    return bool(value)


def _sorted(value: Any, reverse: bool = False) -> list[Any]:
    if not is_known(value) or not is_small(value):
        raise TypeError
    return sorted(_items(value), reverse=bool(reverse))


def _dedent(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return with_holes(textwrap.dedent(value), value)


def _cleandoc(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return with_holes(inspect.cleandoc(value), value)


def _loads(value: Any, **options: Any) -> Any:
    if not isinstance(value, str) or not is_known(value):
        raise TypeError
    return json.loads(value)


def _dumps(value: Any, **options: Any) -> str:
    if not is_known(value) or not is_small(value):
        raise TypeError
    indent = options.get("indent")
    return json.dumps(
        value, indent=min(indent, 8) if isinstance(indent, int) else None, ensure_ascii=options.get("ensure_ascii") is not False
    )


def _path(*parts: Any) -> str:
    if not all(isinstance(part, str) for part in parts):
        raise TypeError
    return with_holes("/".join(str(part) for part in parts), *parts)


def _largest(choose: Callable[..., Any]) -> Callable[..., Any]:
    def made(*args: Any) -> Any:
        if not is_known(list(args)) or not is_small(list(args)):
            raise TypeError
        return choose(*args)

    return made


def _round(value: Any, digits: Any = None) -> Any:
    if not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TypeError
    return round(value, digits)


_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "builtins.range": _range,
    "builtins.len": lambda value: len(_items(value)),
    "builtins.list": _items,
    "builtins.tuple": lambda value=(): tuple(_items(value)),
    "builtins.set": lambda value=(): as_set(_items(value)),
    "builtins.reversed": lambda value: _items(value)[::-1],
    "builtins.sorted": _sorted,
    "builtins.dict": _dict,
    "builtins.str": _str,
    "builtins.int": _number(int),
    "builtins.float": _number(float),
    "builtins.bool": _bool,
    "builtins.round": _round,
    "builtins.min": _largest(min),
    "builtins.max": _largest(max),
    "builtins.sum": _largest(sum),
    "builtins.enumerate": lambda value, start=0: [[start + index, item] for index, item in enumerate(_items(value))],
    "builtins.zip": lambda *values: [list(each) for each in zip(*(_items(value) for value in values), strict=False)],
    "textwrap.dedent": _dedent,
    "inspect.cleandoc": _cleandoc,
    "json.loads": _loads,
    "json.dumps": _dumps,
    "os.path.join": _path,
}
