"""A Python function as a model sees it: from its source, which is only parsed, or from the function itself."""

from __future__ import annotations

import ast
import inspect
import re
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal

from studio.engine.code.calling import written
from studio.engine.errors import FlowError
from studio.engine.models.base import ToolSchema
from studio.engine.parsing import parsed
from studio.engine.tools.docstrings import read_docstring
from studio.engine.tools.hints import Schema, UnknownHint, json_default, schema_of_node, schema_of_type
from studio.engine.tools.variables import variables_parameter
from studio.texts import text

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}\Z")
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class SourceMistake:
    """Something about a tool's source: an error makes it unusable, a hint would make it better. `line` counts from 1."""

    line: int
    text: str
    level: Literal["error", "hint"] = "error"


@dataclass(frozen=True, slots=True)
class _Parameter:
    name: str
    schema: Schema
    required: bool
    default: tuple[bool, Any] = (False, None)


@dataclass(slots=True)
class _Read:
    """What was found in one source. `variables` is the parameter that takes the context variables."""

    schema: ToolSchema | None = None
    variables: str = ""
    mistakes: list[SourceMistake] = field(default_factory=list)


def check_source(source: str) -> list[SourceMistake]:
    """Everything that is wrong with a tool's source, or could be better, by line. Executes and imports nothing."""
    return list(_read(source).mistakes)


def schema_of_source(source: str, where: str = "", *, strict: bool = False) -> ToolSchema:
    """The first public function of `source` as a model sees it. Executes nothing. Raises FlowError naming the line.

    `where` is whose source it is, where not just any Python tool's; `strict` is as in `schema_of_function`.
    """
    found = _read(source)
    if found.schema is None:
        mistake = next(each for each in found.mistakes if each.level == "error")
        at_line = text("engine.source.at_line", line=mistake.line, mistake=mistake.text)
        raise FlowError(where or text("engine.source.where"), at_line)
    return _held_to(found.schema) if strict else found.schema


def variables_of_source(source: str) -> str:
    """The parameter of a source's tool that takes the context variables; empty when there is none. Executes nothing."""
    return _read(source).variables


def without_nulls(arguments: Mapping[str, Any], schema: ToolSchema) -> dict[str, Any]:
    """Arguments that a strict schema asked for although they have a default: null means that nothing was meant.

    `schema` is the tool's own, not its strict form.
    """
    needed = schema.parameters["required"]
    return {name: value for name, value in arguments.items() if value is not None or name in needed}


def schema_of_function(function: Callable[..., Any], name: str = "", *, strict: bool = False) -> ToolSchema:
    """The function itself as a model sees it: the same schema that its source gives. Raises FlowError.

    `strict` asks servers to hold the model to the schema: every argument is then asked for, those with a default may be null.
    """
    schema = _schema_of_function(function, name)
    return _held_to(schema) if strict else schema


def _held_to(schema: ToolSchema) -> ToolSchema:
    return replace(schema, parameters=_strict(schema.name, schema.parameters), strict=True)


def _schema_of_function(function: Callable[..., Any], name: str) -> ToolSchema:
    source = written(function)
    name = name or (type(function).__name__ if source.__name__ == "__call__" else source.__name__)
    if not _NAME.match(name):
        raise FlowError(text("engine.function.where"), _bad_name(name))
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        raise FlowError(name, text("engine.function.no_parameters"), text("engine.function.no_parameters.remedy")) from None
    try:
        hints = typing.get_type_hints(source, include_extras=True)
    except Exception:  # a hint that cannot be evaluated here: its parameter takes anything
        hints = {}
    definitions: dict[str, Schema] = {}
    parameters = []
    given = variables_parameter(function)
    for parameter in signature.parameters.values():
        if parameter.name == given:
            continue
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise FlowError(name, _starred(parameter.name, parameter.kind is parameter.VAR_KEYWORD))
        try:
            schema = schema_of_type(hints[parameter.name], definitions) if parameter.name in hints else {}
        except UnknownHint:
            schema = {}
        required = parameter.default is parameter.empty
        default = (False, None) if required else json_default(parameter.default)
        parameters.append(_Parameter(parameter.name, schema, required, default))
    return _assembled(name, inspect.getdoc(source), parameters, definitions)


# Source ---------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _read(source: str) -> _Read:
    found = _Read()
    tree = _parsed(source, found.mistakes)
    if tree is None:
        return found
    functions = [node for node in tree.body if isinstance(node, _Function) and not node.name.startswith("_")]
    if not functions:
        found.mistakes.append(SourceMistake(1, text("engine.source.no_function")))
        return found
    tool, *others = functions
    found.mistakes.extend(_mistakes_of(tool))
    for other in others:
        second = text("engine.source.second_function", tool=tool.name, function=other.name)
        found.mistakes.append(SourceMistake(other.lineno, second, "hint"))
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    asked = list(_arguments(tool.args))
    if "Variables" not in classes:
        found.variables = next((argument.arg for argument, _ in asked if _takes_variables(argument.annotation, classes)), "")
    parameters = [_parameter(argument, default, classes, found.mistakes) for argument, default in asked if argument.arg != found.variables]
    found.mistakes.sort(key=lambda mistake: mistake.line)
    if all(mistake.level == "hint" for mistake in found.mistakes):
        found.schema = _assembled(tool.name, ast.get_docstring(tool), parameters, {})
    return found


