"""What only the container promises: no network, no rights, bounded, one a run; and what is said when Docker is not there."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from patience import within
from sandboxes import Bench, gone

from studio.engine.code import docker_engine
from studio.engine.code.base import Sandbox
from studio.engine.code.docker_engine import DockerState, connect, docker_state, image_for, remove_orphans
from studio.engine.code.docker_engine import engine_address as docker_engine_address
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.errors import DockerUnavailable
from studio.engine.events import CodeBlock

HELLO = [CodeBlock(language="python", code="print('hello')")]


@pytest.fixture
def container(opened: Callable[..., Bench], docker_engine: str) -> Bench:
    return opened(DockerExecutor(timeout=10, memory_mb=128, disk_mb=256))


@pytest.fixture
def nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """A DOCKER_HOST where nobody answers."""
    address = f"unix://{tmp_path}/docker.sock"
    monkeypatch.setenv("DOCKER_HOST", address)
    return address


@pytest.fixture
def silent(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A DOCKER_HOST that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held: list[socket.socket] = []

        def accept() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        threading.Thread(target=accept, daemon=True).start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.getsockname()[1]}")
        yield
        for connection in held:
            connection.close()


def inspect(bench: Bench) -> list[dict[str, object]]:
    client = connect()
    try:
        found = client.api.containers(all=True, filters={"label": f"convene.run={bench.sandbox.run}"})
        return [client.api.inspect_container(each["Id"]) for each in found]
    finally:
        client.close()


@pytest.mark.docker
async def test_one_container_serves_a_run_and_is_hardened(container: Bench) -> None:
    await container.python("print(1)")
    await container.session.call("def f(): return 1", "f", "{}", 5)
    await container.python("print(2)")
    (facts,) = await asyncio.to_thread(inspect, container)
    host, config = facts["HostConfig"], facts["Config"]
    assert isinstance(host, dict)
    assert isinstance(config, dict)
    assert host["NetworkMode"] == "none"
    assert host["ReadonlyRootfs"] is True
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges"]
    assert host["Privileged"] is False
    assert (host["Memory"], host["MemorySwap"]) == (128 << 20, 128 << 20)
    assert host["PidsLimit"] == 128
    assert host["NanoCpus"] == 1_000_000_000
    assert host["AutoRemove"] is True
    assert host["LogConfig"]["Type"] == "none"
    assert host["Binds"] == [f"{container.folder.resolve()}:/work:rw,z"]
    assert config["User"] == "10001:10001"
    assert config["Labels"]["convene.run"] == container.sandbox.run
    assert config["Labels"]["convene.test"] == "yes"


@pytest.mark.docker
async def test_code_in_a_container_has_no_network_no_rights_and_nothing_to_write_but_its_folder(container: Bench) -> None:
    code = """
import os, socket
status = dict(line.split(":", 1) for line in open("/proc/self/status").read().splitlines())
print("user", os.getuid(), os.getgid())
print("rights", int(status["CapEff"], 16), int(status["CapBnd"], 16), status["NoNewPrivs"].strip())
for name in ("/etc/x", "/usr/x", "/x"):
    try:
        open(name, "w")
        print("WROTE", name)
    except OSError as mistake:
        print(name, mistake.strerror)
for address in (("1.1.1.1", 80), ("172.17.0.1", 22)):
    try:
        socket.create_connection(address, 2)
        print("CONNECTED")
    except OSError:
        print("no network")
