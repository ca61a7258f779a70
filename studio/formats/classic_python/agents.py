"""Writing agents and their tools for AutoGen 0.2."""

from __future__ import annotations

from typing import Any

from studio.engine.agents.agent import Agent
from studio.engine.agents.assistant import Assistant
from studio.engine.agents.code_runner import CodeRunner
from studio.engine.agents.code_turn import NOTHING_TO_RUN
from studio.engine.agents.human import Human
from studio.engine.agents.python_agent import PythonAgent
from studio.engine.code.auto import AutoExecutor
from studio.engine.code.base import Executor
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.code.local import LocalExecutor
from studio.engine.context.last import LastMessages
from studio.engine.models.base import Model
from studio.engine.tools.base import Tool
from studio.engine.tools.expert_team import ExpertTeam
from studio.engine.tools.files import Files
from studio.engine.tools.python_tool import PythonTool
from studio.engine.tools.team_tool import AgentTool, TeamTool
from studio.formats.classic_python import results
from studio.formats.classic_python.conditions import SAID, ConditionWriting
from studio.formats.classic_python.registering import Registration
from studio.formats.python_text.assistants import AssistantWriting
from studio.formats.python_text.file_tools import file_functions
from studio.formats.python_text.literals import docstring, literal, quoted, text_literal
from studio.formats.python_text.members import MemberWriting
from studio.formats.python_text.own_classes import answering
from studio.formats.python_text.program import USER, answer_format

WORK_FOLDER = "coding"
_SEES = "MultimodalConversableAgent"
"""Who sees the images that texts name. It asks a person by default, which an assistant does not."""


