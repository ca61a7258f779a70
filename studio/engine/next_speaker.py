"""What becomes of a conversation when a person names who speaks next: at once as long as nobody has begun, else after the turn."""

from __future__ import annotations

from collections.abc import Callable

from studio.engine.context.base import size
from studio.engine.events import CommandGiven, MessageSaid, Noticed, QuestionAsked, Recalled, Summarised
from studio.engine.state import Conversation, OpenTurn, RunState, code_step
from studio.engine.subjects import SPEAKER
from studio.engine.teams.selection import Choice
from studio.texts import text

Speaking = Callable[[str | None, str], bool]
"""Whether a participant of a conversation, by its scope, is heard speaking right now: what streams is in no log."""


def nobody_speaks(scope: str | None, name: str) -> bool:
    """What holds for a run that computes nowhere."""
    return False


def settled(state: RunState, wish: CommandGiven, speaking: Speaking = nobody_speaks) -> CommandGiven:
    """The command with what it does as things stand: whose turn it takes, whose turn comes before it, which question it closes.

    Who has been chosen and has said nothing yet, called no tool and run no code gives way. Where branches go on at the same time,
    whoever is named begins beside them.
    """
    talk, question = state.main, state.question
    if not talk.open:
        chooses = question is not None and question.subject == SPEAKER and question.scope == talk.scope
        return wish.model_copy(update={"instead_of": "", "after": "", "question": question.id if question is not None and chooses else ""})
    name = next(iter(talk.open))
    facts = {"instead_of": "", "after": "", "question": ""}
    if talk.team.selection.parallel:
        facts["after"] = wish.speaker if wish.speaker in talk.open else ""
    elif _is_silent(state, talk, talk.open[name], speaking):
        facts["instead_of"] = name
        if question is not None and name != wish.speaker and _asks(state, talk, talk.open[name], question):
            facts["question"] = question.id
    else:
        facts["after"] = name
    return wish.model_copy(update=facts)


def name_next(state: RunState, talk: Conversation, wish: CommandGiven) -> None:
    """Fold a settled command in."""
    if wish.instead_of == wish.speaker != "":
        return  # that one has the turn already
    talk.appointed = Choice(wish.speaker, text("engine.choice.you"), "command")
    if wish.question and state.question is not None and state.question.id == wish.question:
        state.question = None
    if wish.instead_of in talk.open:
        _give_way(state, talk, wish.instead_of)


def _is_silent(state: RunState, talk: Conversation, turn: OpenTurn, speaking: Speaking) -> bool:
    """Whether a turn has been given and not begun: what was looked up or summed up for it is no word of it."""
    if speaking(talk.scope, turn.speaker) or code_step(talk.scope) in state.open_steps:
        return False
    if not all(isinstance(event, Recalled | Summarised | Noticed | QuestionAsked) for event in turn.events):
        return False
    if turn.conversation is None:
        return True
    inner = state.conversations[turn.conversation]
    begun = inner.turns or inner.messages or any(event.type != "message" or event.role != "task" for event in inner.thread[inner.history :])
    return not begun and all(_is_silent(state, inner, each, speaking) for each in inner.open.values())


def _asks(state: RunState, talk: Conversation, turn: OpenTurn, question: QuestionAsked) -> bool:
    """Whether a question belongs to a turn, or to one in the conversation that it holds."""
    if question.scope == talk.scope:
        return question.source == turn.speaker
    if turn.conversation is None:
        return False
    inner = state.conversations[turn.conversation]
    chooses = question.scope == inner.scope and question.source == inner.team.name
    return chooses or any(_asks(state, inner, each, question) for each in inner.open.values())


def _give_way(state: RunState, talk: Conversation, name: str) -> None:
    """Take back a choice: as if it had not been made."""
    turn = talk.open.pop(name)
    if talk.speakers and talk.speakers[-1] == name:
        talk.speakers.pop()
    inner = state.conversations.pop(turn.conversation, None) if turn.conversation is not None else None
    if inner is None or inner.opened is None:
        return
    for each in list(inner.open):
        _give_way(state, inner, each)
    if inner.opened.keep:
        untold = [event for event in inner.thread[inner.history :] if isinstance(event, MessageSaid)]
        del inner.thread[inner.history :]
        inner.characters -= sum(size(event) for event in untold)
        talk.kept[name, inner.opened.key] = inner
