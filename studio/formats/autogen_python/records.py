"""Records of a script as AutoGen's component JSON, which the tables for all of AutoGen's formats read."""

from __future__ import annotations

import re
from typing import Any

from studio.flow.findings import ForeignFileError
from studio.formats.autogen_components.envelope import ELSEWHERE
from studio.formats.autogen_components.hosted import CLIENTS, OF_OPENAI, hosted
from studio.formats.autogen_components.mapping import class_map
from studio.formats.autogen_components.source import below
from studio.formats.autogen_python.bundles import CODER, MAGENTIC_ONE, SAID_OF_A_CODER, Bundles
from studio.formats.autogen_python.read_choices import written_choice, written_question
from studio.formats.autogen_python.read_fields import QUIET, excerpt, named
from studio.formats.autogen_python.signatures import LISTS, TYPES
from studio.formats.foreign_script.asking import selector, stop_rule
from studio.formats.foreign_script.bound import beside_of, code_of, standing_alone
from studio.formats.foreign_script.functions import Standing, is_framework, wrapped_in
from studio.formats.foreign_script.reading import ScriptPiece, answers_itself
from studio.formats.foreign_script.shapes import shape_of
from studio.formats.python_reading.script import Script
from studio.formats.python_reading.source import Spot
from studio.formats.python_reading.values import (
    Class,
    Function,
    Imported,
    Joined,
    Record,
    Setting,
    Symbol,
    Unknown,
    is_known,
    plain,
)
from studio.texts import text

MAX_COMPONENTS = 3_000
_PROVIDERS = {
    "FunctionTool": "autogen_core.tools.FunctionTool",
    "McpWorkbench": "autogen_ext.tools.mcp.McpWorkbench",
    "AgentTool": "autogen_agentchat.tools.AgentTool",
    "TeamTool": "autogen_agentchat.tools.TeamTool",
    "FunctionalTermination": "autogen_agentchat.conditions.FunctionalTermination",
}


