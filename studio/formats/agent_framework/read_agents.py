"""Agents of scripts for Agent Framework: their models, tools, hand-overs, and who speaks without a model."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from typing import Any

from studio.engine.models.presets import preset_named
from studio.formats.agent_framework.code import NAME
from studio.formats.agent_framework.read_clients import MADE_BY_CLIENT, kind_of, made_by_client
from studio.formats.agent_framework.read_filters import filter_of
from studio.formats.agent_framework.read_people import person_of, program_of, runner_of
from studio.formats.agent_framework.read_servers import draw_server
from studio.formats.agent_framework.read_talks import agent_asked, chat_of, heard_of, prompt_of, team_asked
from studio.formats.autogen_components.envelope import ELSEWHERE, Envelope
from studio.formats.autogen_components.reading_models import OPENAI, read_model, served_by
from studio.formats.autogen_components.reading_tools import read_function
from studio.formats.foreign_script.functions import is_framework, standing, wrapped_in
from studio.formats.foreign_script.reading import ScriptReading, at
from studio.formats.foreign_script.shapes import shape_of
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import Class, Entries, Function, Record, Setting, Unknown, is_known, plain
from studio.texts import text

CLASSES = ("Agent", "ChatAgent")
_MAKERS = ("create_harness_agent",)
_MODEL = ("model", "model_id", "deployment_name", "model_deployment_name")
_ADDRESS = ("base_url", "azure_endpoint", "endpoint", "host")
_MAKE_TOOLS = ("tool", "ai_function")
_OPTIONS = ("temperature", "max_tokens", "top_p", "seed")
_OURS = frozenset(("hand_over", "stop_after", "count_tokens", "end_with_tools", "say_results"))
"""Middleware of our own exports, whose work is done here by what is drawn."""

_HANDS_TO = re.compile(r"handed_to\.append\(\s*(['\"])(.+?)\1\s*\)")


def is_agent(record: Record) -> bool:
    """Whether a call makes somebody who takes part."""
    if record.definition is not None:
        return "BaseAgent" in {getattr(base, "name", "") for base in record.definition.bases}
    if record.of is not None:
        return made_by_client(record)
    return made_by_client(record) or record.method in CLASSES or is_other(record)


def is_other(record: Record) -> bool:
    """Whether a call makes an agent of the framework's that is asked in a way of its own: by another company's agent, or over a network."""
    if record.of is not None or record.definition is not None or not is_framework(record.callee):
        return False
    return record.method in _MAKERS or (record.method.endswith("Agent") and record.method not in CLASSES and record.method[:1].isupper())


class Agents:
    """Draws agents, each once for every place in which it takes part. `taken` are the ids of the calls that were drawn."""

    def __init__(self, reading: ScriptReading) -> None:
        self.reading = reading
        self.taken: set[int] = set()
        self.nodes: dict[int, str] = {}
        self.team: Callable[..., str] = self._kept
        self.within: dict[str, str] = {}
        """The filters of agents that hear only a part, by the names of the agents."""

        self._open: set[int] = set()

    def draw(self, record: Record, parent: str | None) -> str:
        """The node of an agent; one that is a tool of its own is kept as it stands."""
        self.taken.add(id(record))
        if id(record) in self._open:
            return self.reading.keep(record.callee, record.spot, what=record.name, parent=parent)
        self._open.add(id(record))
        if record.definition is not None:
            node = self._speaker(record, parent)
        elif record.method in (*CLASSES, *MADE_BY_CLIENT):
            node = self._filtered(record, parent)
        else:
            name = record.look("name")
            called = str(name) if isinstance(name, str) else record.name
            node = self.reading.keep(record.callee.removeprefix("agent_framework."), record.spot, what=called, parent=parent)
        self._open.discard(id(record))
        self.nodes[id(record)] = node
        return node

    def _kept(self, record: Record, parent: str | None = None, name: str = "", own: Mapping[str, Any] | None = None) -> str:
        return self.reading.keep(record.callee, record.spot, what=name, parent=parent)

    def client(self, record: Record) -> Any:
        """The client that an agent asks."""
        if record.of is not None:
            return record.of
        given = record.get("client", 0, record.get("chat_client"))
        return Unknown(record.callee.rpartition(".")[0], record.spot) if given is None and made_by_client(record) else given

    def _filtered(self, record: Record, parent: str | None) -> str:
        """An assistant, within a filter where it hears only a part."""
        hooks = record.look("middleware")
        found = [filter_of(each) for each in hooks if isinstance(each, Function)] if isinstance(hooks, list | tuple) else []
        heard = next((each for each in found if each is not None), None)
        if heard is None:
            return self._assistant(record, parent)
        name = self.reading.agent_name(heard[0], "filter", at(record.spot), own=False)
        node = self.reading.node("filter", name, heard[1], parent, what=text("autogen.what.agent", name=name), at=at(record.spot))
        self.within[self.reading.name_of(self._assistant(record, node))] = node
        return node

    def _assistant(self, record: Record, parent: str | None) -> str:
        reading = self.reading
        given = self._said(record, ("name",))
        name = reading.agent_name(
            plain(given) or record.name, "assistant", at(record.spot_of("name")), own=isinstance(given, str), who=id(record)
        )
        config: dict[str, Any] = {}
        for field, ours, place in (("description", "description", None), ("instructions", "system_message", 1)):
            written = record.get(field, place if record.of is None else None)
            if isinstance(written, str) and written:
                config[ours] = str(written)
            elif written is not None and not isinstance(written, str):
                reading.tell(
                    "decision", "value_unknown", record.spot_of(field), remedy=True, field=field, source=self._source(record, field)
                )
        middleware = record.look("middleware")
        hooks = [each for each in middleware if isinstance(each, Function)] if isinstance(middleware, list | tuple) else []
        if hooks and all(each.name in _OURS or (each.taken and filter_of(each) is not None) for each in hooks):
            record.take("middleware")
            for each in hooks:
                each.taken = True
        if any(each.name == "say_results" for each in hooks):
            config |= {"max_tool_rounds": 1, "after_tools": "results"}
        listed = record.get("tools")
        tools = list(listed) if isinstance(listed, list | tuple) else [] if listed is None else [listed]
        handed = [(tool, target) for tool in tools if (target := _handed_to(tool))]
        if handed:
            config["handoffs"] = [target for _, target in handed]
            if when := {target: words for tool, target in handed if (words := _when(tool, target))}:
                config["handoff_when"] = when
        client = self.client(record)
        rounds = client.look("function_invocation_configuration") if isinstance(client, Record) else None
        limit = plain(rounds.get("max_iterations")) if isinstance(rounds, Mapping) else None
        if isinstance(limit, int) and 0 < limit <= 100:
            config["max_tool_rounds"] = limit
        options = record.get("default_options", default={})
        if (shape := self._shape(options)) is not None:
            config["output"] = shape
        node = reading.node("assistant", name, config, parent, what=text("autogen.what.agent", name=name), at=at(record.spot))
        self._tell_options(record, options, node, shaped=shape is not None)
        own = {name: record.get(name) for name in _OPTIONS if name in record.kwargs}
        if (wanted := record.get("model", None, record.get("model_id"))) is not None:
            own["model"] = wanted
        model = self.model(client, {**(options if isinstance(options, Mapping) else {}), **own})
        if model is not None:
            reading.wire("model", model, node)
        elif client is not None:
            reading.tell("decision", "model_unknown", record.spot, (node,), remedy=True)
        for tool in tools:
            if not _handed_to(tool) and (drawn := self._tool(tool, record)) is not None:
                reading.wire("tool", drawn, node, _said_of(tool))
        return node

    def _shape(self, options: Any) -> dict[str, Any] | None:
        """The JSON Schema of the answers that are asked for, of a class of the script or written out; None for any others."""
        wanted = options.get("response_format") if isinstance(options, Mapping) else None
        if isinstance(wanted, Class):
            return shape_of(self.reading.script, wanted)
        given = plain(wanted)
        held = given.get("json_schema") if isinstance(given, dict) else None
        schema = held.get("schema") if isinstance(held, dict) else None
        return schema if isinstance(schema, dict) and is_known(wanted) else None

    def _tell_options(self, record: Record, options: Any, node: str, *, shaped: bool) -> None:
        """What is asked of a model with every request and has no counterpart here."""
        around = record.spot_of("default_options")
        lost = [("default_options", around)] if not isinstance(options, Mapping) else []
        if isinstance(options, Mapping):
            read = {*_OPTIONS, *(["response_format"] if shaped else [])}
            spots = options.spots if isinstance(options, Entries) else {}
            lost = [(str(name), spots.get(name, around)) for name, value in options.items() if name not in read and value is not None]
        for field, spot in lost:
            source = " ".join(self.reading.piece.text[spot.start : spot.end].split())[:120]
            self.reading.tell("approximated", "left_out", spot, (node,), field=field, what=record.method, source=source)

    def _source(self, record: Record, field: str) -> str:
        spot = record.spot_of(field)
        return " ".join(self.reading.piece.text[spot.start : spot.end].split())[:120]

    # Models -----------------------------------------------------------------------------------------------------------

    def model(self, client: Any, options: Mapping[Any, Any]) -> str | None:
        """The node of a client's model, with what is asked of it with every request; None for nothing."""
        if client is None:
            return None
        if not isinstance(client, Record) or (kind := kind_of(client)) is None:
            return self._elsewhere(client)
        self.taken.add(id(client))
        client.take("function_invocation_configuration")
        named = options.get("model")
        own: dict[str, Any] = {"model": str(named) if isinstance(named, str) else self._said(client, _MODEL) or ""}
        address = self._said(client, _ADDRESS) or (preset.base_url if kind == "google" and (preset := preset_named("gemini")) else None)
        own["azure_endpoint" if kind == "azure" else "base_url"] = address
        key = client.get("api_key")
        if isinstance(key, str):
            own["api_key"] = str(key)
        if version := self._said(client, ("api_version",)):
            own["api_version"] = version
        own |= {name: plain(value) for name, value in options.items() if name in _OPTIONS}
        served = served_by(kind)
        name = served.name if served is not None else OPENAI
        node = read_model(self.reading, Envelope(name, name, "model", own, {}, at(client.spot), at(client.spot)))
        if not own["model"]:
            self.reading.tell("decision", "model_unknown", client.spot, (node,), remedy=True)
        return node

    def _elsewhere(self, client: Any) -> str:
        """The model of a client that another file makes, or that nobody knows: somebody has to choose it."""
        spot = getattr(client, "spot", None)
        source = getattr(client, "source", "") or getattr(client, "name", "") or "client"
        if isinstance(client, Record):
            source = self.reading.piece.text[client.spot.start : client.spot.end]
            self.taken.add(id(client))
            client.take(*client.kwargs, *range(len(client.args)))
        where = at(spot) if isinstance(spot, Spot) else ""
        said = {"source": " ".join(str(source).split())[:120]}
        return read_model(self.reading, Envelope("model", f"{ELSEWHERE}.model", "model", said, {}, where, where))

    def _said(self, record: Record, fields: tuple[str, ...]) -> str | None:
        for field in fields:
            value = record.get(field)
            if isinstance(value, Setting) and value.default is None:
                self.reading.tell("decision", "setting", record.spot_of(field), remedy=True, field=field, name=value.name)
                value = None
            elif isinstance(value, Setting):
                self.reading.tell(
                    "approximated",
                    "setting_default",
                    record.spot_of(field),
                    field=field,
                    name=value.name,
                    value=str(plain(value.default) or "—"),
                )
                value = value.default
            if isinstance(value, str):
                return str(value)
        return None

    # Tools ------------------------------------------------------------------------------------------------------------

    def _tool(self, tool: Any, caller: Record) -> str | None:
        """The node of a tool; None for one that was told instead."""
        reading = self.reading
        if isinstance(tool, Record) and tool.method == "as_tool" and isinstance(tool.of, Record) and is_agent(tool.of):
            node = self.nodes.get(id(tool.of)) or self.draw(tool.of, None)
            self._called(tool, node)
            return node
        if isinstance(tool, Record) and (server := draw_server(reading, tool)) is not None:
            self.taken.add(id(tool))
            return server
        function, made = tool, None
        if isinstance(tool, Record) and tool.method in _MAKE_TOOLS and tool.args:
            function, made = tool.args[0], tool
        elif isinstance(tool, Function):
            made = next((each for each in tool.decorators if isinstance(each, Record) and each.method in _MAKE_TOOLS), None)
        said = self._said_of(made) if made is not None else {}
        function, asks_first = wrapped_in(function) if isinstance(function, Function) else (function, False)
        if isinstance(function, Function) and (team := team_asked(reading.script, function)) is not None:
            function.taken = True
            node = self.team(team, None, function.name)
            about = ast.get_docstring(function.node) if not isinstance(function.node, ast.Lambda) else ""
            reading.put(node, {**reading.config_of(node), "description": about or "", "heard": heard_of(function)})
            return node
        if isinstance(function, Function) and (inner := agent_asked(function)) is not None and is_agent(inner):
            function.taken = True
            return self.nodes.get(id(inner)) or self.draw(inner, None)
        if not isinstance(function, Function) or function.is_lambda or function.owner is not None:
            spot = tool.spot if isinstance(tool, Record | Function) else caller.spot_of("tools")
            return reading.keep(getattr(tool, "callee", "") or "tool", spot)
        alone = standing(reading.script, function)
        where = at(function.spot)
        facts = {"name": said.get("name") or alone.name, "description": said.get("description", ""), "imports": None}
        node = read_function(reading, source=alone.source, **facts, at=where, code_at=where, name_at=where)  # type: ignore[arg-type]
        if (asks_first or "approval_mode" in said) and reading.kind_of(node) == "python_tool":
            reading.put(node, {**reading.config_of(node), "approval": "always"})
        if alone.missing:
            missing = ", ".join(alone.missing)[:200]
            reading.tell("decision", "names_missing", function.spot, (node,), remedy=True, name=alone.name, missing=missing)
        return node

    def _called(self, tool: Record, node: str) -> None:
        """What callers know an agent by that is their tool: its name, and what it is for. Other words than its own have their line."""
        reading = self.reading
        given, config = plain(tool.look("description")), reading.config_of(node)
        own = str(config.get("description") or "")
        if reading.kind_of(node) == "assistant" and isinstance(given, str) and not own:
            reading.put(node, {**config, "description": given})
            own = given
        tool.take(*(["name"] if plain(tool.look("name")) in (None, reading.name_of(node)) else []))
        tool.take(*(["description"] if given is None or own in str(given) else []))

    def _said_of(self, made: Record) -> dict[str, str]:
        """What is said of a function where it is made a tool: name and description, and the mode where a person is asked first."""
        made.take(0, "name", "description")
        self.taken.add(id(made))
        said = {field: str(value) for field in ("name", "description") if isinstance(value := made.look(field), str)}
        mode = made.look("approval_mode")
        if mode in ("always_require", "never_require", None):
            made.take("approval_mode")
        return said | ({"approval_mode": mode} if mode == "always_require" else {})

    def _team(self, record: Record, answer: Function, team: Record, parent: str | None) -> str:
        """Somebody who lets a team talk: a chat in a row, a society, or the team itself."""
        reading = self.reading
        record.take(0, 1, 2)
        own: dict[str, Any] = {"kind": "team", "heard": heard_of(answer)}
        asked = agent_asked(answer)
        if (chat := chat_of(answer)) is not None:
            own = {"kind": "chat", **chat}
        elif asked is not None:
            instruction = plain(asked.look("instructions"))
            own = {"kind": "society", "instruction": instruction or "", "response_prompt": prompt_of(answer)}
        if asked is not None:
            self.taken.add(id(asked))
            asked.take("name", "instructions", "default_options")
        name = reading.agent_name(plain(record.look("name", 0)), "team", at(record.spot))
        node = self.team(team, parent, name, own)
        if asked is not None and (model := self.model(self.client(asked), {})) is not None:
            reading.wire("model", model, node)
        return node

    # Who speaks without a model ---------------------------------------------------------------------------------------

    def _speaker(self, record: Record, parent: str | None) -> str:
        """Somebody of a class of the script's own. One of our own exports answers by a function: a person, or who runs code."""
        reading = self.reading
        answer = next((each for each in (*record.args, *record.kwargs.values()) if isinstance(each, Function)), None)
        definition = record.definition
        assert isinstance(definition, Class)
        if definition.name == NAME and (runner := runner_of(record)) is not None:
            return self._one_without_a_model(record, *runner, definition.spot, parent)
        if answer is not None and (team := team_asked(reading.script, answer)) is not None:
            answer.taken = definition.taken = True
            return self._team(record, answer, team, parent)
        found = person_of(answer) if answer is not None and definition.name == "Speaker" else None
        if answer is not None and definition.name == "Speaker" and (program := program_of(reading.script, answer)) is not None:
            found = "python_agent", {"source": program}
        if answer is None or found is None:
            beside = [definition, *([answer] if answer else [])]
            return reading.keep(definition.name, record.spot, what=record.name, beside=beside, parent=parent)
        record.take(2)
        answer.taken = True
        return self._one_without_a_model(record, *found, answer.spot, parent)

    def _one_without_a_model(self, record: Record, kind: str, config: dict[str, Any], code: Spot, parent: str | None) -> str:
        """The node of one of the classes that our own exports bring along; `code` is where it stands what they do."""
        reading = self.reading
        name = reading.agent_name(plain(record.get("name", 0)), "human", at(record.spot))
        if isinstance(words := plain(record.get("description", 1)), str) and words:
            config["description"] = words
        if isinstance(record.definition, Class):
            record.definition.taken = True
        node = reading.node(kind, name, config, parent, what=text("autogen.what.agent", name=name), at=at(record.spot))
        if config.get("executor", {}).get("kind") == "local":
            reading.say("decision", "runs_here", at(code), (node,), remedy=True)
        if kind == "python_agent":
            reading.tell("decision", "agent_runs", code, (node,), remedy=True, name=name)
        return node