class AgentWriting(AssistantWriting, ConditionWriting, MemberWriting):
    """Writes agents and tools too; each agent once, as a variable."""

    def agent(self, agent: Agent, model: Model | None) -> str | None:
        """The variable of an agent that has nobody inside; None when there is nothing like it. `model` is its team's."""
        match agent:
            case Assistant():
                return self._assistant(agent, model)
            case Human():
                return self._human(agent)
            case CodeRunner():
                return self._code_runner(agent)
            case PythonAgent() if (
                agent.function is None and (asked := self.ask_now(answering(agent.source, agent.name), self._told())) is not None
            ):
                return self._python_agent(agent, asked)
        self.losses.lose("agent", agent, *type(agent).model_fields, level="decision")
        return None

    def _assistant(self, agent: Assistant, model: Model | None) -> str:
        self.losses.said(agent, "description", "system_message", "model", "tools", "memory", "handoffs", "handoff_when", "context")
        if agent.tools and agent.handoffs:
            self.losses.lose("hand_over_beside_calls", agent)
        says_results = self.says_results(agent)
        if self.rounds_of(agent) is not None and not says_results:
            self.losses.lose("max_tool_rounds", agent)
        if agent.model is None and model is None:
            self.losses.lose("silent", agent, level="decision")
        fields = {"description": agent.description, "system_message": self.prompt(agent)}
        config = self.config(agent.model or model)
        if agent.output is not None:
            self.losses.said(agent, "output")
            config = f'{{**{config}, "response_format": {answer_format(agent)}}}' if config != "False" else config
        self.losses.said(agent, "named_images")
        sees = {"human_input_mode": '"NEVER"'} if agent.named_images else {}
        made = self._made(agent, _SEES if agent.named_images else "AssistantAgent", fields, {"llm_config": config, **sees})
        if isinstance(agent.context, LastMessages):
            self._last_messages(agent, agent.context, made)
        elif agent.context != Assistant.model_fields["context"].default:
            self.losses.lose("context", agent.context, *type(agent.context).model_fields)
        if config == "False":
            for tool in agent.tools:
                self.losses.said(tool, *type(tool).model_fields)
            return made
        for tool in agent.tools:
            self._tool(tool, agent, model, made)
        if says_results:
            self._say_results(made)
        for target in agent.handoffs:
            self._transfer(agent, target, made)
        return made

    def _made(self, agent: Agent, cls: str, fields: dict[str, str], arguments: dict[str, str]) -> str:
        """Writes the statement that makes an agent; its variable."""
        variable = self.names.new(agent.name, "agent")
        self.variables[agent.name] = variable
        given = [quoted(self.rename(agent)), *(f"{name}={text_literal(text)}" for name, text in fields.items() if text)]
        given += [f"{name}={value}" for name, value in arguments.items()]
        module = f"{self.package}.agentchat.contrib.multimodal_conversable_agent" if cls == _SEES else self.package
        made = cls if cls in self.own_classes else self.script.use(cls, module)
        self.agent_statements.append(f"{variable} = {made}({', '.join(given)})")
        return variable

    def _say_results(self, variable: str) -> None:
        """Registers a reply that says what tools gave, in place of an answer of the model."""
        agent = self.script.use("Agent", self.package)
        self.script.use("ConversableAgent", self.package)
        self.script.use("Any", "typing")
        if results.SOURCE not in self.definitions:
            self.definitions.append(results.SOURCE)
        self.agent_statements.append(f"{variable}.register_reply([{agent}, None], {results.NAME})")

    def _last_messages(self, agent: Assistant, context: LastMessages, variable: str) -> None:
        self.losses.said(context, "count", "keep_task")
        module = f"{self.package}.agentchat.contrib.capabilities"
        limiter = self.script.use("MessageHistoryLimiter", f"{module}.transforms")
        transforms = self.script.use("TransformMessages", f"{module}.transform_messages")
        kept = "" if not context.keep_task else ", keep_first_message=True"
        count = context.count
        if count < 2 and (agent.tools or agent.handoffs):
            self.losses.lose("two_messages", agent)
            count = 2
        self.agent_statements.append(f"{transforms}(transforms=[{limiter}(max_messages={count}{kept})]).add_to_agent({variable})")

    # People and code ------------------------------------------------------------------------------------------------

    def _human(self, agent: Human) -> str:
        self.losses.said(agent, "description", "input_mode", "executor", "default_reply", "max_auto_replies", "end_word")
        if agent.default_reply.strip() == "TERMINATE":
            self.losses.lose("bare_word", agent)
        cls = "UserProxyAgent"
        if agent.form in ("text", "approve") and (agent.prompt or agent.form == "approve"):
            cls = self._asker(agent)
        elif agent.form != "text":
            self.losses.lose("form", agent, "form", "prompt", "choices", "fields")
        if agent.timeout is not None:
            self.losses.lose("waiting", agent, "timeout", "timeout_answer")
        arguments = {"human_input_mode": literal(agent.input_mode.upper())}
        arguments["code_execution_config"] = self._code(agent.executor) if agent.executor is not None else "False"
        if agent.executor is not None:
            self.losses.lose("code_output", agent)
        default = agent.default_reply or (NOTHING_TO_RUN if agent.executor is not None else "Please go on.")
        if agent.input_mode != "always" or agent.default_reply:
            arguments["default_auto_reply"] = text_literal(default)
        if agent.max_auto_replies != Human.model_fields["max_auto_replies"].default:
            arguments["max_consecutive_auto_reply"] = str(agent.max_auto_replies)
        if agent.end_word:
            if agent.input_mode != "always":
                self.losses.lose("end_word_in_task", agent, word=agent.end_word)
            arguments["is_termination_msg"] = f"lambda message: {quoted(agent.end_word)} in {SAID}"
        return self._made(agent, cls, {"description": agent.description}, arguments)

    def _asker(self, agent: Human) -> str:
        """A class of its own for a person who is asked something of its own, or whether to approve; its name."""
        self.losses.said(agent, "form", "prompt")
        proxy = self.script.use("UserProxyAgent", self.package)
        name = "".join(part.capitalize() for part in self.names.new(f"{agent.name}_asked", "asked").split("_"))
        question = quoted(f"{agent.prompt or 'Do you approve?'} {'(yes, or no and why) ' if agent.form == 'approve' else ''}")
        lines = [f"return input({question}).strip()"]
        if agent.form == "approve":
            lines = [f"said = input({question}).strip()", 'return "Approved." if said.lower() in ("y", "yes") else f"Rejected. {said}"']
        body = "\n".join(f"        {line}" for line in ['"""What the person answers."""', *lines])
        told = docstring(f"{agent.name} is asked in words of its own", "")
        self.agent_statements.append(f"class {name}({proxy}):\n    {told}\n\n    def get_human_input(self, prompt: str) -> str:\n{body}")
        self.own_classes.add(name)
        return name

    def _code_runner(self, agent: CodeRunner) -> str:
        self.losses.said(agent, "description", "executor")
        self.losses.lose("code_output", agent)
        if agent.sources:
            self.losses.lose("code_sources", agent, "sources")
        if agent.model is not None:
            self.losses.lose("own_code", agent, *type(agent).model_fields, level="decision")
            self.losses.said(agent.model, *type(agent.model).model_fields)
        arguments = {
            "human_input_mode": '"NEVER"',
            "code_execution_config": self._code(agent.executor),
            "default_auto_reply": text_literal(NOTHING_TO_RUN),
        }
        return self._made(agent, "UserProxyAgent", {"description": agent.description}, arguments)

    def _python_agent(self, agent: PythonAgent, asked: str) -> str:
        """An agent with a reply function of its own around the flow's."""
        self.losses.lose("function_here", agent, "source", "executor", "timeout", "description")
        given = {"llm_config": "False", "human_input_mode": '"NEVER"'}
        made = self._made(agent, "ConversableAgent", {"description": agent.description}, given)
        self.script.use("Any", "typing")
        plain, conversable = self.script.use("Agent", self.package), self.script.use("ConversableAgent", self.package)
        name = self.names.new(f"{made}_replies", "reply")
        self.agent_statements.append(
            f"def {name}(\n"
            f"    recipient: {conversable}, messages: list[dict[str, Any]], sender: {plain}, config: Any\n"
            f") -> tuple[bool, str]:\n"
            f'    """What {made} answers."""\n'
            f"    return True, str({asked})"
        )
        self.agent_statements.append(f"{made}.register_reply([{plain}, None], {name}, position=1)")
        return made

    def _code(self, executor: Executor) -> str:
        """The code_execution_config. Where Docker is neither chosen nor refused, AutoGen asks the variable AUTOGEN_USE_DOCKER."""
        pairs = {"work_dir": literal(WORK_FOLDER)}
        self.losses.said(executor, "timeout", "image")
        match executor:
            case AutoExecutor():
                self.losses.lose("auto_executor", executor)
            case DockerExecutor():
                self.losses.lose("docker", executor, "network")
                pairs["use_docker"] = literal(executor.image or True)
            case LocalExecutor():
                self.losses.lose("local_executor", executor, "memory_mb", "processes")
                pairs["use_docker"] = "False"
            case _:
                self.losses.lose("executor", executor, *type(executor).model_fields)
                self.losses.lose("no_notebook", executor)
        timeout: Any = getattr(executor, "timeout", None)
        if timeout is not None:
            pairs["timeout"] = str(max(1, round(timeout)))
        return f"{{{', '.join(f'{literal(name)}: {value}' for name, value in pairs.items())}}}"

    # Tools ----------------------------------------------------------------------------------------------------------

    def _tool(self, tool: Tool, agent: Assistant, model: Model | None, variable: str) -> None:
        """Registers what a tool offers with the agent, which also calls it."""
        if isinstance(tool, AgentTool):
            self._agent_tool(tool, agent, model, variable)
            return
        for function, description in self._functions_of(tool, agent.model or model):
            made = self._registration(function, description, variable)
            if isinstance(tool, TeamTool):
                self.late_statements.append(made.call(self.register))
            else:
                self.registrations.append(made)

    def _functions_of(self, tool: Tool, model: Model | None) -> list[tuple[str, str]]:
        """The functions behind a tool, with what a model is told of each."""
        match tool:
            case PythonTool() if (function := self.take_function(tool.source)) is not None:
                self.losses.lose("tool_here", tool, "source", "executor", "timeout")
                schema = tool.schemas({})[0]
                if any(each.get("type") == "number" for each in schema.parameters.get("properties", {}).values()):
                    self.losses.lose("whole_numbers", tool)
                found = [(function, schema.description)]
            case PythonTool():
                self.losses.lose("tool_source", tool, *type(tool).model_fields, level="decision")
                return []
            case Files():
                self.losses.lose("files", tool, "access")
                functions = file_functions(tool.access)
                for line in functions.imports:
                    self.script.statement(line)
                if functions.text not in self.definitions:
                    self.definitions.append(functions.text)
                found = [(schema.name, functions.descriptions[schema.name]) for schema in tool.schemas({})]
            case TeamTool():
                return [self.team_function(tool, model)]
            case ExpertTeam():
                self.losses.lose("expert_team", tool, *type(tool).model_fields, level="decision")
                return []
            case _:
                self.losses.lose("tool", tool, *type(tool).model_fields, level="decision")
                return []
        asking = self.asked_first(tool, [function for function, _ in found], self._define_approval)
        return [(function, description) for function, (_, description) in zip(asking, found, strict=True)]

    def _define_approval(self, definition: str) -> None:
        if definition not in self.approvals:
            self.approvals.append(definition)

    def team_function(self, tool: TeamTool, model: Model | None) -> tuple[str, str]:
        """The function that hands a task to a team, and what a model is told of it."""
        raise NotImplementedError

    def chat_of_one(self, tool: AgentTool, model: Model | None, wanted: str) -> str:
        """The call that lets a group chat of one agent work on `task`, for one that calls tools itself."""
        raise NotImplementedError

    def _agent_tool(self, tool: AgentTool, caller: Assistant, model: Model | None, variable: str) -> None:
        """Writes the function that hands a task to an agent, and registers it with one of its callers."""
        schema, model = tool.schema_for_model(), caller.model or model
        self.losses.said(tool, "agent", "remembers", "heard")
        alone = not (isinstance(tool.agent, Assistant) and tool.agent.tools)
        if alone:
            again = tool.agent.name in self.variables
            called = self.variables.get(tool.agent.name) or self.agent(tool.agent, model)
            if called is None:
                return
            if again and tool.remembers:
                self.losses.lose("calls_shared", tool.agent)
            asks = self.names.new(f"ask_{called}", "ask")
            kept = ", clear_history=False" if tool.remembers else ""
            said = f'{USER}.initiate_chat({called}, message=task, max_turns=1{kept}).chat_history[-1]["content"] or ""'
        else:
            asks = self.names.new(f"ask_{schema.name}", "ask")
            said = self.chat_of_one(tool, model, asks)
            if tool.remembers:
                self.losses.lose("calls_anew", tool.agent)
        lines = [f"return {said}"]
        if tool.heard == "all":
            lines = [f"answer = {said}", f'return f"{self.called(tool.agent)}: {{answer}}"']
        body = "\n".join(f"    {line}" for line in [docstring(schema.description, ""), *lines])
        self.late_statements.append(f"def {asks}(task: str) -> str:\n{body}")
        self.late_statements.append(self._registration(asks, schema.description, variable, schema.name).call(self.register))

    def _registration(self, function: str, description: str, variable: str, name: str = "") -> Registration:
        return Registration(function, " ".join(description.split()) or function, variable, name)

    @property
    def register(self) -> str:
        """AutoGen's function that gives an agent a function of the file."""
        return self.script.use("register_function", self.package)

    def _transfer(self, agent: Assistant, target: str, variable: str) -> None:
        name = self.transfer(target)
        when = agent.handoff_when.get(target, "")
        said = docstring(f"Hand the conversation over to {target}", "")
        text = f"def {name}() -> str:\n    {said}\n    return {quoted(f'Handed over to {target}.')}"
        if text not in self.definitions:
            self.definitions.append(text)
        self.registrations.append(self._registration(name, f"Hand the conversation over to {target}. {when}".strip(), variable))

    def _told(self) -> str:
        """What the function of an agent is told."""
        return f'[{{"source": each.get("name", ""), "text": each["content"] or ""}} for each in messages{self.in_words("each")}]'
