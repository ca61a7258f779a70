"""What a conversation costs: sums that say how much of it is not known."""

from __future__ import annotations

from functools import reduce
from operator import add

from hypothesis import given
from hypothesis import strategies as st

from studio.engine.bill import billed, owe, settle
from studio.engine.conditions.condition import Progress
from studio.engine.conditions.money_limit import MoneyLimit
from studio.engine.usage import NOTHING, Usage

CALLS = st.builds(Usage, prompt_tokens=st.integers(0, 9), calls=st.just(1), cost=st.one_of(st.none(), st.sampled_from([0.0, 0.25, 1.0])))


def test_a_sum_says_how_many_of_its_calls_have_no_known_price() -> None:
    known, unknown = Usage(calls=1, cost=0.5), Usage(calls=1)
    assert known + unknown == Usage(calls=2, cost=0.5, unpriced=1)
    assert unknown + known + unknown == Usage(calls=3, cost=0.5, unpriced=2)
    assert unknown + unknown == Usage(calls=2)
    assert (unknown + unknown).without_price == 2
    assert (known + known).without_price == 0
    assert known + NOTHING == known


@given(st.lists(CALLS, max_size=8), st.integers(0, 8))
def test_calls_without_a_price_are_counted_however_they_are_added_up(calls: list[Usage], cut: int) -> None:
    whole = reduce(add, calls, NOTHING)
    assert whole == reduce(add, calls[:cut], NOTHING) + reduce(add, calls[cut:], NOTHING)
    assert whole.without_price == sum(1 for call in calls if call.cost is None)
    assert (whole.cost is None) == all(call.cost is None for call in calls)


def test_a_usage_whose_money_is_known_is_written_as_ever() -> None:
    assert "unpriced" not in (Usage(calls=1, cost=0.5) + Usage(calls=1, cost=0.0)).model_dump_json()
    mixed = Usage(calls=1, cost=0.5) + Usage(calls=1)
    assert Usage.model_validate_json(mixed.model_dump_json()) == mixed


def test_a_money_limit_that_is_reached_says_what_is_not_known() -> None:
    spent = Usage(calls=1, cost=0.5) + Usage(calls=1)
    met = MoneyLimit(dollars=0.5).check(Progress((), usage=spent))
    assert met is not None
    assert met.reason == "at least $0.5000 were spent, the limit is $0.5"


def test_a_sum_is_reckoned_where_one_of_its_parts_is() -> None:
    reckoned, counted = Usage(calls=1, estimated=True), Usage(calls=1)
    assert (reckoned + counted).estimated
    assert (counted + reckoned).estimated
    assert not (counted + counted).estimated


def test_an_answer_is_owed_once_and_settled_by_the_event_that_counts_it() -> None:
    small, large = Usage(calls=1, prompt_tokens=1), Usage(calls=1, prompt_tokens=5)
    answer, other = object(), object()
    with billed() as bill:
        owe(small, "m", answer)
        owe(small, "m", answer)
        owe(large, "m", other)
        assert [item.usage for item in bill.owed] == [small, large]
        settle(large)
        assert [item.usage for item in bill.owed] == [small]
        owe(large, "m", other)
        settle(small + large)
        assert not bill.owed
    owe(small, "m", object())
    assert not bill.owed