print("engine", os.path.exists("/var/run/docker.sock"))
open("result.txt", "w").write("mine")
"""
    result = await container.python(code)
    assert result.output.splitlines() == [
        "user 10001 10001",
        "rights 0 0 1",
        "/etc/x Read-only file system",
        "/usr/x Read-only file system",
        "/x Read-only file system",
        "no network",
        "no network",
        "engine False",
    ]
    assert result.files == ("result.txt",)
    assert (container.folder / "result.txt").read_text() == "mine"


@pytest.mark.docker
async def test_a_fork_bomb_is_bounded_and_the_next_block_runs(opened: Callable[..., Bench], docker_engine: str) -> None:
    bench = opened(DockerExecutor(timeout=3))
    task = asyncio.create_task(bench.python("import os, time\nwhile True:\n    try: os.fork()\n    except OSError: time.sleep(0.01)"))
    await asyncio.sleep(2)
    alive = len(bench.processes())
    result = await task
    assert alive <= 130
    assert alive > 1 or os.geteuid() != 0, "only root sees the environment of the container's processes"
    assert result.exit_code == 124
    assert (await bench.python("print('again')")).output == "again\n"


@pytest.mark.docker
async def test_too_much_memory_is_refused_with_a_sentence_and_the_next_block_runs(container: Bench) -> None:
    result = await container.python("data = []\nwhile True: data.append(bytearray(10_000_000))")
    assert result.exit_code != 0
    assert result.output.endswith("Stopped: it needed more memory than it may have.\n")
    assert (await container.python("print('again')")).output == "again\n"


@pytest.mark.docker
async def test_one_file_cannot_fill_the_disk(container: Bench) -> None:
    result = await container.python("with open('big', 'wb') as file:\n    for _ in range(400): file.write(b'0' * 1_000_000)")
    assert result.exit_code != 0
    assert (container.folder / "big").stat().st_size <= 256 << 20


@pytest.mark.docker
async def test_files_of_the_container_can_be_removed_by_whoever_runs_the_studio(container: Bench) -> None:
    await container.python("import os\nos.makedirs('a/b')\nopen('a/b/c.txt', 'w').write('x')")
    (container.folder / "a/b/c.txt").unlink()
    (container.folder / "a/b").rmdir()
    (container.folder / "own.txt").write_text("mine")
    assert (await container.python("print(open('own.txt').read())")).output == "mine\n"


@pytest.mark.docker
async def test_processes_of_python_can_talk_to_each_other(container: Bench) -> None:
    code = "from multiprocessing import Pool\ndef square(n): return n * n\nif __name__ == '__main__':\n    with Pool(2) as pool: print(pool.map(square, range(4)))"
    assert (await container.python(code)).output == "[0, 1, 4, 9]\n"


@pytest.mark.docker
async def test_a_container_is_thrown_away_after_a_time_out(opened: Callable[..., Bench], docker_engine: str) -> None:
    bench = opened(DockerExecutor(timeout=1))
    await bench.python("print(1)")
    (before,) = bench.containers()
    assert (await bench.python("import time; time.sleep(60)")).exit_code == 124
    await bench.python("print(1)")
    assert before not in bench.containers()


@pytest.mark.docker
async def test_an_image_without_python_is_named(opened: Callable[..., Bench], docker_engine: str) -> None:
    def make_empty() -> None:
        client = connect()
        client.api.import_image_from_data(EMPTY_TAR, repository="convene-test-empty", tag="1")
        client.close()

    def remove() -> None:
        client = connect()
        client.images.remove("convene-test-empty:1", force=True)
        client.close()

    await asyncio.to_thread(make_empty)
    try:
        bench = opened(DockerExecutor(image="convene-test-empty:1"))
        with pytest.raises(DockerUnavailable, match="image 'convene-test-empty:1' has no python3"):
            await bench.python("print(1)")
        assert await gone(bench.containers) == []
    finally:
        await asyncio.to_thread(remove)


@pytest.mark.docker
async def test_an_image_that_is_missing_and_cannot_be_fetched_is_named_with_the_way_out(
    opened: Callable[..., Bench], docker_engine: str
) -> None:
    image = "127.0.0.1:9/nobody/none:1"
    assert (await docker_state(image)).state == "no image"
    bench = opened(DockerExecutor(image=image))
    with pytest.raises(DockerUnavailable) as raised:
        await bench.python("print(1)")
    assert f"does not have the image '{image}', and it could not be fetched" in raised.value.sentence
    assert f"docker pull {image}" in raised.value.remedy
    assert "CONVENE_DOCKER_IMAGE" in raised.value.remedy


async def test_no_engine_is_an_error_with_a_remedy_and_no_traceback(nowhere: str, tmp_path: Path) -> None:
    session = DockerExecutor().open(Sandbox("r", tmp_path / "work"))
    with pytest.raises(DockerUnavailable) as raised:
        await session.execute(HELLO, lambda text: None)
    assert raised.value.sentence == f"No Docker engine answers at {nowhere}."
    assert "start Docker" in raised.value.remedy
    with pytest.raises(DockerUnavailable):
        await session.call("def f(): pass", "f", "{}", 5)
    await session.close()
    assert await remove_orphans({"convene.test": "yes"}) == 0


async def test_an_engine_that_never_answers_counts_as_none_after_two_seconds(silent: None) -> None:
    began = time.monotonic()
    state = await docker_state("x:1")
    assert state.state == "no engine"
    assert time.monotonic() - began < within(4)


async def test_stopping_does_not_wait_for_an_engine_that_never_answers(
    silent: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(docker_engine, "REQUEST_TIMEOUT", 3.0)
    session = DockerExecutor().open(Sandbox("r", tmp_path / "work"))
    task = asyncio.create_task(session.execute(HELLO, lambda text: None))
    await asyncio.sleep(0.3)
    began = time.monotonic()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert time.monotonic() - began < within(1)
    await session.close()


async def test_a_probe_is_remembered_for_some_seconds(nowhere: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await docker_state("x:2")
    assert first.state == "no engine"
    assert await docker_state("x:2") is first
    monkeypatch.setattr(docker_engine, "PROBE_KEPT", 0.0)
    assert await docker_state("x:2") is not first


@pytest.mark.docker
async def test_the_engine_that_the_docker_command_uses_is_found(
    docker_engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = docker_engine_address()
    meta = tmp_path / "contexts/meta" / hashlib.sha256(b"mine").hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"Name": "mine", "Metadata": {}, "Endpoints": {"docker": {"Host": address, "SkipTLSVerify": False}}}))
    (tmp_path / "config.json").write_text(json.dumps({"currentContext": "mine"}))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    assert docker_engine_address() == address
    assert (await docker_state(docker_engine)).ready


async def test_a_broken_configuration_of_the_docker_command_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "config.json").write_text("{broken")
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    assert docker_engine_address().endswith(("docker.sock", "docker_engine"))


def test_the_image_is_the_flows_then_the_installations_then_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVENE_DOCKER_IMAGE", "environment:1")
    assert image_for("flow:1", "installation:1") == "flow:1"
    assert image_for("", "installation:1") == "installation:1"
    assert image_for() == "environment:1"
    monkeypatch.delenv("CONVENE_DOCKER_IMAGE")
    assert image_for() == "python:3.12-slim"


def test_a_state_says_whether_it_is_ready() -> None:
    assert DockerState("ready").ready
    assert not DockerState("no image").ready


EMPTY_TAR = bytes(10_240)
