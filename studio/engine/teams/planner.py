"""A model plans: it collects facts, makes a plan, follows the progress, plans anew when it stalls, and gives the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from pydantic import Field

from studio.engine.agents.agent import CallModel, Say, StopRun
from studio.engine.component import Widget
from studio.engine.errors import FlowError, ModelAnswerBroken
from studio.engine.events import Event, LedgerWritten, MessageSaid, Noticed, SpeakerChosen
from studio.engine.models.base import ModelReply, ModelRequest
from studio.engine.teams.answer import speaker_in
from studio.engine.teams.ledger import BAD_PROGRESS, PROGRESS, Ledger, after
from studio.engine.teams.selection import Candidates, Selection
from studio.texts import text

if TYPE_CHECKING:
    from studio.engine.teams.team import Team

MAX_BAD = 10
"""Unreadable progress reports in a row before the run fails: Magentic-One's number."""

FACTS = (
    "Before anybody begins, write down what you know. Under four headings: facts that the task gives; facts that must be looked up, and "
    "where; facts that must be worked out; educated guesses. No plan yet."
)
FACTS_ANEW = (
    "The work has stalled. Write the facts anew, under the same four headings: keep what holds, add what was learned, correct what "
    "proved wrong, and make at least one new guess."
)
PLAN = "Now make a short plan, in points, that uses the members of the team by what they can do. Not everybody has to take part."
PLAN_ANEW = "Say in one sentence what went wrong, then make a new plan, in points, that does not run into it again."
ANSWER = "The work is over. Write the final answer to the task for the person who gave it, from what was found out. Only the answer."
REPORT = (
    "Where does the work stand? Answer with one JSON object: is_request_satisfied, is_in_loop, is_progress_being_made (true or false "
    "each), next_speaker (one of: {names}), instruction (what that member is told), reason (one sentence)."
)


