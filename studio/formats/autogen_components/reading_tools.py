"""Tools: functions whose source is kept and never run here, and everything else as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from studio.engine.errors import FlowError
from studio.engine.tools.schema import schema_of_source
from studio.formats.autogen_components.envelope import Envelope, envelope
from studio.formats.autogen_components.mapping import class_map
from studio.formats.autogen_components.reading import Reading
from studio.formats.autogen_components.reading_services import read_request, read_server
from studio.formats.autogen_components.said_of_code import under_name, with_description
from studio.texts import text

_MODULE = re.compile(r"[A-Za-z_][\w.]*")
_FUNCTION = ("source_code", "name", "description", "global_imports", "ask_first")
MAX_SOURCE = 100_000
STATIC = ("StaticWorkbench", "StaticStreamWorkbench")
MAX_TOOLS = 500


def tools_in(config: Mapping[str, Any], inside: Envelope) -> Iterator[tuple[Any, str]]:
    """Every tool of an agent with its pointer: from its list of tools, and from its workbench or workbenches."""
    tools = config.get("tools")
    if isinstance(tools, list):
        yield from ((tool, inside.at("tools", index)) for index, tool in enumerate(tools[:MAX_TOOLS]))
    benches = config.get("workbench")
    many = isinstance(benches, list)
    for index, bench in enumerate(benches if isinstance(benches, list) else [benches] if benches is not None else []):
        at = inside.at("workbench", index) if many else inside.at("workbench")
        found = envelope(bench, at)
        if found is None or found.name not in STATIC:
            yield bench, at
            continue
        inner = found.config.get("tools")
        if isinstance(inner, list):
            yield from ((tool, found.at("tools", number)) for number, tool in enumerate(inner[:MAX_TOOLS]))


def lists_of_tools(config: Mapping[str, Any], inside: Envelope) -> Iterator[tuple[list[Any], str]]:
    """The lists in which an agent's tools stand, each with its pointer."""
    if isinstance(tools := config.get("tools"), list):
        yield tools, inside.at("tools")
    for bench in benches_in(config, inside):
        if isinstance(tools := bench.config.get("tools"), list):
            yield tools, bench.at("tools")


def benches_in(config: Mapping[str, Any], inside: Envelope) -> Iterator[Envelope]:
    """The workbenches of an agent that are nothing but lists of tools."""
    benches = config.get("workbench")
    many = isinstance(benches, list)
    for index, bench in enumerate(benches if isinstance(benches, list) else [benches]):
        found = envelope(bench, inside.at("workbench", index) if many else inside.at("workbench"))
        if found is not None and found.name in STATIC:
            yield found


def read_tool(reading: Reading, value: Any, at: str) -> str:
    """Draws a function, a server of tools or a request, and gives its node's id; anything else is kept as it stands."""
    found = envelope(value, at)
    table = class_map(found.name, found.provider, found.type) if found is not None else None
    if found is not None and table is not None and table.kind in ("mcp", "http_tool"):
        return read_server(reading, found, table) if table.kind == "mcp" else read_request(reading, found, table)
    if found is None or found.name != "FunctionTool" or not isinstance(found.config.get("source_code"), str):
        return reading.unknown(found, value, at)
    node = read_function(
        reading,
        source=str(found.config["source_code"]),
        name=found.config.get("name"),
        description=found.config.get("description"),
        imports=found.config.get("global_imports"),
        at=at,
        code_at=found.at("source_code"),
        original=found,
        name_at=found.at("name"),
    )
    if found.config.get("ask_first") is True and reading.kind_of(node) == "python_tool":
        # A script may put a function around it that asks a person; AutoGen's JSON cannot.
        reading.put(node, {**reading.config_of(node), "approval": "always"})
    reading.tell_unread(found, _FUNCTION, (node,), str(found.config.get("name") or found.name))
    return node


def read_function(
    reading: Reading,
    *,
    source: str,
    name: Any,
    description: Any,
    imports: Any,
    at: str,
    code_at: str,
    name_at: str,
    original: Envelope | None = None,
) -> str:
    """Draws a Python tool from its source, which is parsed and nothing else."""
    if len(source) > MAX_SOURCE:
        return reading.unknown(original, source, at)
    lines = tuple(_import_lines(imports))
    whole = "\n".join((*lines, "", "", source.strip("\n"))) if lines else source.strip("\n")
    whole += "\n"
    try:
        called = schema_of_source(whole).name
    except FlowError as mistake:
        called = name if isinstance(name, str) else ""
        broken, described = mistake.sentence, False
    else:
        broken = ""
        if isinstance(name, str) and name and name != called:
            whole = under_name(whole, called, name)
            called = schema_of_source(whole).name
        said, described = with_description(whole, called, description) if isinstance(description, str) else (whole, False)
        whole, described = (said, described) if len(said) <= MAX_SOURCE else (whole, False)
    label = (called or (name if isinstance(name, str) else "") or text("kind.python_tool.name"))[:200]
    node = reading.shared("python_tool", "", {"source": whole}, what=text("autogen.what.tool", name=label), at=at)
    if broken:
        reading.say("decision", "tool_unusable", code_at, (node,), remedy=True, name=label, why=broken[:300])
    elif isinstance(name, str) and name and name != called:
        reading.say("approximated", "tool_renamed", name_at, (node,), was=name[:80], name=called)
    if described:
        reading.say("approximated", "tool_described", at, (node,), name=label)
    reading.say("decision", "code_runs", code_at, (node,), remedy=True, name=label)
    return node


def _import_lines(imports: Any) -> Iterator[str]:
    """The import statements of AutoGen's `global_imports`: module names, or {module, imports: [name or {name, alias}]}."""
    if not isinstance(imports, list):
        return
    for each in imports[:200]:
        if isinstance(each, str) and _MODULE.fullmatch(each):
            yield f"import {each}"
        elif isinstance(each, Mapping):
            module = each.get("module") or each.get("name")
            if not isinstance(module, str) or not _MODULE.fullmatch(module):
                continue
            names = each.get("imports")
            if isinstance(names, list):
                wanted = [written for item in names if (written := _imported(item))]
                if wanted:
                    yield f"from {module} import {', '.join(wanted)}"
            elif isinstance(each.get("alias"), str) and _MODULE.fullmatch(each["alias"]):
                yield f"import {module} as {each['alias']}"


def _imported(item: Any) -> str:
    if isinstance(item, str):
        return item if _MODULE.fullmatch(item) else ""
    if isinstance(item, Mapping) and isinstance(item.get("name"), str) and _MODULE.fullmatch(item["name"]):
        alias = item.get("alias")
        return f"{item['name']} as {alias}" if isinstance(alias, str) and _MODULE.fullmatch(alias) else item["name"]
    return ""
