"""Writing agents and their tools for Agent Framework."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from studio.engine.agents.agent import Agent
from studio.engine.agents.assistant import Assistant
from studio.engine.agents.code_runner import CodeRunner
from studio.engine.agents.human import Human
from studio.engine.agents.python_agent import PythonAgent
from studio.engine.code.auto import AutoExecutor
from studio.engine.code.base import Executor
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.code.local import LocalExecutor
from studio.engine.models.base import Model
from studio.engine.tools.base import Tool
from studio.engine.tools.expert_team import ExpertTeam
from studio.engine.tools.files import Files
from studio.engine.tools.mcp import McpServer
from studio.engine.tools.python_tool import PythonTool
from studio.engine.tools.team_tool import AgentTool, TeamTool
from studio.formats.agent_framework import code
from studio.formats.agent_framework.models import CORE
from studio.formats.agent_framework.pieces import (
    HAND_OVER,
    HAND_OVER_NAMES,
    SAY_RESULTS,
    SAY_RESULTS_NAMES,
    SPEAKER,
    SPEAKER_NAMES,
)
from studio.formats.agent_framework.servers import ServerWriting
from studio.formats.python_text.assistants import AssistantWriting
from studio.formats.python_text.file_tools import file_functions
from studio.formats.python_text.literals import docstring, quoted, text_literal
from studio.formats.python_text.members import MemberWriting
from studio.formats.python_text.own_classes import answering
from studio.formats.python_text.program import answer_format


class AgentWriting(AssistantWriting, ServerWriting, MemberWriting):
    """Writes agents and tools too; each agent once, as a variable."""

    def agent(self, agent: Agent, model: Model | None) -> str | None:
        """The variable of an agent that has nobody inside; None when there is nothing like it. `model` is its team's."""
        match agent:
            case Assistant() if (agent.model or model) is not None:
                return self._assistant(agent, agent.model or model)
            case Assistant():
                self.losses.lose("no_model", agent, *type(agent).model_fields, level="decision")
                return None
            case Human():
                return self._human(agent)
            case CodeRunner():
                return self._code_runner(agent)
            case PythonAgent() if (
                agent.function is None and (asked := self.ask(answering(agent.source, agent.name), self.transcript)) is not None
            ):
                self.losses.lose("function_here", agent, "source", "executor", "timeout")
                self.lose_thoughts(agent)
                heard = self.heard(agent)
                said = f'{heard}.append(Message("assistant", [text], author_name={quoted(self.called(agent))}))'
                return self.speaker(
                    agent, [f"{heard}.extend(messages)", f"conversation = {heard}", f"text = str({asked})", said, "return text"]
                )
        self.losses.lose("agent", agent, *type(agent).model_fields, level="decision")
        return None

    def _assistant(self, agent: Assistant, model: Model | None) -> str:
        assert model is not None
        self.losses.said(agent, "description", "system_message", "model", "tools", "memory", "handoffs", "handoff_when", "context")
        if agent.context != Assistant.model_fields["context"].default:
            self.losses.lose("context", agent.context, *type(agent.context).model_fields)
        if agent.tools and agent.handoffs:
            self.losses.lose("hand_over_beside_calls", agent)
        instructions = self.prompt(agent)
        tools = [name for tool in agent.tools for name in self._tool(tool, model)]
        tools += [self._transfer(agent, target) for target in agent.handoffs]
        hooks = self._results_as_answer(agent)
        hooks += [*(["hand_over"] if agent.handoffs else []), *(["stop_after"] if agent.tools and self.last_tools else [])]
        hooks += ["count_tokens"] if self.counting else []
        client = self._client(agent, model, "say_results" in hooks)
        given = {
            "name": quoted(self.rename(agent)),
            "description": text_literal(agent.description) if agent.description else "",
            "instructions": text_literal(instructions) if instructions else "",
            "tools": f"[{', '.join(tools)}]" if tools else "",
            "middleware": f"[{', '.join(hooks)}]" if hooks else "",
            "default_options": self._options(agent, model),
        }
        variable = self.names.new(agent.name, "agent")
        self.variables[agent.name] = variable
        said = ", ".join(f"{name}={value}" for name, value in given.items() if value)
        self.agent_statements.append(f"{variable} = {client}.as_agent({said})")
        return variable

    def _client(self, agent: Assistant, model: Model, says_results: bool) -> str:
        """The client that an agent asks: one of its own where it may call its tools more or less often than others."""
        rounds = self.rounds_of(agent)
        if rounds is None or says_results:
            return self.client(model)
        limited = self.limited_client(model, rounds, agent.name)
        if limited is None:
            self.losses.lose("max_tool_rounds", agent)
        return limited or self.client(model)

    def _results_as_answer(self, agent: Assistant) -> list[str]:
        """The middleware of one who says what its tools gave; it goes around all others, since they look at what a tool gave."""
        if not self.says_results(agent):
            return []
        self.uses(SAY_RESULTS_NAMES)
        self.define(SAY_RESULTS)
        return ["end_with_tools", "say_results"]

    def _options(self, agent: Assistant, model: Model) -> str:
        """What an agent asks of its model with every request, as a dictionary; empty for nothing."""
        options = self.options(model)
        if agent.output is None:
            return options
        self.losses.said(agent, "output")
        shape = f'"response_format": {answer_format(agent)}'
        return f"{{{shape}}}" if not options else f"{options[:-1]}, {shape}}}"

    # Who speaks without a model -------------------------------------------------------------------------------------

    def speaker(self, agent: Agent, lines: Iterable[str], words: str = "") -> str:
        """Writes somebody who answers by a function with these lines, of the list `messages`; the variable."""
        self.losses.said(agent, "description")
        self.uses(SPEAKER_NAMES)
        self.define(SPEAKER)
        variable = self.names.new(agent.name, "agent")
        self.variables[agent.name] = variable
        function = self.names.new(f"{variable}_answer", "answer")
        body = "\n".join(f"    {line}" for line in [docstring(words or f"What {agent.name} says", ""), *lines])
        self.define(f"async def {function}(messages: list[Message]) -> str:\n{body}")
        given = ", ".join([quoted(self.rename(agent)), text_literal(agent.description), function])
        self.agent_statements.append(f"{variable} = Speaker({given})")
        return variable

    def heard(self, agent: Agent) -> str:
        """The name of a list with all that an agent heard so far: it is told only what is new."""
        variable = self.names.new(f"heard_by_{agent.name}", "heard")
        self.script.use("Message", CORE)
        self.define(f"{variable}: list[Message] = []")
        return variable

    def _human(self, agent: Human) -> str:
        self.losses.said(agent, "input_mode", "executor", "default_reply", "form", "prompt")
        if agent.form not in ("text", "approve"):
            self.losses.lose("form", agent, "choices", "fields")
        if agent.timeout is not None:
            self.losses.lose("waiting", agent, "timeout", "timeout_answer")
        if agent.input_mode != "never" or agent.max_auto_replies != Human.model_fields["max_auto_replies"].default:
            self.losses.lose("human", agent)
        self.losses.said(agent, "end_word")
        rule = [f"return {text_literal(agent.default_reply or 'Please go on.')}"]
        if agent.executor is not None and agent.input_mode == "never" and not agent.default_reply:
            return self._code_executor(agent, agent.executor, [])
        if agent.executor is not None:
            self._runs_code(agent.executor)
            runner = self.names.new(f"{agent.name}_code", "code")
            self.define(f"{runner} = {code.call(runner, quoted(''), [], agent.executor)}")
            rule = [f"return await {runner}.answer(messages) or {text_literal(agent.default_reply) or 'NO_CODE'}"]
        if agent.input_mode == "never":
            return self.speaker(agent, rule)
        self.script.module("asyncio")
        asked = agent.prompt or {"approve": "Do you approve?"}.get(agent.form, "What do you say?")
        question = quoted(f"{asked} {'(yes, or no and why) ' if agent.form == 'approve' else ''}")
        lines = [f"said = (await asyncio.to_thread(input, {question})).strip()"]
        if agent.form == "approve":
            lines.append('return "Approved." if said.lower() in ("y", "yes") else f"Rejected. {said}"')
        else:
            lines += ["if said:", "    return said", *rule]
        if agent.input_mode == "terminate":
            lines = [
                f"if not any({quoted(agent.end_word)} in each.text for each in messages[-1:]):",
                *(f"    {line}" for line in rule),
                *lines,
            ]
        return self.speaker(agent, lines)

    def _code_runner(self, agent: CodeRunner) -> str:
        self.losses.said(agent, "executor", "sources")
        if agent.model is not None:
            self.losses.lose("own_code", agent, *type(agent).model_fields, level="decision")
            self.losses.said(agent.model, *type(agent.model).model_fields)
        sources = [self.called(name) for name in agent.sources]
        return self._code_executor(agent, agent.executor, sources)

    def _code_executor(self, agent: Agent, executor: Executor, sources: list[str]) -> str:
        """Writes somebody who runs code whenever it is their turn; the variable."""
        self.losses.said(agent, "description")
        self._runs_code(executor)
        variable = self.names.new(agent.name, "agent")
        self.variables[agent.name] = variable
        made = code.call(self.rename(agent), text_literal(agent.description), sources, executor)
        self.agent_statements.append(f"{variable} = {made}")
        return variable

    def _runs_code(self, executor: Executor) -> None:
        """Writes the class of those who run code, and says what of an executor it does not do."""
        for module in code.MODULES:
            self.script.module(module)
        self.uses(code.NAMES)
        self.define(code.SOURCE)
        self.losses.said(executor, "timeout", "image")
        match executor:
            case LocalExecutor():
                self.losses.lose("local_python", executor, "memory_mb", "processes")
            case AutoExecutor() | DockerExecutor():
                self.losses.lose("code_in_docker", executor, "network")
            case _:
                self.losses.lose("code_in_docker", executor, "place", "network")
                self.losses.lose("no_notebook", executor)

    # Tools ----------------------------------------------------------------------------------------------------------

    def _tool(self, tool: Tool, model: Model | None) -> list[str]:
        """What an agent is given for a tool: functions."""
        match tool:
            case PythonTool() if (function := self.take_function(tool.source)) is not None:
                self.losses.lose("tool_here", tool, "source", "executor", "timeout")
                found = [function]
            case PythonTool():
                self.losses.lose("tool_source", tool, *type(tool).model_fields, level="decision")
                return []
            case Files():
                self.losses.lose("files", tool, "access")
                for line in file_functions(tool.access).imports:
                    self.script.statement(line)
                self.define(file_functions(tool.access).text)
                found = [schema.name for schema in tool.schemas({})]
            case McpServer():
                return self.server(tool)
            case TeamTool():
                return self.team_tool(tool, model)
            case AgentTool():
                return self.agent_tool(tool, model)
            case ExpertTeam():
                self.losses.lose("expert_team", tool, *type(tool).model_fields, level="decision")
                return []
            case _:
                self.losses.lose("tool", tool, *type(tool).model_fields, level="decision")
                return []
        return self.asked_first(tool, found, self.define)

    def team_tool(self, tool: TeamTool, model: Model | None) -> list[str]:
        """The function that hands a task to a team."""
        raise NotImplementedError

    def agent_tool(self, tool: AgentTool, model: Model | None) -> list[str]:
        """The tool that hands a task to an agent, for one of its callers."""
        schema = tool.schema_for_model()
        self.losses.said(tool, "agent", "remembers", "heard")
        variable = self.variables.get(tool.agent.name) or self.agent(tool.agent, model)
        if variable is None:
            return []
        named = f"name={quoted(schema.name)}, description={text_literal(schema.description)}"
        if isinstance(tool.agent, Assistant) and not (tool.agent.tools or tool.remembers) and tool.heard == "last":
            return [f"{variable}.as_tool({named})"]
        asks, session, turn = (self.names.new(f"{wish}", "ask") for wish in (f"ask_{variable}", f"{variable}_session", f"{variable}_asked"))
        given, message = f'[{self.script.use("Message", CORE)}("user", [task])]', "answer.messages[-1].text"
        if tool.remembers:
            self.script.module("asyncio")
            self.agent_statements += [f"{session} = {variable}.create_session()", f"{turn} = asyncio.Lock()"]
            lines = [f"    async with {turn}:", f"        answer = await {variable}.run({given}, session={session})"]
        else:
            lines = [f"    answer = await {variable}.run({given})"]
        if tool.heard == "all":
            message = f'f"{self.called(tool.agent)}: {{answer.messages[-1].text}}"'
        body = "\n".join([f"    {docstring(schema.description, '')}", *lines, f"    return {message}"])
        self.define(f"async def {asks}(task: str) -> str:\n{body}")
        return [f"{self.script.use('tool', CORE)}({asks}, {named})"]

    def _transfer(self, agent: Assistant, target: str) -> str:
        """The function that hands the conversation over, and the middleware that ends the turn with it."""
        self.uses(HAND_OVER_NAMES)
        self.define("handed_to: list[str] = []")
        self.define(HAND_OVER)
        name, told = self.transfer(target), f"Hand the conversation over to {target}"
        lines = [docstring(told, ""), f"handed_to.append({quoted(self.called(target))})", f"return {quoted(f'Handed over to {target}.')}"]
        body = "\n".join(f"    {line}" for line in lines)
        self.define(f"def {name}() -> str:\n{body}")
        when = " ".join(agent.handoff_when.get(target, "").split())
        if not when:
            return name
        return f"{self.script.use('tool', CORE)}({name}, description={text_literal(f'{told}. {when}')})"

    # What is written once -------------------------------------------------------------------------------------------

    def define(self, text: str) -> None:
        """A piece of the file, once."""
        if text not in self.definitions:
            self.definitions.append(text)

    def uses(self, names: Mapping[str, tuple[str, ...]]) -> None:
        """Names by their modules, which will be imported."""
        for module, several in names.items():
            for name in several:
                self.script.use(name, module)
