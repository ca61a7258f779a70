"""Embeddings of a model account: what is sent, what is kept, what it costs, and what becomes of what goes wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asking import KEY, OneAccount
from conversation import SpokenModel, lines, saying
from model_server import Fault, ModelServer

from studio.engine.advance import Environment
from studio.engine.agents.assistant import Assistant
from studio.engine.errors import ModelAnswerBroken, ModelError, ModelRefused, ModelUnavailable
from studio.engine.events import Noticed, Recalled
from studio.engine.memory.embedding import AccountEmbedding, LocalEmbedding, Surroundings
from studio.engine.memory.vector_memory import VectorMemory
from studio.engine.models import rates
from studio.engine.models.base import Account, ModelRequest
from studio.engine.models.embeddings import EmbeddingsClient
from studio.engine.models.practice import PracticeModel
from studio.engine.models.prices import Price, Prices
from studio.engine.script import Result, run
from studio.engine.teams.team import Team

MEANINGS = [{"dog", "puppy", "hound"}, {"money", "invoice", "pay"}]


def place(server: ModelServer, folder: Path, **more: Any) -> Environment:
    server.meanings = MEANINGS
    return Environment(OneAccount(server.base_url), folder / "work", memories=folder / "memories", **more)


def around(server: ModelServer, folder: Path) -> Surroundings:
    server.meanings = MEANINGS
    return Surroundings(OneAccount(server.base_url), folder / "vectors.db")


def comparing(**more: Any) -> AccountEmbedding:
    return AccountEmbedding(**{"account": "lab", "model": "text-embedding-3-small", "retries": 0} | more)


async def failure(server: ModelServer, folder: Path, **more: Any) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await comparing(**more).compare("dog", ["puppy", "invoice"], around(server, folder))
    return caught.value


async def test_texts_are_compared_by_meaning_and_each_is_sent_once(model_server: ModelServer, tmp_path: Path) -> None:
    where = around(model_server, tmp_path)
    compared = await comparing().compare("the dog", ["a puppy", "an invoice", "a puppy", " "], where)
    assert compared.scores[0] == compared.scores[2] > 0.9 > 0.2 > compared.scores[1] > compared.scores[3] == 0
    assert model_server.embedded() == [["the dog", "a puppy", "an invoice"]]
    assert (compared.usage.calls, compared.usage.prompt_tokens, compared.model) == (1, 6, "text-embedding-3-small")
    again = await comparing().compare("the dog", ["an invoice", "a hound"], where)
    assert model_server.embedded()[1:] == [["a hound"]]
    assert again.scores == pytest.approx([compared.scores[1], compared.scores[0]])


async def test_another_model_or_other_dimensions_are_asked_for_themselves(model_server: ModelServer, tmp_path: Path) -> None:
    where = around(model_server, tmp_path)
    for each in (comparing(), comparing(model="other"), comparing(dimensions=3)):
        await each.compare("dog", ["puppy"], where)
        await each.compare("dog", ["puppy"], where)
    assert len(model_server.embedded()) == 3
    assert [seen.body.get("dimensions") for seen in model_server.requests] == [None, None, 3]
    assert all(seen.headers["Authorization"] == f"Bearer {KEY}" for seen in model_server.requests)


async def test_many_texts_go_in_batches_and_what_came_is_kept_when_a_later_one_fails(model_server: ModelServer, tmp_path: Path) -> None:
    where = around(model_server, tmp_path)
    texts = [f"text {number}" for number in range(5)]
    whole = await comparing(batch=2).compare("dog", texts, where)
    assert [len(batch) for batch in model_server.embedded()] == [2, 2, 2]
    assert whole.usage.calls == 3
    model_server.requests.clear()
    elsewhere = replace(where, vectors=tmp_path / "elsewhere.db")
    model_server.embedding_replies = [{"data": [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0]}]}, Fault("status", 400)]
    with pytest.raises(ModelRefused):
        await comparing(batch=2).compare("dog", texts, elsewhere)
    await comparing(batch=2).compare("dog", texts, elsewhere)
    assert model_server.embedded()[2][0] == "text 1"


async def test_a_server_that_stumbles_is_asked_again_and_a_person_is_told(model_server: ModelServer, tmp_path: Path) -> None:
    model_server.embedding_replies = [Fault("status", 503, retry_after="0")]
    compared = await comparing(retries=1).compare("dog", ["puppy"], around(model_server, tmp_path))
    assert compared.scores[0] > 0.9
    (notice,) = compared.told("ann")
    assert isinstance(notice, Noticed)
    assert notice.code == "retry"
    assert "503" in notice.text


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Fault("status", 401), ModelRefused),
        (Fault("status", 404), ModelRefused),
        (Fault("status", 500), ModelUnavailable),
        (Fault("reset"), ModelUnavailable),
        (Fault("html"), ModelAnswerBroken),
        (Fault("empty"), ModelAnswerBroken),
        ({"error": {"message": "no such thing"}}, ModelAnswerBroken),
        ({"data": []}, ModelAnswerBroken),
        ({"data": [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}]}, ModelAnswerBroken),
        ({"data": [{"index": 0, "embedding": [1.0]}, {"index": 5, "embedding": [1.0]}]}, ModelAnswerBroken),
        ({"data": [{"embedding": [1.0]}, {"embedding": [1.0, 2.0]}, {"embedding": [1.0]}]}, ModelAnswerBroken),
        ({"data": [{"embedding": ["a"]}, {"embedding": [True]}, {"embedding": []}]}, ModelAnswerBroken),
        ({"data": "x"}, ModelAnswerBroken),
    ],
)
async def test_an_answer_without_usable_vectors_is_a_clear_failure(
    model_server: ModelServer, tmp_path: Path, reply: Any, kind: type[ModelError]
) -> None:
    model_server.embedding_replies = [reply]
    mistake = await failure(model_server, tmp_path)
    assert type(mistake) is kind
    assert mistake.sentence.endswith(".")
    assert mistake.remedy
    assert KEY not in str(mistake)


async def test_an_account_without_embeddings_says_so_before_anything_is_sent() -> None:
    client = EmbeddingsClient(Account("claude", "https://api.anthropic.com", KEY, "anthropic"), "x")
    with pytest.raises(ModelRefused, match="offers no embeddings"):
        await client.vectors(["a"], lambda piece: None)
    await client.close()


async def test_an_account_that_answers_one_at_once_is_asked_again_and_again(
    model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rates, "WORTH_TELLING", 0.01)
    monkeypatch.setattr(rates, "LONGEST_TURN", 0.01)
    model_server.embedding_replies = [Fault("status", 400)]
    client = EmbeddingsClient(Account("lab", model_server.base_url, KEY, requests_at_once=1), "x", batch=1, retries=0)
    with pytest.raises(ModelRefused):
        await client.vectors(["refused"], lambda piece: None)
    answered = await client.vectors(["a", "b"], lambda piece: None)
    await client.close()
    assert len(answered.found) == 2


async def test_a_deployment_of_azure_is_asked_at_its_own_address(model_server: ModelServer) -> None:
    account = Account("az", f"{model_server.origin}/openai?api-version=2024-10-21", KEY, "azure")
    client = EmbeddingsClient(account, "my-embeddings")
    answered = await client.vectors(["a"], lambda piece: None)
    await client.close()
    assert len(answered.found) == 1
    assert model_server.requests[0].path == "/openai/deployments/my-embeddings/embeddings"
    assert model_server.requests[0].headers["api-key"] == KEY


async def test_a_damaged_file_of_vectors_is_done_without(model_server: ModelServer, tmp_path: Path) -> None:
    where = around(model_server, tmp_path)
    where.vectors.write_bytes(b"no database at all" * 100)
    assert (await comparing().compare("dog", ["puppy"], where)).scores[0] > 0.9


async def remembered(embedding: Any, where: Environment, model: Any) -> Result:
    memory = VectorMemory(texts=("Rex is a hound.", "To pay takes thirty days."), embedding=embedding, threshold=0.5)
    ann = Assistant(name="ann", model=model, system_message="You help.", memory=(memory,))
    result = await run(Team(participants=(ann,), max_turns=1), "Whose puppy is it?", environment=where)
    assert result.status == "done", result.stop_reason
    return result


async def test_a_vector_memory_finds_by_meaning_and_its_run_counts_the_cost(model_server: ModelServer, tmp_path: Path) -> None:
    heard: list[ModelRequest] = []

    def listen(request: ModelRequest) -> str:
        heard.append(request)
        return "x"

    where = place(model_server, tmp_path, prices=Prices({"text-embedding-3-small": Price(2.0, 0.0)}))
    result = await remembered(comparing(), where, SpokenModel(say=listen))
    (recalled,) = [event for event in result.events if isinstance(event, Recalled)]
    assert [entry["text"] for entry in recalled.entries] == ["Rex is a hound."]
    assert "Rex is a hound." in heard[0].system
    assert "thirty" not in heard[0].system
    assert recalled.usage.cost == pytest.approx(recalled.usage.prompt_tokens * 2e-6)
    assert result.usage.calls == 2
    local = await remembered(LocalEmbedding(), where, saying("x"))
    assert [event.entries for event in local.events if isinstance(event, Recalled)] == [()]


async def test_a_long_text_that_was_just_said_is_not_told_once_more(model_server: ModelServer, tmp_path: Path) -> None:
    memory = VectorMemory(texts=("The office opens at nine.",), keeps="people", embedding=comparing(), threshold=0)
    team = Team(participants=(Assistant(name="ann", model=saying("x"), memory=(memory,)),), max_turns=1)
    result = await run(team, "office " * 4_000, environment=place(model_server, tmp_path))
    (event,) = [event for event in result.events if isinstance(event, Recalled)]
    assert [entry["text"] for entry in event.entries if len(entry["text"]) > 100] == []


async def test_what_a_memory_asks_does_not_move_a_practice_model_on(model_server: ModelServer, tmp_path: Path) -> None:
    model = PracticeModel(script={"ann": ("first", "second")}, words_per_second=0)
    result = await remembered(comparing(), place(model_server, tmp_path), model)
    assert lines(result.events) == [("ann", "first")]