def _handed_to(tool: Any) -> str:
    """To whom a tool of our own exports hands over; empty for every other tool."""
    function = tool.args[0] if isinstance(tool, Record) and tool.method == "tool" and tool.args else tool
    if not isinstance(function, Function) or not function.name.startswith("transfer_to_"):
        return ""
    found = _HANDS_TO.search(function.source)
    if found is None:
        return ""
    function.taken = True
    if isinstance(tool, Record):
        tool.take(0, "description")
    return found[2]


def _said_of(tool: Any) -> dict[str, Any]:
    """What the wire of an agent that is a tool says: what its caller hears, and that it begins anew with each call."""
    if isinstance(tool, Record) and tool.method == "as_tool":
        return {"remembers": False}
    function = tool.args[0] if isinstance(tool, Record) and tool.args else tool
    if not isinstance(function, Function) or agent_asked(function) is None:
        return {}
    heard = {"heard": "all"} if 'return f"' in function.source else {}
    return heard | ({} if "session=" in function.source else {"remembers": False})


def _when(tool: Any, target: str) -> str:
    """When a hand-over is for, as the description of its tool says."""
    told = tool.look("description") if isinstance(tool, Record) else None
    return str(told).removeprefix(f"Hand the conversation over to {target}.").strip() if isinstance(told, str) else ""
