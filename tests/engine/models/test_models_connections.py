"""What stays open between requests, what is shared, and who is trusted."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from asking import KEY, OneAccount, ask, client_of, task
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from model_server import ModelServer
from patience import within

from studio.engine.errors import ModelRefused
from studio.engine.models import connections
from studio.engine.models.openai_model import OpenAIModel
from studio.engine.models.quirks import Quirks

FIELD = Quirks(names="field")


async def test_clients_of_one_account_share_a_connection_until_a_while_after_the_last_is_closed(
    model_server: ModelServer, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(connections, "LINGERS", 0.05)
    model_server.script({"*": ["ok"]})
    clients = [client_of(model_server) for _ in range(5)]
    await asyncio.gather(*(ask(client, task()) for client in clients))
    held = list(connections._open[asyncio.get_running_loop()].values())
    assert [shared.users for shared in held] == [5]
    for client in clients:
        await client.close()
    assert not held[0].sdk.is_closed()
    async with asyncio.timeout(within(5)):
        await asyncio.gather(*connections._leaving)
    assert held[0].sdk.is_closed()
    assert held[0].session is not None
    assert held[0].session.closed
    assert not connections._open[asyncio.get_running_loop()]


async def test_the_next_run_finds_the_connection_of_the_last_one(model_server: ModelServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connections, "LINGERS", 0.1)
    model_server.script({"*": ["ok"]})
    (first, second), loop = [client_of(model_server) for _ in range(2)], asyncio.get_running_loop()
    await ask(first, task())
    (held,) = connections._open[loop].values()
    await first.close()
    await ask(second, task())
    assert list(connections._open[loop].values()) == [held]
    await asyncio.sleep(0.25)
    assert not held.sdk.is_closed()
    await second.close()


def test_the_end_of_an_event_loop_closes_what_nobody_uses(model_server: ModelServer):
    model_server.script({"*": ["ok"]})

    async def once() -> Any:
        client = client_of(model_server)
        await ask(client, task())
        await client.close()
        return next(iter(connections._open[asyncio.get_running_loop()].values()))

    held = asyncio.run(once())
    assert held.sdk.is_closed()
    assert held.session.closed


async def test_another_key_is_another_connection(model_server: ModelServer):
    model_server.script({"*": ["ok"]})
    mine, yours = client_of(model_server), client_of(model_server, key="sk-of-somebody-else")
    await ask(mine, task())
    await ask(yours, task())
    assert [seen.headers["Authorization"] for seen in model_server.requests] == [f"Bearer {KEY}", "Bearer sk-of-somebody-else"]
    await mine.close()
    await ask(yours, task())
    await yours.close()


async def test_a_closed_client_opens_again_when_it_is_asked(model_server: ModelServer):
    model_server.script({"*": ["ok"]})
    client = client_of(model_server)
    await ask(client, task())
    await client.close()
    assert (await ask(client, task())).reply.text == "ok"
    await client.close()


def test_a_client_outlives_an_event_loop(model_server: ModelServer):
    model_server.script({"*": ["ok"]})
    client = client_of(model_server)

    async def once() -> str:
        text = (await ask(client, task())).reply.text
        await client.close()
        return text

    assert [asyncio.run(once()) for _ in range(2)] == ["ok", "ok"]
    gc.collect()


async def test_the_key_is_in_no_representation(model_server: ModelServer):
    client = client_of(model_server)
    await ask(client, task())
    assert KEY not in repr(client) + repr(client._place) + repr(client._connection)
    await client.close()


# Whom we trust ------------------------------------------------------------------------------------------------------------

ANSWER = b'data: {"choices": [{"index": 0, "delta": {"content": "safe"}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n'


async def test_a_server_with_an_unknown_certificate_is_refused(tls_server: tuple[str, Path]):
    url, _ = tls_server
    client = OpenAIModel(model="m", account="lab", retries=3).connect(OneAccount(url))
    with pytest.raises(ModelRefused) as caught:
        await ask(client, task())
    await client.close()
    assert str(caught.value) == f"The certificate of {url} cannot be trusted. Open the account and check its address."


async def test_a_server_with_a_certificate_that_the_machine_trusts_is_talked_to(
    tls_server: tuple[str, Path], monkeypatch: pytest.MonkeyPatch
):
    url, certificate = tls_server
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    monkeypatch.setattr(connections, "_trust", None)
    client = OpenAIModel(model="m", account="lab", retries=0).connect(OneAccount(url))
    assert (await ask(client, task())).reply.text == "safe"
    await client.close()


async def test_a_redirect_carries_no_key_away(model_server: ModelServer):
    with ModelServer() as elsewhere:
        body = f"HTTP/1.1 307 Over There\r\nLocation: {elsewhere.base_url}/chat/completions\r\nContent-Length: 0\r\n\r\n".encode()
        with tcp_server(body) as port:
            client = OpenAIModel(model="m", account="lab", retries=0).connect(OneAccount(f"http://127.0.0.1:{port}/v1"))
            with pytest.raises(ModelRefused, match="sends us elsewhere"):
                await ask(client, task())
            await client.close()
        assert not elsewhere.requests


@pytest.fixture
def tls_server(tmp_path: Path) -> Iterator[tuple[str, Path]]:
    """A server with a certificate of its own making: its address and the certificate's file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(today - timedelta(days=1))
        .not_valid_after(today + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    secret = tmp_path / "key.pem"
    plain = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    secret.write_bytes(key.private_bytes(*plain))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file, secret)
    head = f"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: {len(ANSWER)}\r\n\r\n".encode()
    with tcp_server(head + ANSWER, context) as port:
        yield f"https://localhost:{port}/v1", file


@contextlib.contextmanager
def tcp_server(answer: bytes, tls: ssl.SSLContext | None = None) -> Iterator[int]:
    """The port of a server that answers these bytes to everybody."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            with contextlib.suppress(OSError):
                plain, _ = listening.accept()
                plain.settimeout(2)
                with tls.wrap_socket(plain, server_side=True) if tls else plain as connection:
                    connection.recv(65_536)
                    connection.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield listening.getsockname()[1]
    over.set()
    thread.join(5)
    listening.close()
