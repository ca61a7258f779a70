"""Agents: assistants with their models and tools, people, and those who run code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from studio.flow.kinds import drawn_class, parts
from studio.formats.autogen_components.envelope import Envelope, envelope
from studio.formats.autogen_components.handoff_names import is_usual
from studio.formats.autogen_components.hosted import draw_model, draw_tools, is_hosted, unpacked
from studio.formats.autogen_components.mapping import class_map
from studio.formats.autogen_components.reading import Reading
from studio.formats.autogen_components.reading_models import read_model
from studio.formats.autogen_components.reading_tools import MAX_TOOLS, benches_in, lists_of_tools, tools_in
from studio.formats.autogen_components.surfers import draw_tool, is_surfer
from studio.texts import text

MAX_MEMORIES = 100
MAX_FACTS = 1_000
READ = ("assistant", "human", "code_runner")
"""The kinds of agents that are read here; agents with a team inside are read with the teams."""

USUAL_MEMORIES = ("facts", "default_list_memory", "list_memory")
"""What a list of facts is called by whoever gives it no name."""

ReadTool = Callable[[Reading, Any, str], tuple[str, Mapping[str, Any]]]
"""Draws a tool and gives its node's id, and what its wire says."""


def read_agent(reading: Reading, found: Envelope, parent: str | None, read_tool: ReadTool) -> str:
    """Draws an agent inside a team (or alone) and gives its node's id; one of an unknown class is kept as it stands."""
    table = class_map(found.name, found.provider, found.type)
    if table is None or table.kind not in READ:
        return reading.unknown(found, found.raw, found.pointer, parent)
    came = found
    if is_hosted(table):
        found = unpacked(found)
    config, lost = reading.plain(table, found, table.kind)
    if (
        config.get("after_tools")
        and not is_surfer(table)
        and (found.config.get("reflect_on_tool_use") or not next(tools_in(found.config, found), None))
    ):
        config.pop("after_tools")
    if found.version == 0 and not found.config.get("system_message"):
        # AutoGen Studio 0.4.0 left out what its form had not changed.
        config.pop("system_message", None)
    if table.kind == "human" and isinstance(question := found.config.get("input_func"), Mapping):
        config |= {field: question[field] for field in ("form", "prompt") if isinstance(question.get(field), str)}
        lost = [each for each in lost if each[0] != "input_func"]
    unread: list[tuple[str, str]] = []
    name = reading.agent_name(found.config.get("name"), table.kind, found.at("name"))
    if "code_executor" in table.wired:
        config["executor"], unread = _executor(reading, found.config.get("code_executor"), found.at("code_executor"))
    if handoffs := _handoffs(found):
        config["handoffs"] = list(handoffs)
        if table.kind == "assistant" and (when := {target: words for target, words in handoffs.items() if words}):
            config["handoff_when"] = when
    context = _context(reading, found, table.kind)
    if context is not None:
        config["context"] = context
    if (shape := _shape(found)) is not None and table.kind == "assistant":
        config["output"] = shape
    node = reading.node(table.kind, name, config, parent, what=text("autogen.what.agent", name=name), at=found.pointer)
    _wire_model(reading, found, table.kind, node, name)
    tools = [read_tool(reading, tool, at) for tool, at in tools_in(found.config, found)] if "tools" in table.wired else []
    if is_surfer(table):
        draw_tool(reading, found, table, node)
    if is_hosted(table):
        draw_model(reading, came, node, name)
        draw_tools(reading, came, node, name)
    for listed, at in lists_of_tools(found.config, found) if "tools" in table.wired else ():
        reading.first(listed, MAX_TOOLS, at, (node,), what="tools")
    for tool, said in tools:
        reading.wire("tool", tool, node, said)
    for bench in benches_in(found.config, found):
        reading.tell_unread(bench, ("tools",), (node,), name)
    if "memory" in table.wired:
        _memories(reading, found, node)
    reading.tell_losses(lost, found, (node,), name)
    if (executor := envelope(found.config.get("code_executor"), found.at("code_executor"))) is not None:
        reading.tell_losses(unread, executor, (node,), executor.name)
    _tell_differences(reading, found, node, name)
    if table.differs:
        reading.say("approximated", table.differs, found.pointer, (node,), name=name)
    return node


def _wire_model(reading: Reading, found: Envelope, kind: str, node: str, name: str) -> None:
    at = found.at("model_client")
    value = found.config.get("model_client")
    component = drawn_class(kind)
    if value is None:
        return
    if component is None or "model" not in parts(component):
        reading.say("approximated", "field_lost", at, (node,), name=name, field="model_client")
        return
    model = envelope(value, at)
    reading.wire("model", read_model(reading, model, name) if model is not None else reading.unknown(None, value, at), node)


def _shape(found: Envelope) -> dict[str, Any] | None:
    """The JSON Schema that the agent's answers fit, where it has one."""
    factory = envelope(found.config.get("structured_message_factory"), "")
    schema = factory.config.get("json_schema") if factory is not None else None
    return dict(schema) if isinstance(schema, Mapping) and schema.get("type") == "object" else None


