"""Whether a node's fields are what its component takes, each mistake as a sentence at the path of its field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from studio.engine.component import Component
from studio.engine.errors import ConveneError
from studio.flow.kinds import drawn_class, nested_classes, parts
from studio.texts import catalogue, text


def validate_config(kind: str, config: Mapping[str, Any]) -> dict[str, str]:
    """{field path: sentence} of everything that is wrong; empty when it fits, and for unknown kinds."""
    found = drawn_class(kind)
    return _mistakes(found, config, "") if found is not None else {}


def misfits(
    model: type[BaseModel], values: Mapping[str, Any], given: Mapping[str, Any] | None = None, *, strict: bool = False
) -> dict[str, str]:
    """{field: sentence} of what a model does not take of `values`, beside what is `given`; at "" what is wrong with all together.

    What is missing is not told: the drawing gives it. `strict` takes no text in the place of a number, or of yes and no.
    """
    found: dict[str, str] = {}
    try:
        model.model_validate({**(given or {}), **values}, strict=strict or None)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            field = str(detail["loc"][0]) if detail["loc"] else ""
            if not field or field in values:
                found.setdefault(field, _sentence(detail))
    except ConveneError as error:
        found[""] = error.sentence
    return found


def _mistakes(component: type[Component], config: Mapping[str, Any], prefix: str) -> dict[str, str]:
    own = parts(component)
    found: dict[str, str] = {}
    plain: dict[str, Any] = {}
    for name, value in config.items():
        part = own.get(name)
        if part is None:
            found[prefix + name] = text("invalid.extra_forbidden")
        elif part.role == "nested" and part.component is not None:
            found |= _nested_mistakes(part.component, value, part.optional, f"{prefix}{name}")
        elif part.role == "plain":
            plain[name] = value
        else:
            found[prefix + name] = text("invalid.not_a_field")
    given = {"name": "x"} if any(item.role == "name" for item in own.values()) else {}
    for field, sentence in misfits(component, plain, given).items():
        found.setdefault(prefix + field, sentence)
    return found


def _nested_mistakes(abstract: type[Component], value: Any, optional: bool, path: str) -> dict[str, str]:
    if value is None and optional:
        return {}
    if not isinstance(value, Mapping):
        return {path: text("invalid.component")}
    kind = value.get("kind")
    concrete = nested_classes(abstract).get(kind) if isinstance(kind, str) else None
    if concrete is None:
        return {f"{path}.kind": text("invalid.kind", kind=str(kind)[:80])}
    return _mistakes(concrete, {name: inner for name, inner in value.items() if name != "kind"}, f"{path}.")


def _sentence(detail: ErrorDetails) -> str:
    """pydantic's finding in the studio's words; pydantic's own where the catalogue has none."""
    key = f"invalid.{detail['type']}"
    if key not in catalogue():
        own = detail["msg"].removeprefix("Value error, ")
        return own[:1].upper() + own[1:] + ("" if own.endswith((".", "!", "?")) else ".")
    facts = {name: _number(value) for name, value in (detail.get("ctx") or {}).items()}
    sentence = text(key, **facts)
    inner = detail["loc"][1:]
    return text("invalid.at", where=_item(inner), sentence=sentence) if inner else sentence


def _number(value: Any) -> str:
    return f"{value:,g}" if isinstance(value, (int, float)) and abs(value) < 1e6 else str(value)


def _item(location: tuple[int | str, ...]) -> str:
    return " ".join(str(item + 1) if isinstance(item, int) else f"“{item}”" for item in location if item != "[key]")
