"""News of flows: every stored change is told to whoever listens, from this process and from others."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path

import pytest

from studio.flow.document import FlowDocument, Node
from studio.library import news as news_module
from studio.library.flows import Flows
from studio.library.news import News
from studio.store.database import Database, open_database
from studio.store.tables import RunDocumentRow, RunRow, SessionRow, now

SOON = 5.0


@pytest.fixture
def only_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks by themselves within this test."""
    monkeypatch.setattr(news_module, "GLANCE", 60.0)


def kept(flows: Flows) -> str:
    return flows.create(FlowDocument(name="Pair", nodes=(Node(id="n_a", kind="assistant", name="coder"),)))


def renamed(flows: Flows, flow: str, name: str) -> None:
    flows.edit(flow, {"type": "rename", "id": "n_a", "name": name})


async def heard_of(news: AsyncGenerator[News]) -> News:
    async with asyncio.timeout(SOON):
        return await anext(news)


async def heard(news: AsyncGenerator[News]) -> int | None:
    return (await heard_of(news)).rev


@pytest.mark.usefixtures("only_announced")
async def test_every_way_to_change_a_flow_is_announced(flows: Flows) -> None:
    flow = kept(flows)
    number = flows.name_version(flow, "first").number
    async with aclosing(flows.news.follow(flow)) as news:
        begin = await heard(news)
        assert begin is not None
        for at, change in enumerate(
            (
                lambda: renamed(flows, flow, "writer"),
                lambda: flows.undo(flow),
                lambda: flows.redo(flow),
                lambda: flows.restore(flow, number),
            ),
            start=1,
        ):
            change()
            assert await heard(news) == begin + at
        flows.delete(flow)
        assert await heard(news) is None
        flows.bring_back(flow)
        assert await heard(news) == begin + 4


@pytest.mark.usefixtures("only_announced")
async def test_changes_that_come_at_once_are_told_as_the_newest(flows: Flows) -> None:
    flow = kept(flows)
    async with aclosing(flows.news.follow(flow)) as news:
        await heard(news)
        for name in ("a", "b", "c"):
            renamed(flows, flow, name)
        assert await heard(news) == flows.get(flow).rev


@pytest.mark.usefixtures("only_announced")
async def test_a_change_made_in_another_thread_is_heard(flows: Flows) -> None:
    flow = kept(flows)
    async with aclosing(flows.news.follow(flow)) as news:
        before = await heard(news)
        await asyncio.to_thread(renamed, flows, flow, "writer")
        assert await heard(news) == (before or 0) + 1


async def test_a_change_of_another_process_is_found(flows: Flows, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news_module, "GLANCE", 0.01)
    flow = kept(flows)
    elsewhere = open_database(f"sqlite:///{tmp_path / 'convene.db'}")
    try:
        async with aclosing(flows.news.follow(flow)) as news:
            before = await heard(news)
            renamed(Flows(elsewhere), flow, "writer")
            assert await heard(news) == (before or 0) + 1
    finally:
        elsewhere.close()


def run_of(database: Database, flow: str, run: str, status: str, person: str = "") -> None:
    with database.writing() as session:
        session.add(SessionRow(id=run))
        session.flush()
        session.add(RunRow(id=run, session_id=run, flow_id=flow, flow="Pair", task="go", status=status, owner=""))
        session.flush()
        session.add(RunDocumentRow(run_id=run, document="{}", options=json.dumps({"person": person} if person else {})))


async def test_a_run_of_another_process_is_told_even_when_it_is_over_before_anybody_looks(
    flows: Flows, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(news_module, "GLANCE", 0.01)
    monkeypatch.setattr(news_module, "LATE", timedelta(minutes=1))
    flow = kept(flows)
    run_of(database, flow, "before", "done")
    async with aclosing(flows.news.follow(flow)) as news:
        assert (await heard_of(news)).run is None
        run_of(database, flow, "quick", "done")
        assert (await heard_of(news)).run == "quick"
        run_of(database, flow, "guests", "done", "guest 1")
        run_of(database, flow, "another", "done")
        assert (await heard_of(news)).run == "another"


def test_the_newest_run_of_a_flow_is_the_newest_of_its_owners_runs(flows: Flows, database: Database) -> None:
    flow = kept(flows)
    assert flows.news.newest(flow) == (1, None)
    run_of(database, flow, "over", "done")
    assert flows.news.newest(flow, since=now()) == (1, None)
    run_of(database, flow, "first", "waiting")
    run_of(database, flow, "second", "running")
    run_of(database, flow, "guests", "running", "guest 1")
    assert flows.news.newest(flow) == (1, "second")


async def test_a_flow_that_never_was_is_told_as_gone_and_who_leaves_is_forgotten(flows: Flows) -> None:
    async with aclosing(flows.news.follow("nothing")) as news:
        assert await heard(news) is None
    assert flows.news._listeners == {}
    flows.news.announce("nothing")