class Components(Bundles):
    """Turns records into component JSON."""

    def __init__(self, script: Script, piece: ScriptPiece) -> None:
        super().__init__(script, piece)
        self.open: list[int] = []
        self.changed: list[tuple[Record, str]] = []
        self.count = 0

    # Components -------------------------------------------------------------------------------------------------------

    def component(self, value: Any, pointer: str, type: str) -> dict[str, Any]:
        """A value that stands for a component of this type. What is none is one that nobody knows, with its source."""
        self.count += 1
        if self.count > MAX_COMPONENTS:
            raise ForeignFileError(text("autogen.too_many", limit=MAX_COMPONENTS))
        if isinstance(value, Joined):
            return self._joined(value, pointer)
        if isinstance(value, Function) or (type == "tool" and code_of(value) is not None):
            return self.function_tool(value, pointer, value.spot, {})
        if isinstance(value, Setting) and isinstance(value.default, Record):
            value = value.default
        if isinstance(value, Record):
            value = self.unwrapped(value, pointer)
            self.piece.places[pointer] = value.spot
            if id(value) in self.open:
                return {"provider": "script.itself", "component_type": type, "config": {}}
            self.open.append(id(value))
            try:
                return self._record(value, pointer, type)
            finally:
                self.open.pop()
        spot = getattr(value, "spot", None) or self.around(pointer)
        if isinstance(spot, Spot):
            self.piece.places[pointer] = self._named_at(value, spot)
        if type == "model":
            return _model_elsewhere(named(value).rpartition(".")[2])
        if isinstance(value, Imported) and not is_framework(value.path):
            return {"provider": f"{ELSEWHERE}.{value.path}", "component_type": type, "config": {}}
        return {"provider": f"script.{named(value)}", "component_type": type, "config": {}}

    def _named_at(self, value: Any, spot: Spot) -> Spot:
        """Where in a piece of the script something from another file is named; the whole piece where it is called otherwise there."""
        text = self.script.source.text
        found = re.search(rf"\b{re.escape(value.name)}\b", text[spot.start : spot.end]) if isinstance(value, Imported) else None
        if found is None:
            return spot
        start = spot.start + found.start()
        line = spot.line + text.count("\n", spot.start, start)
        return Spot(line, line, start, spot.start + found.end())

    def unwrapped(self, record: Record, pointer: str) -> Record:
        """The component itself, where a script has put something around it that changes nothing of what is drawn."""
        for _ in range(5):
            if record.method in ("start", "__aenter__") and record.of is not None:
                record = record.of
            elif record.method == "ChatCompletionCache" and isinstance(inner := record.get("client", 0), Record):
                self.taken.add(id(record))
                self.remark("approximated", "cache", pointer, record.spot)
                record = inner
            else:
                break
        return record

    def _record(self, record: Record, pointer: str, type: str) -> dict[str, Any]:
        self.taken.add(id(record))
        name = record.method
        if name == "load_component" and isinstance(ready := record.get("model", 0), dict) and "provider" in ready:
            loaded = plain(ready)
            return loaded if isinstance(loaded, dict) else {}
        if name == "mcp_server_tools":
            name = "McpWorkbench"
        if name == "create_default_code_executor":
            name = "DockerCommandLineCodeExecutor"
        if name == MAGENTIC_ONE and is_framework(record.callee) and not answers_itself(record):
            record = self.unbundled(record, pointer)
            name = record.method
        if type == "model" and record.definition is None and (name == "load_component" or not is_framework(record.callee)):
            return _model_elsewhere(excerpt(self.script.source.text, record.spot))
        if (
            not is_framework(record.callee)
            or (record.definition is not None and class_map(name, record.callee, "") is None)
            or answers_itself(record)
        ):
            if record.definition is not None:
                self.piece.beside[record.spot.start] = record.definition.source.rstrip()
            called = record.definition.name if record.definition is not None else record.callee
            return {"provider": f"script.{called}", "component_type": type, "config": self._name(record)}
        if record.definition is not None:
            self.changed.append((record, pointer))
        provider = record.callee
        table = class_map(name, provider, "")
        provider = _PROVIDERS.get(name) or (table.provider if table is not None else provider)
        config = self._config(record, name, pointer, dict(table.silent) if table is not None else {})
        if table is None:
            config = {**self._name(record), **config}
        if name == "FunctionTool":
            return self._tool(record, config, pointer)
        if name == "FunctionalTermination":
            return self.rule(record, pointer)
        return {
            "provider": provider,
            "component_type": table.type if table is not None else type,
            "component_version": table.version if table is not None else 1,
            "config": config,
        }

    def _name(self, record: Record) -> dict[str, Any]:
        given = record.get("name", 0)
        return {"name": str(given)} if isinstance(given, str) else {}

    def _config(self, record: Record, name: str, pointer: str, silent: dict[str, Any]) -> dict[str, Any]:
        config: dict[str, Any] = {}
        given = self.arguments(record, name)
        for parameter, (value, spot) in given.items():
            at = below(pointer, "config", parameter)
            self.piece.places[at] = spot
            if name == CODER and parameter not in SAID_OF_A_CODER:
                self.unused(parameter, name, pointer, spot)
                continue
            found = self._field(name, parameter, value, at, spot, quiet=silent.get(parameter) is ... or parameter in QUIET)
            if found is not None or (value is None and parameter == "system_message"):
                config[parameter] = found
        for each in record.rest:
            spot = each.spot if isinstance(each, Unknown) else record.spot
            self.remark("decision", "rest", pointer, spot, remedy=True, what=name)
        match name:
            case "MagenticOneCoderAgent":
                self.remark("approximated", "coder_words", pointer, record.spot, name=str(config.get("name", name)))
            case "McpWorkbench":
                self._beside(record)
            case "AssistantAgent":
                self._assistant(record, config, given, pointer)
            case "ListMemory":
                config["memory_contents"] = self.memories(record, pointer)
            case "MagenticOneGroupChat":
                config.setdefault("max_turns", 20)
            case "GraphFlow":
                from studio.formats.autogen_python.read_graph import read_graph

                read_graph(self, record, given, config, pointer)
        return config

    def _beside(self, record: Record) -> None:
        """What a server is asked with stands beside it, where the server is kept as it stands."""
        params = record.look("server_params", 0)
        if isinstance(params, Record) and not record.spot.start <= params.spot.start <= record.spot.end:
            self.piece.beside[record.spot.start] = self.script.source.text[params.spot.start : params.spot.end]

    def _assistant(self, record: Record, config: dict[str, Any], given: dict[str, Any], pointer: str) -> None:
        if "system_message" not in given:
            from studio.engine.agentchat.agents.assistant import SYSTEM

            config["system_message"] = SYSTEM
            self.remark("approximated", "default_prompt", pointer, record.spot, name=str(config.get("name", "")))
        shape = given.get("output_content_type", (None, record.spot))[0]
        if isinstance(shape, Class):
            schema = shape_of(self.script, shape)
            config["structured_message_factory"] = {
                "provider": "autogen_agentchat.messages.StructuredMessageFactory",
                "component_type": "structured_message",
                "config": {"json_schema": schema, "content_model_name": shape.name},
            }
        config.pop("output_content_type", None)

    def _field(self, owner: str, field: str, value: Any, at: str, spot: Spot, *, quiet: bool) -> Any:
        if value is None:
            return None
        if field in TYPES:
            return self.component(value, at, TYPES[field])
        if field in LISTS:
            return self._several(value, at, LISTS[field])
        match field:
            case "client" if owner in OF_OPENAI and isinstance(value, Record) and value.method in CLIENTS:
                self.taken.add(id(value))
                value.take(*value.kwargs)
                said = {name: each for name, each in value.kwargs.items() if is_known(each) or isinstance(each, Setting)}
                return {"client": value.method, **{name: self.plain(each, name, at, value.spot, quiet=True) for name, each in said.items()}}
            case "azure_ad_token_provider":
                return {"source": excerpt(self.script.source.text, spot)}
            case "return_value_as_last_message" if not is_known(value):
                self.remark("decision", "last_message_unknown", at, spot, remedy=True, name=owner)
                return None
            case "func" if owner == "FunctionalTermination":
                return None
            case "func" | "output_content_type" if isinstance(value, Function | Class):
                return None
            case "selector_func" | "candidate_func" if isinstance(value, Function) and (own := written_choice(value)) is not None:
                return own
            case "input_func" if isinstance(value, Function) and (question := written_question(value)) is not None:
                return question
            case "selector_func" if isinstance(value, Function):
                return self.asked(selector(self.script, value), at, spot)
            case "graph" | "memory_contents":
                return None
            case "selector_func":
                self.remark("decision", "function_lost", at, spot, remedy=True, field=field, source=excerpt(self.script.source.text, spot))
                return None
            case "handoffs":
                listed = value if isinstance(value, list | tuple) else [value]
                return [self.handoff(each, below(at, index), spot) for index, each in enumerate(listed)]
            case "server_params":
                return self.server(value, at, spot)
            case "filter":
                return self.filter(value)
            case "input_func" if isinstance(value, Imported) and value.path == "builtins.input":
                return None
            case "input_func" | "approval_func" | "candidate_func" | "tool_call_summary_formatter" if isinstance(value, Symbol):
                self.remark("decision", "function_lost", at, spot, remedy=True, field=field, source=excerpt(self.script.source.text, spot))
                return None
        return self.plain(value, field, at, spot, quiet=quiet)

    # What fields hold -------------------------------------------------------------------------------------------------

    def _several(self, value: Any, at: str, type: str) -> Any:
        if isinstance(value, list | tuple | set):
            return [plain(each) if hosted(each) else self.component(each, below(at, index), type) for index, each in enumerate(value)]
        if type == "workbench":
            return self.component(value, at, type)
        if isinstance(value, Record) and value.method == "get_participants":
            return []
        return [self.component(value, below(at, 0), type)]

    def _joined(self, value: Joined, pointer: str) -> dict[str, Any]:
        """`a & b & c`, `a | b | c`: one rule of several."""
        name = "AndTerminationCondition" if value.operator == "&" else "OrTerminationCondition"
        self.piece.places[pointer] = value.spot
        parts = _operands(value)
        at = below(pointer, "config", "conditions")
        return {
            "provider": f"autogen_agentchat.base.{name}",
            "component_type": "termination",
            "config": {"conditions": [self.component(each, below(at, index), "termination") for index, each in enumerate(parts)]},
        }

    def function_tool(self, given: Function | Record, pointer: str, spot: Spot, config: dict[str, Any]) -> dict[str, Any]:
        """A function, a method or a partial that agents call. `config` is what was said of it: its name and its description."""
        given, asks_first = wrapped_in(given) if isinstance(given, Function) else (given, False)
        function = code_of(given)
        assert function is not None
        config = {**config, "ask_first": True} if asks_first else config
        self.piece.places[pointer] = function.spot
        self.piece.places[below(pointer, "config", "source_code")] = function.spot
        alone = standing_alone(self.script, given, str(config.get("name") or ""))
        if alone is None:
            around = [each.source.rstrip() for each in beside_of(given) if each is not function]
            self.piece.beside.setdefault(function.spot.start, "\n\n\n".join(around))
            return {"provider": f"script.{function.name or 'lambda'}", "component_type": "tool", "config": {}}
        self._tell_missing(alone, pointer, function.spot)
        if alone.state:
            self.remark("approximated", "state_lost", pointer, function.spot, name=alone.name, what=", ".join(alone.state)[:200])
        return {
            "provider": "autogen_core.tools.FunctionTool",
            "component_type": "tool",
            "config": {**config, "source_code": alone.source, "global_imports": []},
        }

    def _tool(self, record: Record, config: dict[str, Any], pointer: str) -> dict[str, Any]:
        function = record.get("func", 0)
        said = {name: value for name, value in config.items() if name in ("name", "description")}
        for field in (each for each in config if each not in said and each != "func" and config[each] not in (None, False, [])):
            spot = record.spot_of(field)
            source = excerpt(self.script.source.text, spot)
            self.remark("approximated", "left_out", pointer, spot, field=field, what="FunctionTool", source=source)
        if code_of(function) is not None:
            return self.function_tool(function, pointer, record.spot, said)
        return {"provider": f"script.{named(function)}", "component_type": "tool", "config": said}

    def asked(self, alone: Standing, at: str, spot: Spot) -> str:
        """The source of a function that a run asks; names that only the script has are told."""
        self._tell_missing(alone, at, spot)
        return alone.source

    def _tell_missing(self, alone: Standing, at: str, spot: Spot) -> None:
        if alone.missing:
            self.remark("decision", "names_missing", at, spot, remedy=True, name=alone.name, missing=", ".join(alone.missing)[:200])

    def rule(self, record: Record, pointer: str) -> dict[str, Any]:
        """A rule that is a function."""
        function = record.get("func", 0)
        if not isinstance(function, Function):
            return {"provider": f"script.{named(function)}", "component_type": "termination", "config": {}}
        source = self.asked(stop_rule(self.script, function), pointer, function.spot)
        return {"provider": _PROVIDERS["FunctionalTermination"], "component_type": "termination", "config": {"source": source}}


def _model_elsewhere(source: str) -> dict[str, Any]:
    """A model that another file makes, or of which only a run would tell which it is: somebody has to choose it."""
    return {"provider": f"{ELSEWHERE}.model", "component_type": "model", "config": {"source": source}}


def _operands(value: Any) -> list[Any]:
    """What stands between equal operators, without recursion."""
    assert isinstance(value, Joined)
    found: list[Any] = []
    waiting: list[Any] = [value]
    while waiting and len(found) < 200:
        each = waiting.pop()
        if isinstance(each, Joined) and each.operator == value.operator:
            waiting += [each.right, each.left]
        else:
            found.append(each)
    return found
