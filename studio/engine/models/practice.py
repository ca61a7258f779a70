"""The practice model: plays scripted replies, streams like a real model, needs no key and says that it is only practice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, get_args

from pydantic import Field, field_validator

from studio.engine.component import Widget
from studio.engine.models.base import Accounts, Model, ModelClient
from studio.engine.models.recorded import Recording, recorded
from studio.texts import text


class PracticeModel(Model):
    """`script` maps an agent's (or a choosing team's) name to its replies in order.

    A reply is a text, or an object {"tool": name, "arguments": {...}} that calls a tool, which may say something before it ("text")
    or think aloud ("reasoning"), or a list of such objects: calls at the same time. After the last reply it starts over. Who has no
    script says in one sentence that nobody wrote one; a team that has to choose takes everybody in turn. What "ann" notes about a person
    after her answers stands under "ann remembers", a note a line. Without a script it plays a `recording`, which comes with the engine.
    """

    kind: ClassVar[str] = "practice"
    title: ClassVar[str] = "Practice model"
    summary: ClassVar[str] = "Plays scripted replies, offline and free"

    recording: Annotated[Recording, Field(title="Recording", description="A conversation that is played where the script is empty.")] = ""
    script: Annotated[
        dict[str, tuple[Any, ...]], Field(title="Script", description="What each agent says, in order."), Widget("script")
    ] = {}  # noqa: RUF012 - pydantic copies it
    words_per_second: Annotated[float, Field(title="Words per second", description="With 0 all comes at once.", ge=0, le=1000)] = 40.0

    @field_validator("script")
    @classmethod
    def _replies_are_playable(cls, script: dict[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
        from studio.engine.models.practice_client import why_unplayable

        for name, replies in script.items():
            for number, reply in enumerate(replies, 1):
                if (why := why_unplayable(reply)) is not None:
                    raise ValueError(text("engine.practice.unplayable", number=number, agent=name, why=why))
        return script

    @property
    def replies(self) -> Mapping[str, tuple[Any, ...]]:
        """What each agent says: the script, or where there is none the recording."""
        return self.script or recorded(self.recording)

    @classmethod
    def stand_in(cls, field: str, config: Mapping[str, Any]) -> Any:
        """The script of a recording, so that a form shows what is said, and an edit of one reply keeps the others."""
        recording = config.get("recording")
        return dict(recorded(recording)) if field == "script" and recording in get_args(Recording) else None

    def connect(self, accounts: Accounts) -> ModelClient:
        from studio.engine.models.practice_client import PracticeClient

        return PracticeClient(self)
