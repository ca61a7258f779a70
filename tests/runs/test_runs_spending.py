"""What all runs together have cost: by account and model, from their logs, read once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text as sql

from studio.engine.events import Event, MessageSaid, Noticed, Recalled, RunFinished, RunStarted, SpeakerChosen
from studio.engine.stored_events import event_to_json
from studio.engine.usage import Usage
from studio.flow.document import Edge, FlowDocument, Node
from studio.runs.spending import Spent, spending
from studio.store.database import Database, open_database
from studio.store.tables import RunDocumentRow, RunEventRow, RunRow, SessionRow


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(f"sqlite:///{tmp_path / 'convene.db'}")
    yield database
    database.close()


def two_accounts() -> FlowDocument:
    """ann asks account one, the team (and so bob) account two."""
    return FlowDocument(
        nodes=(
            Node(id="n_t", kind="team", name="team"),
            Node(id="n_a", kind="assistant", name="ann", parent="n_t"),
            Node(id="n_b", kind="assistant", name="bob", parent="n_t"),
            Node(id="n_1", kind="openai", name="m1", config={"account": "one", "model": "gpt-4o"}),
            Node(id="n_2", kind="anthropic", name="m2", config={"account": "two"}),
        ),
        edges=(Edge(id="e_1", kind="model", source="n_1", target="n_a"), Edge(id="e_2", kind="model", source="n_2", target="n_t")),
    )


def used(cost: float | None, tokens: int = 10) -> Usage:
    return Usage(prompt_tokens=tokens, completion_tokens=tokens, cached_tokens=1, calls=1, cost=cost)


def said(source: str, model: str, cost: float | None, **more: bool) -> MessageSaid:
    return MessageSaid(source=source, text="x", model=model, usage=used(cost), **more)


def log(
    database: Database, run: str, events: list[Event], *, flow: FlowDocument | None = None, options: str = "{}", after: int = 0
) -> None:
    """Write a run's events, from number `after` + 1 on."""
    with database.writing() as session:
        if not after:
            session.add(SessionRow(id=f"s_{run}"))
            session.flush()
            session.add(RunRow(id=run, session_id=f"s_{run}", status="done"))
            session.flush()
            session.add(RunDocumentRow(run_id=run, document=(flow or two_accounts()).model_dump_json(), options=options))
        for seq, event in enumerate(events, after + 1):
            session.add(RunEventRow(run_id=run, seq=seq, type=event.type, payload=event_to_json(event)))  # type: ignore[attr-defined]
        row = session.get(RunRow, run)
        assert row is not None
        row.last_seq = after + len(events)
        session.add(row)


def test_calls_are_counted_by_account_and_model_and_nothing_twice(database: Database) -> None:
    history = (said("ann", "gpt-4o", 99.0),)
    log(
        database,
        "r1",
        [
            RunStarted(task="t", history=history),
            SpeakerChosen(source="team", speaker="ann", model="claude-x", usage=used(0.5)),
            said("ann", "gpt-4o-2024-08-06", 1.0),
            said("bob", "claude-x", 0.25),
            Noticed(source="ann", text="again", usage=used(None)),
            RunFinished(status="done", usage=used(1.75, 100)),
        ],
    )
    log(database, "r2", [said("ann", "gpt-4o-2024-08-06", 1.0)])
    assert spending(database) == [
        Spent("one", "gpt-4o-2024-08-06", 2, 2, 20, 20, 2, 2.0, 0),
        Spent("two", "claude-x", 1, 2, 20, 20, 2, 0.75, 0),
        Spent("one", "gpt-4o", 1, 1, 10, 10, 1, None, 1),
    ]


def test_money_that_is_not_known_is_none_and_what_is_known_stays_known(database: Database) -> None:
    log(database, "r1", [said("ann", "new", None), said("bob", "claude-x", None), said("bob", "claude-x", 0.5)])
    found = {(each.account, each.model): (each.cost, each.unpriced) for each in spending(database)}
    assert found == {("one", "new"): (None, 1), ("two", "claude-x"): (0.5, 1)}


def test_only_new_events_are_read_again(database: Database) -> None:
    log(database, "r1", [said("ann", "gpt-4o", 1.0)])
    assert spending(database)[0].calls == 1
    with database.write() as connection:
        connection.execute(sql("UPDATE run_event SET payload = 'no JSON'"))
    log(database, "r1", [said("ann", "gpt-4o", 2.0)], after=1)
    (spent,) = spending(database)
    assert (spent.runs, spent.calls, spent.cost) == (1, 2, 3.0)
    assert spending(database) == [spent]


def test_practice_is_not_spending_and_a_given_address_is_named(database: Database) -> None:
    log(
        database,
        "r1",
        [said("ann", "practice", 0.0, practice=True), SpeakerChosen(source="team", speaker="a", model="practice", usage=used(0.0))],
    )
    log(database, "r2", [said("ann", "m", 0.0)], options='{"model": "m", "base_url": "http://127.0.0.1:1/v1"}')
    (spent,) = spending(database)
    assert (spent.account, spent.model, spent.cost) == ("--base-url", "m", 0.0)


def test_a_model_among_models_is_found_by_its_name(database: Database) -> None:
    flow = FlowDocument(
        nodes=(
            Node(id="n_a", kind="assistant", name="ann"),
            Node(id="n_f", kind="fallback", name="either"),
            Node(id="n_1", kind="openai", name="m1", config={"account": "one", "model": "gpt-4o"}),
            Node(id="n_2", kind="openai", name="m2", config={"account": "two", "model": "llama"}),
        ),
        edges=(
            Edge(id="e_1", kind="model", source="n_1", target="n_f"),
            Edge(id="e_2", kind="model", source="n_2", target="n_f"),
            Edge(id="e_3", kind="model", source="n_f", target="n_a"),
        ),
    )
    log(database, "r1", [said("ann", "gpt-4o", 1.0), said("ann", "meta/llama", 0.5)], flow=flow)
    assert [(each.account, each.model) for each in spending(database)] == [("one", "gpt-4o"), ("two", "meta/llama")]


def test_a_drawing_that_cannot_be_read_costs_only_the_accounts_name(database: Database) -> None:
    log(database, "r1", [said("ann", "gpt-4o", 1.0)])
    with database.write() as connection:
        connection.execute(sql("UPDATE run_document SET document = 'nonsense'"))
    assert [(each.account, each.cost) for each in spending(database)] == [("", 1.0)]


def test_more_runs_than_one_batch_are_all_counted_and_a_deleted_run_is_gone(database: Database) -> None:
    for number in range(300):
        log(database, f"r{number:04}", [said("ann", "gpt-4o", 0.5)])
    assert spending(database)[0].runs == 300
    with database.write() as connection:
        connection.execute(sql("DELETE FROM run WHERE id < 'r0100'"))
    assert spending(database)[0].cost == 100.0


def test_what_a_memory_asks_is_its_own_accounts(database: Database) -> None:
    flow = two_accounts()
    embedding = {"kind": "account_embedding", "account": "vectors", "model": "small"}
    memory = Node(id="n_m", kind="documents", name="docs", config={"embedding": embedding})
    flow = flow.model_copy(update={"nodes": (*flow.nodes, memory)})
    log(database, "r1", [Recalled(source="ann", memory="m", model="small", usage=used(0.1)), said("ann", "gpt-4o", 1.0)], flow=flow)
    assert [(each.account, each.model, each.cost) for each in spending(database)] == [("one", "gpt-4o", 1.0), ("vectors", "small", 0.1)]