def _parsed(source: str, mistakes: list[SourceMistake]) -> ast.Module | None:
    try:
        return parsed(source)
    except SyntaxError as mistake:
        lines = source.count("\n") + 1
        line = min(max(mistake.lineno or 1, 1), lines)
        mistakes.append(SourceMistake(line, text("engine.source.no_python", why=mistake.msg)))
    except ValueError as mistake:
        mistakes.append(SourceMistake(1, text("engine.source.no_python", why=mistake)))
    except (RecursionError, MemoryError):
        mistakes.append(SourceMistake(1, text("engine.source.too_deep")))
    return None


def _mistakes_of(tool: _Function) -> list[SourceMistake]:
    mistakes = []
    if not _NAME.match(tool.name):
        mistakes.append(SourceMistake(tool.lineno, _bad_name(tool.name)))
    for argument, doubled in ((tool.args.vararg, False), (tool.args.kwarg, True)):
        if argument is not None:
            mistakes.append(SourceMistake(argument.lineno, _starred(argument.arg, doubled)))
    if not (ast.get_docstring(tool) or "").strip():
        mistakes.append(SourceMistake(tool.lineno, text("engine.source.no_docstring", tool=tool.name), "hint"))
    return mistakes


def _bad_name(name: str) -> str:
    return text("engine.source.bad_name", name=name[:80])


def _starred(name: str, doubled: bool) -> str:
    return text("engine.source.double_starred" if doubled else "engine.source.starred", name=name)


def _arguments(arguments: ast.arguments) -> Iterable[tuple[ast.arg, ast.expr | None]]:
    """Each argument with its default, in order."""
    positional = [*arguments.posonlyargs, *arguments.args]
    missing = len(positional) - len(arguments.defaults)
    yield from zip(positional, [None] * missing + list(arguments.defaults), strict=True)
    yield from zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)


def _takes_variables(annotation: ast.expr | None, classes: Mapping[str, ast.ClassDef]) -> bool:
    """Whether a hint names `Variables`, or a class of the source that inherits from it, alone or among other types."""
    if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
        named = set(re.findall(r"\w+", annotation.value))
    else:
        named = _names_in([annotation] if annotation is not None else [])
    bases = _names_in(base for name in named if name in classes for base in classes[name].bases)
    return "Variables" in named | bases


def _names_in(nodes: Iterable[ast.expr]) -> set[str]:
    return {getattr(inner, "id", getattr(inner, "attr", "")) for node in nodes for inner in ast.walk(node)}


def _parameter(
    argument: ast.arg, default: ast.expr | None, classes: Mapping[str, ast.ClassDef], mistakes: list[SourceMistake]
) -> _Parameter:
    schema: Schema = {}
    if argument.annotation is None:
        mistakes.append(SourceMistake(argument.lineno, text("engine.source.no_type", argument=argument.arg), "hint"))
    else:
        try:
            schema = schema_of_node(argument.annotation, classes)
        except UnknownHint as hint:
            unknown = text("engine.source.unknown_type", argument=argument.arg, hint=hint)
            mistakes.append(SourceMistake(argument.lineno, unknown, "hint"))
    return _Parameter(argument.arg, schema, default is None, _literal(default) if default is not None else (False, None))


def _literal(node: ast.expr) -> tuple[bool, Any]:
    try:
        return json_default(ast.literal_eval(node))
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False, None


# What both become -----------------------------------------------------------------------------------------------------


def _assembled(name: str, docstring: str | None, parameters: list[_Parameter], definitions: dict[str, Schema]) -> ToolSchema:
    description, arguments = read_docstring(docstring)
    properties: dict[str, Schema] = {}
    for parameter in parameters:
        schema = dict(parameter.schema)
        if "description" not in schema and parameter.name in arguments:
            schema["description"] = arguments[parameter.name]
        if parameter.default[0]:
            schema["default"] = parameter.default[1]
        properties[parameter.name] = schema
    shape: Schema = {
        "type": "object",
        "properties": properties,
        "required": [parameter.name for parameter in parameters if parameter.required],
        "additionalProperties": False,
    }
    if definitions:
        shape["$defs"] = definitions
    return ToolSchema(name, description, shape)


def _strict(where: str, parameters: Mapping[str, Any]) -> Schema:
    """The schema as strict servers want it. Raises FlowError for objects whose fields are not known."""
    schema: Schema = _closed(where, dict(parameters))
    asked = parameters.get("required", [])
    for name, each in schema.get("properties", {}).items():
        if name not in asked:
            each.pop("default", None)
            schema["properties"][name] = {"anyOf": [each, {"type": "null"}]} if {"type": "null"} not in each.get("anyOf", []) else each
    return schema


def _closed(where: str, schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(where, each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: value if key in ("enum", "default", "required") else _closed(where, value) for key, value in schema.items()}
    for key in ("properties", "$defs"):
        if isinstance(names := schema.get(key), dict):
            closed[key] = {name: _closed(where, value) for name, value in names.items()}
    if closed.get("type") == "object" or "properties" in closed:
        if "properties" not in closed or closed.get("additionalProperties"):
            raise FlowError(where, text("engine.function.open_object"), text("engine.function.open_object.remedy"))
        closed |= {"required": list(closed["properties"]), "additionalProperties": False}
    return closed
