"""A script for AgentChat while it is written: components become calls, and what is used twice or has a name becomes a variable."""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping
from typing import Any

from studio.formats.autogen_components.envelopes import Raw
from studio.formats.autogen_components.mapping import CLASSES
from studio.formats.autogen_python.calls import AGENTS, CORE_TOOLS, FIRST, MEMORY, Call, Source, wanted
from studio.formats.python_text.approvals import NAME, WAITING
from studio.formats.python_text.file_tools import file_functions
from studio.formats.python_text.functions import Module
from studio.formats.python_text.literals import literal
from studio.formats.python_text.names import Names
from studio.formats.python_text.script import INDENT, LINE, Script

IMPORTED: Mapping[str, str] = {
    **{name: f"import {name}" for name in ("asyncio", "functools", "os", "random", "re", "sys")},
    **{name: f"from collections.abc import {name}" for name in ("Awaitable", "Callable", "Sequence")},
    **{name: f"from typing import {name}" for name in ("Any", "Literal")},
    **{name: f"from pydantic import {name}" for name in ("BaseModel", "Field")},
    "Path": "from pathlib import Path",
}
"""What a script may import for itself: functions of tools may import the same, and nothing else by these names."""

_CLASSES = """
BaseAgentEvent BaseChatAgent BaseChatMessage CancellationToken ChatCompletionClient ComponentLoader Console DiGraphBuilder
FunctionAgent FunctionTool FunctionalTermination Handoff HandoffMessage MemoryContent MemoryMimeType MessageFilterConfig PerSourceFilter
Response TaskResult TeamTool TextMessage UserMessage StructuredMessage WaitingFunctionAgent
BaseGroupChat BaseTool Memory ModelInfo TerminationCondition Workbench
"""
_OTHERS = "AFTER NAMES all_said create_default_code_executor main message messages spoken summed_up task thread with_context"

RESERVED = frozenset(
    {
        *(each.name for each in CLASSES),
        *(file_functions("read_write").names - {"Path"}),
        *_CLASSES.split(),
        *_OTHERS.split(),
        *(NAME, WAITING),
    }
)
"""What a script may need for itself: no function of a tool and no agent is called so."""

OWN = "script"
"""The module of classes that the script itself defines: they are imported from nowhere."""

LOADERS: Mapping[str, tuple[str, str]] = {
    "agent": ("BaseChatAgent", "autogen_agentchat.agents"),
    "team": ("BaseGroupChat", "autogen_agentchat.teams"),
    "termination": ("TerminationCondition", "autogen_agentchat.base"),
    "model": ("ChatCompletionClient", "autogen_core.models"),
    "tool": ("BaseTool", "autogen_core.tools"),
    "workbench": ("Workbench", "autogen_core.tools"),
    "memory": ("Memory", "autogen_core.memory"),
}
"""The classes, with their modules, whose `load_component` gives what a foreign component is used as, by its type."""

_STARTED = ("DockerCommandLineCodeExecutor", "JupyterCodeExecutor", "create_default_code_executor")


