"""Answers that are kept on this machine and played again."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import stat
from pathlib import Path
from typing import Any

import pytest
from asking import OneAccount, ask, task, texts
from model_server import Call, Fault, InTurn, ModelServer, Said

from studio.engine.errors import ModelUnavailable
from studio.engine.events import YOU, MessageSaid
from studio.engine.models import remembered
from studio.engine.models.base import ModelReply, ModelRequest, Told, ToolSchema
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.remembered import Answers
from studio.engine.usage import Usage


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CONVENE_ANSWERS", str(tmp_path / "kept" / "answers.sqlite"))
    return tmp_path / "kept" / "answers.sqlite"


def client_of(server: ModelServer, **fields: Any) -> Any:
    return OpenAIModel(**{"model": "m", "account": "lab", "retries": 0, "remember": True, **fields}).connect(OneAccount(server.base_url))


async def answer(server: ModelServer, request: ModelRequest | None = None, **fields: Any) -> Any:
    client = client_of(server, **fields)
    try:
        return await ask(client, request or task())
    finally:
        await client.close()


@pytest.fixture(params=[b"this is no database", b""], ids=["text", "empty"])
def damaged(file: Path, request: pytest.FixtureRequest) -> None:
    file.parent.mkdir()
    file.write_bytes(request.param)


async def test_nothing_is_kept_unless_asked_for(model_server: ModelServer, file: Path):
    model_server.script({"*": "hello"})
    for _ in range(2):
        await answer(model_server, remember=False)
    assert len(model_server.asked()) == 2
    assert not _exists(file)


async def test_the_same_question_is_answered_once_and_then_visibly_from_the_file_at_no_cost(model_server: ModelServer, file: Path):
    model_server.script({"*": [Said("hello", calls=(Call("add", {"a": 1}),), reasoning="hm")]})
    first, again = [await answer(model_server) for _ in range(2)]
    assert len(model_server.asked()) == 1
    assert again.reply == ModelReply(
        "hello", "hm", first.reply.calls, "tool_calls", Usage(calls=1, remembered=1, cost=0.0), first.reply.model
    )
    assert (texts(again.deltas), texts(again.deltas, "reasoning")) == ("hello", "hm")
    assert [piece.code for piece in again.pieces if isinstance(piece, Told)] == ["cache_hit"]
    assert _mode(file) == 0o600


async def test_anything_that_could_change_the_answer_is_asked_anew(model_server: ModelServer, file: Path):
    model_server.script({"*": InTurn(*(f"answer {number}" for number in range(20)))})
    other = (MessageSaid(source="bob", text="Do it."),)
    tool = ToolSchema("now", "What time it is.", {"type": "object"})
    asked = [
        (task(), {}),
        (task("Do that."), {}),
        (task(system="You are somebody else."), {}),
        (ModelRequest(agent="ann", system="You are ann.", thread=other), {}),
        (task(extra=("Now.",)), {}),
        (task(tools=(tool,)), {}),
        (task(choices=("a", "b")), {}),
        (task(schema={"type": "object"}), {}),
        (task(), {"model": "n"}),
        (task(), {"temperature": 0.5}),
        (task(), {"max_tokens": 9}),
        (task(), {"extra": {"seed": 1}}),
    ]
    said = [(await answer(model_server, request, **fields)).reply.text for request, fields in asked]
    assert len(set(said)) == len(asked)
    assert [(await answer(model_server, request, **fields)).reply.text for request, fields in asked] == said
    with ModelServer() as elsewhere:
        elsewhere.script({"*": "from elsewhere"})
        assert (await answer(elsewhere)).reply.text == "from elsewhere"


async def test_when_it_was_said_and_how_patient_the_model_is_change_nothing(model_server: ModelServer, file: Path):
    model_server.script({"*": "hello"})
    for seq, timeout in ((1, 5.0), (7, 50.0)):
        thread = (MessageSaid(source=YOU, role="task", text="Do it.", seq=seq),)
        await answer(model_server, ModelRequest(agent="ann", system="s", thread=thread, earlier_calls=seq), timeout=timeout)
    assert len(model_server.asked()) == 1


@pytest.mark.parametrize("bad", [Fault("status", 500), Said("half", finish="length"), Said("", finish="content_filter")])
async def test_what_is_no_whole_answer_is_not_kept(model_server: ModelServer, file: Path, bad: Any):
    model_server.script({"*": InTurn(bad, "whole")})
    with contextlib.suppress(ModelUnavailable):
        await answer(model_server)
    assert (await answer(model_server)).reply.text == "whole"


async def test_a_damaged_file_is_done_without(model_server: ModelServer, damaged: None):
    model_server.script({"*": "hello"})
    assert (await answer(model_server)).reply.text == "hello"


def test_the_oldest_answers_make_room(file: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(remembered, "LARGEST_FILE", 10_000)
    answers = Answers(file)
    for number in range(30):
        answers.keep(bytes([number]), ModelReply("x" * 1_000))
    kept = [number for number in range(30) if answers.find(bytes([number])) is not None]
    assert 5 <= len(kept) <= 10
    assert kept == list(range(30 - len(kept), 30))


def test_an_answer_that_is_too_large_is_not_kept(file: Path):
    answers = Answers(file)
    answers.keep(b"k", ModelReply("x" * (remembered.LARGEST_KEPT + 1)))
    assert answers.find(b"k") is None


def _exists(file: Path) -> bool:
    return file.exists()


def _mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def _write(file: Path, start: int) -> None:
    answers = Answers(file)
    for number in range(start, start + 25):
        answers.keep(number.to_bytes(2, "big"), ModelReply(f"answer {number}"))


def test_several_processes_write_at_once_and_lose_nothing(file: Path):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(file, start)) for start in (0, 100, 200)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    answers = Answers(file)
    for start in (0, 100, 200):
        for number in range(start, start + 25):
            found = answers.find(number.to_bytes(2, "big"))
            assert found is not None
            assert found.text == f"answer {number}"


async def test_many_streams_of_one_client_find_what_is_there(model_server: ModelServer, file: Path):
    model_server.script({"*": "hello"})
    client = client_of(model_server)
    await ask(client, task())
    everything = await asyncio.gather(*(ask(client, task()) for _ in range(20)))
    assert {asked.reply.usage.remembered for asked in everything} == {1}
    assert len(model_server.asked()) == 1
    await client.close()
