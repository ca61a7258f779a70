"""You choose who speaks next."""

from __future__ import annotations

from typing import ClassVar

from studio.engine.agents.agent import Ask
from studio.engine.events import QuestionAsked
from studio.engine.subjects import SPEAKER
from studio.engine.teams.selection import Candidates, Choice, Selection
from studio.texts import text


class Manual(Selection):
    kind: ClassVar[str] = "manual"
    title: ClassVar[str] = "You choose"
    summary: ClassVar[str] = "You are asked who speaks next"
    excludes: ClassVar[bool] = True

    def choose(self, candidates: Candidates) -> Choice | Ask:
        if candidates.answered is None:
            question = QuestionAsked(
                source=candidates.team, text=text("engine.choice.who"), form="choice", choices=candidates.names, subject=SPEAKER
            )
            return Ask(question)
        wanted = candidates.answered.casefold()
        for name in candidates.names:
            if name.casefold() == wanted:
                return Choice(name, text("engine.choice.you"), self.kind)
        return Choice(candidates.next_in_order(), text("engine.choice.you_named_nobody"), "fallback")
