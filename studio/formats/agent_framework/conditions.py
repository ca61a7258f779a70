"""Writing stop rules for Agent Framework: what ends a group chat at a message, after how many turns, and by which hand-over."""

from __future__ import annotations

from studio.engine.agents.assistant import Assistant
from studio.engine.component import Component
from studio.engine.conditions.combined import AllOf
from studio.engine.conditions.condition import Condition
from studio.engine.conditions.function import FunctionRule
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.said_by import SaidBy
from studio.engine.conditions.text_mention import TextMention
from studio.engine.conditions.time_limit import TimeLimit
from studio.engine.conditions.token_limit import TokenLimit
from studio.engine.conditions.tool_used import ToolUsed
from studio.engine.teams.team import Team
from studio.formats.agent_framework.models import ModelWriting
from studio.formats.python_text.literals import literal, quoted
from studio.formats.python_text.stop_rules import Ends, StopRuleWriting
from studio.formats.python_text.walk import inner_first


class ConditionWriting(StopRuleWriting, ModelWriting):
    """Writes stop rules too."""

    def ends(self, team: Team) -> Ends:
        """When a team's talk is over. Tests are expressions about `last`, its last message, and `conversation`, all of them."""
        return self.ends_by(team, self._test)

    @property
    def transcript(self) -> str:
        """What functions of a flow are told of the variable `conversation`: calls and hand-overs are messages without words there."""
        return f'[{{"source": each.author_name or "user", "text": each.text}} for each in conversation{self._in_words("each")}]'

    def lose_thoughts(self, asked: Component) -> None:
        """Says what a function hears besides, where models call tools."""
        if any(isinstance(agent, Assistant) and agent.tools for agent in inner_first(self.team)):
            self.losses.lose("thoughts", asked)

    def _in_words(self, message: str) -> str:
        calling = any(isinstance(agent, Assistant) and (agent.tools or agent.handoffs) for agent in inner_first(self.team))
        return f" if {message}.text" if calling else ""

    def counted(self, messages: str, message: str, turns: bool) -> str:
        words = self._in_words(message)
        return super().counted(messages, message, turns) if turns or not words else f"len([{message} for {message} in {messages}{words}])"

    def _test(self, rule: Condition, message: str = "last") -> str | None:
        """An expression about a message; None where there is none."""
        match rule:
            case TextMention():
                self.losses.said(rule, "text", "sources", "include_task")
                return " and ".join([*self._by(rule.sources, message, not rule.include_task), f"{quoted(rule.text)} in {message}.text"])
            case SaidBy():
                self.losses.said(rule, "sources")
                return " and ".join(self._by(rule.sources, message, True))
            case MaxMessages():
                self.losses.said(rule, "max_messages", "include_task")
                return f"{self.counted('conversation', 'each', False)} > {rule.max_messages - rule.include_task}"
            case TimeLimit():
                return self.time_is_up(rule)
            case FunctionRule() if rule.function is None and (asked := self.ask(rule.source, self.transcript)) is not None:
                self.losses.lose("function_here", rule, "source", "executor", "timeout")
                self.lose_thoughts(rule)
                return asked
            case ToolUsed() if not rule.only_success:
                self.losses.said(rule, "name")
                return f"{quoted(rule.name)} in called_tools" if rule.name else "bool(called_tools)"
            case TokenLimit():
                self.losses.lose("token_limit", rule, "total", "prompt", "completion")
                parts = (("total_token_count", rule.total), ("input_token_count", rule.prompt), ("output_token_count", rule.completion))
                counted = [f"used_tokens.get({quoted(name)}, 0) >= {literal(limit)}" for name, limit in parts if limit is not None]
                return f"({' or '.join(counted)})" if len(counted) > 1 else counted[0] if counted else None
            case AllOf():
                return self.all_of(rule, "conversation", "each", lambda part: self._test(part, "each"))
        return None

    def _by(self, sources: tuple[str, ...], message: str, not_the_task: bool) -> list[str]:
        names = [self.called(name) for name in sources]
        if len(names) == 1:
            return [f"{message}.author_name == {quoted(names[0])}"]
        if names:
            return [f"{message}.author_name in ({', '.join(map(quoted, names))})"]
        return [f"{message}.author_name is not None"] if not_the_task else []
