"""Images made for a flow: built from a Dockerfile, packages added, each once; broken off at once; what is said when it fails."""

from __future__ import annotations

import asyncio
import contextlib
import io
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from uuid import uuid4

import pytest
from docker.errors import APIError
from patience import within
from sandboxes import Bench, containers, gone, until

from studio.engine.code import unused_images
from studio.engine.code.docker_engine import connect
from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.code.images import ImageNotBuilt, PackagesNotInstalled, Preparing
from studio.engine.code.unused_images import note_use, remove_unused
from studio.engine.events import CodeBlock

pytestmark = pytest.mark.docker

HELLO = [CodeBlock(language="python", code="print('hello')")]
Opener = Callable[..., Bench]


@pytest.fixture
def image(docker_engine: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The image of the tests; the engine of the tests has no network of its own, so that what may reach outside uses the host's."""
    monkeypatch.setenv("CONVENE_DOCKER_NETWORK", "host")
    yield docker_engine
    forget_images()


def forget_images() -> None:
    client = connect()
    for _ in range(3):  # one may be made of another
        for made in client.images.list(filters={"label": "convene.made"}):
            with contextlib.suppress(APIError):
                client.images.remove(made.id, force=True)
    client.close()


@pytest.fixture(scope="module")
def pip_in_an_image(docker_engine: str) -> Iterator[str]:
    """The image of the tests with the pip of this Python in it."""
    pip = pytest.importorskip("pip", reason="this Python has no pip to put into the image")
    client = connect()
    api = client.api
    made = api.create_container(docker_engine, command=["true"])["Id"]
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        archive.add(Path(pip.__file__).parent, "usr/lib/python3/dist-packages/pip")
    api.put_archive(made, "/", buffer.getvalue())
    api.commit(made, "convene/tests", "pip")
    api.remove_container(made)
    yield "convene/tests:pip"
    client.images.remove("convene/tests:pip", force=True)
    client.close()


@pytest.fixture
def image_with_pip(image: str, pip_in_an_image: str) -> str:
    """The same where what may reach outside uses the host's network; what a test makes of it is removed."""
    return pip_in_an_image


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A package index that knows one package, `greeting`; the list of what was asked for."""
    place = tmp_path / "index" / "greeting"
    place.mkdir(parents=True)
    with zipfile.ZipFile(place / "greeting-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("greeting.py", "def greet(): return 'hello from a package'\n")
        wheel.writestr("greeting-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
        wheel.writestr("greeting-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("greeting-1.0.dist-info/RECORD", "")
    asked: list[str] = []

    class Index(SimpleHTTPRequestHandler):
        def __init__(self, *args: object) -> None:
            super().__init__(*args, directory=str(tmp_path / "index"))  # type: ignore[arg-type]

        def log_message(self, format: str, *args: object) -> None:
            asked.append(self.path)

    with ThreadingHTTPServer(("127.0.0.1", 0), Index) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        monkeypatch.setenv("PIP_INDEX_URL", f"http://user:canary@127.0.0.1:{server.server_port}/")
        yield asked
        server.shutdown()


def dockerfile(image: str, *commands: str) -> str:
    return "\n".join((f"FROM {image}", f"LABEL test={uuid4().hex}", *commands))


async def test_an_image_is_built_from_a_dockerfile_once_and_the_building_is_told(image: str, opened: Opener, tmp_path: Path) -> None:
    text = dockerfile(image, "RUN echo baked > /etc/baked")
    first = opened(DockerExecutor(dockerfile=text), tmp_path / "a")
    result = await first.python("print(open('/etc/baked').read().strip())")
    assert (result.exit_code, result.output) == (0, "baked\n")
    assert first.heard[0] == "Building the image …\n"
    assert any("RUN echo baked" in piece for piece in first.heard)
    second = opened(DockerExecutor(dockerfile=text), tmp_path / "b")
    assert (await second.python("print(1)")).output == "1\n"
    assert "".join(second.heard) == "1\n"


def test_images_that_nobody_used_for_long_are_removed_and_only_ours(image: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client, said = connect(), Event()
    now = datetime.now(UTC)
    preparing = Preparing(client, said, lambda text: None, {})
    try:
        long_ago, lately, needed, borrowed = (preparing.built(dockerfile(image)) for _ in range(4))
        monkeypatch.setattr(unused_images, "KEPT", 2)
        client.api.tag(borrowed, "somebody/else", "1")
        holding = client.api.create_container(needed, command=["true"])["Id"]
        note_use(client, lately, now + timedelta(days=20))
        note_use(client, long_ago, now + timedelta(days=1))
        gone = remove_unused(client, now + timedelta(days=45))
        assert long_ago in gone
        assert not {lately, needed, borrowed} & set(gone)
        names = {tag for each in client.api.images() for tag in each["RepoTags"] or ()}
        assert {lately, needed, borrowed, "somebody/else:1"} <= names
        assert not [tag for tag in names if tag.startswith("convene/used:") and tag.endswith(f"{now + timedelta(days=1):%Y%m%d}")]
        client.api.remove_container(holding)
        assert {lately, needed} <= set(remove_unused(client, now + timedelta(days=90)))
    finally:
        client.images.remove("somebody/else:1", force=True)
        client.close()


async def test_a_dockerfile_that_cannot_be_built_says_why(image: str, opened: Opener) -> None:
    bench = opened(DockerExecutor(dockerfile=dockerfile(image, "RUN echo going wrong && exit 7")))
    with pytest.raises(ImageNotBuilt, match="returned a non-zero code: 7"):
        await bench.session.execute(HELLO, lambda text: None)
    unreadable = opened(DockerExecutor(dockerfile="WHAT IS THIS"))
    with pytest.raises(ImageNotBuilt, match=r"(?i)unknown instruction"):
        await unreadable.session.execute(HELLO, lambda text: None)


async def test_a_build_that_says_nothing_is_broken_off_within_a_second(image: str, opened: Opener) -> None:
    bench = opened(DockerExecutor(dockerfile=dockerfile(image, "RUN sleep 300")))
    working = asyncio.create_task(bench.session.execute(HELLO, bench.heard.append))
    await until(lambda: any("RUN sleep" in piece for piece in bench.heard))
    await asyncio.sleep(0.5)
    began = time.monotonic()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert time.monotonic() - began < within(1.2)
    assert await gone(_sleeping, within=5) == []


def _sleeping() -> list[str]:
    client = connect()
    try:
        return [each["Id"] for each in client.api.containers() if "sleep 300" in each["Command"]]
    finally:
        client.close()


async def test_packages_are_installed_once_and_the_code_still_has_no_network(
    image_with_pip: str, opened: Opener, index: list[str], tmp_path: Path
) -> None:
    executor = DockerExecutor(image=image_with_pip, packages=("greeting==1.0",))
    first = opened(executor, tmp_path / "a")
    code = "import greeting, socket\nprint(greeting.greet())\ntry: socket.create_connection(('127.0.0.1', 9), 1)\nexcept OSError as e: print(e.strerror)"
    result = await first.python(code + "\nimport os\nprint([name for name in os.environ if 'canary' in os.environ[name]])")
    assert result.output == "hello from a package\nConnection refused\n[]\n", result.output
    assert first.heard[0] == "Installing greeting==1.0 …\n"
    asked = len(index)
    assert asked > 0
    assert (await opened(executor, tmp_path / "b").python("import greeting\nprint(1)")).output == "1\n"
    assert len(index) == asked


async def test_the_address_of_the_package_index_stays_out_of_the_image(image_with_pip: str, opened: Opener, index: list[str]) -> None:
    bench = opened(DockerExecutor(image=image_with_pip, packages=("greeting",)))
    await bench.python("print(1)")
    client = connect()
    facts = [client.api.inspect_image(each.id) for each in client.images.list(filters={"label": "convene.made=packages"})]
    client.close()
    assert len(facts) == 1
    assert "canary" not in str(facts)


async def test_what_a_killed_process_left_of_an_installation_is_found_by_its_labels(
    image_with_pip: str, opened: Opener, index: list[str]
) -> None:
    bench = opened(DockerExecutor(image=image_with_pip, packages=("greeting",)))
    working = asyncio.create_task(bench.session.execute(HELLO, bench.heard.append))
    await until(lambda: containers(bench.sandbox.run))
    client = connect()
    found = client.api.containers(all=True, filters={"label": [f"convene.run={bench.sandbox.run}", "convene.test=yes"]})
    client.close()
    assert len(found) == 1
    assert (await working).output == "hello\n"


async def test_a_package_that_does_not_exist_is_named_with_the_remedy(image_with_pip: str, opened: Opener, index: list[str]) -> None:
    bench = opened(DockerExecutor(image=image_with_pip, packages=("no-such-thing",)))
    with pytest.raises(PackagesNotInstalled, match="No matching distribution found for no-such-thing") as caught:
        await bench.session.execute(HELLO, lambda text: None)
    assert "canary" not in str(caught.value)
    assert await gone(lambda: containers(bench.sandbox.run)) == []


async def test_an_image_without_pip_is_said_to_have_none(image: str, opened: Opener) -> None:
    bench = opened(DockerExecutor(packages=("greeting",)))
    with pytest.raises(PackagesNotInstalled, match="the image has no pip") as caught:
        await bench.session.execute(HELLO, lambda text: None)
    assert "Choose an image with pip" in caught.value.remedy


async def test_code_reaches_the_network_only_where_it_may(image: str, opened: Opener, index: list[str], tmp_path: Path) -> None:
    import os

    address = os.environ["PIP_INDEX_URL"].replace("user:canary@", "")
    code = f"import urllib.request\nprint(urllib.request.urlopen({address!r}, timeout=3).status)"
    assert (await opened(DockerExecutor(network=True), tmp_path / "a").python(code)).output == "200\n"
    assert (await opened(DockerExecutor(), tmp_path / "b").python(code)).exit_code == 1


async def test_processors_and_processes_are_as_many_as_the_fields_say(image: str, opened: Opener) -> None:
    bench = opened(DockerExecutor(cpus=0.5, processes=16, disk_mb=3))
    result = await bench.python(
        "import os\nchildren = 0\ntry:\n    for _ in range(40):\n        if os.fork() == 0: os.read(os.pipe()[0], 1)\n        children += 1\n"
        "except OSError: print(children < 16)"
    )
    assert result.output == "True\n"
    client = connect()
    (facts,) = [client.api.inspect_container(each)["HostConfig"] for each in containers(bench.sandbox.run)]
    client.close()
    assert (facts["NanoCpus"], facts["PidsLimit"]) == (500_000_000, 16)
    assert {limit["Name"]: limit["Hard"] for limit in facts["Ulimits"]}["fsize"] == 3 << 20


@pytest.mark.parametrize(
    "name", ["-r /etc/passwd", "--index-url=http://x", "./here", "http://x/y.whl", "a @ http://x", "", "a b", "x;y", "../up"]
)
def test_what_is_no_package_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="must be a package name"):
        DockerExecutor(packages=(name,))
