"""Agents whose tools are OpenAI's own: assistants over the same model, with tools of this side instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from studio.formats.autogen_components.envelope import Envelope
from studio.formats.autogen_components.mapping import ClassMap
from studio.formats.autogen_components.reading import Reading
from studio.formats.autogen_components.reading_models import read_model
from studio.texts import text

OF_OPENAI = ("OpenAIAssistantAgent", "OpenAIAgent")
CLIENTS: Mapping[str, str] = {"AsyncOpenAI": "OpenAIChatCompletionClient", "AsyncAzureOpenAI": "AzureOpenAIChatCompletionClient"}
"""OpenAI's own clients that such agents are given, and AutoGen's class that asks the same server."""

_HERE: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "code_interpreter": ("shell", {"executor": {"kind": "docker"}, "approval": "never"}),
    "file_search": ("search_documents", {}),
    "retrieval": ("search_documents", {}),
    "web_search_preview": ("web_search", {}),
    "web_search": ("web_search", {}),
}
"""What does here what a tool of OpenAI's does there."""

_OF_MODEL = {"model": "model", "temperature": "temperature", "top_p": "top_p", "max_output_tokens": "max_tokens"}


def is_hosted(table: ClassMap) -> bool:
    return table.name in OF_OPENAI


def hosted(tool: Any) -> str:
    """The name of a tool of OpenAI's; empty for any other."""
    named = tool if isinstance(tool, str) else tool.get("type") if isinstance(tool, Mapping) and "provider" not in tool else None
    return named if isinstance(named, str) else ""


def tools_here(named: Iterable[str]) -> list[tuple[str, dict[str, Any]]]:
    """The kinds that do the same as these tools, each once, with their fields."""
    found = {_HERE[each][0]: dict(_HERE[each][1]) for each in named if each in _HERE}
    return list(found.items())


def unpacked(found: Envelope) -> Envelope:
    """The same agent without OpenAI's tools among its own."""
    tools = found.config.get("tools")
    own = [each for each in tools if not hosted(each)] if isinstance(tools, list) else tools
    return replace(found, config={**found.config, "tools": own})


def draw_model(reading: Reading, found: Envelope, agent: str, name: str) -> None:
    """Draws the model that speaks for it, at the server that its client asks."""
    client = found.config.get("client")
    said = dict(client) if isinstance(client, Mapping) else {}
    asks = CLIENTS.get(str(said.pop("client", "")))
    if client is not None and asks is None:
        reading.say("approximated", "field_lost", found.at("client"), (agent,), name=name, field="client")
        said = {}
    config = {ours: found.config[theirs] for theirs, ours in _OF_MODEL.items() if found.config.get(theirs) is not None}
    if found.config.get("json_mode") is True:
        config["response_format"] = {"type": "json_object"}
    provider = f"autogen_ext.models.openai.{asks or CLIENTS['AsyncOpenAI']}"
    raw = {"provider": provider, "component_type": "model", "config": {**said, **config}}
    model = Envelope(provider.rpartition(".")[2], provider, "model", {**said, **config}, raw, found.pointer, found.inside)
    reading.wire("model", read_model(reading, model, name), agent)


def draw_tools(reading: Reading, found: Envelope, agent: str, name: str) -> None:
    """Draws what does here what its tools of OpenAI's do, and says of which there is none. `found` is the agent as it came."""
    listed = found.config.get("tools")
    named = [each for each in map(hosted, listed) if each] if isinstance(listed, list) else []
    for kind, config in tools_here(named):
        called = text("autogen.what.tool", name=text(f"kind.{kind}.name"))
        node = reading.shared(kind, "", config, what=called, at=found.pointer)
        reading.wire("tool", node, agent)
        if kind == "search_documents":
            reading.say("decision", "hosted_files", found.at("tools"), (node,), name=name, remedy=True)
    for each in dict.fromkeys(named):
        if each not in _HERE:
            reading.say("approximated", "hosted_tool", found.at("tools"), (agent,), name=name, tool=each[:80])
