"""AG2's swarms under their old names: hand-offs, and what happens after work, written as the groups by pattern have them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

from studio.classic import handoffs as ways
from studio.classic.conversable import ConversableAgent
from studio.classic.handoffs import (
    AgentTarget,
    ContextExpression,
    ContextStr,
    ContextVariables,
    ExpressionContextCondition,
    GroupManagerTarget,
    NestedChatTarget,
    ReplyResult,
    RevertToUserTarget,
    SpeakerTarget,
    StayTarget,
    StringContextCondition,
    StringLLMCondition,
    TerminateTarget,
    TransitionTarget,
)
from studio.classic.messages import Message
from studio.classic.pattern_chat import MOST_ROUNDS, Ended, a_initiate_group_chat, initiate_group_chat
from studio.classic.patterns import DefaultPattern
from studio.classic.run_response import AsyncRunResponse, RunResponse


class AfterWorkOption(Enum):
    TERMINATE = "TERMINATE"
    REVERT_TO_USER = "REVERT_TO_USER"
    STAY = "STAY"
    SWARM_MANAGER = "SWARM_MANAGER"


@dataclass
class AfterWork:
    """Who comes when an agent hands over to nobody: an option or its name, an agent, or a function of (speaker, messages, group)."""

    agent: Any
    next_agent_selection_msg: Any = None

    def __post_init__(self) -> None:
        if isinstance(self.agent, str):
            self.agent = AfterWorkOption(self.agent.upper())


@dataclass
class OnCondition:
    """An agent's model may hand over to an agent, or to nested chats, when it finds the condition met."""

    target: Any = None
    condition: Any = ""
    available: Any = None


@dataclass
class OnContextCondition:
    """An agent, or nested chats, take over when a variable or an expression says so, before any model is asked."""

    target: Any = None
    condition: str | ContextExpression = ""
    available: Any = None


AFTER_WORK = AfterWork
ON_CONDITION = OnCondition
Way = OnCondition | OnContextCondition | AfterWork


class SwarmAgent(ConversableAgent):
    """An agent of a swarm: as any other, nobody behind it."""

    def __init__(self, name: str, *positional: Any, **options: Any) -> None:
        super().__init__(name, *positional, **{"human_input_mode": "NEVER", **options})

    def register_hand_off(self, hand_to: Way | Sequence[Way]) -> None:
        register_hand_off(self, hand_to)


def SwarmResult(values: Any = "", agent: Any = None, context_variables: Mapping[str, Any] | None = None) -> ReplyResult:
    """What a function of a swarm may return."""
    return ReplyResult(values, target_of(agent) if agent is not None else None, context_variables)


def register_hand_off(agent: ConversableAgent, hand_to: Way | Sequence[Way]) -> None:
    """Give an agent its ways out. Raises ValueError for what is none."""
    for way in [hand_to] if isinstance(hand_to, OnCondition | OnContextCondition | AfterWork) else hand_to:
        match way:
            case AfterWork():
                agent.handoffs.set_after_work(target_of(way))
            case OnCondition():
                available = _bound(way.available, agent)
                agent.handoffs.add_llm_condition(ways.OnCondition(target_of(way.target), _asked(way.condition, agent), available))
            case OnContextCondition():
                condition = _by_variables(way.condition)
                agent.handoffs.add_context_condition(
                    ways.OnContextCondition(target_of(way.target), condition, _bound(way.available, agent))
                )
            case _:
                raise ValueError(f"A hand-off is an OnCondition, an OnContextCondition or an AfterWork, not {way!r}.")


