"""Agents of classic scripts that come with their tools: what an assistant is here that does the same, and what is said of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.flow.catalogue.validation import validate_config
from studio.formats.autogen_components.hosted import hosted, tools_here
from studio.formats.classic_python.read_calls import Given, arguments, spot_of
from studio.formats.foreign_script.reading import ScriptReading, at
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Entries, Record, plain
from studio.texts import text

MOST_EXPERTS = 100
"""Experts of a library that become known ones."""


@dataclass(slots=True)
class Ready:
    """An agent with its tools. `prompt` is what it is told where the script says nothing; `config` are further fields of the assistant,
    `tools` kinds with their fields, `code` the finding that says how it differs; `read` are the arguments that are looked at here.
    """

    code: str
    prompt: str
    read: frozenset[str]
    config: dict[str, Any] = field(default_factory=dict)
    tools: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    decision: bool = False


def ready_of(reading: ScriptReading, record: Record, name: str) -> Ready | None:
    """What an agent of such a class becomes; None for any other."""
    found = _CLASSES.get(record.method)
    return found(_Told(reading, record, name), arguments(record)) if found is not None else None


def draw_tools(reading: ScriptReading, record: Record, ready: Ready, node: str, name: str) -> None:
    """Draws the tools that come with an agent, wires them to it, and says how it differs."""
    for kind, config in ready.tools:
        called = text("autogen.what.tool", name=text(f"kind.{kind}.name"))
        reading.wire("tool", reading.shared(kind, "", config, what=called, at=at(record.spot)), node)
    level = "decision" if ready.decision else "approximated"
    reading.tell(level, ready.code, record.spot, (node,), remedy=ready.decision, name=name)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class _Told:
    """Whose arguments are read, and where it is said which of them nothing here takes."""

    reading: ScriptReading
    record: Record
    name: str

    def lost(self, spot: Spot, field: str) -> None:
        self.reading.tell("approximated", "agent_field", spot, field=field, name=self.name)

    def rest(self, argument: str, value: Any, known: Mapping[str, Any] | frozenset[str], path: str = "") -> None:
        """Every entry of a dictionary, at any depth, that is not among the known ones."""
        for key, each in value.items() if isinstance(value, Mapping) else ():
            here = f"{path}.{key}" if path else str(key)
            if here in known or each in (None, "", False, [], {}):
                continue
            if isinstance(each, Mapping) and any(name.startswith(f"{here}.") for name in known):
                self.rest(argument, each, known, here)
            else:
                spot = value.spots.get(key) if isinstance(value, Entries) else None
                self.lost(spot or spot_of(self.record, argument), f"{argument}.{here}")

    def number(self, argument: str, value: Any, least: int, most: int, field: str) -> int | None:
        found = plain(value)
        if not isinstance(found, int) or isinstance(found, bool):
            return None
        return self.reading.within(found, least, most, at(spot_of(self.record, argument)), name=self.name, field=field)


# CaptainAgent -----------------------------------------------------------------------------------------------------------

_NESTED = frozenset(
    "max_turns group_chat_config.max_round autobuild_init_config.max_agents autobuild_build_config.max_agents "
    "autobuild_build_config.coding autobuild_build_config.library_path_or_json "
    "autobuild_build_config.code_execution_config.use_docker".split()
)


def _captain(told: _Told, given: Given) -> Ready:
    from studio.classic.captain_agent import CAPTAIN

    nested = given.get("nested_config")
    nested = nested if isinstance(nested, Mapping) else {}
    init, build = _part(nested, "autobuild_init_config"), _part(nested, "autobuild_build_config")
    tool: dict[str, Any] = {}
    rounds = _part(nested, "group_chat_config").get("max_round")
    for ours, value, most in (("max_turns", rounds, 100), ("max_agents", build.get("max_agents") or init.get("max_agents"), 12)):
        if (number := told.number("nested_config", value, 1, most, ours)) is not None:
            tool[ours] = number
    if plain(build.get("coding")) is False:
        tool["code"] = False
    told.rest("nested_config", nested, _NESTED)
    library = given.looked("agent_lib") or build.get("library_path_or_json")
    if experts := _experts(plain(library)):
        given.get("agent_lib")
        tool["experts"] = experts
    elif library and not given.looked("agent_lib"):
        told.lost(spot_of(told.record, "nested_config"), "nested_config.autobuild_build_config.library_path_or_json")
    config = {}
    if (turns := told.number("nested_config", nested.get("max_turns"), 1, 100, "max_turns")) is not None:
        config["max_tool_rounds"] = turns
    return Ready(
        "ready_captain", CAPTAIN, frozenset({"nested_config"} | ({"agent_lib"} if experts else set())), config, [("expert_team", tool)]
    )


def _part(config: Mapping[Any, Any], name: str) -> Mapping[Any, Any]:
    found = config.get(name)
    return found if isinstance(found, Mapping) else {}


def _experts(library: Any) -> dict[str, str]:
    """The experts of a library that is written out; none for one that lies in a file, which is not opened."""
    try:
        found = json.loads(library) if isinstance(library, str) and library.lstrip().startswith("[") else library
    except (ValueError, RecursionError):
        return {}
    return dict(_named(found)) if isinstance(found, list) else {}


def _named(library: list[Any]) -> Iterator[tuple[str, str]]:
    for each in library[:MOST_EXPERTS]:
        if isinstance(each, Mapping) and isinstance(name := each.get("name"), str) and isinstance(said := each.get("system_message"), str):
            yield name[:80], said[:8_000]


# GPTAssistantAgent ------------------------------------------------------------------------------------------------------


def _assistant(told: _Told, given: Given) -> Ready:
    from studio.classic.ready_agents import ASSISTANT

    config, settings = given.get("assistant_config"), given.looked("llm_config")
    config = config if isinstance(config, Mapping) else {}
    listed = config.get("tools") or (settings.get("tools") if isinstance(settings, Mapping) else None)
    named = [hosted(plain(each)) for each in listed] if isinstance(listed, list | tuple) else []
    tools = tools_here(named)
    files = any(kind == "search_documents" for kind, _ in tools)
    told.rest("assistant_config", config, frozenset(("tools",)))
    for number, each in enumerate(named):
        if each != "function" and not tools_here([each]):
            told.lost(spot_of(told.record, "assistant_config"), f"assistant_config.tools.{number}")
    given.get("verbose")  # how much is printed
    read = frozenset(("instructions", "assistant_config", "verbose"))
    return Ready("ready_assistant_files" if files else "ready_assistant", ASSISTANT, read, {}, tools, decision=files)


# WebSurferAgent, WikipediaAgent -----------------------------------------------------------------------------------------

_BROWSING = frozenset(("start_page", "viewport_size", "downloads_folder"))
_SEARCHES: Mapping[str, list[tuple[str, dict[str, Any]]]] = {
    "crawl4ai": [("web_search", {}), ("web_page", {})],
    "firecrawl": [("web_search", {}), ("web_page", {})],
    "duckduckgo": [("web_search", {})],
    "perplexity": [("web_search", {})],
    "tavily": [("web_search", {"provider": {"kind": "tavily"}})],
    "searxng": [("web_search", {"provider": {"kind": "searxng"}})],
}
"""What AG2's web surfer works with instead of a browser."""


