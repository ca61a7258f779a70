"""The studio as a process: it starts, serves from any port, ends cleanly, and what waits outlives its sudden death."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from api_process import StudioProcess
from drawn import asking
from studio_command import free_port

from studio.formats.flow_json.write import to_json
from studio.frontend.build import WEB, ensure, is_fresh
from studio.frontend.toolchain import ToolchainMissing

pytestmark = pytest.mark.skipif(os.name != "posix", reason="ends processes by signals")


@pytest.fixture(scope="module")
def front_end() -> Path:
    try:
        return WEB if is_fresh() else ensure(print)
    except ToolchainMissing as missing:
        pytest.skip(str(missing))


def test_it_says_where_it_is_serves_its_pages_and_ends_at_ctrl_c(front_end: Path, tmp_path: Path) -> None:
    studio = StudioProcess(tmp_path / "data", free_port())
    try:
        assert studio.request("GET", "/")[0].status == 401
        cookie = studio.cookie()
        response, page = studio.request("GET", "/", Cookie=cookie, **{"Accept-Encoding": "identity"})
        assert response.status == 200
        scripts = re.findall(r'href="(/assets/[^"]+\.js)"', page.decode())
        assert scripts
        for script in scripts:
            assert studio.request("GET", script)[0].status == 401
            assert studio.request("GET", script, Cookie=cookie)[0].status == 200
        for name in ("run", "flow"):
            page = studio.request("GET", f"/{name}/some", Cookie=cookie, **{"Accept-Encoding": "identity"})[1]
            assert re.search(rf'<link rel="modulepreload" href="/assets/_{name}_[^"]+"/>', page.decode())
        assert studio.request("GET", "/", Cookie=cookie, Host=f"evil.example:{studio.port}")[0].status == 421
        with studio.channel(cookie) as channel:
            channel.send(t="ping")
            channel.read_until(t="pong")
            assert studio.end() == 0
    finally:
        studio.process.kill()
    assert "Traceback" not in "".join(studio.said)


def test_no_built_file_names_the_host_that_reflex_compiled_for(front_end: Path) -> None:
    for file in (front_end / "build" / "client").rglob("*"):
        if file.suffix in (".js", ".html", ".css"):
            assert not re.search(r"localhost:8000|wss?://\w", file.read_text("utf-8")), file.name


def test_a_question_outlives_the_sudden_death_of_the_server(front_end: Path, tmp_path: Path) -> None:
    port = free_port()
    first = StudioProcess(tmp_path / "data", port)
    try:
        cookie = first.cookie()
        origin = f"http://127.0.0.1:{port}"
        response, body = first.request("POST", "/api/import", to_json(asking()).encode(), Cookie=cookie, Origin=origin)
        assert response.status == 201
        flow = re.search(rb'"flow":"([^"]+)"', body)
        assert flow is not None
        with first.channel(cookie) as channel:
            channel.send(t="start", nonce="1", flow=flow[1].decode(), task="Go.")
            run = channel.read_until(t="started")["run"]
            channel.send(t="watch", run=run, after=0)
            question = channel.event("question")["id"]
            first.process.kill()
    finally:
        first.process.kill()
        first.process.wait(10)
    second = StudioProcess(tmp_path / "data", port)
    try:
        with second.channel(cookie) as channel:
            channel.send(t="watch", run=run, after=0)
            channel.read_until(t="status", status="waiting")
            channel.send(t="answer", run=run, question=question, text="Go on.")
            assert channel.event("run_finished")["status"] == "done"
    finally:
        assert second.end() == 0
