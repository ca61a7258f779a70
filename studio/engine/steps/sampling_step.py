"""Asking a model for a tool: a server of tools may let the model of the agent that called it answer, as often as it was allowed to."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from studio.engine.bill import owe
from studio.engine.decide import Due, turn_of
from studio.engine.errors import ConveneError, FlowError
from studio.engine.events import Noticed
from studio.engine.models.base import ModelReply, ModelRequest, Told
from studio.engine.state import MODEL_ASKED
from studio.engine.steps.model_step import priced
from studio.engine.steps.workplace import Workplace
from studio.engine.tools.base import Tool
from studio.engine.usage import NOTHING
from studio.texts import text


class AskedTooOften(ConveneError):
    """A tool that has asked a model as often as it may."""

    code = "asked_too_often"

    def __init__(self, agent: str, most: int) -> None:
        super().__init__(text("engine.sampling.too_often", agent=agent, count=most), text("engine.sampling.too_often.remedy"))


async def ask_for_tool(work: Workplace, due: Due, tool: Tool, request: ModelRequest, asked: list[Noticed]) -> ModelReply:
    """What the model of the agent that called a tool answers; `asked` gets a notice with what it cost.

    Nothing of it is shown while it streams: it is no part of the conversation. Raises AskedTooOften, FlowError and ModelError.
    """
    turn = turn_of(work.state, due.talk, due.talk.open[due.source])
    if turn.model is None:
        raise FlowError(due.source, text("engine.sampling.no_model"))
    earlier = work.models_asked.setdefault(tool.key, work.state.models_asked.get(tool.key, 0))
    if earlier >= tool.may_ask_model:
        raise AskedTooOften(due.source, tool.may_ask_model)
    work.models_asked[tool.key] += 1
    spent, reply = NOTHING, None
    own = tuple(said.model_copy(update={"source": due.source}) if said.source == request.agent else said for said in request.thread)
    question = replace(request, agent=due.source, thread=own, earlier_calls=turn.model_calls + len(asked))
    async with contextlib.aclosing(work.client(turn.model).stream(question)) as answer:  # type: ignore[type-var]
        async for piece in answer:
            if isinstance(piece, Told):
                spent = spent + priced(work, piece.usage, piece.model)
            elif isinstance(piece, ModelReply):
                owe(piece.usage, piece.model, piece)
                reply = replace(piece, usage=priced(work, piece.usage, piece.model))
    if reply is None:
        raise FlowError(due.source, text("engine.model.ended"))
    sentence = text("engine.sampling.asked", agent=due.source)
    asked.append(Noticed(source=due.source, code=MODEL_ASKED + tool.key, text=sentence, usage=spent + reply.usage))
    return reply
