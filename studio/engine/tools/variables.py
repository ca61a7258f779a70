"""What a function tool may use of the conversation, and give back to it besides its result."""

from __future__ import annotations

import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Union

from studio.engine.code.calling import written


class Variables(dict[str, Any]):
    """The conversation's context variables, as the type of a function's parameter: it is given, not asked of the model.

    It is a copy; what the function changes in it is set in the conversation once the function returned. A variable that is
    removed is set to None.
    """


@dataclass(frozen=True, slots=True)
class ToolReply:
    """A function's result with more than a text: whom to hand over to, and context variables to set."""

    text: Any = ""
    target: str = ""
    variables: Mapping[str, Any] = field(default_factory=dict)


def variables_parameter(function: Callable[..., Any]) -> str:
    """The name of the parameter that takes the context variables; empty when there is none."""
    try:
        hints = typing.get_type_hints(written(function), include_extras=True)
    except Exception:  # a hint that cannot be evaluated here: its parameter takes what the model sends
        return ""
    return next((name for name, hint in hints.items() if name != "return" and _is_variables(hint)), "")


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """What to set so that `before` becomes `after`."""
    new = {name: value for name, value in after.items() if name not in before or before[name] != value}
    return new | dict.fromkeys(name for name in before if name not in after)


def _is_variables(hint: Any) -> bool:
    if typing.get_origin(hint) is Annotated:
        return _is_variables(typing.get_args(hint)[0])
    if typing.get_origin(hint) is Union or type(hint).__name__ == "UnionType":
        return any(_is_variables(part) for part in typing.get_args(hint))
    return isinstance(hint, type) and issubclass(hint, Variables)
