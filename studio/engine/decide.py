"""What a run needs next: `decide` reads the state and says which steps are due, of one conversation or of several at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import assert_never

from studio.engine.agents.agent import Ask, CallModel, Converse, ListTools, Perform, RunCode, RunTools, Say, Step, StopRun, Turn
from studio.engine.agents.guarded import guarded, guards_of
from studio.engine.errors import FlowError
from studio.engine.events import YOU, MessageSaid, QuestionAsked, SpeakerChosen, ToolCall
from studio.engine.models.base import Model, ModelRequest
from studio.engine.state import Conversation, OpenTurn, RunState
from studio.engine.subjects import TOOL
from studio.engine.teams.selection import Candidates, Choice
from studio.engine.tools.approval import shown_arguments
from studio.engine.tools.base import by_name
from studio.texts import counted, text


@dataclass(frozen=True, slots=True)
class Wait:
    """A person must answer the open question."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A person paused the run."""


@dataclass(frozen=True, slots=True)
class Finish:
    """The conversation is over."""

    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Due:
    """A step of a conversation: of a speaker's turn, or of the conversation itself (choosing, beginning, ending)."""

    talk: Conversation
    speaker: str | None
    step: Step | Finish

    @property
    def key(self) -> tuple[str | None, str | None]:
        return self.talk.scope, self.speaker

    @property
    def source(self) -> str:
        return self.speaker or self.talk.team.name


def decide(state: RunState) -> Sequence[Due] | Wait | Hold | Finish:
    """What is due now; several steps are to be done at the same time. Raises FlowError for a team that cannot go on as it stands."""
    if state.finished is not None:
        return Finish(state.finished.stop_reason, state.finished.by)
    if state.question is not None:
        return Wait()
    if state.held:
        return Hold()
    if state.broken is not None:
        raise FlowError(*state.broken, text("engine.rule.failed.remedy"))
    due: list[Due] = []
    _of_conversation(state, state.main, due)
    return due


def _of_conversation(state: RunState, talk: Conversation, due: list[Due]) -> None:
    if not talk.task_given and talk.task:
        source = talk.opened.source if talk.opened is not None else YOU
        due.append(Due(talk, None, Say((MessageSaid(source=source, text=talk.task, role="task"),))))
        return
    learning = _learning(state, talk) if talk.spoken else []
    due.extend(learning)
    if talk.met is not None:
        if not learning:
            due.append(Due(talk, None, Finish(talk.met.reason, talk.met.by)))
        return
    for turn in talk.open.values():
        if turn.conversation is not None:
            _of_conversation(state, state.conversations[turn.conversation], due)
        else:
            agent, known = talk.agents[turn.speaker], turn_of(state, talk, turn)
            step = agent.next_step(known)
            if guards_of(agent):
                step = guarded(agent, known, step)
            due.append(Due(talk, turn.speaker, _with_approval(state, talk, turn, step)))
    if learning:
        return
    if (rule := talk.team.stop) is not None and not talk.open:
        unknown = rule.pending(talk.memory, talk.thread, talk.team.name)
        if unknown is not None:
            due.append(Due(talk, None, unknown))
            return
    if not talk.open or talk.team.selection.parallel:
        step_or_end = _choose(state, talk)
        if step_or_end is not None:
            due.append(Due(talk, None, step_or_end))


def _learning(state: RunState, talk: Conversation) -> list[Due]:
    """What those who have spoken still put into their memories."""
    wanted = ((name, talk.agents[name].afterwards(turn_of(state, talk, turn), said)) for name, (turn, said) in talk.spoken.items())
    return [Due(talk, name, step) for name, step in wanted if step is not None]


def turn_of(state: RunState, talk: Conversation, turn: OpenTurn, asked: ModelRequest | None = None) -> Turn:
    """What a speaker knows."""
    agent = talk.agents[turn.speaker]
    return Turn(
        talk.turns,
        talk.thread,
        turn.events,
        getattr(agent, "model", None) or _team_model(talk),
        tuple(talk.agents),
        talk.auto_replies.get(agent.name, 0),
        state.model_calls.get(agent.name, 0),
        state.variables,
        state.offered,
        turn.inner,
        talk.summaries.get(agent.name, ()),
        talk.characters,
        asked,
        state.instructions,
        state.kept.get(agent.name, {}),
        state.outlined.get(agent.name, ()),
        state.approvals,
    )


