"""The form of a node: one specification a field, read from the component class, with its value and what is wrong with it."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Union, get_args, get_origin

from pydantic_core import PydanticUndefined, to_jsonable_python

from studio.engine.component import Component
from studio.flow.catalogue.columns import columns, model_in
from studio.flow.catalogue.relevance import irrelevant
from studio.flow.catalogue.titles import choice_title, field_help, field_title, kind_summary, kind_title, row_titles
from studio.flow.catalogue.validation import validate_config
from studio.flow.kinds import Part, drawn_class, nested_classes, parts

FieldType = Literal[
    "line",
    "text",
    "code",
    "number",
    "integer",
    "bool",
    "choice",
    "lines",
    "rows",
    "script",
    "account",
    "component",
    "table",
    "shape",
    "json",
    "choices",
    "document",
    "documents",
]

NAMES: Mapping[str, tuple[str, ...]] = {
    "*.guards": ("hand_to",),
    "assistant.handoffs": ("value",),
    "assistant.handoff_if": ("key",),
    "assistant.handoff_when": ("key",),
    "assistant.handoff_while": ("key",),
    "code_runner.sources": ("value",),
    "done.sources": ("value",),
    "filter.hears": ("source",),
    "graph.start": ("value",),
    "said_by.sources": ("value",),
    "swarm.after": ("key", "value"),
    "swarm.rules": ("value",),
    "text_mention.sources": ("value",),
}
"""Where participants are named, by kind and field: names of the flow are offered there."""

_BY_WIDGET: dict[str, FieldType] = {
    "line": "line",
    "text": "text",
    "code": "code",
    "lines": "lines",
    "rows": "rows",
    "script": "script",
    "account": "account",
    "choice": "choice",
    "choices": "choices",
    "document": "document",
    "documents": "documents",
    "json": "json",
    "shape": "shape",
    "money": "number",
    "seconds": "number",
}


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A field of a form.

    `name` is the path that a `configure` edit takes (`executor.timeout`); `widget` how it wants to be edited (its type, or money,
    seconds); `value` what the node holds, valid or not, or the default; `choices` are {value, title, help}; `nullable` whether it
    may be left empty; `error` a sentence or None. `columns` are those of a table (catalogue/columns.py). `row_names` says which side of
    its rows names participants ("key", "value"), `row_titles` what the two sides are, `text_values` that values are texts, not JSON.
    """

    name: str
    title: str
    help: str
    widget: str
    type: FieldType
    default: Any
    value: Any
    choices: tuple[dict[str, str], ...] = ()
    min: float | None = None
    max: float | None = None
    above: float | None = None
    max_length: int | None = None
    placeholder: str = ""
    advanced: bool = False
    nullable: bool = False
    changed: bool = False
    error: str | None = None
    columns: tuple[dict[str, Any], ...] = ()
    row_names: tuple[str, ...] = ()
    row_titles: tuple[str, ...] = ()
    text_values: bool = False

    def to_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        specification: dict[str, Any] = to_jsonable_python(asdict(self))
        return specification


def fields(kind: str, config: Mapping[str, Any]) -> list[FieldSpec]:
    """The fields of a kind in the order of its class, nested components flattened. Empty for unknown kinds.

    The node's name, and what wires and membership give, are no fields.
    """
    found = drawn_class(kind)
    if found is None:
        return []
    return list(_fields(found, config, validate_config(kind, config), "", False))


def _fields(
    component: type[Component], config: Mapping[str, Any], errors: Mapping[str, str], prefix: str, advanced: bool
) -> list[FieldSpec]:
    specs: list[FieldSpec] = []
    for part in parts(component).values():
        if part.role == "nested" and not irrelevant(component.kind, part.name, config):
            specs.extend(_nested(component, part, config, errors, prefix, advanced))
        elif part.role == "plain" and not irrelevant(component.kind, part.name, config):
            specs.append(_plain(component, part, config, errors, prefix, advanced))
    return specs


