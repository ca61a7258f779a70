"""Writing a drawing as AutoGen components: agents, models and tools; what cannot be said is said as a loss."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping
from typing import Any

from pydantic_core import PydanticUndefined, to_jsonable_python

from studio.engine.errors import FlowError
from studio.engine.models.presets import preset_named
from studio.engine.tools.schema import schema_of_source
from studio.flow.catalogue.titles import field_title
from studio.flow.catalogue.validation import validate_config
from studio.flow.document import Node
from studio.flow.findings import Finding, Findings, Level
from studio.flow.kinds import drawn_class, parts
from studio.flow.ports import label
from studio.flow.wires import Drawing
from studio.formats.autogen_json.envelopes import Raw, Version, component, envelope_of
from studio.formats.autogen_json.functions import function_tool
from studio.formats.autogen_json.mapping import CLASSES, ClassMap, class_for
from studio.texts import text

_PASSED_ON = ("frequency_penalty", "logit_bias", "presence_penalty", "response_format", "seed", "stop", "top_p", "user", "reasoning_effort")
KNOWN_MODELS = re.compile(
    r"(?:gpt-(?:3\.5-turbo|4|4o|4o-mini|4\.1|4\.1-mini|4\.1-nano|4-turbo|5|5-mini|5-nano)|o1|o3|o3-mini|o4-mini)(?:-\d{4}-\d\d-\d\d)?"
)
"""Names that AutoGen knows by itself; all others need a `model_info`."""

ANY_MODEL = {
    "vision": False,
    "function_calling": True,
    "json_output": True,
    "family": "unknown",
    "structured_output": True,
    "multiple_system_messages": True,
}
_ALWAYS = ("input_mode", "end_word", "include_task")
"""Fields of ours for which AutoGen has one fixed behaviour."""

CONTEXTS = "chat_completion_context"


class Writing:
    """Writes nodes of one drawing. `findings` are the losses so far."""

    def __init__(self, drawing: Drawing, version: Version) -> None:
        self.drawing = drawing
        self.version = version
        self.findings = Findings()
        self._mistakes: dict[str, set[str]] = {}
        self.names = _identifiers([node.name for node in drawing.nodes if drawing.categories[node.id] in ("agent", "team", "unknown")])

    # What is said -----------------------------------------------------------------------------------------------------

    def lose(self, code: str, node: Node, level: Level = "approximated", **facts: Any) -> None:
        """A loss with the sentence `autogen.lost.<code>`."""
        name = _called(node)
        self.findings.add(Finding(level, f"lost_{code}", text(f"autogen.lost.{code}", name=name, **facts), "", (node.id,), subject=node.id))

    def leftovers(self, node: Node, handled: Collection[str]) -> None:
        """Tells of every filled-in field that nothing was made of."""
        found = drawn_class(node.kind)
        known = parts(found) if found is not None else {}
        for name, value in node.config.items():
            if name in handled or name not in known or value in (None, "", [], {}) or value == known[name].info.default:
                continue
            self.lose("field", node, field=field_title(found, known[name]) if found is not None else name)

    def kept(self, node: Node) -> Raw | None:
        """What a node of a foreign component holds, if it is still JSON."""
        original = node.config.get("original")
        if isinstance(original, str):
            try:
                if isinstance(json.loads(original), dict):
                    self.lose("as_it_came", node)
                    return Raw(original)
            except (ValueError, RecursionError):
                pass
        self.lose("unknown", node, "decision")
        return None

    def name(self, node: Node) -> str:
        """The agent's name as a Python identifier, which AutoGen wants."""
        wanted = node.name.strip()
        if self.names.get(wanted, wanted) != wanted:
            self.lose("renamed", node, to=self.names[wanted])
        return self.names.get(wanted, wanted)

    def plain(self, table: ClassMap, node: Node) -> dict[str, Any]:
        """The fields that mean the same, by AutoGen's names; a loss where the drawing differs from what AutoGen always does."""
        found = drawn_class(node.kind)
        known = parts(found) if found is not None else {}
        config: dict[str, Any] = {}
        for theirs, ours in table.fields.items():
            if ours in known:
                value = self.value(node, ours)
                config[theirs] = [self.names.get(each, each) for each in value or ()] or None if ours == "sources" else value
        for ours, always in table.given.items():
            if ours in _ALWAYS and ours in known and self.value(node, ours) != always:
                self.lose(f"given.{ours}", node)
        return config

    def value(self, node: Node, field: str) -> Any:
        """What a field holds as JSON; its default where it holds nothing that is possible."""
        if node.id not in self._mistakes:
            self._mistakes[node.id] = {path.partition(".")[0] for path in validate_config(node.kind, node.config)}
        if field in node.config and field not in self._mistakes[node.id]:
            return node.config[field]
        found = drawn_class(node.kind)
        default = parts(found)[field].info.get_default(call_default_factory=True, validated_data={}) if found is not None else None
        return None if default is PydanticUndefined else to_jsonable_python(default)

    # Agents -----------------------------------------------------------------------------------------------------------

    def agent(self, node: Node) -> Any:
        """An agent's envelope; None when there is nothing like it."""
        match node.kind:
            case "assistant":
                return self._assistant(node)
            case "human":
                return self._human(node)
            case "code_runner":
                return self._code_runner(node)
        if self.drawing.categories[node.id] == "unknown":
            return self.kept(node)
        self.lose("agent", node, "decision")
        return None

    def _assistant(self, node: Node) -> Any:
        table = class_for("assistant", "agent")
        model = self.drawing.model_for(node)
        assert table is not None
        client = self.model(model, node.name) if model is not None else None
        if client is None:
            self.lose("no_model", node, "decision")
            return None
        plain = self.plain(table, node)
        tools, benches = self._tools(node)
        config: dict[str, Any] = {"name": self.name(node), "model_client": client}
        if self.version == "0.5":
            if benches and not tools:
                config["workbench"] = benches[0]
            elif tools:
                config["workbench"] = _bench("StaticWorkbench", tools)
            if len(benches) + bool(tools) > 1:
                self.lose("workbenches", node, "decision")
        else:
            config["workbench"] = [*([_bench("StaticStreamWorkbench", tools)] if tools or not benches else []), *benches]
        if handoffs := self.value(node, "handoffs"):
            config["handoffs"] = [{"target": self.names.get(target, target)} for target in handoffs]
        config["model_context"] = self._context(node)
        config["description"] = plain["description"] or text("autogen.assistant_description")
        config["system_message"] = plain["system_message"] or None
        config["model_client_stream"] = True
        config["reflect_on_tool_use"] = bool(tools or benches) and self._answers(node)
        config["tool_call_summary_format"] = "{result}"
        if self.version != "0.5":
            config["max_tool_iterations"] = plain["max_tool_iterations"]
        elif (tools or benches) and plain["max_tool_iterations"] != 1:
            self.lose("tool_rounds", node)
        config["metadata"] = {}
        self.leftovers(node, ("system_message", "description", "max_tool_rounds", "handoffs", "after_tools", "context"))
        return component(table, config, self.version)

    def _answers(self, node: Node) -> bool:
        found = drawn_class(node.kind)
        return found is None or "after_tools" not in parts(found) or bool(self.value(node, "after_tools") == "answer")

    def _tools(self, node: Node) -> tuple[list[Any], list[Any]]:
        """The tools of an agent, and its workbenches: what came in as one goes out as one."""
        tools: list[Any] = []
        benches: list[Any] = []
        for tool in self.drawing.tools_of(node):
            if self.drawing.categories[tool.id] == "unknown":
                if (kept := self.kept(tool)) is not None:
                    (benches if tool.config.get("component_type") == "workbench" else tools).append(kept)
            elif (written := self.tool(tool)) is not None:
                tools.append(written)
        return tools, benches

    def _human(self, node: Node) -> Any:
        executor = self.value(node, "executor")
        if self.value(node, "input_mode") == "never" and isinstance(executor, Mapping):
            self.lose("human_runs_code", node)
            self.leftovers(node, ("input_mode", "executor", "description", "end_word", "max_auto_replies"))
            return self._runs_code(node, executor, None)
        table = class_for("human", "agent")
        assert table is not None
        self.plain(table, node)
        self.leftovers(node, ("input_mode", "description", "end_word"))
        config = {
            "name": self.name(node),
            "description": self.value(node, "description") or text("autogen.human_description"),
            "input_func": None,
        }
        return component(table, config, self.version)

    def _code_runner(self, node: Node) -> Any:
        self.leftovers(node, ("executor", "sources", "description"))
        executor = self.value(node, "executor")
        sources = [self.names.get(each, each) for each in self.value(node, "sources")] or None
        return self._runs_code(node, executor if isinstance(executor, Mapping) else {"kind": "auto"}, sources)

    def _runs_code(self, node: Node, executor: Mapping[str, Any], sources: list[str] | None) -> Any:
        table = class_for("code_runner", "agent")
        place = class_for(str(executor.get("kind")), "code_executor") or class_for("docker", "code_executor")
        assert table is not None
        assert place is not None
        if executor.get("kind") not in ("docker", "local", "jupyter"):
            self.lose("executor", node)
        lost = [name for name, value in executor.items() if name not in ("kind", "timeout", "image") and value not in (None, "", [], False)]
        if lost:
            self.lose("executor_fields", node, fields=", ".join(lost))
        where: dict[str, Any] = {"timeout": max(1, round(float(executor.get("timeout") or 60)))}
        if place.kind == "docker":
            where["image"] = executor.get("image") or "python:3-slim"
        config = {
            "name": self.name(node),
            "code_executor": component(place, where, self.version),
            "description": self.value(node, "description") or text("autogen.code_description"),
            "sources": sources,
        }
        return component(table, config, self.version)

    def _context(self, node: Node) -> dict[str, Any]:
        found = drawn_class(node.kind)
        held = self.value(node, "context") if found is not None and "context" in parts(found) else None
        kind = str(held.get("kind")) if isinstance(held, Mapping) else "everything"
        table = class_for(kind, CONTEXTS)
        if table is None or kind == "token_budget" or not isinstance(held, Mapping):
            if kind not in ("everything", "token_budget"):
                self.lose("context", node)
            table, held = next(each for each in CLASSES if each.name == "UnboundedChatCompletionContext"), {}
        known = {theirs: held[ours] for theirs, ours in table.fields.items() if ours in held}
        return component(table, known, self.version)

    # Models -----------------------------------------------------------------------------------------------------------

    def model(self, node: Node, agent: str = "") -> Any:
        """A model's envelope for one agent; None when there is nothing like it."""
        if self.drawing.categories[node.id] == "unknown":
            return self.kept(node)
        if node.kind == "practice":
            return self._practice(node, agent)
        table = next((each for each in CLASSES if each.type == "model" and each.kind == node.kind), None)
        if table is None:
            self.lose("model", node, "decision")
            return None
        config = {theirs: self.value(node, ours) for theirs, ours in table.fields.items() if node.config.get(ours) is not None}
        account = str(self.value(node, "account"))
        preset = preset_named(account)
        if not config.get("model"):
            config["model"] = preset.model if preset is not None and preset.model else "gpt-4o-mini"
            self.lose("no_model_name", node, model=config["model"])
        extra = self.value(node, "extra")
        config |= {name: value for name, value in extra.items() if name in _PASSED_ON}
        if lost := [name for name in extra if name not in _PASSED_ON]:
            self.lose("extra", node, fields=", ".join(lost))
        if preset is not None and preset.id == "azure":
            return self._azure(node, config)
        if node.kind == "openai" and account != "openai":
            if preset is not None and preset.base_url:
                config["base_url"] = preset.base_url
                self.lose("key", node, account=account)
            else:
                self.lose("address", node, "decision", account=account)
        if node.kind == "openai" and not KNOWN_MODELS.fullmatch(str(config["model"])):
            config["model_info"] = ANY_MODEL
        return component(table, config, self.version)

    def _azure(self, node: Node, config: dict[str, Any]) -> dict[str, Any]:
        table = next(each for each in CLASSES if each.name == "AzureOpenAIChatCompletionClient")
        self.lose("azure", node, "decision")
        address = {
            "azure_endpoint": "https://YOUR-RESOURCE.openai.azure.com",
            "azure_deployment": config["model"],
            "api_version": "2024-10-21",
        }
        return component(table, {**config, **address, "model_info": ANY_MODEL}, self.version)

    def _practice(self, node: Node, agent: str) -> dict[str, Any]:
        script = self.value(node, "script")
        replies = script.get(agent) if isinstance(script, Mapping) else None
        spoken = [reply for reply in replies or () if isinstance(reply, str)]
        self.lose("practice", node)
        config = {"chat_completions": spoken or [text("autogen.practice_reply")], "model_info": ANY_MODEL}
        return envelope_of("autogen_ext.models.replay.ReplayChatCompletionClient", "chat_completion_client", config)

    # Tools ------------------------------------------------------------------------------------------------------------

    def tool(self, node: Node) -> Any:
        """A tool's envelope; None when there is nothing like it."""
        if self.drawing.categories[node.id] == "unknown":
            return self.kept(node)
        if node.kind != "python_tool":
            self.lose("tool", node, "decision")
            return None
        self.leftovers(node, ("source", "timeout"))
        config = function_tool(str(self.value(node, "source")))
        if config is None:
            self.lose("function", node, "decision")
            return None
        self.lose("sandbox", node)
        return envelope_of("autogen_core.tools.FunctionTool", "tool", config)


def _called(node: Node) -> str:
    """What people call a node: a tool by its function, a model by its own name."""
    if node.kind == "python_tool":
        try:
            return schema_of_source(str(node.config.get("source", ""))).name
        except FlowError:
            return label(node)
    return node.name.strip() or str(node.config.get("model") or "") or label(node) or node.kind


def _bench(name: str, tools: list[Any]) -> dict[str, Any]:
    config = {"tools": tools, "tool_overrides": {}} if name == "StaticStreamWorkbench" else {"tools": tools}
    return envelope_of(f"autogen_core.tools.{name}", "workbench", config)


def _identifiers(names: list[str]) -> dict[str, str]:
    """Each name as a Python identifier of its own."""
    found: dict[str, str] = {}
    for name in dict.fromkeys(each.strip() for each in names):
        plain = re.sub(r"\W", "_", name) or "agent"
        plain = plain if plain.isidentifier() else f"_{plain}"
        number, wanted = 2, plain
        while wanted in found.values():
            wanted, number = f"{plain}_{number}", number + 1
        found[name] = wanted
    return found
