"""Writing agents, models and tools for AgentChat in Python: what a script can say and component JSON cannot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from studio.engine.code.auto import AutoExecutor
from studio.engine.models.accounts import variable_prefix
from studio.engine.models.presets import preset_named
from studio.flow.catalogue.titles import field_title
from studio.flow.document import Node
from studio.flow.findings import Level
from studio.flow.kinds import drawn_class, parts
from studio.flow.wires import Drawing
from studio.formats.autogen_components.envelopes import component, envelope_of
from studio.formats.autogen_components.mapping import CLASSES
from studio.formats.autogen_components.writing_models import ANY_MODEL, KNOWN_MODELS
from studio.formats.autogen_components.writing_teams import TeamWriting
from studio.formats.autogen_python.calls import Call, Source
from studio.formats.autogen_python.function_agents import function_agent
from studio.formats.autogen_python.functions import as_function, asking_first
from studio.formats.autogen_python.people import asks
from studio.formats.autogen_python.program import OWN, Program
from studio.formats.autogen_python.shapes import answer_class
from studio.formats.python_text.endpoints import DEFAULT
from studio.formats.python_text.file_tools import file_functions
from studio.formats.python_text.literals import quoted
from studio.formats.python_text.own_classes import answering
from studio.texts import catalogue

FILE_TOOLS = ("list_files", "read_file", "search_files", "write_file", "append_to_file")


class PythonAgentWriting(TeamWriting):
    """Writes agents with functions of the script in them."""

    in_script: ClassVar[bool] = True

    def __init__(self, drawing: Drawing, program: Program) -> None:
        super().__init__(drawing, "0.7")
        self.program = program
        self._shapes: dict[str, str | None] = {}
        self._said: set[tuple[str, str]] = set()

    def lose(self, code: str, node: Node, level: Level = "approximated", **facts: Any) -> None:
        """A loss, with this target's own words where it has some; none for what the script says in another way."""
        if (code, node.id) in self._said:
            return
        own = f"python.{code}"
        super().lose(own if f"autogen.lost.{own}" in catalogue() else code, node, level, **facts)

    def says(self, node: Node, *codes: str) -> None:
        """These losses of a node will be none: the script says it."""
        self._said.update((code, node.id) for code in codes)

    # Agents -----------------------------------------------------------------------------------------------------------

    def agent(self, node: Node) -> Any:
        if node.kind == "python_agent":
            return self._function_agent(node)
        if node.kind != "team" or self.drawing.categories[node.id] != "team":
            return super().agent(node)
        above = self.drawing.team_of(node)
        chosen = self.value(above, "selection") if above is not None else {}
        if isinstance(chosen, Mapping) and chosen.get("kind") in ("swarm", "graph", "planner"):
            self.lose("team_in_team", node, "decision")
            return None
        return self.team(node)

    def _function_agent(self, node: Node) -> Any:
        """An agent of a class of the script's own, which asks a function."""
        source = answering(str(self.value(node, "source")), node.name)
        cls = function_agent(self.program, source)
        if cls is None:
            self.lose("function", node, "decision")
            return None
        self.lose("told", node)
        self.leftovers(node, ("source", "timeout", "executor", "description"))
        config = {"name": self.name(node), "description": self.value(node, "description") or node.name, "function": Source(cls.function)}
        return envelope_of(f"{OWN}.{cls.name}", "agent", config)

    def _assistant(self, node: Node) -> Any:
        written = super()._assistant(node)
        if written is None:
            return None
        when = self.value(node, "handoff_when") or {}
        handoffs = []
        for target, named in self._handoffs(self.value(node, "handoffs") or ()).items():
            said = {**named, **({"description": when[target]} if when.get(target) else {})}
            said["message"] = f"{written['config']['name']} hands over to {named['target']}."
            handoffs.append(Call("Handoff", "autogen_agentchat.base", said))
        if not self.value(node, "description"):
            written["config"].pop("description", None)
        if handoffs:
            written["config"]["handoffs"] = handoffs
        if (shape := self._shape(node)) is not None:
            written["config"]["output_content_type"] = Source(shape)
        return written

    def _shape(self, node: Node) -> str | None:
        """The class of an assistant's answers; None where they have no shape, or one that no class says."""
        if node.id not in self._shapes:
            schema = self.value(node, "output")
            self._shapes[node.id] = answer_class(self.program, schema, node.name) if isinstance(schema, Mapping) else None
        return self._shapes[node.id]

    def _lose_field(self, node: Node, name: str) -> None:
        found = drawn_class(node.kind)
        assert found is not None
        self.lose("field", node, field=field_title(found, parts(found)[name]))

    def _speakers(self) -> list[str]:
        """Everybody who may say something: all but the task, and who is called as a tool."""
        called = {node.id for each in self.drawing.nodes for node in self.drawing.tools_of(each)}
        agents = [each for each in self.drawing.nodes if self.drawing.categories[each.id] == "agent"]
        return [self.names[each.name.strip()] for each in agents if not called & {above.id for above in self._around(each)}]

    def _around(self, node: Node) -> list[Node]:
        """A node and the teams that it lies in, from the inside out."""
        found = [node]
        while (team := self.drawing.team_of(found[-1])) is not None and team not in found:
            found.append(team)
        return found

    def leftovers(self, node: Node, handled: Any) -> None:
        if node.kind == "assistant":
            handled = (*handled, "handoff_when", *(["output"] if self._shape(node) is not None else []))
        if node.kind in ("society", "filter") and self.value(node, "heard") == "last":
            handled = (*handled, "heard")
        if node.kind == "human":
            handled = (*handled, "form", "prompt", "choices")
        if node.kind == "python_tool":
            handled = (*handled, "approval", "approval_pattern", "executor")
        super().leftovers(node, handled)

    def _human(self, node: Node) -> Any:
        written = super()._human(node)
        if _class(written) == "UserProxyAgent":
            form, prompt = str(self.value(node, "form")), str(self.value(node, "prompt"))
            source = asks(self.program, str(written["config"]["name"]), form, prompt, self.value(node, "choices"))
            if source is not None:
                written["config"]["input_func"] = source
            if self.value(node, "form") in ("form", "edit"):
                self._lose_field(node, "form")
        return written

    def _runs_code(self, node: Node, executor: Mapping[str, Any], sources: list[str] | None) -> Any:
        automatic = executor.get("kind") == "auto"
        if automatic:
            self.says(node, "executor")
            self.lose("auto_executor", node)
            usual = AutoExecutor.model_fields["timeout"].default
            if executor.get("timeout", usual) != usual:
                self.lose("executor_fields", node, fields="timeout")
        written = super()._runs_code(node, executor, sources)
        if automatic:
            written["config"]["code_executor"] = envelope_of(
                "autogen_ext.code_executors.create_default_code_executor", "code_executor", {"work_dir": "work"}
            )
        elif _class(written["config"]["code_executor"]) != "JupyterCodeExecutor":
            written["config"]["code_executor"]["config"]["work_dir"] = "work"
        return written

    # Models -----------------------------------------------------------------------------------------------------------

    def model(self, node: Node, agent: str = "") -> Any:
        circle: set[str] = set()
        while node.kind in ("fallback", "best_of") and node.id not in circle and (inner := self.drawing.into(node, "model")):
            self.lose("first_model", node)
            circle.add(node.id)
            node = inner[0]
        if node.kind == "gemini":
            written = self._gemini(node)
        elif node.kind == "practice" and not self.value(node, "script"):
            self.lose("recording", node, model=DEFAULT)
            agent = ""
            written = component(
                next(each for each in CLASSES if each.name == "OpenAIChatCompletionClient"), {"model": DEFAULT}, self.version
            )
        else:
            self.says(node, "key", "address")
            written = super().model(node, agent)
        if isinstance(written, dict):
            if node.kind == "openai":
                written["config"] = self._addressed(node, written["config"])
            replies = f"{agent} replies" if agent else ""
            label = replies if node.kind == "practice" else node.name
            self.program.labels.setdefault(self.program.key(written), label or "model_client")
        return written

    def _addressed(self, node: Node, config: dict[str, Any]) -> dict[str, Any]:
        """The key and the address of an account, read from the variables that carry its name."""
        account = str(self.value(node, "account"))
        preset = preset_named(account)
        if account == "openai" or (preset is not None and preset.id == "azure"):
            return config
        prefix, environ = variable_prefix(account), self._environ()
        known = config.pop("base_url", "") if preset is not None else ""
        found: dict[str, Any] = {"base_url": known or Source(f'{environ}["{prefix}_BASE_URL"]')}
        if preset is None or preset.local:
            found["api_key"] = Source(f'{environ}.get("{prefix}_API_KEY", "none")')
        else:
            found["api_key"] = Source(f'{environ}["{(*preset.keys, f"{prefix}_API_KEY")[0]}"]')
        if known and preset is not None and preset.local:
            found["base_url"] = Source(f'{environ}.get("{prefix}_BASE_URL", {quoted(known)})')
        return {"model": config.pop("model"), **found, **config}

    def _azure(self, node: Node, config: dict[str, Any]) -> dict[str, Any]:
        """An account at Azure, whose address and key are read from the variables that Azure's own clients read."""
        self.says(node, "azure")
        written, environ = super()._azure(node, config), self._environ()
        written["config"] |= {
            "azure_endpoint": Source(f'{environ}["AZURE_OPENAI_ENDPOINT"]'),
            "api_key": Source(f'{environ}["AZURE_OPENAI_API_KEY"]'),
            "api_version": Source(f'{environ}.get("OPENAI_API_VERSION", "{written["config"]["api_version"]}")'),
        }
        return written

    def _environ(self) -> str:
        return f"{self.program.script.module('os')}.environ"

    def _gemini(self, node: Node) -> Any:
        """Gemini by the OpenAI protocol, which AutoGen's client speaks to it by itself."""
        self.lose("gemini", node)
        table = next(each for each in CLASSES if each.name == "OpenAIChatCompletionClient")
        named = {theirs: node.config[ours] for theirs, ours in table.fields.items() if node.config.get(ours) is not None}
        super().leftovers(node, table.fields.values())
        config = {"model": "gemini-2.0-flash", **named}
        if not KNOWN_MODELS.fullmatch(str(config["model"])):
            config["model_info"] = ANY_MODEL
        config["base_url"] = "https://generativelanguage.googleapis.com/v1beta/openai/"
        config["api_key"] = Source(f'{self._environ()}["GEMINI_API_KEY"]')
        return component(table, config, self.version)

    # Tools ------------------------------------------------------------------------------------------------------------

    def tool(self, node: Node, caller: Node | None = None) -> Any:
        if node.kind == "files":
            return self._files(node)
        if node.kind != "python_tool":
            return super().tool(node, caller)
        super().leftovers(node, ("source", "timeout", "approval", "approval_pattern", "executor"))
        source = str(self.value(node, "source"))
        name = as_function(self.program, source)
        if name is None:
            self.lose("function", node, "decision")
            return None
        self.lose("sandbox", node)
        return Source(self._asked_for(node, name, source))

    def _files(self, node: Node) -> Any:
        """The functions of a tool for files."""
        others = [each for each in self.drawing.of("tool") if each.kind == "files"]
        access = "read" if all(self.value(each, "access") == "read" for each in others) else "read_write"
        functions = file_functions(access)
        self.program.help("files", functions.text)
        for line in functions.imports:
            self.program.script.statement(line)
        super().leftovers(node, ("access", "approval", "approval_pattern"))
        offered = [name for name in FILE_TOOLS if name in file_functions(str(self.value(node, "access"))).names]
        return [Source(self._asked_for(node, name)) for name in offered]

    def _asked_for(self, node: Node, name: str, source: str = "") -> str:
        """A function, which asks a person first where its tool says so."""
        approval = self.value(node, "approval")
        if approval == "matching":
            self._lose_field(node, "approval_pattern")
        return name if approval == "never" else asking_first(self.program, name, source)

    def _tools(self, node: Node) -> tuple[list[Any], list[Any]]:
        tools, benches = super()._tools(node)
        return [one for each in tools for one in (each if isinstance(each, list) else [each])], benches


def _class(envelope: Any) -> str:
    return str(envelope["provider"]).rpartition(".")[2] if isinstance(envelope, Mapping) and "provider" in envelope else ""
