"""Shares: one a flow, a token that is not kept, terms that hold, and an address that outlives closing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from studio.engine.models.prices import Price, Prices
from studio.flow.document import Edge, FlowDocument, Node
from studio.library.accounts import ModelAccounts
from studio.library.errors import FlowMissing
from studio.library.flows import Flows
from studio.library.guest_runs import GuestRuns
from studio.library.known_prices import unpriced
from studio.library.shares import OFFERED, ShareMissing, Shares, Terms, TermsRefused, check_terms, digest_of, is_origin
from studio.store.database import Database
from studio.store.secrets import Secrets


@pytest.fixture
def flow(database: Database) -> str:
    return Flows(database).create(FlowDocument(name="Shared"))


def test_a_token_opens_and_is_nowhere_in_the_database(database: Database, flow: str, tmp_path: Path) -> None:
    share, token = Shares(database).open(flow, OFFERED)
    found, digest = Shares(database).behind(share.id)
    assert (found, digest) == (share, digest_of(token))
    assert share.hint == token[-4:]
    assert all(token.encode() not in file.read_bytes() for file in tmp_path.iterdir())


def test_a_new_token_ends_the_one_before_at_the_same_address(database: Database, flow: str) -> None:
    shares = Shares(database)
    first, old = shares.open(flow, OFFERED)
    second, new = shares.open(flow, OFFERED)
    assert first.id == second.id
    assert shares.behind(first.id)[1] == digest_of(new) != digest_of(old)


def test_a_closed_share_opens_for_nobody_and_keeps_its_address_and_terms(database: Database, flow: str) -> None:
    shares = Shares(database)
    share, _ = shares.open(flow, replace(OFFERED, money=2.0))
    shares.close(flow)
    with pytest.raises(ShareMissing):
        shares.behind(share.id)
    known = shares.of(flow)
    assert known is not None
    assert (known.id, known.open, known.hint, known.terms.money) == (share.id, False, "", 2.0)


def test_the_share_of_a_deleted_flow_is_closed_until_it_is_brought_back(database: Database, flow: str) -> None:
    shares = Shares(database)
    share, _ = shares.open(flow, OFFERED)
    Flows(database).delete(flow)
    with pytest.raises(ShareMissing):
        shares.behind(share.id)
    with pytest.raises(FlowMissing):
        shares.open(flow, OFFERED)
    Flows(database).bring_back(flow)
    assert shares.behind(share.id)[0].id == share.id


def test_an_address_that_leads_nowhere_says_no_more_than_that(database: Database) -> None:
    for address in ("", "x", "x" * 5_000, "' OR 1=1 --"):
        with pytest.raises(ShareMissing):
            Shares(database).behind(address)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (Terms(seconds=60), "money"),
        (Terms(money=1), "seconds"),
        (Terms(money=0, seconds=60), "money"),
        (Terms(money=float("nan"), seconds=60), "money"),
        (Terms(money=float("inf"), seconds=60), "money"),
        (Terms(money=1, seconds=1e9), "seconds"),
        (Terms(money=1, seconds=60, in_all=-1), "in_all"),
        (Terms(money=1, seconds=60, at_once=0), "at_once"),
        (Terms(money=1, seconds=60, per_minute=10_000), "per_minute"),
        (Terms(money=1, seconds=60, origins=("example.com",)), "origins"),
        (Terms(money=1, seconds=60, origins=("https://a.example",) * 21), "origins"),
    ],
)
def test_terms_that_cannot_hold_are_refused_by_their_field(database: Database, flow: str, terms: Terms, field: str) -> None:
    with pytest.raises(TermsRefused) as refused:
        Shares(database).open(flow, terms)
    assert refused.value.field == field
    assert refused.value.remedy
    assert Shares(database).of(flow) is None


def test_limits_are_required_only_where_others_come() -> None:
    check_terms(Terms(), required=False)
    with pytest.raises(TermsRefused):
        check_terms(Terms(), required=True)


@pytest.mark.parametrize(
    ("told", "is_one"),
    [
        ("https://example.com", True),
        ("http://127.0.0.1:3000", True),
        ("https://example.com/", False),
        ("https://user@example.com", False),
        ("ftp://example.com", False),
        ("null", False),
        ("*", False),
        ("https://[", False),
    ],
)
def test_an_origin_is_a_scheme_and_a_name_with_nothing_after(told: str, is_one: bool) -> None:
    assert is_origin(told) is is_one


def test_a_door_knows_its_own_conversations_only(database: Database) -> None:
    from sqlalchemy import text

    with database.write() as connection:
        connection.execute(text("INSERT INTO session (id, created) VALUES ('s1', '2026-01-01')"))
    book = GuestRuns(database)
    book.remember("share:a", "key", "s1")
    book.remember("share:a", "key", "s1")
    assert book.conversation("share:a", "key") == "s1"
    assert book.conversation("share:b", "key") is None
    assert not book.came_through("share:a", "nothing")
    assert (book.computing("share:a"), book.spent("share:a")) == (0, 0.0)


def test_a_limit_of_money_can_hold_where_every_price_is_known(database: Database, tmp_path: Path) -> None:
    accounts = ModelAccounts(database, Secrets(tmp_path, use_keyring=False))
    accounts.save("far", base_url="https://models.example/v1", default_model="odd-model")
    accounts.save("here", base_url="http://127.0.0.1:11434/v1", default_model="anything")

    def missing(account: str, model: str, own: dict[str, Price]) -> list[str]:
        nodes = (
            Node(id="n_team", kind="team", name="team", config={"max_turns": 1}),
            Node(id="n_ann", kind="assistant", name="ann", parent="n_team", config={"system_message": "Hi."}),
            Node(id="n_model", kind="openai", name="model", config={"account": account, "model": model}),
        )
        wire = Edge(id="e_model", kind="model", source="n_model", target="n_team")
        return unpriced(FlowDocument(nodes=nodes, edges=(wire,)), accounts, Prices(own))

    assert missing("far", "", {}) == ["odd-model"]
    assert missing("far", "", {"odd-model": Price(1.0, 2.0)}) == []
    assert missing("far", "gpt-4o", {}) == []
    assert missing("here", "", {}) == []
    assert missing("nobody entered it", "odd-model", {}) == []

    def heard_by(model: str) -> list[str]:
        nodes = (
            Node(id="n_team", kind="team", name="team", config={"max_turns": 1}),
            Node(id="n_ann", kind="assistant", name="ann", parent="n_team"),
            Node(id="n_model", kind="practice", name="model"),
            Node(id="n_video", kind="video", name="film", config={"account": "far", "model": model}),
        )
        wires = (
            Edge(id="e_model", kind="model", source="n_model", target="n_team"),
            Edge(id="e_tool", kind="tool", source="n_video", target="n_ann"),
        )
        return unpriced(FlowDocument(nodes=nodes, edges=wires), accounts, Prices({}))

    assert heard_by("whisper-1") == []
    assert heard_by("odd-ears") == ["odd-ears"]