def _surfer(told: _Told, given: Given) -> Ready:
    from studio.classic.web_agents import SURFS, browser_settings

    wanted = plain(given.looked("web_tool"))
    tools = _SEARCHES.get(wanted) if isinstance(wanted, str) else None
    read = ["browser_config"]
    if wanted == "browser_use" or tools is not None:
        given.get("web_tool")
        read.append("web_tool")
        here = " · ".join(text(f"kind.{kind}.name") for kind, _ in tools or [("web_browser", {})])
        told.reading.tell("approximated", "surfer_tool", spot_of(told.record, "web_tool"), name=told.name, tool=str(wanted), here=here)
    config = given.get("browser_config") if tools is None else None
    config = config if isinstance(config, Mapping) else {}
    told.rest("browser_config", config, _BROWSING)
    browser = browser_settings({name: plain(config.get(name)) for name in _BROWSING})
    if validate_config("web_browser", browser):
        told.lost(spot_of(told.record, "browser_config"), "browser_config.start_page")
        browser.pop("start_page", None)
    return Ready("ready_surfer", SURFS, frozenset(read), {}, tools or [("web_browser", browser)])


def _encyclopaedist(told: _Told, given: Given) -> Ready:
    from studio.classic.model_configs import ConfigUnusable
    from studio.classic.web_agents import LOOKS_UP, encyclopaedia

    language, count = plain(given.looked("language")), plain(given.looked("top_k"))
    read = {"language": isinstance(language, str), "top_k": isinstance(count, int) and 1 <= count <= 50}
    try:
        found = encyclopaedia(language if read["language"] else "en", count if read["top_k"] else 2)
    except ConfigUnusable:
        read["language"] = False
        found = encyclopaedia("en", count if read["top_k"] else 2)
    prompt, form = LOOKS_UP, plain(given.looked("format_instructions"))
    if isinstance(form, str) and "system_message" not in given:
        prompt, read["format_instructions"] = f"{LOOKS_UP}\n\nAnswer in this form:\n{form}", True
    taken = [name for name, known in read.items() if known and name in given]
    given.record.take(*taken)
    return Ready("ready_encyclopaedist", prompt, frozenset(taken), {}, [("http_tool", each) for each in found])


_CLASSES: Mapping[str, Callable[[_Told, Given], Ready]] = {
    "CaptainAgent": _captain,
    "GPTAssistantAgent": _assistant,
    "WebSurferAgent": _surfer,
    "WikipediaAgent": _encyclopaedist,
}

READY = frozenset(_CLASSES)
"""Classes whose agents come with their tools."""
