"""What the writers of stop rules share: rules of which any ends a talk, those that only count, and those that are met together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from studio.engine.agents.assistant import Assistant
from studio.engine.conditions.combined import AllOf, AnyOf
from studio.engine.conditions.condition import Condition
from studio.engine.conditions.hand_off import HandOffTo
from studio.engine.conditions.max_messages import MaxMessages
from studio.engine.conditions.max_turns import MaxTurns
from studio.engine.conditions.said_by import SaidBy
from studio.engine.conditions.text_mention import TextMention
from studio.engine.conditions.time_limit import TimeLimit
from studio.engine.teams.team import Team
from studio.formats.python_text.literals import WIDTH, literal
from studio.formats.python_text.program import Program

Test = Callable[[Condition], str | None]
"""An expression that is true when a rule is met; None for a rule that the target cannot express."""


@dataclass(slots=True)
class Ends:
    """When a team's talk is over: after how many turns, by expressions, and by handing over to one of the `targets`."""

    turns: int
    tests: list[str] = field(default_factory=list)
    targets: list[str] = field(default_factory=list)


class StopRuleWriting(Program):
    """Writes stop rules by the tests of its target. `clock` tells that a program must note when it began."""

    clock = False

    def ends_by(self, team: Team, test: Test) -> Ends:
        """When the talk of a team is over; of a rule without a test it is said that it is lost."""
        self.losses.said(team, "max_turns")
        found = Ends(team.max_turns)
        for rule in leaves(team.stop):
            self.losses.said(rule)
            match rule:
                case MaxTurns():
                    self.losses.said(rule, "max_turns")
                    found.turns = min(found.turns, rule.max_turns)
                case MaxMessages() if _hand_over(team) and (expression := test(rule)) is not None:
                    found.tests.append(expression)
                case MaxMessages():
                    self.losses.said(rule, "max_messages", "include_task")
                    if rule.max_messages <= rule.include_task:
                        self.losses.lose("once_at_least", rule)
                    found.turns = min(found.turns, max(1, rule.max_messages - rule.include_task))
                case HandOffTo():
                    self.losses.said(rule, "target")
                    found.targets.append(rule.target)
                case _ if (expression := test(rule)) is not None:
                    found.tests.append(expression)
                case _:
                    self.losses.lose("condition", rule, *type(rule).model_fields, level="decision")
        for combined in _combinations(team.stop):
            self.losses.said(combined, "conditions")
        return found

    def all_of(self, rule: AllOf, messages: str, message: str, test: Test) -> str | None:
        """A test whether all of some rules were met, each maybe by another of the `messages`; `test` is about the variable `message`.

        As a whole or not at all: a part of it would end the talk too early.
        """
        tests = []
        for part in rule.conditions:
            self.losses.said(part)
            if isinstance(part, MaxTurns | MaxMessages):
                self.losses.said(part, "max_turns", "max_messages", "include_task")
                limit = part.max_turns if isinstance(part, MaxTurns) else part.max_messages - part.include_task
                tests.append(f"{self.counted(messages, message, isinstance(part, MaxTurns))} > {limit}")
            elif isinstance(part, TextMention | SaidBy) and (expression := test(part)) is not None:
                tests.append(f"any({expression} for {message} in {messages})")
            else:
                return None
        self.losses.said(rule, "conditions")
        return f"({' and '.join(tests)})"

    def counted(self, messages: str, message: str, turns: bool) -> str:
        """How many of the messages are words, or ended a turn, the task among them."""
        return f"len({messages})"

    def time_is_up(self, rule: TimeLimit) -> str:
        """A test whether a limit of time has passed, of the variable `began`."""
        self.losses.lose("time_limit", rule, "seconds")
        self.script.module("time")
        self.clock = True
        return f"time.monotonic() - began > {literal(rule.seconds).removesuffix('.0')}"


def _hand_over(team: Team) -> bool:
    """Whether somebody in a team may hand over: that is a turn, and no message."""
    return any(isinstance(agent, Assistant) and agent.handoffs for agent in team.participants)


def any_of(tests: Sequence[str]) -> list[str]:
    """Lines of a function that say whether one of some tests holds: on one line where they fit, else each on its own."""
    joined = f"return {' or '.join(tests)}"
    if len(joined) <= WIDTH - 4:
        return [joined]
    return [line for test in tests[:-1] for line in (f"if {test}:", "    return True")] + [f"return {tests[-1]}"]


def leaves(rule: Condition | None) -> Iterator[Condition]:
    """The rules any of which ends it."""
    if isinstance(rule, AnyOf):
        for each in rule.conditions:
            yield from leaves(each)
    elif rule is not None:
        yield rule


def _combinations(rule: Condition | None) -> Iterator[AnyOf]:
    if isinstance(rule, AnyOf):
        yield rule
        for each in rule.conditions:
            yield from _combinations(each)
