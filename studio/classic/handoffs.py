"""Who takes over from an agent of a patterned group, and when: targets, conditions and the variables that they look at."""

from __future__ import annotations

import random
from collections import UserDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from studio.engine.expressions import holds


class ContextVariables(UserDict[str, Any]):
    """Variables that all agents and functions of a group share."""

    def __init__(self, data: Mapping[str, Any] | None = None, **more: Any) -> None:
        super().__init__({**(data or {}), **more})

    def set(self, key: str, value: Any) -> None:
        self.data[key] = value

    def remove(self, key: str) -> bool:
        """Whether it was there."""
        return self.data.pop(key, self) is not self

    def contains(self, key: str) -> bool:
        return key in self.data

    def to_dict(self) -> dict[str, Any]:
        return dict(self.data)


# Targets --------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class TransitionTarget:
    """Who speaks next. `label` names it in the tool by which a model hands over."""

    @property
    def label(self) -> str:
        return type(self).__name__.removesuffix("Target").lower()


@dataclass(frozen=True, eq=False)
class AgentTarget(TransitionTarget):
    agent: Any

    @property
    def label(self) -> str:
        return str(self.agent.name)


@dataclass(frozen=True, eq=False)
class AgentNameTarget(TransitionTarget):
    agent_name: str

    @property
    def label(self) -> str:
        return self.agent_name


@dataclass(frozen=True, eq=False)
class TerminateTarget(TransitionTarget):
    """The conversation is over."""


@dataclass(frozen=True, eq=False)
class StayTarget(TransitionTarget):
    """The same agent speaks again."""


@dataclass(frozen=True, eq=False)
class RevertToUserTarget(TransitionTarget):
    """The user agent speaks; without one the conversation is over."""


@dataclass(frozen=True, eq=False)
class AskUserTarget(TransitionTarget):
    """A person chooses by number."""


@dataclass(frozen=True, eq=False)
class RandomAgentTarget(TransitionTarget):
    """Anybody of these but who spoke last."""

    agents: Sequence[Any]

    def pick(self, last: Any) -> Any:
        return random.choice([agent for agent in self.agents if agent is not last] or list(self.agents))  # noqa: S311


@dataclass(frozen=True, eq=False)
class GroupManagerTarget(TransitionTarget):
    """The manager's model chooses; `selection_message` is its system message."""

    selection_message: str | None = None


@dataclass(frozen=True, eq=False)
class NestedChatTarget(TransitionTarget):
    """Chats of the agent's own, whose summary is said in the group; then the agent goes on. {"chat_queue": […]}"""

    nested_chat_config: Mapping[str, Any]


@dataclass(frozen=True, eq=False)
class FunctionTarget(TransitionTarget):
    """A function of (last message's text, context variables) that returns a target."""

    function: Callable[[str, ContextVariables], Any]


@dataclass(frozen=True, eq=False)
class SpeakerTarget(TransitionTarget):
    """A function of (last speaker, messages, group) that returns a target."""

    function: Callable[[Any, list[Any], Any], Any]


# Conditions -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class ContextExpression:
    """A condition over variables, such as `${visits} > 3 and not ${done}`; it is read, never executed."""

    expression: str


@dataclass(frozen=True)
class StringLLMCondition:
    prompt: str


@dataclass(frozen=True)
class ContextStr:
    """A text with {variables}."""

    template: str

    def format(self, variables: ContextVariables) -> str:
        text = self.template
        for name, value in variables.items():
            text = text.replace("{" + str(name) + "}", str(value))
        return text


@dataclass(frozen=True)
class ContextStrLLMCondition:
    context_str: ContextStr


@dataclass(frozen=True)
class StringContextCondition:
    variable_name: str


@dataclass(frozen=True)
class ExpressionContextCondition:
    expression: ContextExpression


StringAvailableCondition = StringContextCondition
ExpressionAvailableCondition = ExpressionContextCondition


def is_true(condition: Any, variables: ContextVariables) -> bool:
    """Whether a condition over variables holds; None always does. Raises ExpressionError for one that cannot be read."""
    match condition:
        case None:
            return True
        case StringContextCondition(variable_name=name):
            return bool(variables.get(name))
        case ExpressionContextCondition(expression=expression):
            return holds(expression.expression, variables.to_dict())
        case str():
            return bool(variables.get(condition))
        case _ if callable(condition):
            return bool(condition(variables))
    raise TypeError(f"A condition is a variable's name or an expression, not {type(condition).__name__}.")


@dataclass
class OnCondition:
    """The agent's model may hand over to `target` when it finds the condition fulfilled, while `available` holds."""

    target: TransitionTarget
    condition: StringLLMCondition | ContextStrLLMCondition | Callable[[ContextVariables], str]
    available: Any = None
    llm_function_name: str | None = None

    def text(self, variables: ContextVariables) -> str:
        if isinstance(self.condition, ContextStrLLMCondition):
            return self.condition.context_str.format(variables)
        return self.condition.prompt if isinstance(self.condition, StringLLMCondition) else self.condition(variables)


@dataclass
class OnContextCondition:
    """`target` takes over instead of the agent when the condition holds, before any model is asked. Without a condition: always."""

    target: TransitionTarget
    condition: StringContextCondition | ExpressionContextCondition | None = None
    available: Any = None

    def applies(self, variables: ContextVariables) -> bool:
        return is_true(self.available, variables) and is_true(self.condition, variables)


@dataclass
class ReplyResult:
    """What a function of a group may return: a message, who takes over, and new values of variables."""

    message: Any = ""
    target: TransitionTarget | None = None
    context_variables: Mapping[str, Any] | None = None


@dataclass
class Handoffs:
    """An agent's ways out, in the order in which they were added."""

    llm_conditions: list[OnCondition] = field(default_factory=list)
    context_conditions: list[OnContextCondition] = field(default_factory=list)
    after_works: list[OnContextCondition] = field(default_factory=list)

    def add_llm_condition(self, condition: OnCondition) -> Handoffs:
        self.llm_conditions.append(condition)
        return self

    def add_llm_conditions(self, conditions: Sequence[OnCondition]) -> Handoffs:
        self.llm_conditions.extend(conditions)
        return self

    def add_context_condition(self, condition: OnContextCondition) -> Handoffs:
        self.context_conditions.append(condition)
        return self

    def add_context_conditions(self, conditions: Sequence[OnContextCondition]) -> Handoffs:
        self.context_conditions.extend(conditions)
        return self

    def add_after_work(self, condition: OnContextCondition) -> Handoffs:
        self.after_works.append(condition)
        return self

    def add_after_works(self, conditions: Sequence[OnContextCondition]) -> Handoffs:
        self.after_works.extend(conditions)
        return self

    def set_after_work(self, target: TransitionTarget) -> Handoffs:
        """This one alone, whatever holds."""
        self.after_works[:] = [OnContextCondition(target)]
        return self

    def add(self, condition: OnCondition | OnContextCondition) -> Handoffs:
        return self.add_llm_condition(condition) if isinstance(condition, OnCondition) else self.add_context_condition(condition)

    def add_many(self, conditions: Sequence[OnCondition | OnContextCondition]) -> Handoffs:
        for condition in conditions:
            self.add(condition)
        return self

    def clear(self) -> Handoffs:
        for ways in (self.llm_conditions, self.context_conditions, self.after_works):
            ways.clear()
        return self
