"""Writing agents and their tools as AutoGen components."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from studio.engine.agents.surfers import (
    FILE_SURFER,
    FILE_SURFER_DESCRIPTION,
    START_PAGE,
    VIDEO_SURFER,
    VIDEO_SURFER_DESCRIPTION,
    WEB_SURFER,
    WEB_SURFER_DESCRIPTION,
)
from studio.engine.component import component_class
from studio.engine.context.token_budget import TokenBudget
from studio.engine.tools.mcp_transport import Stdio
from studio.flow.document import Node
from studio.flow.kinds import drawn_class, parts
from studio.formats.autogen_components.envelopes import component, envelope_of
from studio.formats.autogen_components.functions import function_tool
from studio.formats.autogen_components.handoff_names import handoff_name
from studio.formats.autogen_components.mapping import CLASSES, class_for
from studio.formats.autogen_components.requests import request_of
from studio.formats.autogen_components.surfers import EMPTY, FILES, VIDEO, WEB, surfer_of
from studio.formats.autogen_components.writing_models import ModelWriting
from studio.texts import text

CONTEXTS = "chat_completion_context"
_SURFERS = (FILE_SURFER_DESCRIPTION, VIDEO_SURFER_DESCRIPTION, WEB_SURFER_DESCRIPTION)
_LOST = {WEB: "web_surfer", FILES: "file_surfer", VIDEO: "video_surfer"}


class AgentWriting(ModelWriting):
    """Writes agents and tools too. `in_script`: whether a script is written, in which also what no JSON can say may stand."""

    in_script: ClassVar[bool] = False

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
        if (found := surfer_of(self.drawing, node, self.in_script)) is not None:
            return self._surfer(node, *found)
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
            config["handoffs"] = list(self._handoffs(handoffs).values())
            if tools or benches:
                self.lose("hand_over_beside_calls", node)
        config["model_context"] = self._context(node)
        if memories := self._memories(node):
            config["memory"] = memories
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
        if self.value(node, "guards"):
            self.lose("guards", node, "decision")
        self.leftovers(node, ("system_message", "description", "max_tool_rounds", "handoffs", "after_tools", "context", "guards"))
        return component(table, config, self.version)

    def _surfer(self, node: Node, name: str, tool: Node) -> Any:
        """An assistant with a browser or with videos, or one that looks into files, as the class that has it built in."""
        model = self.drawing.model_for(node)
        client = self.model(model, node.name) if model is not None else None
        if client is None:
            self.lose("no_model", node, "decision")
            return None
        config: dict[str, Any] = {"name": self.name(node), "model_client": client}
        if (description := self.value(node, "description")) not in ("", *_SURFERS):
            config["description"] = description
        if name == WEB:
            if (start := self.value(tool, "start_page") or EMPTY) != START_PAGE:
                config["start_page"] = start
            if self.value(tool, "downloads"):
                config["downloads_folder"] = "."
            self.leftovers(tool, ("start_page", "downloads", "provider"))
        elif name == VIDEO:
            if (words := self.value(node, "system_message")) != VIDEO_SURFER:
                config["system_message"] = words
            self.leftovers(tool, ("model", "account"))
        else:
            self.leftovers(tool, ("access",))
        self.lose(_LOST[name], node)
        is_said = name == VIDEO or self.value(node, "system_message") in (WEB_SURFER, FILE_SURFER)
        said = ("system_message",) if is_said else ()
        self.leftovers(node, ("description", "max_tool_rounds", "after_tools", *said))
        return component(next(each for each in CLASSES if each.name == name), config, self.version)

    def _handoffs(self, targets: Iterable[str]) -> dict[str, dict[str, Any]]:
        """Whom to hand over to, by what our own flow calls them; each has a tool with a name of its own.

        AutoGen makes the name of the target's, where that gives one that models' servers take.
        """
        found: dict[str, dict[str, Any]] = {}
        taken: set[str] = set()
        for target in dict.fromkeys(targets):
            called = self.names.get(target, target)
            wanted = name = handoff_name(called)
            number = 2
            while name in taken:
                name, number = f"{wanted}_{number}", number + 1
            taken.add(name)
            found[target] = {"target": called} if name == f"transfer_to_{called}".lower() else {"target": called, "name": name}
        return found

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
            elif tool.kind == "mcp":
                benches.append(self._server(tool))
            elif (written := self.tool(tool, node)) is not None and written not in tools:
                # Two nodes may hold the same function: AutoGen takes each name once.
                tools.append(written)
        return tools, benches

    def _memories(self, node: Node) -> list[Any]:
        """What the agent always knows; a memory that came in as one goes out as one."""
        found: list[Any] = []
        for memory in self.drawing.into(node, "memory"):
            table = class_for(memory.kind, "memory")
            if self.drawing.categories[memory.id] == "unknown":
                found.extend(kept for kept in [self.kept(memory)] if kept is not None)
            elif table is None:
                self.lose("memory", memory, "decision")
            else:
                facts = [{"content": fact, "mime_type": "text/plain", "metadata": None} for fact in self.value(memory, "facts") or ()]
                found.append(component(table, {"name": "facts", "memory_contents": facts}, self.version))
        return found

    def _server(self, node: Node) -> dict[str, Any]:
        """An MCP server as a workbench. Keys of accounts are not written."""
        table = class_for("mcp", "workbench")
        assert table is not None
        transport = self.value(node, "transport")
        held: Mapping[str, Any] = transport if isinstance(transport, Mapping) else {}
        seconds = self.value(node, "timeout")
        if held.get("kind") == "stdio":
            env = dict(held.get("environment") or {}) or None
            started = Stdio.model_construct(command=str(held.get("command", "")), args=tuple(held.get("args") or ())).argv or ("",)
            params = {"type": "StdioServerParams", "command": started[0], "args": list(started[1:]), "env": env}
            params["read_timeout_seconds"] = seconds
        else:
            kind = "SseServerParams" if held.get("kind") == "sse" else "StreamableHttpServerParams"
            params = {"type": kind, "url": held.get("url", ""), "headers": dict(held.get("headers") or {}) or None}
            params["sse_read_timeout"] = seconds
        if held.get("environment") or held.get("headers"):
            self.lose("server_values", node, "decision")
        self.leftovers(node, ("transport", "timeout"))
        return component(table, {"server_params": params, "tool_overrides": {}}, self.version)

    def _human(self, node: Node) -> Any:
        executor = self.value(node, "executor")
        if self.runs_code_alone(node) and isinstance(executor, Mapping):
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

    def runs_code_alone(self, node: Node) -> bool:
        """Whether a person is a proxy that runs code and never asks."""
        return self.value(node, "input_mode") == "never" and isinstance(self.value(node, "executor"), Mapping)

    def _code_runner(self, node: Node) -> Any:
        handled: tuple[str, ...] = ("executor", "sources", "description")
        executor = self.value(node, "executor")
        sources = [self.names.get(each, each) for each in self.value(node, "sources")] or None
        own = self.drawing.own_model(node)
        client = self.model(own, node.name) if own is not None else None
        written = self._runs_code(node, executor if isinstance(executor, Mapping) else {"kind": "auto"}, sources)
        if client is not None:
            handled += ("system_message", "context")
            written["config"] |= {
                "model_client": client,
                "system_message": self.value(node, "system_message") or None,
                "model_context": self._context(node),
            }
        self.leftovers(node, handled)
        return written

    def _runs_code(self, node: Node, executor: Mapping[str, Any], sources: list[str] | None) -> Any:
        table = class_for("code_runner", "agent")
        place = class_for(str(executor.get("kind")), "code_executor") or class_for("docker", "code_executor")
        assert table is not None
        assert place is not None
        if executor.get("kind") not in ("docker", "local", "jupyter"):
            self.lose("executor", node)
        said = ("kind", "timeout", "image") if place.kind == "docker" else ("kind", "timeout")
        lost = [name for name, value in executor.items() if name not in said and value not in (None, "", [], False)]
        if lost:
            self.lose("executor_fields", node, fields=", ".join(lost))
        self.lose("code_words", node)
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

    def _request(self, node: Node) -> Any:
        table, found = class_for("http_tool", "tool"), request_of(node.config)
        if table is None or found is None:
            self.lose("tool", node, "decision")
            return None
        if found.headers_left_out:
            self.lose("server_values", node, "decision")
        self.lose("http_answer", node)
        self.leftovers(node, (*table.fields.values(), "url", "headers"))
        return component(table, found.config, self.version)

    def _context(self, node: Node) -> dict[str, Any]:
        found = drawn_class(node.kind)
        held = self.value(node, "context") if found is not None and "context" in parts(found) else None
        kind = str(held.get("kind")) if isinstance(held, Mapping) else "everything"
        table = class_for(kind, CONTEXTS)
        if table is None or kind == "token_budget" or not isinstance(held, Mapping):
            if kind not in ("everything", "token_budget") or (kind == "token_budget" and _is_chosen(held)):
                self.lose("context", node)
            table, held = next(each for each in CLASSES if each.name == "UnboundedChatCompletionContext"), {}
        fields = component_class(kind).model_fields if table.fields else {}
        if held.get("keep_task", "keep_task" in fields):
            self.lose("keep_task", node)
        known = {theirs: held.get(ours, fields[ours].default) for theirs, ours in table.fields.items()}
        return component(table, known, self.version)

    def tool(self, node: Node, caller: Node | None = None) -> Any:
        """A tool's envelope, for one of its callers; None when there is nothing like it."""
        if self.drawing.categories[node.id] == "unknown":
            return self.kept(node)
        if node.kind == "http_tool":
            return self._request(node)
        if node.kind != "python_tool":
            self.lose("expert_team" if node.kind == "expert_team" else "tool", node, "decision")
            return None
        self.leftovers(node, ("source", "timeout"))
        config = function_tool(str(self.value(node, "source")))
        if config is None:
            self.lose("function", node, "decision")
            return None
        self.lose("sandbox", node)
        return envelope_of("autogen_core.tools.FunctionTool", "tool", config)


def _bench(name: str, tools: list[Any]) -> dict[str, Any]:
    config = {"tools": tools, "tool_overrides": {}} if name == "StaticStreamWorkbench" else {"tools": tools}
    return envelope_of(f"autogen_core.tools.{name}", "workbench", config)


def _is_chosen(budget: Any) -> bool:
    """Whether a token budget is another one than everybody has, which conversations do not come near."""
    usual = TokenBudget().model_dump()
    return isinstance(budget, Mapping) and {**usual, **budget} != usual