class Program:
    """Holds the sections of the file. `labels` say what people call a model, by its component; `hands_over`: agents may do so."""

    def __init__(self, hands_over: bool = False) -> None:
        self.hands_over = hands_over
        self.script = Script()
        self.functions = Module(reserved=RESERVED, meanings=dict(IMPORTED))
        self.names = Names({*RESERVED, *IMPORTED})
        self.labels: dict[str, str] = {}
        self.models: list[str] = []
        self.tools: list[str] = []
        self.agents: list[str] = []
        self.choice: list[str] = []
        self.started: list[str] = []
        self.written: dict[str, str] = {}
        self.helpers: set[str] = set()
        self._classes: set[str] = set()
        self._variables: dict[str, str] = {}
        self._root = ""
        self._constants: dict[tuple[str, str], str] = {}

    def use(self, name: str, module: str) -> str:
        """`name`, which will be imported from `module` unless it is the script's own."""
        return name if module == OWN else self.script.use(name, module)

    def help(self, name: str, text: str, late: bool = False) -> None:
        """A function of the script's own, once; a late one stands with those that choose."""
        if name not in self.helpers:
            self.helpers.add(name)
            (self.choice if late else self.tools).append(text)

    def new_class(self, wanted: str) -> str:
        """A free name for a class, close to `wanted`."""
        taken = {*RESERVED, *IMPORTED, *self.functions.names, *self._classes, *dir(builtins)}
        first = wanted if wanted[:1].isalpha() else f"Answer{wanted}"
        name = next(each for each in (first, *(f"{first}{at}" for at in range(2, len(taken) + 3))) if each not in taken)
        self._classes.add(name)
        return name

    def constant(self, name: str, text: str) -> str:
        """The name of a value that functions share; another value gets another name."""
        if (name, text) not in self._constants:
            taken = any(known == name for known, _ in self._constants)
            self._constants[name, text] = self.names.new(f"{name}_OF_TEAM", "names").upper() if taken else name
            self.choice.append(f"{self._constants[name, text]} = {text}")
        return self._constants[name, text]

    def main(self, envelope: Mapping[str, Any]) -> str:
        """The component that is run, as a variable."""
        self._root = self.key(envelope) if envelope.get("component_type") == "team" else ""
        return self.value(envelope)

    def value(self, value: Any) -> str:
        """A value of a component's field as Python."""
        match value:
            case Source():
                return value.text
            case Call():
                return self._call(self.use(value.name, value.module), value.name, value.arguments)
            case Raw():
                return self._as_it_came(value)
            case {"provider": str(), "config": Mapping()}:
                return self.component(value)
            case list() | tuple():
                return f"[{', '.join(self.value(each) for each in value)}]"
            case Mapping():
                return f"{{{', '.join(f'{literal(key)}: {self.value(each)}' for key, each in value.items())}}}"
            case _:
                return literal(value)

    def component(self, envelope: Mapping[str, Any]) -> str:
        """A component: a variable for what has a name or is shared, a call for anything else."""
        name = str(envelope["provider"]).rpartition(".")[2]
        config = envelope["config"]
        match envelope["component_type"]:
            case "termination" if name in ("OrTerminationCondition", "AndTerminationCondition"):
                return self._joined(name, config["conditions"])
            case "model" | "chat_completion_client":
                return self._model(envelope)
            case "agent" | "team":
                return self._member(name, envelope)
            case "code_executor":
                return self._executor(envelope)
        return self.call(envelope)

    def call(self, envelope: Mapping[str, Any]) -> str:
        """The constructor's call."""
        module, _, name = str(envelope["provider"]).rpartition(".")
        return self._call(self.use(name, module), name, self._arguments(name, dict(envelope["config"])))

    def _call(self, written: str, name: str, arguments: Mapping[str, Any]) -> str:
        said, first = wanted(name, arguments), FIRST.get(name, ())
        parts = [self.value(said[field]) for field in first if field in said]
        parts += [f"{field}={self.value(value)}" for field, value in said.items() if field not in first]
        return f"{written}({', '.join(parts)})"

    def _arguments(self, name: str, config: dict[str, Any]) -> dict[str, Any]:
        """The arguments of a constructor from the fields of a component, where they are not the same."""
        match name:
            case "AssistantAgent":
                return self._of_assistant(config)
            case "ListMemory":
                plain = Source(f"{self.use('MemoryMimeType', MEMORY)}.TEXT")
                held = ({"content": each["content"], "mime_type": plain} for each in config["memory_contents"])
                return {**config, "memory_contents": [Call("MemoryContent", MEMORY, each) for each in held]}
            case "McpWorkbench":
                params = dict(config["server_params"])
                return {**config, "server_params": Call(str(params.pop("type")), "autogen_ext.tools.mcp", _said(params))}
            case "MessageFilterAgent":
                sources = [Call("PerSourceFilter", AGENTS, _said(each)) for each in config["filter"]["per_source"]]
                return {**config, "filter": Call("MessageFilterConfig", AGENTS, {"per_source": sources})}
            case "FunctionTool":
                return config
        if name.endswith("ChatCompletionContext"):
            return _said(config)
        return config

    def _of_assistant(self, config: dict[str, Any]) -> dict[str, Any]:
        benches = config.pop("workbench", [])
        held = [bench for bench in benches if isinstance(bench, Mapping) and _class(bench) == "StaticStreamWorkbench"]
        tools = held[0]["config"]["tools"] if held else []
        others = [bench for bench in benches if bench not in held]
        if not tools and not others and not config.get("handoffs"):
            config.pop("max_tool_iterations", None)
        if not tools and not others:
            config.pop("reflect_on_tool_use", None)
        if _class(config.get("model_context")) == "UnboundedChatCompletionContext":
            config.pop("model_context")
        own: dict[str, Any] = {}
        for field in ("name", "model_client", "description", "system_message"):
            if field in config:
                own[field] = config.pop(field)
        if tools and others:
            own["workbench"] = [{**held[0], "config": {"tools": [self._as_tool(each) for each in tools]}}, *others]
        elif tools:
            own["tools"] = tools
        elif others:
            own["workbench"] = others if len(others) > 1 else others[0]
        return {**own, **config}

    def _as_tool(self, tool: Any) -> Any:
        """A tool as a workbench wants it: never a plain function."""
        return Call("FunctionTool", CORE_TOOLS, {"func": tool, "description": ""}) if isinstance(tool, Source) else tool

    def _joined(self, name: str, conditions: list[Any]) -> str:
        """Rules joined by | or &."""
        if name == "OrTerminationCondition":
            return " | ".join(self.value(each) for each in conditions)
        either = [isinstance(each, Mapping) and _class(each) == "OrTerminationCondition" for each in conditions]
        return " & ".join(f"({self.value(each)})" if loose else self.value(each) for each, loose in zip(conditions, either, strict=True))

    def _model(self, envelope: Mapping[str, Any]) -> str:
        key = self.key(envelope)
        if key not in self._variables:
            text = self.call(envelope)
            name = self.names.new(self.labels.get(key) or "model_client", "model")
            self.models.append(f"{name} = {text}")
            self._variables[key] = name
        return self._variables[key]

    def _executor(self, envelope: Mapping[str, Any]) -> str:
        key = self.key(envelope)
        if key not in self._variables:
            text = self.call(envelope)
            name = self.names.new("code_executor", "executor")
            self.tools.append(f"{name} = {text}")
            if _class(envelope) in _STARTED:
                self.started.append(name)
            self._variables[key] = name
        return self._variables[key]

    def _member(self, name: str, envelope: Mapping[str, Any]) -> str:
        """An agent or a team as a variable of the name that it has."""
        key = self.key(envelope)
        if key in self._variables:
            return self._variables[key]
        config = dict(envelope["config"])
        wanted = "team" if key == self._root else str(config.get("name") or "agent")
        variable = self.names.new(wanted, str(envelope["component_type"]))
        self._variables[key] = variable
        ends = ""
        if config.get("termination_condition") is not None:
            ends = self.value(config["termination_condition"])
            config["termination_condition"] = Source(ends)
        made = self._graph_flow(envelope, config) if name == "GraphFlow" else self.call({**envelope, "config": config})
        if ends and len(f"{variable} = {made}") > LINE:
            rule = "termination" if key == self._root else f"{variable}_termination"
            shorter = made.replace(f"termination_condition={ends}", f"termination_condition={rule}")
            if len(shorter) - len(f"{name}()") + INDENT <= LINE:
                rule = self.names.new(rule, "rule")
                made = made.replace(f"termination_condition={ends}", f"termination_condition={rule}")
                self.agents.append(f"{rule} = {ends}\n{variable} = {made}")
                return variable
        self.agents.append(f"{variable} = {made}")
        return variable

    def _graph_flow(self, envelope: Mapping[str, Any], config: dict[str, Any]) -> str:
        """The graph by its builder, which is a section of its own above the team."""
        graph = config.pop("graph")
        members = [self.value(each) for each in config.pop("participants")]
        named = dict(zip(graph["nodes"], members, strict=True))
        builder = self.names.new("graph", "graph")
        lines = [f"{builder} = {self.use('DiGraphBuilder', 'autogen_agentchat.teams')}()"]
        lines += [f"{builder}.add_node({each})" for each in members]
        for source, node in graph["nodes"].items():
            for edge in node["edges"]:
                group = edge["activation_group"] if edge["activation_group"] != edge["target"] else None
                join = edge["activation_condition"] if edge["activation_condition"] != "all" else None
                said = {"condition": edge["condition"], "activation_group": group, "activation_condition": join}
                more = "".join(f", {field}={self.value(value)}" for field, value in _said(said).items())
                lines.append(f"{builder}.add_edge({named[source]}, {named[edge['target']]}{more})")
        first = graph["default_start_node"]
        if first in named:
            lines.append(f"{builder}.set_entry_point({named[first]})")
        self.agents.append("\n".join(lines))
        arguments = {"participants": Source(f"{builder}.get_participants()"), "graph": Source(f"{builder}.build()"), **config}
        return self._call(self.use("GraphFlow", "autogen_agentchat.teams"), "GraphFlow", arguments)

    def _as_it_came(self, raw: Raw) -> str:
        """A component that nobody knows, loaded by AutoGen itself; a variable for one that takes turns."""
        component = json.loads(raw.text)
        kind = str(component.get("component_type"))
        name, module = LOADERS.get(kind, ("ComponentLoader", "autogen_core"))
        loaded = f"{self.use(name, module)}.load_component({literal(component)}{'' if kind in LOADERS else ', object'})"
        if kind not in ("agent", "team"):
            return loaded
        if raw.text not in self._variables:
            config = component.get("config")
            wanted = str(config.get("name") or kind) if isinstance(config, Mapping) else kind
            self._variables[raw.text] = self.names.new(wanted, kind)
            self.agents.append(f"{self._variables[raw.text]} = {loaded}")
        return self._variables[raw.text]

    def key(self, envelope: Any) -> str:
        """What tells components apart: equal ones are one variable."""
        return json.dumps(envelope, sort_keys=True, default=repr)


def _said(config: Mapping[str, Any]) -> dict[str, Any]:
    """Without what is nothing."""
    return {field: value for field, value in config.items() if value is not None}


def _class(envelope: Any) -> str:
    return str(envelope["provider"]).rpartition(".")[2] if isinstance(envelope, Mapping) and "provider" in envelope else ""
