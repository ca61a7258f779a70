"""What every way to compare texts promises: a score from 0 to 1 for each, in order, the same every time, at any size."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest
from asking import OneAccount
from model_server import ModelServer

from studio.engine.component import kinds
from studio.engine.memory.embedding import AccountEmbedding, Embedding, LocalEmbedding, Surroundings

CASES: dict[str, Callable[[], Embedding]] = {
    "local_embedding": LocalEmbedding,
    "account_embedding": lambda: AccountEmbedding(account="lab", model="m", retries=0, batch=3),
}
TEXTS = ("The dog sleeps.", "Money and an invoice.", "", "The dog sleeps.", "🐕 ?!", "x" * 30_000)


@pytest.fixture(params=sorted(CASES))
def embedding(request: pytest.FixtureRequest) -> Embedding:
    return CASES[request.param]()


@pytest.fixture
def place(model_server: ModelServer, tmp_path: Path) -> Surroundings:
    model_server.meanings = [{"dog", "sleeps"}, {"money", "invoice"}]
    return Surroundings(OneAccount(model_server.base_url), tmp_path / ".vectors.db")


def test_every_way_is_here() -> None:
    own = {kind for kind, found in kinds().items() if issubclass(found, Embedding) and found.__module__.startswith("studio.")}
    assert own == set(CASES)


async def test_each_text_has_a_score_in_order(embedding: Embedding, place: Surroundings) -> None:
    found = await embedding.compare("Where does the dog sleep?", TEXTS, place)
    assert len(found.scores) == len(TEXTS)
    assert all(0 <= score <= 1 for score in found.scores)
    assert found.scores[0] == found.scores[3] > found.scores[1]
    assert found.scores[2] == 0


async def test_the_same_words_are_as_like_as_can_be(embedding: Embedding, place: Surroundings) -> None:
    found = await embedding.compare(TEXTS[0], TEXTS[:2], place)
    assert found.scores[0] == pytest.approx(1.0, abs=1e-4)


async def test_it_is_the_same_every_time_and_for_many_at_once(embedding: Embedding, place: Surroundings) -> None:
    several = await asyncio.gather(*(embedding.compare("The dog", TEXTS, place) for _ in range(4)))
    assert len({tuple(each.scores) for each in several}) == 1
    again = await embedding.compare("The dog", TEXTS, place)
    assert again.scores == several[0].scores
    assert again.usage.calls == 0


@pytest.mark.parametrize(("query", "texts"), [("", ("a",)), ("a", ()), (" \n", (" ",)), ("", ())])
async def test_nothing_is_like_nothing(embedding: Embedding, place: Surroundings, query: str, texts: tuple[str, ...]) -> None:
    found = await embedding.compare(query, texts, place)
    assert found.scores == [0.0] * len(texts)
    assert found.usage.calls == 0


def test_it_is_the_same_after_a_trip_through_json(embedding: Embedding) -> None:
    again = type(embedding).model_validate_json(embedding.model_dump_json())
    assert (again, again.identity) == (embedding, embedding.identity)
