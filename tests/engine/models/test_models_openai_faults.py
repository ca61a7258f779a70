"""Everything that a model server can do wrong: each ends in a retry, a repair or a clear error, never in a hang or a raw exception."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import time
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
from asking import KEY, Asked, OneAccount, ask, client_of, task, texts
from model_server import Fault, InTurn, ModelServer, Said
from patience import within

from studio.engine.errors import ModelAnswerBroken, ModelError, ModelRefused, ModelUnavailable
from studio.engine.models.base import ModelClient
from studio.engine.models.openai_model import OpenAIModel

pytestmark = pytest.mark.usefixtures("each_way")


async def failure(client: ModelClient, into: Asked | None = None) -> ModelError:
    """The error that asking ends in, which has all that every error must have."""
    began = time.monotonic()
    with pytest.raises(ModelError) as caught:
        await ask(client, task(), into)
    await client.close()
    assert time.monotonic() - began < within(8)
    error = caught.value
    written = "".join(traceback.format_exception(error)) + repr(error) + str(error) + error.remedy
    assert KEY not in written
    assert error.account == "lab"
    assert error.remedy
    assert error.sentence.endswith(".")
    assert "\n" not in error.sentence
    return error


# Refused: asking again is pointless ---------------------------------------------------------------------------------------


async def test_a_refused_key_names_the_account_and_the_way_to_it(model_server: ModelServer):
    model_server.keys = {"another"}
    error = await failure(client_of(model_server, retries=3))
    assert isinstance(error, ModelRefused)
    assert str(error) == f"401 from {model_server.base_url}: the key of account lab was refused. Open the account."
    assert len(model_server.asked()) == 1


async def test_a_missing_key_is_said_to_be_missing(model_server: ModelServer):
    model_server.keys = {"another"}
    error = await failure(client_of(model_server, key=None))
    assert error.sentence == f"401 from {model_server.base_url}: account lab has no key."


@pytest.mark.parametrize(
    ("status", "message", "sentence", "remedy"),
    [
        (400, "temperature is wrong", "the request was refused: temperature is wrong.", "Check the settings of the model."),
        (400, "maximum context length is 8192 tokens", "the conversation is too long for m", "Choose a model with a larger context"),
        (402, "pay first", "account lab has no credit left.", "Top it up"),
        (403, "not in your country", "account lab may not use m: not in your country.", "choose another model"),
        (404, "The model `m` does not exist", "there is no model 'm'.", "Choose one that the account offers."),
        (404, "Not Found", "no models are served at this address: Not Found.", "most end in /v1"),
        (422, "a field is missing", "the request was refused: a field is missing.", "Check the settings"),
        (307, "over there", "the server sends us elsewhere", "correct its address"),
    ],
)
async def test_a_refusal_is_not_retried_and_says_what_to_do(
    model_server: ModelServer, status: int, message: str, sentence: str, remedy: str
):
    model_server.script({"*": Fault("status", status=status, message=message)})
    error = await failure(client_of(model_server, retries=3))
    assert isinstance(error, ModelRefused)
    assert error.sentence.startswith(f"{status} from {model_server.base_url}: ")
    assert sentence in error.sentence
    assert remedy in error.remedy
    assert error.status == status
    assert len(model_server.asked()) == 1


async def test_an_account_out_of_credit_is_not_asked_again(model_server: ModelServer):
    body = {"error": {"message": "You exceeded your current quota", "type": "insufficient_quota", "code": "insufficient_quota"}}
    with raw_server(
        f"HTTP/1.1 429 No\r\nContent-Type: application/json\r\nContent-Length: {len(json.dumps(body))}\r\n\r\n{json.dumps(body)}"
    ) as url:
        error = await failure(client_of(url, retries=3))
    assert isinstance(error, ModelRefused)
    assert "no credit left" in error.sentence


async def test_a_key_that_the_server_repeats_is_cut_out_of_its_words(model_server: ModelServer):
    model_server.script({"*": Fault("status", status=400, message=f"Bad request with Bearer {KEY} and sk-live-abcdefghijkl and more")})
    error = await failure(client_of(model_server))
    assert "abcdefghijkl" not in str(error)
    assert "and more" in str(error)


async def test_a_key_that_looks_like_no_key_is_cut_out_too(model_server: ModelServer):
    model_server.script({"*": Fault("status", status=400, message="you sent correct horse/battery, or correct%20horse%2Fbattery")})
    error = await failure(client_of(model_server, key="correct horse/battery"))
    assert "battery" not in str(error)
    assert "you sent …" in error.sentence


async def test_a_key_in_the_address_is_not_repeated(model_server: ModelServer):
    model_server.script({"*": Fault("status", status=400)})
    address = model_server.base_url.replace("//", f"//user:{KEY}@")
    error = await failure(client_of(address))
    assert error.url == model_server.base_url


@pytest.mark.parametrize("key", ["sk-“quoted”", "sk-1\n2", "sk-\x00"])
async def test_a_key_that_cannot_be_sent_is_an_error_of_the_account(model_server: ModelServer, key: str):
    error = await failure(client_of(model_server, key=key))
    assert key not in str(error)


@pytest.mark.parametrize("address", ["no address", "ftp://example.test/v1", "http://", "http://[broken", "file:///etc/passwd"])
async def test_an_address_that_is_none_is_refused(address: str):
    error = await failure(client_of(address))
    assert isinstance(error, ModelRefused)
    assert "is no web address" in error.sentence


async def test_a_model_without_a_name_is_refused_before_anything_is_sent(model_server: ModelServer):
    error = await failure(client_of(model_server, model=""))
    assert "No model is named" in error.sentence
    assert not model_server.requests


async def test_openai_without_a_key_is_refused_before_anything_is_sent():
    client = OpenAIModel(model="m", account="lab", retries=0).connect(OneAccount(None, None))
    error = await failure(client)
    assert error.sentence == "Account lab has no key for https://api.openai.com/v1."


# Unavailable: asking again may help ---------------------------------------------------------------------------------------

TEMPORARY = [
    Fault("status", status=429, message="slow down", retry_after="0.05"),
    Fault("status", status=500),
    Fault("status", status=503),
    Fault("status", status=529),
    Fault("reset"),
    Fault("cut"),
    Fault("eof"),
    Fault("no_finish"),
    Fault("garbage"),
    Fault("empty"),
    Fault("html"),
    Fault("no_choices"),
    Fault("null_choices"),
    Fault("error"),
    Fault("late_error"),
    Fault("stall"),
    Fault("stall_later"),
]


async def test_a_server_that_wants_a_long_rest_is_asked_once_and_the_person_is_told_how_long(model_server: ModelServer):
    model_server.script({"*": Fault("status", status=429, message="slow down", retry_after="3600")})
    error = await failure(client_of(model_server, retries=2))
    assert error.sentence == f"429 from {model_server.base_url}: too many requests: slow down. It asks to be left alone for 60 minutes."
    assert len(model_server.asked()) == 1


@pytest.mark.parametrize("fault", TEMPORARY, ids=lambda fault: f"{fault.kind}-{fault.status}")
async def test_what_may_pass_is_tried_again_and_what_was_said_is_void(model_server: ModelServer, fault: Fault):
    model_server.script({"*": InTurn(fault, "the real answer")})
    client = client_of(model_server, retries=1, timeout=0.5)
    asked = await ask(client, task())
    await client.close()
    (retry,) = asked.retries
    assert retry.attempt == 1
    assert retry.why.endswith(".")
    assert asked.reply.text == texts(asked.pieces[asked.pieces.index(retry) :][1:-1]) == "the real answer"


@pytest.mark.parametrize("fault", TEMPORARY, ids=lambda fault: f"{fault.kind}-{fault.status}")
async def test_what_does_not_pass_ends_in_an_error_that_counts_the_tries(model_server: ModelServer, fault: Fault):
    model_server.script({"*": fault})
    asked = Asked()
    error = await failure(client_of(model_server, retries=1, timeout=0.3), asked)
    assert isinstance(error, ModelUnavailable | ModelAnswerBroken)
    assert error.sentence.endswith("It failed 2 times.")
    assert len(asked.retries) == 1
    assert len(model_server.asked()) == 2


@pytest.mark.parametrize(
    ("fault", "kind", "words"),
    [
        (Fault("status", status=429, message="slow down"), ModelUnavailable, "too many requests: slow down."),
        (Fault("status", status=503, message="overloaded"), ModelUnavailable, "the server failed: overloaded."),
        (Fault("reset"), ModelUnavailable, "broke the connection off."),
        (Fault("cut"), ModelUnavailable, "broke the connection off."),
        (Fault("eof"), ModelAnswerBroken, "its answer broke off before it was finished."),
        (Fault("no_finish"), ModelAnswerBroken, "its answer broke off before it was finished."),
        (Fault("garbage"), ModelAnswerBroken, "something that is no answer of a model."),
        (Fault("empty"), ModelAnswerBroken, "nothing to choose from."),
        (Fault("html"), ModelAnswerBroken, "it was a web page"),
        (Fault("no_choices"), ModelAnswerBroken, "nothing to choose from."),
        (Fault("error", status=400, message="no such thing"), ModelRefused, "no such thing"),
        (Fault("error", status=0, message="no such thing"), ModelAnswerBroken, "no such thing"),
        (Fault("late_error", message="the GPU melted"), ModelUnavailable, "the GPU melted"),
        (Fault("stall"), ModelUnavailable, "said nothing for 0.3 s."),
        (Fault("stall_later"), ModelUnavailable, "said nothing for 0.3 s."),
    ],
    ids=lambda value: value.kind if isinstance(value, Fault) else "",
)
async def test_each_fault_has_its_own_words(model_server: ModelServer, fault: Fault, kind: type[ModelError], words: str):
    model_server.script({"*": fault})
    error = await failure(client_of(model_server, timeout=0.3))
    assert type(error) is kind
    assert words in error.sentence
    assert model_server.base_url in error.sentence


async def test_nobody_at_the_address_is_said_so():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = await failure(client_of(f"http://127.0.0.1:{port}/v1"))
    assert isinstance(error, ModelUnavailable)
    assert error.sentence == f"Nobody answers at http://127.0.0.1:{port}/v1."


async def test_a_name_without_a_server_is_said_so():
    error = await failure(client_of("http://nowhere.invalid/v1"))
    assert isinstance(error, ModelUnavailable)
    assert "no server by the name" in error.sentence


async def test_something_that_is_no_web_server_is_said_so():
    with raw_server("SSH-2.0-OpenSSH_9.2\r\n") as url:
        error = await failure(client_of(url))
    assert isinstance(error, ModelAnswerBroken | ModelUnavailable)


async def test_retry_after_is_honoured_in_seconds(model_server: ModelServer):
    model_server.script({"*": InTurn(Fault("status", status=429, retry_after="0.4"), "ok")})
    began = time.monotonic()
    client = client_of(model_server, retries=1)
    asked = await ask(client, task())
    assert asked.retries[0].wait == pytest.approx(0.4)
    assert time.monotonic() - began >= 0.4
    model_server.script({"*": Fault("status", status=429, retry_after="60")})
    stream = aiter(client.stream(task()))
    assert (await anext(stream)).wait == 60  # type: ignore[union-attr]
    await stream.aclose()  # type: ignore[attr-defined]
    await client.close()


async def test_a_server_that_wants_to_be_left_alone_for_long_is_not_asked_again(model_server: ModelServer):
    model_server.script({"*": Fault("status", status=429, retry_after="86400")})
    error = await failure(client_of(model_server, retries=5))
    assert isinstance(error, ModelUnavailable)
    assert len(model_server.asked()) == 1


async def test_a_retry_after_that_says_no_time_is_passed_over(model_server: ModelServer):
    model_server.script({"*": InTurn(Fault("status", status=503, retry_after="inf"), Fault("status", status=503, retry_after="nan"), "ok")})
    client = client_of(model_server, retries=2)
    asked = await ask(client, task())
    assert len(asked.retries) == 2
    await client.close()


async def test_a_wait_between_tries_can_be_cancelled(model_server: ModelServer):
    model_server.script({"*": Fault("status", status=429, retry_after="20")})
    client = client_of(model_server, retries=1)
    asking = asyncio.create_task(ask(client, task()))
    await asyncio.to_thread(model_server.wait_until, lambda server: server.asked())
    await asyncio.sleep(0.1)
    began = time.monotonic()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert time.monotonic() - began < within(1)
    await client.close()


@pytest.mark.parametrize(
    "fault", [Fault("stall"), Fault("stall_later"), Said("a b c d", first=30)], ids=["before", "in the middle", "slow"]
)
async def test_cancelling_closes_the_request_at_once(model_server: ModelServer, fault: Any):
    model_server.script({"*": fault})
    client = client_of(model_server, timeout=30)
    asking = asyncio.create_task(ask(client, task()))
    await asyncio.to_thread(model_server.wait_until, lambda server: server.open == 1)
    await asyncio.sleep(0.1)
    began = time.monotonic()
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert time.monotonic() - began < within(0.5)
    assert await asyncio.to_thread(model_server.wait_until, lambda server: server.open == 0, 1.0)
    await client.close()


@contextlib.contextmanager
def raw_server(answer: str) -> Iterator[str]:
    """A server that answers these bytes to everybody."""
    import threading

    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError):
                connection, _ = listening.accept()
                with connection:
                    connection.settimeout(1)
                    connection.recv(65_536)
                    connection.sendall(answer.encode())

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1"
    over.set()
    thread.join(5)
    listening.close()
