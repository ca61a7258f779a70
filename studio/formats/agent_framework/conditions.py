"""Writing stop rules for Agent Framework: what ends a group chat at a message, after how many turns, and by which hand-over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from studio.engine.conditions.combined import AllOf, AnyOf
from studio.engine.conditions.condition import Condition
from studio.engine.conditions.function import FunctionRule
from studio.engine.conditions.hand_off import HandOffTo
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.conditions.said_by import SaidBy
from studio.engine.conditions.text_mention import TextMention
from studio.engine.conditions.time_limit import TimeLimit
from studio.engine.conditions.token_limit import TokenLimit
from studio.engine.conditions.tool_used import ToolUsed
from studio.engine.teams.team import Team
from studio.formats.agent_framework.models import ModelWriting
from studio.formats.python_text.literals import literal, quoted

TRANSCRIPT = '[{"source": each.author_name or "user", "text": each.text} for each in conversation]'
"""What functions of a flow are told of the variable `conversation`."""


@dataclass(slots=True)
class Ends:
    """When a team's talk is over: `tests` are expressions about `last`, its last message, and `conversation`, all of them."""

    turns: int
    tests: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)


class ConditionWriting(ModelWriting):
    """Writes stop rules too."""

    def ends(self, team: Team) -> Ends:
        """When a team's talk is over."""
        self.losses.said(team, "max_turns")
        found = Ends(team.max_turns)
        for rule in _leaves(team.stop):
            self.losses.said(rule)
            match rule:
                case MaxTurns():
                    self.losses.said(rule, "max_turns")
                    found.turns = min(found.turns, rule.max_turns)
                case MaxMessages():
                    self.losses.said(rule, "max_messages", "include_task")
                    found.turns = min(found.turns, max(1, rule.max_messages - rule.include_task))
                case HandOffTo():
                    self.losses.said(rule, "target")
                    found.targets.append(rule.target)
                case _ if (test := self._test(rule)) is not None:
                    found.tests.append(test)
                case _:
                    self.losses.lose("condition", rule, *type(rule).model_fields, level="decision")
        for combined in _combinations(team.stop):
            self.losses.said(combined, "conditions")
        return found

    def _test(self, rule: Condition, message: str = "last") -> str | None:
        """An expression about a message; None where there is none."""
        match rule:
            case TextMention():
                self.losses.said(rule, "text", "sources", "include_task")
                return " and ".join([*self._by(rule.sources, message, not rule.include_task), f"{quoted(rule.text)} in {message}.text"])
            case SaidBy():
                self.losses.said(rule, "sources")
                return " and ".join(self._by(rule.sources, message, True))
            case TimeLimit():
                self.losses.lose("time_limit", rule, "seconds")
                self.script.module("time")
                self.clock = True
                return f"time.monotonic() - began > {literal(rule.seconds)}"
            case FunctionRule() if rule.function is None and (asked := self.ask(rule.source, TRANSCRIPT)) is not None:
                self.losses.lose("function_here", rule, "source", "executor", "timeout")
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
                return self._all_of(rule)
        return None

    def _all_of(self, rule: AllOf) -> str | None:
        """Each of its rules may have been met by another message. As a whole or not at all: a part of it would end the talk too early."""
        tests = []
        for part in rule.conditions:
            self.losses.said(part)
            if isinstance(part, MaxTurns | MaxMessages):
                self.losses.said(part, "max_turns", "max_messages", "include_task")
                limit = part.max_turns if isinstance(part, MaxTurns) else part.max_messages - part.include_task
                tests.append(f"len(conversation) > {limit}")
            elif isinstance(part, TextMention | SaidBy) and (test := self._test(part, "each")) is not None:
                tests.append(f"any({test} for each in conversation)")
            else:
                return None
        self.losses.said(rule, "conditions")
        return f"({' and '.join(tests)})"

    def _by(self, sources: tuple[str, ...], message: str, not_the_task: bool) -> list[str]:
        names = [self.called(name) for name in sources]
        if len(names) == 1:
            return [f"{message}.author_name == {quoted(names[0])}"]
        if names:
            return [f"{message}.author_name in ({', '.join(map(quoted, names))})"]
        return [f"{message}.author_name is not None"] if not_the_task else []


def _leaves(rule: Condition | None) -> Iterator[Condition]:
    """The rules any of which ends it."""
    if isinstance(rule, AnyOf):
        for each in rule.conditions:
            yield from _leaves(each)
    elif rule is not None:
        yield rule


def _combinations(rule: Condition | None) -> Iterator[AnyOf]:
    if isinstance(rule, AnyOf):
        yield rule
        for each in rule.conditions:
            yield from _combinations(each)
