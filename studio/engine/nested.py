"""What becomes of the state when a conversation within another one is opened, and when it is closed."""

from __future__ import annotations

from studio.engine.errors import FlowError
from studio.engine.events import ConversationClosed, ConversationOpened, MessageSaid
from studio.engine.state import Conversation, RunState, outwards
from studio.engine.usage import NOTHING
from studio.texts import text


def opened(state: RunState, around: Conversation, event: ConversationOpened) -> None:
    """Begin it, or go on with one that was kept. Raises FlowError when nobody's turn opens it, or no team of theirs has its key."""
    turn = around.open.get(event.source)
    if turn is None:
        raise FlowError(event.source, text("engine.run.opened_without_turn"))
    made = next((each for each in reversed(state.outlined.get(event.source, [])) if each.key == event.key and each.outline), None)
    agent = around.agents[event.source]
    team = agent.conversation(event.key) if made is None else agent.outlined(made)
    talk = around.kept.pop((event.source, event.key), None) if event.keep else None
    if talk is None:
        talk = Conversation(team, {agent.name: agent for agent in team.participants}, scopes={event.id})
    else:
        talk.turns = talk.messages = 0
        talk.usage, talk.memory, talk.met, talk.task_given = NOTHING, None, None, False
        talk.spoken.clear()
        talk.scopes.add(event.id)
    if event.hears != "nothing":
        unheard = around.thread[talk.heard_up_to :] if event.hears == "new" else around.thread
        talk.hear(*team.hearing([said for said in unheard if said.scope not in talk.scopes]))
    talk.heard_up_to = len(around.thread)
    talk.scope, talk.opened, talk.around = event.id, event, around
    talk.history = len(talk.thread)
    talk.started, talk.paused_before = event.time, state.paused
    talk.task = event.task
    turn.conversation = event.id
    state.conversations[event.id] = talk


def closed(state: RunState, around: Conversation, event: ConversationClosed) -> tuple[MessageSaid, ...]:
    """End it with all that lies within it. Returns what the conversation around it hears now. Raises FlowError when it is not open."""
    talk = state.conversations.pop(event.id, None)
    if talk is None or talk.opened is None:
        raise FlowError(event.source, text("engine.run.closed_not_open", conversation=event.id))
    for scope in [scope for scope, each in state.conversations.items() if talk in outwards(each)]:
        del state.conversations[scope]
    talk.open.clear()
    said = talk.thread[talk.history :]
    if (turn := around.open.get(event.source)) is not None:
        turn.conversation = None
        turn.inner[event.id] = said
        turn.events.append(event)
    heard: tuple[MessageSaid, ...] = ()
    if talk.opened.heard:
        heard = tuple(each for each in said if isinstance(each, MessageSaid) and each.role != "task")
        around.hear(*heard)
        around.messages += len(heard)
        around.scopes |= talk.scopes
        around.end_turn(event.source)
    if talk.opened.keep:
        around.kept[event.source, talk.opened.key] = talk
    return heard
