"""Writing teams for Agent Framework: group chats, plans, and whoever has others inside."""

from __future__ import annotations

from studio.engine.agents.agent import Agent
from studio.engine.agents.assistant import Assistant
from studio.engine.agents.human import Human
from studio.engine.conditions.token_limit import TokenLimit
from studio.engine.conditions.tool_used import ToolUsed
from studio.engine.models.base import Model
from studio.engine.teams.chat import Chat
from studio.engine.teams.filter import Filter
from studio.engine.teams.graph import Graph
from studio.engine.teams.planner import Planner
from studio.engine.teams.sequential import Sequential
from studio.engine.teams.society import Society
from studio.engine.teams.team import Team
from studio.engine.tools.team_tool import TeamTool
from studio.formats.agent_framework.choosing import Choosing, ChoosingWriting, handed_over
from studio.formats.agent_framework.models import CORE, ORCHESTRATIONS
from studio.formats.agent_framework.pieces import COUNT_TOKENS, COUNT_TOKENS_NAMES, HAND_OVER_NAMES, STOP_AFTER
from studio.formats.python_text.literals import docstring, literal, quoted, text_literal
from studio.formats.python_text.stop_rules import Ends, any_of
from studio.formats.python_text.walk import inner_first

_HOOK = {
    "agent_framework": ("AgentContext", "agent_middleware"),
    "collections.abc": ("Awaitable", "Callable"),
}

MOST_TURNS = 49
"""Agent Framework ends a workflow with an error after 100 steps: one to begin with, and two for each turn."""


