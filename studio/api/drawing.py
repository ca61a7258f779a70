"""Teams drawn from a description, and flows changed by a sentence: what comes of it is kept, what was asked and answered is a run."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime

from starlette.concurrency import run_in_threadpool

from studio.api.services import Services
from studio.engine.errors import ConveneError
from studio.engine.events import YOU, ErrorHappened, Event, MessageSaid, Noticed, PartialSaid, RunFinished, RunStarted, now
from studio.engine.models.base import Accounts
from studio.engine.outlines.asking import DESIGNER
from studio.engine.outlines.wording import instruction
from studio.flow.document import Edge, FlowDocument, Node, Position
from studio.flow.recorded import Recorded
from studio.flow.redrawn import described, redrawn
from studio.library.drawing import FlowOvertaken, NothingChanged, TeamDrawing, Tell, ask, draw
from studio.texts import text


async def draw_team(house: Services, drawing: TeamDrawing, tell: Tell, accounts: Accounts | None = None) -> TeamDrawing:
    """Let a model outline the team, and write down what it was asked and what it answered: also when nothing came of it.

    Nothing is kept as a flow yet. `accounts` are those of the studio unless others are given. Raises what `draw` raises.
    """
    async with _written_down(house, drawing):
        imported = await draw(drawing, accounts or house.accounts, house.prices.current(), tell)
        drawing.outcome = text("draw.done", flow=imported.document.name)
    return drawing


async def keep_team(house: Services, drawing: TeamDrawing) -> str:
    """Keep what was drawn as a flow, with its report, and give its id. Raises FlowTooLarge and DatabaseUnusable."""
    assert drawing.imported is not None
    flow = await run_in_threadpool(house.flows.create, drawing.imported.document)
    await run_in_threadpool(house.reports.keep, flow, drawing.imported.report)
    return flow


async def change_flow(house: Services, flow: str, drawing: TeamDrawing, tell: Tell) -> None:
    """Let a model change a flow as one edit, and write down what it was asked and what it answered.

    Raises FlowMissing, Undescribable, ChangeUnusable, FlowOvertaken when somebody else changed it meanwhile, and what `ask` raises.
    """
    opened = await run_in_threadpool(house.flows.get, flow)
    drawing.was = described(opened.document)
    async with _written_down(house, drawing):
        found, _ = await ask(drawing, house.accounts, house.prices.current(), tell)
        newest = await run_in_threadpool(house.flows.get, flow)
        if newest.document != opened.document:
            raise FlowOvertaken
        changed = await run_in_threadpool(redrawn, opened.document, drawing.was, found.outline)
        if changed == opened.document:
            raise NothingChanged(drawing.model)
        edit = {"type": "replace", "document": changed.model_dump(mode="json")}
        await run_in_threadpool(house.flows.edit, flow, edit)
        drawing.outcome = text("redraw.done", flow=changed.name)


@asynccontextmanager
async def _written_down(house: Services, drawing: TeamDrawing) -> AsyncIterator[None]:
    """Whatever comes of it, what was asked and answered is written down: it was paid for."""
    began = now()
    failure: BaseException | None = None
    try:
        yield
    except BaseException as error:
        failure = error
        raise
    finally:
        if drawing.answers:
            await asyncio.shield(_write_down(house, drawing, began, failure))


async def _write_down(house: Services, drawing: TeamDrawing, began: datetime, failure: BaseException | None) -> None:
    document = _document(drawing)
    events = tuple(event.model_copy(update={"seq": number}) for number, event in enumerate(_events(drawing, began, failure), 1))
    events = tuple(event.model_copy(update={"id": f"m{event.seq}"}) if isinstance(event, MessageSaid) else event for event in events)
    await house.runs.record(Recorded(None, document.name, "", drawing.wanted.wish, began, events), document, None)


def _document(drawing: TeamDrawing) -> FlowDocument:
    """Who was asked, as a drawing: the run shows it, and its cost is counted where the account says."""
    wanted = drawing.wanted
    model = {"account": wanted.account} | ({"model": wanted.model} if wanted.model else {})
    system = {"system_message": instruction(wanted.most)}
    return FlowDocument(
        name=_title(drawing),
        nodes=(
            Node(id="n_designer", kind="assistant", name=DESIGNER, config=system, position=Position(x=0, y=0)),
            Node(id="n_model", kind="openai", name="model", config=model, position=Position(x=0, y=160)),
        ),
        edges=(Edge(id="e_model", kind="model", source="n_model", target="n_designer"),),
    )


def _events(drawing: TeamDrawing, began: datetime, failure: BaseException | None) -> Iterator[Event]:
    wish, source = drawing.wanted.wish, _title(drawing)
    yield RunStarted(time=began, source=YOU, task=wish, flow=source)
    yield MessageSaid(time=began, source=YOU, text=wish, role="task")
    for answer in drawing.answers:
        if answer.whole:
            said = _readable(answer.text)
            yield MessageSaid(source=DESIGNER, text=said, model=answer.model or None, usage=answer.usage, seconds=answer.seconds)
        else:
            yield PartialSaid(source=DESIGNER, text=answer.text)
            yield Noticed(source=DESIGNER, code="broken_off", text=text("draw.broken_off"), usage=answer.usage)
    if isinstance(failure, ConveneError):
        yield ErrorHappened(
            source=DESIGNER, code=failure.code, text=failure.sentence, remedy=failure.remedy, account=drawing.wanted.account
        )
        yield RunFinished(source=source, status="failed", stop_reason=failure.sentence, usage=drawing.usage)
    elif failure is not None:
        yield RunFinished(source=source, status="stopped", stop_reason=text("draw.stopped"), usage=drawing.usage)
    else:
        yield RunFinished(source=source, status="done", stop_reason=drawing.outcome, usage=drawing.usage)


def _title(drawing: TeamDrawing) -> str:
    return text("draw.run" if drawing.was is None else "redraw.run")


def _readable(answer: str) -> str:
    """JSON in a frame of its own, anything else as it is."""
    try:
        data = json.loads(answer)
    except (ValueError, RecursionError):
        return answer
    return f"```json\n{json.dumps(data, ensure_ascii=False, indent=2)}\n```".encode("utf-8", "replace").decode("utf-8")
