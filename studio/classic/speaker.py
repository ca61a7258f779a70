"""An agent's name, its descriptions and what it has heard and said, one list of messages a peer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from studio.classic.chat_log import record
from studio.classic.io import show
from studio.classic.messages import Message, as_message, calls_in, content_str, heard, stored
from studio.engine.events import ToolsCalled


class Agent:
    """The base of all agents."""

    def __init__(self, name: str, system_message: str | Sequence[str] | None, description: str | None, silent: bool | None) -> None:
        self._name = name
        self._system = [{"role": "system", "content": _text(system_message)}]
        self._description = description if description is not None else _text(system_message)
        self.silent = silent
        self._heard: defaultdict[Agent, list[Message]] = defaultdict(list)
        self._about: dict[str, Any] = {}
        """What the log shall know of what is said next: whose role, which model, what it cost."""

    @property
    def name(self) -> str:
        return self._name

    @property
    def description(self) -> str:
        """What others are told about this agent when a speaker is chosen."""
        return self._description

    @description.setter
    def description(self, description: str) -> None:
        self._description = description

    @property
    def system_message(self) -> str:
        return str(self._system[0]["content"])

    def update_system_message(self, system_message: str) -> None:
        self._system[0]["content"] = system_message

    @property
    def chat_messages(self) -> defaultdict[Agent, list[Message]]:
        """The messages by peer, as this agent sees them: its own are role assistant."""
        return self._heard

    def chat_messages_for_summary(self, agent: Agent) -> list[Message]:
        """The messages that a summary of a chat with `agent` is made of."""
        return self._heard[agent]

    def last_message(self, agent: Agent | None = None) -> Message | None:
        """The last message of the conversation with `agent`, or of the only one. None when nothing was said.

        Raises ValueError when there are several conversations and none is named, KeyError when there is none with `agent`.
        """
        if agent is None:
            if len(self._heard) > 1:
                names = ", ".join(each.name for each in self._heard)
                raise ValueError(f"{self.name} has talked to several: {names}. Say whose last message is meant.")
            return next((messages[-1] for messages in self._heard.values() if messages), None)
        if agent not in self._heard:
            raise KeyError(f"{self.name} has not talked to {agent.name}.")
        return self._heard[agent][-1] if self._heard[agent] else None

    def clear_history(self, recipient: Agent | None = None, nr_messages_to_preserve: int | None = None) -> None:
        """Forget what was said, with one peer or with all; with `nr_messages_to_preserve` all but the last so many.

        A call whose result is kept is kept with it.
        """
        for messages in list(self._heard.values()) if recipient is None else [self._heard[recipient]]:
            if not nr_messages_to_preserve:
                messages.clear()
                continue
            first = max(0, len(messages) - nr_messages_to_preserve)
            while 0 < first < len(messages) and messages[first].get("role") in ("tool", "function"):
                first -= 1
            del messages[:first]

    # Keeping, printing and writing down ---------------------------------------------------------------------------------------

    def _keep(self, message: Mapping[str, Any] | str, role: str, peer: Agent, speaker: Agent) -> bool:
        """Whether the message could be kept: it has a content or a call."""
        kept = stored(message, role, speaker.name)
        if kept is not None:
            self._heard[peer].append(kept)
        return kept is not None

    def _is_silent(self, silent: bool | None) -> bool:
        return bool(self.silent if self.silent is not None else silent)

    def _show_received(self, message: Mapping[str, Any] | str, sender: Agent) -> None:
        said = as_message(message)
        lines = [f"\n── {sender.name} → {self.name} ──"]
        if text := content_str(said.get("content")):
            lines.append(text)
        lines += [f"calls {call.name}({call.arguments})" for call in calls_in(said)]
        show(*lines)

    def _record_said(self, message: Mapping[str, Any] | str) -> None:
        """Results of tools are in the log already, from when they came."""
        said, about = as_message(message), dict(self._about)
        self._about.clear()
        source = str(said.get("name") or self.name)
        if calls := calls_in(said):
            about.pop("role", None)
            record(ToolsCalled(source=source, calls=calls, text=content_str(said.get("content")), **about))
        elif said.get("role") not in ("tool", "function"):
            record(heard(source, said.get("content"), **about))


def _text(system_message: str | Sequence[str] | None) -> str:
    if system_message is None or isinstance(system_message, str):
        return system_message or ""
    return "\n\n".join(system_message)
