"""Groups by pattern, as AG2 has them: who begins, who comes after whom, and what they share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.classic.handoffs import (
    AskUserTarget,
    ContextVariables,
    GroupManagerTarget,
    RandomAgentTarget,
    TerminateTarget,
    TransitionTarget,
)


@dataclass
class DefaultPattern:
    """Hand-offs decide; an agent without one that applies is followed by `group_after_work`."""

    initial_agent: Any
    agents: Sequence[Any]
    user_agent: Any = None
    group_manager_args: Mapping[str, Any] = field(default_factory=dict)
    context_variables: ContextVariables = field(default_factory=ContextVariables)
    group_after_work: TransitionTarget = field(default_factory=TerminateTarget)
    exclude_transit_message: bool = True
    summary_method: Any = "last_msg"

    def after_work(self, last: Any) -> TransitionTarget | Any:
        """A target, or the agent itself, where no hand-off applies."""
        return self.group_after_work


@dataclass
class AutoPattern(DefaultPattern):
    """The manager's model chooses."""

    selection_message: str | None = None

    def after_work(self, last: Any) -> TransitionTarget:
        return GroupManagerTarget(self.selection_message)


@dataclass
class RoundRobinPattern(DefaultPattern):
    """In order, beginning with the initial agent; the user comes last in a round."""

    def after_work(self, last: Any) -> Any:
        others = [agent for agent in self.agents if agent is not self.initial_agent]
        order = [self.initial_agent, *others, *([self.user_agent] if self.user_agent is not None else [])]
        return order[(order.index(last) + 1) % len(order)] if last in order else self.initial_agent


@dataclass
class RandomPattern(DefaultPattern):
    """Anybody but who spoke last."""

    def after_work(self, last: Any) -> TransitionTarget:
        return RandomAgentTarget([*self.agents, *([self.user_agent] if self.user_agent is not None else [])])


@dataclass
class ManualPattern(DefaultPattern):
    """A person chooses."""

    def after_work(self, last: Any) -> TransitionTarget:
        return AskUserTarget()