def _handoffs(found: Envelope) -> dict[str, str]:
    """To whom an agent may hand over, and when: what the model is told of it in words of one's own."""
    handoffs = found.config.get("handoffs")
    targets: dict[str, str] = {}
    for each in handoffs if isinstance(handoffs, list) else ():
        target = each.get("target") if isinstance(each, Mapping) else each
        if isinstance(target, str) and target.strip():
            words = each.get("description") if isinstance(each, Mapping) else None
            own = words.strip() if isinstance(words, str) and words != f"Handoff to {target}." else ""
            targets.setdefault(target.strip(), own)
    return targets


def _executor(reading: Reading, value: Any, at: str) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Where code runs, as a nested component; an executor that nobody knows becomes the automatic choice."""
    found = envelope(value, at)
    table = class_map(found.name, found.provider, found.type) if found is not None else None
    if found is None or table is None or table.type != "code_executor":
        reading.say("decision", "executor_unknown", at, what=(found.provider if found is not None else "—")[:120], remedy=True)
        return {"kind": "auto"}, []
    config, lost = reading.plain(table, found, table.kind, nested=True)
    if config.get("image") in ("python:3-slim", "python:3.12-slim"):
        config.pop("image")
    if table.differs:
        reading.say("approximated", table.differs, at)
    if table.kind == "local":
        reading.say("decision", "runs_here", at, remedy=True)
    return {"kind": table.kind, **config}, lost


def _context(reading: Reading, found: Envelope, kind: str) -> dict[str, Any] | None:
    """What the agent's model is shown of the conversation, where that is not all of it."""
    value = found.config.get("model_context")
    context = envelope(value, found.at("model_context"))
    if context is None or (context.name == "UnboundedChatCompletionContext" and not context.config.get("initial_messages")):
        return None
    table = class_map(context.name, context.provider, context.type)
    component = drawn_class(kind)
    if table is None or component is None or "context" not in parts(component):
        reading.say("approximated", "context_lost", context.pointer, what=context.name[:80])
        return None
    config, lost = reading.plain(table, context, table.kind, nested=True)
    reading.tell_losses(lost, context, (), context.name)
    return {"kind": table.kind, **config}


def _memories(reading: Reading, found: Envelope, agent: str) -> None:
    """What the agent always knows, as nodes; a memory of an unknown class is kept as it stands."""
    memories = found.config.get("memory")
    listed = memories if isinstance(memories, list) else []
    for index, value in enumerate(reading.first(listed, MAX_MEMORIES, found.at("memory"), (agent,), what="memory")):
        at = found.at("memory", index)
        memory = envelope(value, at)
        table = class_map(memory.name, memory.provider, memory.type) if memory is not None else None
        if memory is None or table is None or table.type != "memory":
            reading.wire("memory", reading.unknown(memory, value, at), agent)
            continue
        contents = memory.config.get("memory_contents")
        contents = contents if isinstance(contents, list) else []
        held = reading.first(contents, MAX_FACTS, memory.at("memory_contents"), what="memory_contents")
        facts = [item["content"] for item in held if isinstance(item, Mapping) and isinstance(item.get("content"), str)]
        name = memory.config.get("name")
        what = text("autogen.what.memory", name=name if isinstance(name, str) else "")
        title = name[:200] if isinstance(name, str) and name not in USUAL_MEMORIES else ""
        node = reading.shared(table.kind, title, {"facts": facts}, what=what, at=at)
        if len(facts) < len(held):
            reading.say("approximated", "field_lost", memory.at("memory_contents"), (node,), name=memory.name, field="memory_contents")
        reading.tell_unread(memory, ("memory_contents", "name"), (node,), memory.name)
        for number, item in enumerate(held):
            if isinstance(item, Mapping) and item.get("metadata"):
                reading.say("approximated", "field_lost", memory.at("memory_contents", number), (node,), name=memory.name, field="metadata")
        reading.wire("memory", node, agent)


def _tell_differences(reading: Reading, found: Envelope, node: str, name: str) -> None:
    handoffs = found.config.get("handoffs")
    for index, each in enumerate(handoffs if isinstance(handoffs, list) else ()):
        if isinstance(each, Mapping) and not _usual(each, name):
            reading.say(
                "approximated", "handoff_words", found.at("handoffs", index), (node,), name=name, target=str(each.get("target"))[:80]
            )


def _usual(handoff: Mapping[str, Any], name: str) -> bool:
    """Whether a hand-off is called, and says what is said then, as AutoGen does by itself, or we do."""
    target = str(handoff.get("target"))
    said = (f"Transferred to {target}, adopting the role of {target} immediately.", f"{name} hands over to {target}.")
    return is_usual(handoff.get("name"), target) and handoff.get("message") in (None, "", *said)