def target_of(given: Any) -> TransitionTarget:
    """What somebody or something that takes over is in a group by pattern. Raises ValueError for what is none."""
    if isinstance(given, AfterWork):
        message = given.next_agent_selection_msg
        if given.agent is AfterWorkOption.SWARM_MANAGER and isinstance(message, str):
            return GroupManagerTarget(message)
        given = given.agent
    if isinstance(given, str):
        given = AfterWorkOption(given.upper())
    match given:
        case TransitionTarget():
            return given
        case None | AfterWorkOption.TERMINATE:
            return TerminateTarget()
        case AfterWorkOption.REVERT_TO_USER:
            return RevertToUserTarget()
        case AfterWorkOption.STAY:
            return StayTarget()
        case AfterWorkOption.SWARM_MANAGER:
            return GroupManagerTarget()
        case ConversableAgent():
            return AgentTarget(given)
        case Mapping():
            return NestedChatTarget(given)
    if callable(given):
        return SpeakerTarget(partial(_named, given))
    raise ValueError(f"{given!r} is nobody who could take over.")


def _named(function: Callable[..., Any], last: Any, messages: list[Message], group: Any) -> TransitionTarget:
    """What a function names: an option, an agent, or an agent's name."""
    named = function(last, messages, group)
    if isinstance(named, str) and named not in AfterWorkOption.__members__:
        return ways.AgentNameTarget(named)
    return target_of(named)


def _asked(condition: Any, agent: ConversableAgent) -> Any:
    if isinstance(condition, ContextStr):
        return ways.ContextStrLLMCondition(condition)
    return StringLLMCondition(condition) if isinstance(condition, str) else _bound(condition, agent)


def _by_variables(condition: Any) -> Any:
    return ExpressionContextCondition(condition) if isinstance(condition, ContextExpression) else StringContextCondition(str(condition))


def _bound(given: Any, agent: ConversableAgent) -> Any:
    """A condition over variables; a function of (agent, messages) becomes one of the variables, which it does not need."""
    if isinstance(given, ContextExpression):
        return ExpressionContextCondition(given)
    if not callable(given):
        return given
    return lambda _: given(agent, next(iter(agent.chat_messages.values()), []))


def _pattern(initial_agent: Any, agents: Sequence[Any], user_agent: Any, options: Mapping[str, Any]) -> DefaultPattern:
    variables = options.get("context_variables")
    return DefaultPattern(
        initial_agent,
        list(agents),
        user_agent,
        group_manager_args=options.get("swarm_manager_args") or {},
        context_variables=variables if isinstance(variables, ContextVariables) else ContextVariables(variables or {}),
        group_after_work=target_of(options.get("after_work", AfterWorkOption.TERMINATE)),
        exclude_transit_message=bool(options.get("exclude_transit_message", True)),
    )


def initiate_swarm_chat(
    initial_agent: Any,
    messages: list[Message] | str,
    agents: Sequence[Any],
    user_agent: Any = None,
    swarm_manager_args: Mapping[str, Any] | None = None,
    max_rounds: int = MOST_ROUNDS,
    **options: Any,
) -> Ended:
    """Hold the conversation of a swarm: its result, the variables at its end, and who spoke last.

    `options` are `context_variables`, `after_work` and `exclude_transit_message`.
    """
    pattern = _pattern(initial_agent, agents, user_agent, {**options, "swarm_manager_args": swarm_manager_args})
    return initiate_group_chat(pattern, messages, max_rounds)


async def a_initiate_swarm_chat(
    initial_agent: Any,
    messages: list[Message] | str,
    agents: Sequence[Any],
    user_agent: Any = None,
    swarm_manager_args: Mapping[str, Any] | None = None,
    max_rounds: int = MOST_ROUNDS,
    **options: Any,
) -> Ended:
    """The same without holding up the event loop."""
    pattern = _pattern(initial_agent, agents, user_agent, {**options, "swarm_manager_args": swarm_manager_args})
    return await a_initiate_group_chat(pattern, messages, max_rounds)


def run_swarm(*positional: Any, **named: Any) -> RunResponse:
    """Hold the conversation in the background; takes what `initiate_swarm_chat` takes."""
    return RunResponse(lambda: initiate_swarm_chat(*positional, **named))


async def a_run_swarm(*positional: Any, **named: Any) -> AsyncRunResponse:
    """The same in a task of the running loop."""
    return AsyncRunResponse(lambda: a_initiate_swarm_chat(*positional, **named))
