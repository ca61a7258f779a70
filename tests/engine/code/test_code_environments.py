"""Virtual environments on this machine: made once for a list of packages, shared or a run's own, off the event loop, cancellable."""

from __future__ import annotations

import asyncio
import os
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from patience import within
from sandboxes import Bench, gone, living, until

from studio.engine.code.base import Sandbox
from studio.engine.code.environments import PackagesNotFetched, environment_for
from studio.engine.code.local import LocalExecutor


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that serves as package index and knows `greeting`."""
    place = tmp_path / "index" / "greeting"
    place.mkdir(parents=True)
    with zipfile.ZipFile(place / "greeting-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("greeting.py", "def greet(): return 'hello from a package'\n")
        wheel.writestr("greeting-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: greeting\nVersion: 1.0\n")
        wheel.writestr("greeting-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("greeting-1.0.dist-info/RECORD", "")
    (place / "index.html").write_text('<a href="greeting-1.0-py3-none-any.whl">greeting-1.0-py3-none-any.whl</a>')
    monkeypatch.setenv("PIP_INDEX_URL", (tmp_path / "index").as_uri())
    return tmp_path / "environments"


def open_at(folder: Path, executor: LocalExecutor, keep: Path) -> Bench:
    sandbox = Sandbox(f"test-{folder.name}", folder, environments=keep)
    return Bench(executor, sandbox, executor.open(sandbox))


def names(folder: Path) -> list[str]:
    return os.listdir(folder) if folder.exists() else []


async def test_packages_are_installed_once_for_all_runs_that_ask_for_them(packages: Path, tmp_path: Path) -> None:
    executor = LocalExecutor(packages=("greeting",))
    first = open_at(tmp_path / "a", executor, packages)
    code = "import greeting, sys\nprint(greeting.greet())\nprint(sys.prefix)"
    result = await first.python(code)
    assert result.exit_code == 0, result.output
    hello, prefix = result.output.splitlines()
    assert hello == "hello from a package"
    assert first.heard[0] == "Making a virtual environment …\n"
    second = open_at(tmp_path / "b", executor, packages)
    assert (await second.python(code)).output.splitlines()[1] == prefix
    assert "".join(second.heard).startswith("hello")
    await first.session.close()
    await second.session.close()
    assert names(Path(prefix).parent)


async def test_an_environment_of_the_run_goes_with_its_session(packages: Path, tmp_path: Path) -> None:
    bench = open_at(tmp_path / "own", LocalExecutor(environment="run"), packages)
    result = await bench.run("```sh\npip install greeting\n```\n```python\nimport greeting, sys\nprint(greeting.greet(), sys.prefix)\n```")
    assert result.exit_code != 0 or "hello" in result.output
    assert (
        (await bench.python("import sys\nprint(sys.prefix)"))
        .output.strip()
        .endswith(tuple(os.listdir(bench.folder / ".convene/environments")))
    )
    assert result.files == ()
    await bench.session.close()
    assert not (bench.folder / ".convene/environments").exists()
    assert names(packages) == []


async def test_two_who_ask_at_once_share_one_environment(packages: Path) -> None:
    found = await asyncio.gather(*(environment_for(("greeting",), packages, lambda text: None) for _ in range(3)))
    assert len(set(found)) == 1
    assert len([name for name in names(packages) if not name.endswith(".ready")]) == 1


async def test_the_event_loop_goes_on_while_an_environment_is_made(packages: Path) -> None:
    making = asyncio.create_task(environment_for((), packages, lambda text: None))
    longest = 0.0
    while not making.done():
        began = time.monotonic()
        await asyncio.sleep(0.01)
        longest = max(longest, time.monotonic() - began)
    assert (await making).exists()
    assert longest < 0.5


async def test_making_an_environment_is_broken_off_and_leaves_nothing(packages: Path, tmp_path: Path) -> None:
    bench = open_at(tmp_path / "work", LocalExecutor(packages=("greeting",)), packages)
    working = asyncio.create_task(bench.python("print(1)"))
    await until(lambda: "Making a virtual environment …\n" in bench.heard)
    await asyncio.sleep(0.3)
    began = time.monotonic()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert time.monotonic() - began < within(1.2)
    assert await gone(lambda: living("-", str(packages)), within=2) == []
    assert await gone(lambda: names(packages), within=3) == []
    await bench.session.close()


async def test_a_package_that_does_not_exist_is_named(packages: Path, tmp_path: Path) -> None:
    bench = open_at(tmp_path / "work", LocalExecutor(packages=("no-such-thing",)), packages)
    with pytest.raises(PackagesNotFetched, match="No matching distribution found for no-such-thing"):
        await bench.python("print(1)")
    assert await gone(lambda: names(packages)) == []


async def test_memory_and_files_are_bounded_as_the_fields_say(opened: Callable[..., Bench]) -> None:
    bench = opened(LocalExecutor(memory_mb=200, disk_mb=2))
    eaten = await bench.python("data = bytearray(400_000_000)")
    assert eaten.exit_code == 1
    assert "MemoryError" in eaten.output
    written = await bench.python("open('big.bin', 'wb').write(b'x' * 3_000_000)")
    assert written.exit_code != 0
    assert (bench.folder / "big.bin").stat().st_size <= 2 << 20
