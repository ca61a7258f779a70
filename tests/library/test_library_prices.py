"""The price table of an installation: its own rows count first, can be edited and taken back."""

from __future__ import annotations

import pytest

from studio.engine.models.prices import LIST_PRICES, Price
from studio.library.errors import PriceInvalid
from studio.library.preferences import Preferences
from studio.library.prices import KEY, PriceTable
from studio.store.database import Database


@pytest.fixture
def prices(database: Database) -> PriceTable:
    return PriceTable(Preferences(database), {"from-a-file": Price(1, 2), "gpt-4o": Price(3, 4)})


def origins(prices: PriceTable) -> dict[str, str]:
    return {row.model: row.origin for row in prices.list()}


def test_the_table_holds_the_list_the_file_and_ones_own(prices: PriceTable) -> None:
    prices.set("my-model", "0.5", 1)
    found = origins(prices)
    assert (found["my-model"], found["from-a-file"], found["gpt-4o"], found["gpt-4o-mini"]) == ("own", "file", "file", "list")
    assert [row.model for row in prices.list()] == sorted(found)


def test_an_own_price_counts_at_once_and_can_be_taken_back(prices: PriceTable, database: Database) -> None:
    prices.set("gpt-4o-mini", " $1,5 ", "2", "0.25")
    assert prices.current().cost("gpt-4o-mini", 1_000_000, 1_000_000, 0) == 3.5
    assert prices.current().cost("gpt-4o-mini", 1_000_000, 0, 1_000_000) == 0.25
    assert PriceTable(Preferences(database)).current().price("gpt-4o-mini") == Price(1.5, 2, 0.25)
    prices.reset("gpt-4o-mini")
    assert prices.current().price("gpt-4o-mini") == LIST_PRICES["gpt-4o-mini"]
    prices.reset("never there")


def test_a_row_says_whether_there_is_something_to_go_back_to(prices: PriceTable) -> None:
    prices.set("gpt-4o-mini", 1, 1)
    prices.set("mine", 1, 1)
    rows = {row.model: row.listed for row in prices.list()}
    assert (rows["gpt-4o-mini"], rows["mine"], rows["gpt-4.1"]) == (True, False, False)


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("model", (" ", 1, 1, None)),
        ("model", ("x" * 201, 1, 1, None)),
        ("prompt", ("m", "", 1, None)),
        ("prompt", ("m", -1, 1, None)),
        ("completion", ("m", 1, "much", None)),
        ("completion", ("m", 1, float("inf"), None)),
        ("cached", ("m", 1, 1, "nan")),
    ],
)
def test_what_is_no_price_names_the_field_and_changes_nothing(
    prices: PriceTable, field: str, given: tuple[str, object, object, object]
) -> None:
    before = prices.list()
    with pytest.raises(PriceInvalid) as refused:
        prices.set(*given)
    assert refused.value.field == field
    assert refused.value.remedy
    assert prices.list() == before


def test_a_damaged_preference_costs_nobody_the_table(prices: PriceTable, database: Database) -> None:
    Preferences(database).set(KEY, {"bad": 1, "good": {"prompt": 1, "completion": 2}})
    assert origins(prices)["good"] == "own"
    assert "bad" not in origins(prices)
    Preferences(database).set(KEY, ["nonsense"])
    assert "own" not in origins(prices).values()
    prices.set("mine", 1, 1)
    assert origins(prices)["mine"] == "own"
