"""A group of agents, what was said in it, and the rules by which the next speaker is found."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from studio.classic.io import IOStream
from studio.classic.messages import Message, calls_in, content_str
from studio.classic.speaker import Agent
from studio.engine.errors import ConveneError
from studio.texts import text

METHODS = ("auto", "manual", "random", "round_robin")
TRIES = 2
"""Times that a person may mistype a number."""

SPEAKERS = """Several speakers hold a conversation. You do not speak in it: you say who speaks next.
{roles}

Read the conversation. Then answer with one name out of {agentlist}, and nothing else."""
QUESTION = "Who of {agentlist} speaks next? Answer with the name alone."
SEVERAL = "That answer names more than one of {agentlist}. Decide for the one who should speak next, and answer with that name alone."
NOBODY = "That answer names none of {agentlist}. Answer with one of these names, written exactly so, and nothing else."
INTRODUCTION = "Hello everybody. These are the members of this conversation, and what they are here for:"


class NoEligibleSpeaker(ConveneError):
    """Nobody may speak next: the conversation is over."""

    code = "no_speaker"


class GroupUnusable(ConveneError, ValueError):
    """Scripts catch it as a ValueError."""

    code = "group"


@dataclass(eq=False)
class GroupChat:
    """Who takes part and who speaks after whom. Raises GroupUnusable for settings that contradict one another."""

    agents: list[Any]
    messages: list[Message] = field(default_factory=list)
    max_round: int = 10
    admin_name: str = "Admin"
    func_call_filter: bool = True
    speaker_selection_method: str | Callable[..., Any] = "auto"
    max_retries_for_selecting_speaker: int = 2
    allow_repeat_speaker: bool | list[Any] | None = None
    allowed_or_disallowed_speaker_transitions: Mapping[Any, list[Any]] | None = None
    speaker_transitions_type: str | None = None
    enable_clear_history: bool = False
    send_introductions: bool = False
    select_speaker_message_template: str = SPEAKERS
    select_speaker_prompt_template: str | None = QUESTION
    select_speaker_auto_multiple_template: str = SEVERAL
    select_speaker_auto_none_template: str = NOBODY
    select_speaker_transform_messages: Any = None
    select_speaker_auto_verbose: bool = False
    select_speaker_auto_model_client_cls: Any = None
    select_speaker_auto_llm_config: Mapping[str, Any] | bool | None = None
    role_for_select_speaker_messages: str = "system"
    allowed_speaker_transitions_dict: dict[Any, list[Any]] = field(init=False, repr=False)
    on_guard: Callable[[Any], None] | None = field(init=False, repr=False, default=None)
    """In a group by pattern: told who takes over when a guard fired."""

    DEFAULT_INTRO_MSG: ClassVar[str] = INTRODUCTION

    def __post_init__(self) -> None:
        graph, repeat = self.allowed_or_disallowed_speaker_transitions, self.allow_repeat_speaker
        if repeat is not None and not isinstance(repeat, bool | list):
            raise GroupUnusable(text("classic.group.allow_repeat"))
        if graph is not None and repeat is not None:
            raise GroupUnusable(text("classic.group.repeat_and_transitions"), text("classic.group.repeat_and_transitions.remedy"))
        if self.speaker_transitions_type is not None:
            self.speaker_transitions_type = self.speaker_transitions_type.lower()
        if self.speaker_transitions_type not in (None, "allowed", "disallowed"):
            raise GroupUnusable(text("classic.group.transitions_type", value=repr(self.speaker_transitions_type)))
        if graph is not None and self.speaker_transitions_type is None:
            raise GroupUnusable(text("classic.group.transitions_untold"), text("classic.group.transitions_untold.remedy"))
        if not isinstance(self.max_retries_for_selecting_speaker, int) or self.max_retries_for_selecting_speaker < 0:
            raise GroupUnusable(text("classic.group.retries"))
        for name in ("select_speaker_message_template", "select_speaker_auto_multiple_template", "select_speaker_auto_none_template"):
            if not getattr(self, name):
                raise GroupUnusable(text("classic.group.empty", name=name))
        if not self.role_for_select_speaker_messages:
            raise GroupUnusable(text("classic.group.empty", name="role_for_select_speaker_messages"))
        if repeat is None and graph is None:
            self.allow_repeat_speaker = True
        self.allowed_speaker_transitions_dict = self._transitions()

    def _transitions(self) -> dict[Any, list[Any]]:
        graph = self.allowed_or_disallowed_speaker_transitions
        if graph is None:
            repeats = self.agents if self.allow_repeat_speaker is True else self.allow_repeat_speaker or []
            return {agent: [other for other in self.agents if other is not agent or other in repeats] for agent in self.agents}
        for agent, others in graph.items():
            for each in (agent, *others):
                if each not in self.agents:
                    raise GroupUnusable(text("classic.group.transitions_outside", agent=getattr(each, "name", each)))
        if self.speaker_transitions_type == "allowed":
            return dict(graph)
        return {agent: [other for other in self.agents if other not in graph.get(agent, ())] for agent in self.agents}

    # What is known of it ---------------------------------------------------------------------------------------------------------------

    @property
    def agent_names(self) -> list[str]:
        return [agent.name for agent in self.agents]

    def agent_by_name(self, name: str, recursive: bool = False, raise_on_name_conflict: bool = False) -> Any:
        """The agent of that name, None when there is none; `recursive` looks into groups within. Raises GroupUnusable for two of them."""
        found = [agent for agent in (self.nested_agents() if recursive else self.agents) if agent.name == name]
        if raise_on_name_conflict and len(found) > 1:
            raise GroupUnusable(text("classic.group.same_name", name=name))
        return found[0] if found else None

    def nested_agents(self) -> list[Any]:
        """All agents, those of groups within included."""
        found = list(self.agents)
        for agent in self.agents:
            if isinstance(inner := getattr(agent, "groupchat", None), GroupChat):
                found += inner.nested_agents()
        return found

    def reset(self) -> None:
        """Forget what was said."""
        self.messages.clear()

    def append(self, message: Message, speaker: Agent) -> None:
        """Add what somebody said, as text: any model can read that."""
        said = dict(message)
        if said.get("role") != "function":
            said["name"] = speaker.name
        said["content"] = content_str(said.get("content"))
        self.messages.append(said)

    def introductions_msg(self, agents: list[Any] | None = None) -> str:
        """What everybody is told before the first message, when introductions are sent."""
        return f"{self.DEFAULT_INTRO_MSG}\n\n{_roles(agents or self.agents)}"

    def select_speaker_msg(self, agents: list[Any] | None = None) -> str:
        """The system message of the model that chooses."""
        agents = agents or self.agents
        return filled(self.select_speaker_message_template, agents)

    def select_speaker_prompt(self, agents: list[Any] | None = None) -> str | None:
        """The question after the conversation, None when there is none."""
        template = self.select_speaker_prompt_template
        return filled(template, agents or self.agents) if template else None

    # The next speaker -------------------------------------------------------------------------------------------------------------------

    def next_agent(self, agent: Agent, agents: list[Any] | None = None) -> Any:
        """The next in the order of the list, out of `agents`; after somebody from outside, the first. Raises GroupUnusable."""
        names = self.agent_names
        start = names.index(agent.name) + 1 if agent.name in names else 0
        allowed = self.agents if agents is None else agents
        for step in range(len(self.agents)):
            candidate = self.agents[(start + step) % len(self.agents)]
            if candidate in allowed:
                return candidate
        raise GroupUnusable(text("classic.group.nobody_next"))

    def manual_select_speaker(self, agents: list[Any] | None = None) -> Any:
        """The one whom a person chooses by number, None when they leave it to the order of the list."""
        agents = agents or self.agents
        stream = IOStream.get_default()
        stream.print("\n".join(f"{number}: {agent.name}" for number, agent in enumerate(agents, 1)))
        for _ in range(TRIES):
            typed = stream.input(text("classic.group.who_next")).strip()
            if typed in ("", "q"):
                return None
            if typed.isdecimal() and 1 <= int(typed) <= len(agents):
                return agents[int(typed) - 1]
            stream.print(text("classic.group.no_number", most=len(agents)))
        return None

    def random_select_speaker(self, agents: list[Any] | None = None) -> Any:
        """Anybody of them."""
        return random.choice(agents or self.agents)  # noqa: S311

    def candidates(self, last_speaker: Agent) -> tuple[Any, list[Any] | None, str]:
        """(who speaks, if that is clear; else out of whom one is chosen, None for all; and by which method).

        Raises NoEligibleSpeaker when the conversation is over, GroupUnusable when a function or the group is none.
        """
        method = self.speaker_selection_method
        if callable(method):
            chosen = method(last_speaker, self)
            if chosen is None:
                raise NoEligibleSpeaker(text("classic.group.function_named_nobody"))
            if isinstance(chosen, Agent):
                if chosen not in self.agents:
                    raise GroupUnusable(text("classic.group.function_named_outside", agent=chosen.name))
                return chosen, None, "function"
            if not isinstance(chosen, str):
                raise GroupUnusable(text("classic.group.function_returned", kind=type(chosen).__name__))
            method = chosen
        method = method.lower()
        if method not in METHODS:
            raise GroupUnusable(text("classic.group.method", known=", ".join(METHODS), method=repr(method)))
        if len(self.agents) < 2:
            raise GroupUnusable(text("classic.group.too_small"))
        agents = self._able()
        if len(agents) == 1 and len(self.agents) > 1:
            return agents[0], agents, "tool"
        repeat = self.allow_repeat_speaker
        repeats = last_speaker in repeat if isinstance(repeat, list) else repeat
        if repeats is False:
            agents = [agent for agent in agents if agent is not last_speaker]
        if self.speaker_transitions_type != "allowed" and list(self.allowed_speaker_transitions_dict) != self.agents:
            self.allowed_speaker_transitions_dict = self._transitions()  # somebody came or went
        if last_speaker in self.allowed_speaker_transitions_dict:
            agents = [agent for agent in agents if agent in self.allowed_speaker_transitions_dict[last_speaker]]
        elif last_speaker in self.agents:
            raise NoEligibleSpeaker(text("classic.group.nobody_after", speaker=last_speaker.name))
        else:
            agents = []  # after somebody from outside anybody may speak
        if len(agents) == 1:
            return agents[0], agents, "transition"
        return None, agents or None, method

    def _able(self) -> list[Any]:
        """Who can run the functions that the last message calls; all, when it calls none."""
        names = [call.name for call in calls_in(self.messages[-1])] if self.func_call_filter and self.messages else []
        if not names:
            return self.agents
        able = [agent for agent in self.agents if agent.can_execute_function(names)]
        able = able or [agent for agent in self.agents if agent.function_map]
        if not able:
            raise GroupUnusable(text("classic.group.nobody_runs", functions=", ".join(names)), text("classic.group.nobody_runs.remedy"))
        return able


def _roles(agents: list[Any]) -> str:
    return "\n".join(f"{agent.name}: {agent.description}".strip() for agent in agents)


_PLACES = re.compile(r"\{roles\}|\{agentlist\}|\{\{|\}\}")


def filled(template: str, agents: list[Any]) -> str:
    """A template with the agents in it: {roles} and {agentlist}; doubled braces are braces."""
    values = {"{roles}": _roles(agents), "{agentlist}": str([agent.name for agent in agents]), "{{": "{", "}}": "}"}
    return _PLACES.sub(lambda found: values[found[0]], template)
