"""Two for Agent Framework of whom one writes code and the other runs it: a loop around an agent and a shell, without a group chat."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from studio.engine.agents.agent import Agent
from studio.engine.agents.assistant import Assistant
from studio.engine.agents.code_runner import CodeRunner
from studio.engine.agents.human import Human
from studio.engine.code.auto import AutoExecutor
from studio.engine.code.base import Executor
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.component import Component
from studio.engine.conditions.condition import Condition
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.conditions.text_mention import TextMention
from studio.engine.models.base import Model
from studio.engine.teams.round_robin import RoundRobin
from studio.engine.teams.team import Team
from studio.formats.agent_framework import code
from studio.formats.agent_framework.teams import TeamWriting
from studio.formats.python_text.literals import literal, quoted
from studio.formats.python_text.script import LINE
from studio.formats.python_text.stop_rules import leaves

NAMES = frozenset("code done main outcome quote re session".split())
"""What stands in the loop, beside what stands in any program."""


@dataclass(frozen=True, slots=True)
class _Pair:
    """`words` end the talk when the one who writes code says them, `outputs` when the one who runs it does; `executor` is a container."""

    writer: Assistant
    runner: Agent
    model: Model
    executor: Executor
    words: tuple[str, ...]
    outputs: tuple[str, ...]


class CodeLoopWriting(TeamWriting):
    """Writes such a pair too."""

    def code_loop(self, team: Team) -> str | None:
        """The function in which the two talk, who are written for it; None for any other team."""
        pair = _pair(team)
        turns = self.ends(team).turns if pair is not None else 0
        if pair is None or turns % 2:
            return None
        self.names.keep(NAMES)
        self.losses.said(team, "model", "selection", "stop", "max_turns", "participants")
        self.losses.said(team.selection)
        agent, shell = self._writer(pair), self._shell(pair)
        self.script.module("re")
        self.script.use("quote", "shlex")
        return "\n".join(
            [
                "async def main(task: str) -> None:",
                f"    session = {agent}.create_session()",
                f"    async with {shell}:",
                f"        for _ in range({turns // 2}):",
                f"            said = await {agent}.run(task, session=session)",
                f'            print(f"\\n{self.called(pair.writer)}: {{said.text}}")',
                *_ends("said.text", pair.words),
                f"            task = {quoted(code.NOTHING_TO_RUN)}",
                f'            if code := re.findall(r"{code.FENCED}", said.text, re.DOTALL):',
                f"                done = await {shell}.run(f\"python -uc {{quote(''.join(code))}} 2>&1\")",
                '                outcome = "failed" if done.exit_code else "succeeded"',
                '                task = f"exitcode: {done.exit_code} (execution {outcome})\\n"',
                '                task += f"Code output: {done.stdout}"',
                f'            print(f"\\n{self.rename(pair.runner)}: {{task}}")',
                *_ends("task", pair.outputs),
            ]
        )

    def _writer(self, pair: _Pair) -> str:
        """The variable of the one who writes code; the client stands where it is used, if there is room."""
        variable = self._assistant(pair.writer, pair.model)
        client, _, call = self.model_statements[0].partition(" = ")
        head = f"{variable} = {call}.as_agent("
        if len(head) <= LINE:
            self.model_statements.clear()
            self.agent_statements[-1] = self.agent_statements[-1].replace(f"{variable} = {client}.as_agent(", head, 1)
        return variable

    def _shell(self, pair: _Pair) -> str:
        """The variable of the shell that runs code."""
        self.losses.said(pair.runner, "executor", "sources", "input_mode", "end_word")
        self.losses.said(pair.executor, "timeout", "image")
        self.losses.lose("code_in_container", pair.executor, "network")
        variable = self.names.new(pair.runner.name, "shell")
        self.variables[pair.runner.name] = variable
        image = quoted(str(getattr(pair.executor, "image", "") or code.IMAGE))
        timeout = literal(float(getattr(pair.executor, "timeout", code.TIMEOUT))).removesuffix(".0")
        tool = self.script.use("DockerShellTool", "agent_framework.tools")
        self.agent_statements.append(f'{variable} = {tool}(image={image}, workdir="/tmp", timeout={timeout})')
        return variable


def _pair(team: Team) -> _Pair | None:
    """The two of a team; None where more than a loop holds their conversation."""
    rules = list(leaves(team.stop))
    match team.participants, team.selection:
        case [Assistant() as writer, (CodeRunner() | Human()) as runner], RoundRobin():
            model, executor = writer.model or team.model, runner.executor
            said = ["name", "description", "executor", *(("sources",) if isinstance(runner, CodeRunner) else ("input_mode", "end_word"))]
            is_such = (
                isinstance(executor, AutoExecutor | DockerExecutor)
                and _is_plain(team, "name", "description", "participants", "model", "stop", "max_turns")
                and _is_plain(writer, "name", "description", "system_message", "model", "context")
                and _is_plain(runner, *said)
                and (runner.input_mode == "never" if isinstance(runner, Human) else set(runner.sources) <= {writer.name})
                and all(_is_counted_or_said(rule) for rule in rules)
            )
            if is_such and model is not None and executor is not None:
                words = _said_by(writer, rules) + ([runner.end_word] if isinstance(runner, Human) and runner.end_word else [])
                return _Pair(writer, runner, model, executor, tuple(dict.fromkeys(words)), tuple(_said_by(runner, rules)))
    return None


def _is_plain(component: Component, *filled: str) -> bool:
    """Whether a component is as it is made, but for some fields."""
    fields = type(component).model_fields.items()
    return all(getattr(component, name) == field.get_default(call_default_factory=True) for name, field in fields if name not in filled)


def _is_counted_or_said(rule: Condition) -> bool:
    return isinstance(rule, MaxTurns | MaxMessages) or (isinstance(rule, TextMention) and not rule.include_task)


def _said_by(agent: Agent, rules: Iterable[Condition]) -> list[str]:
    """The words that end the talk when this one says them."""
    return [rule.text for rule in rules if isinstance(rule, TextMention) and agent.name in (rule.sources or (agent.name,))]


def _ends(said: str, words: Iterable[str]) -> list[str]:
    """Lines of the loop that leave it at one of these words."""
    over = " or ".join(f"{quoted(word)} in {said}" for word in words)
    return [f"            if {over}:", "                break"] if over else []