def _plain(
    component: type[Component], part: Part, config: Mapping[str, Any], errors: Mapping[str, str], prefix: str, advanced: bool
) -> FieldSpec:
    default = _default(part)
    limits = _limits(part)
    own_type = _type(part)
    path = prefix + part.name
    small = model_in(part.info.annotation)
    held = config.get(part.name, default)
    names = NAMES.get(f"{component.kind}.{part.name}", NAMES.get(f"*.{part.name}", ()))
    return FieldSpec(
        name=path,
        title=field_title(component, part),
        help=field_help(component, part),
        widget=part.widget.name or own_type,
        type=own_type,
        default=default,
        value=to_jsonable_python(component.stand_in(part.name, config) or held) if held == default else held,
        choices=_choices(component, part, config, own_type),
        min=limits.get("ge"),
        max=limits.get("le"),
        above=limits.get("gt"),
        max_length=int(limits["max_length"]) if "max_length" in limits and own_type in ("line", "text", "code", "document") else None,
        placeholder=part.widget.placeholder,
        advanced=advanced or part.widget.advanced,
        nullable=part.optional,
        changed=part.name in config and config[part.name] != default,
        error=errors.get(path),
        columns=tuple(columns(small, f"{component.kind}.{part.name}", names)) if small is not None and own_type == "table" else (),
        row_names=names if small is None else (),
        row_titles=row_titles(component, part) if own_type == "rows" else (),
        text_values=own_type == "rows" and _text_values(part),
    )


def _nested(
    component: type[Component], part: Part, config: Mapping[str, Any], errors: Mapping[str, str], prefix: str, advanced: bool
) -> list[FieldSpec]:
    classes = nested_classes(part.component or Component)
    default = part.info.default
    default_kind = default.kind if isinstance(default, Component) else ""
    held = config.get(part.name)
    inner: Mapping[str, Any] = held if isinstance(held, Mapping) else {}
    kind = str(inner.get("kind", "")) if held is not None else default_kind
    path = prefix + part.name
    nothing = ({"value": "", "title": choice_title(component, part, "none"), "help": ""},) if part.optional else ()
    chooser = FieldSpec(
        name=f"{path}.kind",
        title=field_title(component, part),
        help=field_help(component, part),
        widget="component",
        type="component",
        default=default_kind,
        value=kind,
        choices=nothing + tuple({"value": key, "title": kind_title(item), "help": kind_summary(item)} for key, item in classes.items()),
        advanced=advanced or part.widget.advanced,
        nullable=part.optional,
        changed=kind != default_kind,
        error=errors.get(f"{path}.kind") or errors.get(path),
    )
    chosen = classes.get(kind)
    if chosen is None:
        return [chooser]
    return [chooser, *_fields(chosen, inner, errors, f"{path}.", chooser.advanced)]


def _choices(component: type[Component], part: Part, config: Mapping[str, Any], own_type: FieldType) -> tuple[dict[str, str], ...]:
    if own_type == "choices":
        return tuple({"value": value, "title": value, "help": says} for value, says in component.choices_of(part.name, config))
    return tuple({"value": value, "title": choice_title(component, part, value), "help": ""} for value in literals(part))


def _default(part: Part) -> Any:
    default = part.info.get_default(call_default_factory=True, validated_data={})
    return None if default is PydanticUndefined else to_jsonable_python(default)


def _bare(part: Part) -> Any:
    annotation = part.info.annotation
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [item for item in get_args(annotation) if item is not type(None)]
        annotation = rest[0] if rest else None
    return annotation


def _text_values(part: Part) -> bool:
    arguments = get_args(_bare(part))
    return len(arguments) == 2 and arguments[1] is str


def literals(part: Part) -> tuple[str, ...]:
    """The values that a field chooses from; none where it is no choice."""
    bare = _bare(part)
    return tuple(str(item) for item in get_args(bare)) if get_origin(bare) is Literal else ()


def _type(part: Part) -> FieldType:
    if part.widget.name in _BY_WIDGET:
        return _BY_WIDGET[part.widget.name]
    if model_in(part.info.annotation) is not None:
        return "table"
    bare = _bare(part)
    origin = get_origin(bare)
    if origin is Literal:
        return "choice"
    if bare is bool:
        return "bool"
    if bare is int:
        return "integer"
    if bare is float:
        return "number"
    if origin in (tuple, list):
        return "lines"
    if origin is dict or (isinstance(origin, type) and issubclass(origin, Mapping)):
        return "rows"
    return "line"


def _limits(part: Part) -> dict[str, float]:
    return {
        name: float(value)
        for item in part.info.metadata
        for name in ("ge", "le", "gt", "max_length")
        if isinstance(value := getattr(item, name, None), (int, float))
    }
