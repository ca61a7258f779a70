"""Holding a conversation by a pattern: a group chat whose next speaker the hand-offs name."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any

from studio.classic.conversable import ConversableAgent
from studio.classic.group_chat import GroupChat, GroupUnusable
from studio.classic.group_manager import GroupChatManager
from studio.classic.handoffs import (
    AgentNameTarget,
    AgentTarget,
    AskUserTarget,
    ContextVariables,
    FunctionTarget,
    GroupManagerTarget,
    NestedChatTarget,
    RandomAgentTarget,
    ReplyResult,
    RevertToUserTarget,
    SpeakerTarget,
    StayTarget,
    TerminateTarget,
    TransitionTarget,
    is_true,
)
from studio.classic.messages import Message, calls_in
from studio.classic.patterns import DefaultPattern
from studio.classic.results import ChatResult
from studio.classic.run_response import AsyncRunResponse, RunResponse
from studio.classic.tool_replies import without_variables
from studio.engine.code.calling import text_of
from studio.texts import text

Ended = tuple[ChatResult, ContextVariables, Any]
MOST_ROUNDS = 20
BEGINS = "_begins"
TOOLS = "_runs_tools"


def initiate_group_chat(pattern: DefaultPattern, messages: list[Message] | str, max_rounds: int = MOST_ROUNDS, **_: Any) -> Ended:
    """Hold the conversation: its result, the variables at its end, and who spoke last. Raises what a chat raises, and GroupUnusable."""
    flow = _Flow(pattern, max_rounds)
    try:
        first = flow.take_up(messages)
        result = flow.begins.initiate_chat(flow.manager, message=first, clear_history=False, summary_method=pattern.summary_method)
        return result, flow.variables, flow.last_speaker
    finally:
        flow.leave()


async def a_initiate_group_chat(pattern: DefaultPattern, messages: list[Message] | str, max_rounds: int = MOST_ROUNDS, **_: Any) -> Ended:
    """The same without holding up the event loop."""
    flow = _Flow(pattern, max_rounds)
    try:
        first = flow.take_up(messages)
        result = await flow.begins.a_initiate_chat(flow.manager, message=first, clear_history=False, summary_method=pattern.summary_method)
        return result, flow.variables, flow.last_speaker
    finally:
        flow.leave()


def run_group_chat(pattern: DefaultPattern, messages: list[Message] | str, max_rounds: int = MOST_ROUNDS, **_: Any) -> RunResponse:
    """Hold the conversation in the background; the answer lets a script read along."""
    return RunResponse(lambda: initiate_group_chat(pattern, messages, max_rounds))


async def a_run_group_chat(
    pattern: DefaultPattern, messages: list[Message] | str, max_rounds: int = MOST_ROUNDS, **_: Any
) -> AsyncRunResponse:
    """The same in a task of the running loop."""
    return AsyncRunResponse(lambda: a_initiate_group_chat(pattern, messages, max_rounds))


class _Flow:
    """One conversation: the group, an unseen agent that runs everybody's functions, and who was called for."""

    def __init__(self, pattern: DefaultPattern, max_rounds: int) -> None:
        self.pattern = pattern
        self.variables = pattern.context_variables
        self.user = pattern.user_agent
        self.tools = ConversableAgent(TOOLS, llm_config=False, human_input_mode="NEVER")
        self.speakers = [*pattern.agents, *([self.user] if self.user is not None and self.user not in pattern.agents else [])]
        if pattern.initial_agent not in self.speakers:
            raise GroupUnusable(text("classic.pattern.initial_outside", agent=pattern.initial_agent.name))
        self.begins: Any = self.user or ConversableAgent(BEGINS, llm_config=False, human_input_mode="NEVER")
        self.nested: dict[int, ConversableAgent] = {}
        self.target: Any = None
        self.way_out: TransitionTarget | None = None
        self.caller: Any = None
        self.last: Any = None
        self.started = False
        unseen = [self.tools, *([] if self.begins in self.speakers else [self.begins])]
        members = [*self.speakers, *unseen, *self._nested_members()]
        self.group = GroupChat(members, max_round=max_rounds, speaker_selection_method=self.choose, func_call_filter=False)
        self.group.on_guard = self._guarded
        self.group.allowed_speaker_transitions_dict = {agent: list(self.speakers) for agent in members}
        self.manager = GroupChatManager(self.group, **dict(pattern.group_manager_args))
        self._offered: dict[Any, list[str]] = {}
        self._hidden: list[tuple[Any, Callable[..., Any]]] = []
        self.begins.clear_history(self.manager)
        for agent in self.speakers:
            agent.context_variables = self.variables
            for name, function in {**agent.function_map, **agent.own_functions}.items():
                self.tools.register_function({name: self._shared(function)})
            agent.clear_history(self.manager)
            if pattern.exclude_transit_message:
                hide = self._without_transits
                agent.register_hook("process_all_messages_before_reply", hide)
                self._hidden.append((agent, hide))

    @property
    def last_speaker(self) -> Any:
        """Who said the last words."""
        said = self.manager.last_speaker
        return said if said in self.speakers else self.last

    def take_up(self, messages: list[Message] | str) -> Any:
        """The message that begins; those before it are told to everybody."""
        if isinstance(messages, str):
            return messages
        if not messages:
            raise GroupUnusable(text("classic.pattern.no_message"))
        if len(messages) > 1:
            self.manager.resume(messages, silent=True)
        return messages[-1]

    def leave(self) -> None:
        """Agents keep their functions; what belonged to this conversation is taken away."""
        for agent, names in self._offered.items():
            for name in names:
                agent.update_tool_signature(name, is_remove=True)
        for agent, hook in self._hidden:
            agent.hook_lists["process_all_messages_before_reply"].remove(hook)

    # Who speaks next -------------------------------------------------------------------------------------------------------------------

    def choose(self, last: Any, group: GroupChat) -> Any:
        if last in self.speakers and last is not self.user:
            self.last = last
        if self.way_out is not None:
            way_out, self.way_out = self.way_out, None
            return self._entered(self._resolved(way_out, last))
        if calls_in(group.messages[-1]):
            self.caller = last
            return self.tools
        if last is self.tools:
            target, self.target = self.target, None
            following = self._resolved(target, self.caller) if target is not None else self.caller
        elif not self.started:
            following = self.pattern.initial_agent
        elif last in self.nested.values():
            following = self.caller
        elif last is self.user and not self.user.handoffs.after_works:
            following = self.last or self.pattern.initial_agent
        else:
            following = self._resolved(self._after_work(last), last)
        self.started = True
        return self._entered(following)

    def _guarded(self, target: TransitionTarget) -> None:
        self.way_out = target

    def _after_work(self, last: Any) -> Any:
        ways = last.handoffs.after_works
        return next((way.target for way in ways if way.applies(self.variables)), None) or self.pattern.after_work(last)

    def _entered(self, following: Any) -> Any:
        """Who really speaks: conditions over variables hand on before anybody is asked."""
        for _ in range(len(self.speakers) + 1):
            if not isinstance(following, ConversableAgent):
                break
            way = next((way for way in following.handoffs.context_conditions if way.applies(self.variables)), None)
            if way is None:
                break
            self.caller = following
            following = self._resolved(way.target, following)
        for agent in self.speakers if following == "auto" else [following] if following in self.speakers else []:
            self._offer(agent)
        return following

    def _resolved(self, target: Any, last: Any) -> Any:
        """An agent, "auto" for the manager's choice, or None for the end. Raises GroupUnusable for somebody who is not in the group."""
        match target:
            case AgentTarget(agent=agent):
                return agent
            case AgentNameTarget(agent_name=name):
                if (found := self.group.agent_by_name(name)) is None:
                    raise GroupUnusable(text("classic.group.outside", agent=name))
                return found
            case TerminateTarget() | None:
                return None
            case StayTarget():
                return last
            case RevertToUserTarget():
                return self.user
            case AskUserTarget():
                return self.group.manual_select_speaker(self.speakers) or self.group.next_agent(last, self.speakers)
            case RandomAgentTarget():
                return target.pick(last)
            case GroupManagerTarget(selection_message=message):
                if message:
                    self.group.select_speaker_message_template = message
                return "auto"
            case NestedChatTarget():
                self.caller = last
                return self.nested[id(target)]
            case FunctionTarget(function=function):
                chosen = function(str(self.group.messages[-1].get("content") or ""), self.variables)
                return self._resolved(getattr(chosen, "target", chosen), last)
            case SpeakerTarget(function=names):
                return self._resolved(names(last, self.group.messages, self.group), last)
        return target

    # What models are offered and what is run ---------------------------------------------------------------------------------------------

    def _offer(self, agent: Any) -> None:
        """The hand-offs that are open to an agent's model now, as tools."""
        for name in self._offered.pop(agent, ()):
            agent.update_tool_signature(name, is_remove=True)
        if not isinstance(agent.llm_config, dict):
            return
        for number, way in enumerate(agent.handoffs.llm_conditions, 1):
            if not is_true(way.available, self.variables):
                continue
            name = way.llm_function_name or re.sub(r"[^\w-]+", "_", f"transfer_to_{way.target.label}_{number}")[:64]
            nothing = {"type": "object", "properties": {}}
            function = {"name": name, "description": way.text(self.variables), "parameters": nothing}
            agent.update_tool_signature({"type": "function", "function": function}, is_remove=False)
            self._offered.setdefault(agent, []).append(name)
            self.tools.register_function({name: self._transfer(way.target)})

    def _transfer(self, target: TransitionTarget) -> Callable[[], str]:
        def transfer() -> str:
            self.target = target
            return f"Handed over to {target.label}."

        return transfer

    def _shared(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """A function of an agent, given the variables if it wants them; what it returns may name who takes over."""
        wants = "context_variables" in inspect.signature(function).parameters

        def said(value: Any) -> str:
            if isinstance(value, ConversableAgent):
                value = AgentTarget(value)
            if isinstance(value, TransitionTarget):
                value = ReplyResult(f"Handed over to {value.label}.", value)
            if not isinstance(value, ReplyResult):
                return text_of(value)
            self.variables.update(value.context_variables or {})
            self.target = value.target if value.target is not None else self.target
            return text_of(value.message)

        if inspect.iscoroutinefunction(function):

            async def later(*positional: Any, **keywords: Any) -> str:
                return said(await function(*positional, **keywords, **({"context_variables": self.variables} if wants else {})))

            return without_variables(function, later)

        def now(*positional: Any, **keywords: Any) -> str:
            return said(function(*positional, **keywords, **({"context_variables": self.variables} if wants else {})))

        return without_variables(function, now)

    def _without_transits(self, messages: list[Message]) -> list[Message]:
        """A conversation without the calls by which it was handed over."""
        names = {name for each in self._offered.values() for name in each} | {
            name for name in self.tools.function_map if name.startswith("transfer_to_")
        }
        kept: list[Message] = []
        hidden: set[str] = set()
        for message in messages:
            calls = calls_in(message)
            if calls and all(call.name in names for call in calls):
                hidden.update(call.id for call in calls)
                continue
            results = message.get("tool_responses")
            if results and all(each.get("tool_call_id") in hidden for each in results):
                continue
            kept.append(message)
        return kept or messages

    def _nested_members(self) -> Sequence[ConversableAgent]:
        """For every nested chat an agent that holds it and says its summary."""
        for agent in self.speakers:
            ways = (*agent.handoffs.llm_conditions, *agent.handoffs.context_conditions, *agent.handoffs.after_works)
            for target in (way.target for way in ways):
                if isinstance(target, NestedChatTarget) and id(target) not in self.nested:
                    name = f"{agent.name}_nested_{len(self.nested) + 1}"
                    helper = ConversableAgent(name, llm_config=False, human_input_mode="NEVER")
                    helper.register_nested_chats(target.nested_chat_config["chat_queue"], trigger=GroupChatManager, position=0)
                    self.nested[id(target)] = helper
        return list(self.nested.values())