class TeamWriting(ChoosingWriting):
    """Writes everything."""

    def workflow(self, team: Team, model: Model | None, prefix: str = "") -> str | None:
        """An expression that makes the workflow of a team; None when nobody is in it. `prefix` begins the names of what it needs."""
        model = team.model or model
        self.losses.said(team, "model", "selection", "stop", "transitions", "transitions_type", "max_turns", "heard")
        if prefix:
            self.losses.said(team, "description")
        if team.variables:
            self.losses.lose("variables", team, "variables")
        self._tools_that_end(team)
        if team.stop is not None and any(isinstance(rule, TokenLimit) for rule in inner_first(team.stop)):
            self.counting = True
            self.define("used_tokens: dict[str, int] = {}")
            self.define(COUNT_TOKENS)
            self.uses(COUNT_TOKENS_NAMES)
        found = [(agent, variable) for agent in team.participants if (variable := self.member(agent, model)) is not None]
        if not found:
            return None
        members = [agent.participants[0] if isinstance(agent, Filter) else agent for agent, _ in found]
        ends = self.ends(team)
        variables = f"[{', '.join(variable for _, variable in found)}]"
        if isinstance(team.selection, Planner) and model is not None and not prefix:
            return self._plan(team, team.selection, model, variables, ends)
        for agent in members:
            if isinstance(agent, Human) and agent.input_mode == "never" and agent.end_word:
                ends.tests += [test for test in [self._ended_by(agent, members)] if test not in ends.tests]
        if _at_once(team, members) and ends.turns >= len(members) and not (ends.tests or ends.targets):
            self.losses.said(team.selection, *type(team.selection).model_fields)
            return f"{self.script.use('ConcurrentBuilder', ORCHESTRATIONS)}(participants={variables}).build()"
        choosing = self.choosing(team, prefix, model, members, ends)
        if ends.turns > MOST_TURNS:
            self.losses.lose("steps", team, turns=MOST_TURNS)
        in_order = isinstance(team.selection, Sequential) and choosing.line and ends.turns == len(members)
        if in_order and not (ends.tests or ends.targets or choosing.over):
            return f"{self.script.use('SequentialBuilder', ORCHESTRATIONS)}(participants={variables}).build()"
        given = {"participants": variables, "selection_func": self._next_speaker(choosing, prefix)}
        over = self._over(choosing, ends, prefix)
        if over:
            given["termination_condition"] = over
        given["max_rounds"] = str(min(ends.turns, MOST_TURNS))
        builder = self.script.use("GroupChatBuilder", ORCHESTRATIONS)
        return f"{builder}({', '.join(f'{name}={value}' for name, value in given.items())}).build()"

    def _tools_that_end(self, team: Team) -> None:
        """What agents need to end their turn by a tool that ends the conversation, for those that are written from now on."""
        rules = [rule for rule in inner_first(team.stop) if isinstance(rule, ToolUsed)] if team.stop is not None else []
        self.last_tools = [rule.name for rule in rules if not rule.only_success]
        if self.last_tools:
            named = [] if "" in self.last_tools else sorted(set(self.last_tools))
            self.define(f"last_tools: list[str] = {literal(named)}")
            self.define("called_tools: list[str] = []")
            self.define(STOP_AFTER)
            self.uses(HAND_OVER_NAMES)

    def _ended_by(self, human: Human, members: list[Agent]) -> str:
        """A test whether somebody who never asks a person would end the conversation instead of answering."""
        others = [self.called(each) for each in members if each is not human]
        if len(others) == 1:
            return f"last.author_name == {quoted(others[0])} and {quoted(human.end_word)} in last.text"
        if len(others) > 1:
            self.losses.lose("end_word", human, word=human.end_word)
        return f"(last.author_name not in (None, {quoted(self.called(human))}) and {quoted(human.end_word)} in last.text)"

    def _next_speaker(self, choosing: Choosing, prefix: str) -> str:
        if choosing.line:
            return f"lambda state: {choosing.line}"
        state = self.script.use("GroupChatState", ORCHESTRATIONS)
        name = self.names.new(f"{prefix}next_speaker", "choice")
        kind = "async def" if choosing.asks else "def"
        body = "\n".join(f"    {line}" for line in [docstring(choosing.words, ""), *choosing.lines])
        self.team_statements.append(f"{kind} {name}(state: {state}) -> str:\n{body}")
        return name

    def _over(self, choosing: Choosing, ends: Ends, prefix: str) -> str:
        """The function of all messages that says whether a talk is over; empty when only the turns are counted."""
        tests = list(ends.tests)
        names = [self.called(target) for target in ends.targets]
        if names and "handed_to: list[str] = []" in self.definitions:
            tests.append(handed_over(names))
        if not tests:
            return ""
        waits = any("await " in line for line in [*tests, *choosing.over])
        if len(tests) == 1 and not choosing.over and not waits:
            return _in_all(tests[0])
        message = self.script.use("Message", CORE)
        name = self.names.new(f"{prefix}is_over", "rule")
        looked_at = ["last = conversation[-1]"] if any("last." in line for line in [*tests, *choosing.over]) else []
        lines = [docstring("Whether the conversation has come to its end", ""), *looked_at, *choosing.over, *any_of(tests)]
        body = "\n".join(f"    {line}" for line in lines)
        kind = "async def" if waits else "def"
        self.team_statements.append(f"{kind} {name}(conversation: list[{message}]) -> bool:\n{body}")
        return name

    def _plan(self, team: Team, planner: Planner, model: Model, variables: str, ends: Ends) -> str:
        """A Magentic workflow."""
        self.losses.lose("magentic", planner, *Planner.model_fields)
        self.losses.said(planner, "max_rounds", "max_stalls", "max_plans")
        if ends.tests or ends.targets:
            self.losses.lose("plan_stops", team)
        builder = self.script.use("MagenticBuilder", ORCHESTRATIONS)
        manager = self.names.new("manager", "manager")
        options = self.options(model)
        more = f", default_options={options}" if options else ""
        self.agent_statements.append(f"{manager} = {self.client(model)}.as_agent(name={quoted(self.called(team))}{more})")
        self.planned = True
        rounds = min(planner.max_rounds, ends.turns, MOST_TURNS)
        given = f"participants={variables}, manager_agent={manager}, max_round_count={rounds}, max_stall_count={planner.max_stalls}"
        answer = "" if planner.answer_prompt == Planner.model_fields["answer_prompt"].default else self._answer_prompt(planner)
        return f'{builder}({given}, max_reset_count={planner.max_plans}, intermediate_output_from="all_other"{answer}).build()'

    def _answer_prompt(self, planner: Planner) -> str:
        told = planner.answer_prompt.replace("{", "{{").replace("}", "}}")
        return f", final_answer_prompt={text_literal('The request was:' + chr(10) * 2 + '{task}' + chr(10) * 2 + told)}"

    # Who has others inside ------------------------------------------------------------------------------------------

    def filtered(self, agent: Filter, model: Model | None) -> str | None:
        """The agent itself, with a middleware that leaves out what it does not hear."""
        self.losses.said(agent, "hears", "hears_task", "model", "heard", "max_turns", "selection", "stop")
        inner = agent.participants[0]
        if not isinstance(inner, Assistant):
            self.losses.lose("filter_alone", agent, level="decision")
            return self.member(inner, agent.model or model)
        variable = self.member(inner, agent.model or model)
        if variable is None:
            return None
        self.losses.lose("filter", agent)
        self.agents[agent.name] = self.called(inner)
        self.uses(_HOOK)
        name = self.names.new(f"heard_by_{variable}", "hook")
        parts = ["[each for each in context.messages if each.author_name is None]"] if agent.hears_task else []
        for hears in agent.hears:
            cut = "" if hears.count is None else f"[:{hears.count}]" if hears.position == "first" else f"[-{hears.count}:]"
            parts.append(f"[each for each in context.messages if each.author_name == {quoted(self.called(hears.source))}]{cut}")
        self.define(
            f"@agent_middleware\nasync def {name}(context: AgentContext, call_next: Callable[[], Awaitable[None]]) -> None:\n"
            f"    {docstring(f'What {agent.name} lets through', '')}\n"
            f"    context.messages = {' + '.join(parts) or '[]'}\n"
            "    await call_next()"
        )
        made = self.agent_statements[-1]
        if "middleware=[" in made:
            self.agent_statements[-1] = made.replace("middleware=[", f"middleware=[{name}, ")
        else:
            self.agent_statements[-1] = f"{made[:-1]}, middleware=[{name}])"
        return variable

    def team_within(self, team: Team, model: Model | None) -> str | None:
        """Somebody who lets a team talk whenever it is his turn, and says what came of it."""
        model = team.model or model
        function = self._builder(team, model)
        if function is None:
            return None
        if isinstance(team, Chat):
            self.losses.said(team, "message", "carryover", "summarised", "summary_prompt")
            if team.summarised == "function":
                self.losses.lose("chat_function", team, "summary_source", level="decision")
            lines = [*self._chat_task(team), f"said = await talk({function}(), task)"]
            if team.summarised == "model" and model is not None:
                return self.speaker(team, [*lines, *self._asked(team, model, "", team.summary_prompt)])
            whole = team.summarised == "all"
        elif isinstance(team, Society):
            self.losses.said(team, "instruction", "response_prompt")
            self.losses.lose("begins_anew", team)
            lines = [f"said = await talk({function}(), {_SAID_BEFORE})"]
            if model is not None:
                return self.speaker(team, [*lines, *self._asked(team, model, team.instruction, team.response_prompt)])
            whole = False
        else:
            self.losses.lose("begins_anew_as_one" if team.heard == "all" else "begins_anew", team)
            lines = [f"said = await talk({function}(), {_SAID_BEFORE})"]
            whole = team.heard == "all"
        return self.speaker(team, [*lines, f"return {_ALL_SAID if whole else _LAST_SAID}"], f"What {team.name} comes to")

    def _builder(self, team: Team, model: Model | None) -> str | None:
        """A function that makes the workflow of an inner team, anew for each talk."""
        self.inner = True
        variable = self.names.new(f"{team.name}_talk", "talk")
        made = self.workflow(team, model, f"{variable}_")
        if made is None:
            return None
        words = docstring(f"How {team.name} talk among themselves", "")
        self.team_statements.append(f"def {variable}() -> {self.script.use('Workflow', CORE)}:\n    {words}\n    return {made}")
        return variable

    def _asked(self, team: Team, model: Model, instructions: str, prompt: str) -> list[str]:
        """Lines that ask a model what came of a talk."""
        message = self.script.use("Message", CORE)
        told = f", instructions={text_literal(instructions)}" if instructions else ""
        spokesman = self.names.new(f"{team.name}_sums_up", "agent")
        name = quoted(f"{self.called(team)}_sums_up")
        self.agent_statements.append(f"{spokesman} = {self.client(model)}.as_agent(name={name}{told})")
        asks = f'answer = await {spokesman}.run([*said, {message}("user", [question])])'
        return [f"question = {text_literal(prompt)}", asks, "return answer.text"]

    def _chat_task(self, team: Chat) -> list[str]:
        """Lines that put together the task of a chat in a row: its own, and what came of the chats before."""
        own = text_literal(team.message) if team.message else "messages[-1].text"
        if not team.carryover:
            return [f"task = {own}"]
        return [
            f"task = {own}",
            f'if before := "\\n".join(each.text for each in messages[{"1:" if team.message else "1:-1"}]):',
            '    task += f"\\nContext:\\n{before}"',
        ]

    def team_tool(self, tool: TeamTool, model: Model | None) -> list[str]:
        schema = tool.schema_for_model()
        self.losses.said(tool, "team", "name", "description")
        if any(each.startswith(f"async def {schema.name}(") for each in self.definitions):
            return [schema.name]
        function = self._builder(tool.team, model)
        if function is None:
            return []
        given = _ALL_SAID if tool.team.heard == "all" else _LAST_SAID
        self.define(
            f"async def {schema.name}(task: str) -> str:\n    {docstring(schema.description, '')}\n"
            f"    said = await talk({function}(), task)\n    return {given}"
        )
        return [schema.name]


def _at_once(team: Team, members: list[Agent]) -> bool:
    """Whether all members answer the task at the same time, each once, and none of them is asked at the terminal."""
    graph = team.selection
    if not isinstance(graph, Graph) or graph.edges or len(members) < 2 or any(isinstance(each, Human) for each in members):
        return False
    return not graph.start or {agent.name for agent in team.participants} <= set(graph.start)


_SAID_BEFORE = '"\\n\\n".join(each.text for each in messages)'
_LAST_SAID = 'said[-1].text if said else ""'
_ALL_SAID = '"\\n\\n".join(f"{each.author_name}: {each.text}" for each in said)'


_BY_AN_AGENT = "last.author_name is not None and "
_SAYS = " in last.text"


def _in_all(test: str) -> str:
    """A test about `last` as a function of all messages. The first one is the task: whatever comes after it is an agent's."""
    if test.startswith(_BY_AN_AGENT) and test.endswith(_SAYS):
        return f"lambda said: len(said) > 1 and {test.removeprefix(_BY_AN_AGENT).removesuffix(_SAYS)} in said[-1].text"
    test = test.replace("last.author_name", "conversation[-1].author_name").replace("last.text", "conversation[-1].text")
    return f"lambda conversation: {test}"
