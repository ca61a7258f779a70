"""Writing stop rules for AutoGen 0.2: what ends a chat at a message, after how many turns, and by which hand-over."""

from __future__ import annotations

from studio.engine.agents.assistant import Assistant
from studio.engine.conditions.combined import AllOf
from studio.engine.conditions.condition import Condition
from studio.engine.conditions.function import FunctionRule
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.money_limit import MoneyLimit
from studio.engine.conditions.said_by import SaidBy
from studio.engine.conditions.text_mention import TextMention
from studio.engine.conditions.time_limit import TimeLimit
from studio.engine.conditions.token_limit import TokenLimit
from studio.engine.conditions.tool_used import ToolUsed
from studio.engine.teams.team import Team
from studio.formats.classic_python.models import ModelWriting
from studio.formats.python_text.literals import literal, quoted
from studio.formats.python_text.program import USER
from studio.formats.python_text.stop_rules import Ends, StopRuleWriting
from studio.formats.python_text.walk import inner_first

SAID = '(message.get("content") or "")'

_IS_A_TURN = '''def is_a_turn(message: dict[str, Any]) -> bool:
    """Whether a message ends a turn: words, or a call that hands the conversation over."""
    called = [call["function"]["name"] for call in message.get("tool_calls") or []]
    return any(name.startswith("transfer_to_") for name in called) if called else not message.get("tool_responses")'''
_TOKENS = '''def tokens(agents: list[Agent], kind: str) -> int:
    """Tokens of one kind that the models of these agents used so far."""
    usage = gather_usage_summary(agents)["usage_including_cached_inference"]
    return sum(used[kind] for used in usage.values() if isinstance(used, dict))'''
_DOLLARS = '''def dollars(agents: list[Agent]) -> float:
    """What the models of these agents cost so far."""
    usage = gather_usage_summary(agents)["usage_including_cached_inference"]
    return float(usage["total_cost"])'''


class ConditionWriting(StopRuleWriting, ModelWriting):
    """Writes stop rules too."""

    def ends(self, team: Team, chat: str, tools: bool) -> Ends:
        """When the group chat of a team, the variable `chat`, is over; tests are expressions about `message`.

        With `tools` there are messages that only hold a tool's result.
        """
        return self.ends_by(team, lambda rule: self._test(rule, team, chat, tools))

    def _test(self, rule: Condition, team: Team, chat: str, tools: bool) -> str | None:
        """An expression about `message`; None where there is none."""
        match rule:
            case TextMention():
                self.losses.said(rule, "text", "sources", "include_task")
                said = f"{quoted(rule.text)} in {SAID}"
                return " and ".join([*self._by(rule.sources, not rule.include_task), *_words_only(tools), said])
            case SaidBy():
                self.losses.said(rule, "sources")
                return " and ".join([*self._by(rule.sources, True), *_words_only(tools)])
            case MaxMessages():
                self.losses.said(rule, "max_messages", "include_task")
                return f"{self.counted(f'{chat}.messages', 'message', False)} > {rule.max_messages - rule.include_task}"
            case TimeLimit():
                return self.time_is_up(rule)
            case MoneyLimit():
                self.losses.lose("money_limit", rule, "dollars")
                return f"{self._spent(_DOLLARS, team)}) >= {literal(rule.dollars)}"
            case TokenLimit():
                self.losses.lose("token_limit", rule, "total", "prompt", "completion")
                parts = (("total_tokens", rule.total), ("prompt_tokens", rule.prompt), ("completion_tokens", rule.completion))
                used = self._spent(_TOKENS, team)
                counted = [f'{used}, "{name}") >= {literal(limit)}' for name, limit in parts if limit is not None]
                return f"({' or '.join(counted)})" if len(counted) > 1 else counted[0] if counted else None
            case FunctionRule() if rule.function is None and (asked := self.ask_now(rule.source, self.transcript(chat))) is not None:
                self.losses.lose("function_here", rule, "source", "executor", "timeout")
                return asked
            case ToolUsed() if not rule.only_success:
                self.losses.said(rule, "name")
                return self._used(rule.name, chat)
            case AllOf():
                return self.all_of(rule, f"{chat}.messages", "message", lambda part: self._test(part, team, chat, tools))
        return None

    def ask_now(self, source: str, *arguments: str) -> str | None:
        """The call of a function of the flow, also of one that is a coroutine."""
        asked = self.ask(source, *arguments)
        if asked is None or not asked.startswith("await "):
            return asked
        return f"{self.script.module('asyncio')}.run({asked.removeprefix('await ')})"

    def _used(self, name: str, chat: str) -> str:
        """Whether a message holds what tools gave, that one among them."""
        if not name:
            return 'bool(message.get("tool_responses"))'
        calls = f'call["function"]["name"] for each in {chat}.messages for call in each.get("tool_calls") or []'
        return f'bool(message.get("tool_responses")) and {quoted(name)} in [{calls}]'

    def _by(self, sources: tuple[str, ...], not_the_task: bool) -> list[str]:
        names = [self.called(name) for name in sources]
        if len(names) == 1:
            return [f'message.get("name") == {quoted(names[0])}']
        if names:
            return [f'message.get("name") in ({", ".join(map(quoted, names))})']
        return [f'message.get("name") != "{USER}"'] if not_the_task else []

    def transcript(self, chat: str) -> str:
        """What functions of a flow are told."""
        return f'[{{"source": message["name"], "text": message["content"] or ""}} for message in {chat}.messages{self.in_words("message")}]'

    def counted(self, messages: str, message: str, turns: bool) -> str:
        if not (words := self.in_words(message)):
            return super().counted(messages, message, turns)
        return (
            f"sum({self.turn_test()}({message}) for {message} in {messages})"
            if turns
            else f"len([{message} for {message} in {messages}{words}])"
        )

    def turn_test(self) -> str:
        """The name of a small function that says whether a message ends a turn."""
        self.script.use("Any", "typing")
        if _IS_A_TURN not in self.definitions:
            self.definitions.append(_IS_A_TURN)
        return "is_a_turn"

    def in_words(self, message: str) -> str:
        """The condition that leaves out the messages which only hold calls and results, where there may be some."""
        if not any(isinstance(agent, Assistant) and (agent.tools or agent.handoffs) for agent in inner_first(self.team)):
            return ""
        return f' if not ({message}.get("tool_calls") or {message}.get("tool_responses"))'

    def _spent(self, counting: str, team: Team) -> str:
        """The call, still open, of a small function that adds up what the models of a team used."""
        self.script.use("gather_usage_summary", self.package)
        self.script.use("Agent", self.package)
        if counting not in self.definitions:
            self.definitions.append(counting)
        members = ", ".join(self.variables[agent.name] for agent in team.participants if agent.name in self.variables)
        return f"{counting[4 : counting.index('(')]}([{members}]"


def _words_only(tools: bool) -> list[str]:
    return ['not message.get("tool_calls")', 'not message.get("tool_responses")'] if tools else []