def _team_model(talk: Conversation | None) -> Model | None:
    """The model of the innermost team that has one."""
    while talk is not None:
        if talk.team.model is not None:
            return talk.team.model
        talk = talk.around
    return None


def _with_approval(state: RunState, talk: Conversation, turn: OpenTurn, step: Step) -> Step:
    """Tool calls that a person must agree to are asked for one by one, before any of them runs."""
    match step:
        case RunTools(calls, tools):
            named = by_name(tools, state.offered)
            for call in calls:
                tool = named.get(call.name)
                if tool is not None and call.id not in state.approvals and tool.needs_approval(call.name, call.arguments):
                    return _may_it(talk, turn, call)
            return step
        case CallModel() | ListTools() | RunCode() | Converse() | Perform() | Ask() | Say() | StopRun():
            return step
        case _:
            assert_never(step)


def _may_it(talk: Conversation, turn: OpenTurn, call: ToolCall) -> Ask:
    wanted = text("engine.approval.tool_call", agent=turn.speaker, tool=call.name)
    details = shown_arguments(call.arguments)
    return Ask(QuestionAsked(source=turn.speaker, text=wanted, form="edit", subject=TOOL + call.id, details=details))


def candidates_of(state: RunState, talk: Conversation, asked: ModelRequest | None = None) -> Candidates:
    """Who may speak next: the transitions applied, in the order of the participants."""
    team = talk.team
    last = talk.speakers[-1] if talk.speakers else None
    names = tuple(talk.agents)
    if team.transitions is not None and last is not None:
        drawn, may = team.transitions.get(last, ()), team.transitions_type == "allowed"
        names = tuple(name for name in names if (name in drawn) is may)
    elif team.transitions is not None:
        names = team.beginners
    return Candidates(
        team=team.name,
        agents=tuple(team.participants),
        names=names,
        speakers=talk.speakers,
        thread=talk.thread,
        turn=talk.turns,
        model=_team_model(talk),
        rejected=talk.rejected,
        answered=talk.chosen_by_hand,
        started=talk.started,
        earlier_calls=state.model_calls.get(team.name, 0),
        so_far=talk.choosing,
        active=tuple(talk.open),
        memory=talk.selection_memory,
        variables=state.variables,
        handed_to=talk.appointed.speaker if talk.appointed is not None else None,
        asked=asked,
    )


def _choose(state: RunState, talk: Conversation) -> Step | Finish | None:
    team, last = talk.team, talk.speakers[-1] if talk.speakers else None
    room = team.max_turns - talk.turns - len(talk.open)
    if room <= 0:
        # Whoever still speaks may end; nobody begins: a loop in a graph beside one who never ends would go round for ever.
        return None if talk.open else Finish(counted("engine.stop.most_turns", talk.turns, team=team.name), "max_turns")
    appointed = talk.appointed
    if appointed is not None and appointed.speaker in talk.agents and not (team.selection.eager and appointed.by == "handoff"):
        return _chosen(talk, (appointed,), ()) if appointed.speaker not in talk.open else None
    candidates = candidates_of(state, talk)
    if not team.selection.eager:
        if not candidates.names:
            return Finish(text("engine.stop.nobody_may", speaker=last), "transition")
        if len(candidates.names) == 1:
            return _chosen(talk, (Choice(candidates.names[0], _why_only(talk, last), "transition"),), candidates.names)
    wanted = team.selection.choose(candidates)
    match wanted:
        case Choice():
            return _chosen(talk, (wanted,), candidates.names)
        case tuple():
            if not wanted and not talk.open:
                why = text("engine.stop.nobody_speaks", speaker=last) if last else text("engine.stop.nobody_begins")
                return Finish(why, team.selection.kind)
            return _chosen(talk, wanted[:room], candidates.names) if wanted else None
        case CallModel() | Perform() | Ask() | Say() | StopRun():
            return wanted
        case _:
            assert_never(wanted)


def _chosen(talk: Conversation, choices: tuple[Choice, ...], names: tuple[str, ...]) -> Say:
    team, attempts = talk.team.name, len(talk.rejected)
    return Say(
        tuple(
            [
                SpeakerChosen(source=team, speaker=each.speaker, by=each.by, reason=each.reason, candidates=names, attempts=attempts)
                for each in choices
            ]
        )
    )


def _why_only(talk: Conversation, last: str | None) -> str:
    if len(talk.agents) == 1:
        return text("engine.choice.only_one")
    return text("engine.choice.only_one_after", speaker=last) if last else text("engine.choice.first_drawn")
