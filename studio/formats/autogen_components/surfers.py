"""AutoGen's surfers, which have their tools built in: assistants with one tool, and back where an assistant is just that."""

from __future__ import annotations

from typing import Any

from studio.engine.agents.surfers import FILE_SURFER, START_PAGE
from studio.flow.catalogue.validation import validate_config
from studio.flow.document import Node
from studio.flow.wires import Drawing
from studio.formats.autogen_components.envelope import Envelope
from studio.formats.autogen_components.mapping import ClassMap
from studio.formats.autogen_components.reading import Reading
from studio.formats.autogen_components.reading_tools import tools_in
from studio.texts import text

WEB, FILES, VIDEO = "MultimodalWebSurfer", "FileSurfer", "VideoSurfer"
EMPTY = "about:blank"
BUILT_IN = {WEB: "web_browser", FILES: "files", VIDEO: "video"}
"""The tool that an agent of each class has, by the name of the class."""


def is_surfer(table: ClassMap) -> bool:
    return table.name in BUILT_IN


def draw_tool(reading: Reading, found: Envelope, table: ClassMap, agent: str) -> None:
    """Draws the tool that the agent has built in, and wires it; a video surfer may have been given others instead."""
    if table.name == VIDEO and next(tools_in(found.config, found), None) is not None:
        return
    kind = BUILT_IN[table.name]
    config: dict[str, Any] = {"access": "read"} if table.name == FILES else {}
    if table.name == WEB:
        wanted = found.config.get("start_page")
        config = {"start_page": START_PAGE if not isinstance(wanted, str) or not wanted else "" if wanted == EMPTY else wanted}
        if validate_config(kind, config):
            reading.say("approximated", "field_lost", found.at("start_page"), (agent,), name=table.name, field="start_page")
            config = {"start_page": START_PAGE}
        if found.config.get("downloads_folder"):
            config["downloads"] = True
            folder = str(found.config["downloads_folder"])[:200]
            reading.say("approximated", "downloads_folder", found.at("downloads_folder"), (agent,), folder=folder)
    elif found.config.get("base_path"):
        reading.say("approximated", "field_lost", found.at("base_path"), (agent,), name=table.name, field="base_path")
    node = reading.shared(kind, "", config, what=text("autogen.what.tool", name=text(f"kind.{kind}.name")), at=found.pointer)
    reading.wire("tool", node, agent)


def surfer_of(drawing: Drawing, agent: Node, in_script: bool) -> tuple[str, Node] | None:
    """The class that an assistant is written as, and its tool: one that has a browser or videos and nothing besides, or was a file surfer.

    AutoGen's video surfer can be written `in_script` only: as JSON AutoGen itself does not load it.
    """
    tools = drawing.tools_of(agent)
    if len(tools) != 1 or drawing.into(agent, "memory") or agent.config.get("handoffs") or agent.config.get("output"):
        return None
    (tool,) = tools
    if tool.kind == "web_browser":
        return WEB, tool
    if tool.kind == "video" and in_script:
        return VIDEO, tool
    looks_only = tool.kind == "files" and tool.config.get("access") == "read" and agent.config.get("system_message") == FILE_SURFER
    return (FILES, tool) if looks_only else None
