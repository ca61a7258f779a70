"""What a memory is: texts that an agent knows before it speaks, always or by what was said."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from studio.engine.component import Component
from studio.engine.events import Recalled, Remembered

if TYPE_CHECKING:
    from studio.engine.agents.agent import Perform, Turn


class Memory(Component):
    """Something that agents can be given to remember by. What it recalls is told to the model after the system message."""

    category: ClassVar[str] = "memory"

    learns: ClassVar[bool] = False
    """Whether something is put into it after an answer."""

    cites: ClassVar[bool] = False
    """Whether what it tells has numbers, by which answers cite it."""

    @property
    def key(self) -> str:
        """Who it is within a team: equal specifications are one memory, in every replay."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
        return f"{self.kind}:{hashlib.sha256(text.encode('utf-8', 'replace')).hexdigest()[:16]}"

    def known(self, turn: Turn) -> str:
        """What it says without being asked. Pure."""
        return ""

    def recall(self, turn: Turn, agent: str) -> Perform | None:
        """The step that looks up what fits this turn, before the agent speaks; it ends in one `recalled` event with its key."""
        return None

    def learn(self, turn: Turn, agent: str, said: str) -> Perform | None:
        """The step that puts something of this turn into it, after the agent has answered; it ends in `remembered` events with its key."""
        return None

    def told(self, recalled: Recalled) -> str:
        """What the model is told of what was looked up."""
        if not recalled.entries:
            return ""
        return "What you remember that may matter now:\n" + "\n".join(f"- {entry.get('text', '')}" for entry in recalled.entries)


def learnt_by(memory: Memory, so_far: Sequence[object]) -> bool:
    """Whether something of this turn was put into a memory, or nothing was worth it."""
    key = memory.key
    return any(isinstance(event, Remembered) and event.memory == key for event in so_far)


def recalled_by(memory: Memory, so_far: Sequence[object]) -> Recalled | None:
    """What a memory said in this turn."""
    key = memory.key
    return next((event for event in so_far if isinstance(event, Recalled) and event.memory == key), None)
