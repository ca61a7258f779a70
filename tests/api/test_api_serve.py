"""The launcher: which port it takes, under which names it can be reached, and that it does not run on an unusable one."""

from __future__ import annotations

import asyncio
import logging
import socket
from pathlib import Path

import pytest

from studio.serve import PortRefused, is_no_cancelling, listen, reachable_hosts
from studio.settings import Settings


def settings(host: str, *hosts: str) -> Settings:
    return Settings(data_dir=Path("/nowhere"), database="sqlite://", host=host, hosts=hosts)


def test_the_next_free_port_is_taken_only_when_any_will_do() -> None:
    with listen("127.0.0.1", 0, any_port=False) as taken:
        port = taken.getsockname()[1]
        with listen("127.0.0.1", port, any_port=True) as other:
            assert port < other.getsockname()[1] <= port + 50
        with pytest.raises(PortRefused, match=str(port)):
            listen("127.0.0.1", port, any_port=False)


def test_a_port_can_be_taken_again_at_once() -> None:
    with listen("127.0.0.1", 0, any_port=False) as listener:
        port = listener.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as client, listener.accept()[0] as server:
            server.close()
            client.recv(1)
    listen("127.0.0.1", port, any_port=False).close()


@pytest.mark.parametrize("host", ["no.such.host.invalid", "300.1.1.1", "203.0.113.7", "x" * 300])
def test_an_address_that_is_not_ours_is_refused_in_a_sentence(host: str) -> None:
    with pytest.raises(PortRefused) as refused:
        listen(host, 0, any_port=True)
    assert "--host" in refused.value.remedy


def test_only_names_that_were_given_reach_beyond_loopback() -> None:
    assert reachable_hosts(settings("127.0.0.1")) == ()
    assert reachable_hosts(settings("0.0.0.0")) == ()
    assert reachable_hosts(settings("0.0.0.0", "lab.example")) == ("lab.example",)
    assert reachable_hosts(settings("192.0.2.1", "lab.example")) == ("192.0.2.1", "lab.example")


def test_streams_that_end_with_the_server_are_no_mistake(caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("uvicorn.error")
    log.addFilter(is_no_cancelling)
    try:
        for mistake in (asyncio.CancelledError("stopped"), ValueError("broken")):
            try:
                raise mistake
            except BaseException as raised:
                log.error("Exception in ASGI application", exc_info=raised)
        log.error("Something else")
    finally:
        log.removeFilter(is_no_cancelling)
    assert "stopped" not in caplog.text
    assert "broken" in caplog.text
    assert "Something else" in caplog.text