class Planner(Selection):
    """Magentic-One's two loops (arxiv.org/abs/2411.04468): facts and plan outside, a progress report before every turn inside.

    After `max_stalls` reports without progress facts and plan are written anew. After `max_rounds` turns, or when the task is done,
    it gives the final answer. What differs: members keep what they heard when it is planned anew.
    """

    kind: ClassVar[str] = "planner"
    title: ClassVar[str] = "Planner"
    summary: ClassVar[str] = "A model plans, follows the progress and gives the answer"
    eager: ClassVar[bool] = True
    remembers: ClassVar[bool] = True

    max_rounds: Annotated[int, Field(title="Turns at most", ge=1, le=1_000)] = 20
    max_stalls: Annotated[int, Field(title="Reports without progress", description="Before it plans anew.", ge=1, le=100)] = 3
    max_plans: Annotated[int, Field(title="Plans at most", ge=1, le=100), Widget("", advanced=True)] = 5
    answer_prompt: Annotated[str, Field(title="How to answer"), Widget("text", advanced=True)] = ANSWER

    def observe(self, event: Event, memory: Any, team: Team, variables: Mapping[str, Any]) -> Any:
        return after(memory or Ledger(), event, self.max_stalls, team.name)

    def choose(self, candidates: Candidates) -> CallModel | Say | StopRun:
        ledger: Ledger = candidates.memory or Ledger()
        if ledger.answer:
            return StopRun(text("engine.planner.answered", team=candidates.team), self.kind)
        report = ledger.progress
        satisfied = report is not None and report.get("is_request_satisfied") is True
        if satisfied or ledger.rounds >= self.max_rounds or (ledger.stale and ledger.plans >= self.max_plans):
            return self._ask(candidates, self.answer_prompt)
        if not ledger.facts or ledger.stale:
            return self._ask(candidates, FACTS_ANEW if ledger.facts else FACTS)
        if not ledger.plan:
            return self._ask(candidates, PLAN_ANEW if ledger.plans else PLAN, known=f"What is known:\n{ledger.facts}")
        if not ledger.announced:
            announced = text("engine.planner.announced", facts=ledger.facts, plan=ledger.plan)
            return Say((MessageSaid(source=candidates.team, text=announced),))
        if report is None:
            return self._ask(candidates, REPORT.format(names=", ".join(agent.name for agent in candidates.agents)), schema=PROGRESS)
        return self._next(candidates, report)

    def on_reply(self, candidates: Candidates, reply: ModelReply) -> tuple[Event, ...]:
        """Raises ModelAnswerBroken after too many reports that cannot be read."""
        asked = candidates.asked
        facts: dict[str, Any] = {"source": candidates.team, "usage": reply.usage, "model": reply.model or None}
        prompt = asked.extra[-1] if asked is not None and asked.extra else ""
        if asked is not None and asked.schema is not None:
            return self._read(candidates, reply, facts)
        if prompt in (FACTS, FACTS_ANEW):
            return (LedgerWritten(page="facts", text=reply.text or text("engine.planner.no_facts"), **facts),)
        if prompt in (PLAN, PLAN_ANEW):
            return (LedgerWritten(page="plan", text=reply.text or text("engine.planner.no_plan"), **facts),)
        answer = reply.text or text("engine.planner.no_answer")
        written = LedgerWritten(page="answer", text=answer, **facts)
        return (written, MessageSaid(source=candidates.team, text=answer, model=reply.model or None, practice=reply.practice))

    def _ask(self, candidates: Candidates, prompt: str, known: str = "", schema: Mapping[str, Any] | None = None) -> CallModel:
        if candidates.model is None:
            raise FlowError(candidates.team, text("engine.planner.no_model"), text("engine.planner.no_model.remedy"))
        members = "\n".join(f"{agent.name}: {agent.description or type(agent).summary}" for agent in candidates.agents)
        system = f"You lead a team and plan its work. You do none of it yourself.\n\nThe members:\n{members}"
        request = ModelRequest(
            agent=candidates.team,
            system=system,
            thread=tuple(candidates.thread),
            extra=(known, prompt) if known else (prompt,),
            schema=schema,
            purpose="selection",
            earlier_calls=candidates.earlier_calls,
        )
        return CallModel(candidates.model, request)

    def _read(self, candidates: Candidates, reply: ModelReply, facts: dict[str, Any]) -> tuple[Event, ...]:
        data, why = _report(reply.text, tuple(agent.name for agent in candidates.agents))
        if data is not None:
            return (LedgerWritten(page="progress", text=str(data.get("reason", "")), data=data, **facts),)
        ledger: Ledger = candidates.memory or Ledger()
        if ledger.bad + 1 >= MAX_BAD:
            sentence = text("engine.planner.no_report", team=candidates.team, count=MAX_BAD, why=why)
            raise ModelAnswerBroken(sentence, text("engine.planner.no_report.remedy"))
        return (Noticed(source=candidates.team, code=BAD_PROGRESS, text=text("engine.planner.unreadable", why=why), usage=reply.usage),)

    def _next(self, candidates: Candidates, report: Mapping[str, Any]) -> Say:
        speaker, instruction = str(report["next_speaker"]), str(report.get("instruction") or text("engine.planner.go_on"))
        chosen = SpeakerChosen(
            source=candidates.team,
            speaker=speaker,
            by=self.kind,
            reason=str(report.get("reason") or text("engine.planner.as_planned")),
            candidates=tuple(agent.name for agent in candidates.agents),
        )
        return Say((MessageSaid(source=candidates.team, text=f"{speaker}: {instruction}"), chosen))


def _report(reply: str, names: tuple[str, ...]) -> tuple[dict[str, Any] | None, str]:
    """The report in an answer, with the name of a member as its next speaker; or why there is none."""
    start, end = reply.find("{"), reply.rfind("}")
    try:
        data = json.loads(reply[start : end + 1])
    except ValueError:
        return None, text("engine.planner.no_json")
    if not isinstance(data, dict):
        return None, text("engine.planner.no_object")
    plain = {key: value.get("answer") if isinstance(value, dict) and "answer" in value else value for key, value in data.items()}
    if "instruction" not in plain and "instruction_or_question" in plain:
        plain["instruction"] = plain.pop("instruction_or_question")
    for key in ("is_request_satisfied", "is_progress_being_made"):
        if not isinstance(plain.get(key), bool):
            return None, text("engine.planner.missing", field=key)
    if plain["is_request_satisfied"] is not True:
        name, why = speaker_in(str(plain.get("next_speaker", "")), names)
        if name is None:
            return None, f"next_speaker: {why}"
        plain["next_speaker"] = name
    return plain, ""
