"""A kernel in the sandbox: what was defined is kept, pictures and pages become files, a cell is interrupted, a dead kernel is replaced."""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
import sys
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest
from patience import within
from sandboxes import Bench, gone, until

from studio.engine.code.docker_executor import DockerExecutor
from studio.engine.code.jupyter import JupyterExecutor
from studio.engine.code.jupyter_session import JupyterSession, KernelMissing
from studio.engine.events import CodeBlock

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
SHOW = f"import base64\nfrom IPython.display import HTML, Image, SVG, display\npixel = Image(base64.b64decode('{PIXEL}'))\n"


@pytest.fixture
def notebook(opened: Callable[..., Bench]) -> Bench:
    return opened(JupyterExecutor(place="local", timeout=10))


async def test_what_one_block_defines_the_next_ones_know(notebook: Bench) -> None:
    first = await notebook.run("```python\nx = 41\nprint('set')\n```\n```sh\necho shell\n```\n```python\nx + 1\n```")
    assert first.output == "set\nshell\n42\n"
    assert (await notebook.python("x + 2")).output == "43\n"
    assert (await notebook.python("print(__import__('os').getcwd() == __import__('os').environ['HOME'])")).output == "True\n"


async def test_pictures_and_pages_come_back_as_files_in_the_order_of_showing(notebook: Bench) -> None:
    result = await notebook.python(
        SHOW + "display(pixel)\ndisplay(HTML('<b>bold</b>'))\ndisplay(pixel)\nSVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')"
    )
    assert result.output == "Saved output_1.png\nSaved output_1.html\nSaved output_2.png\nSaved output_1.svg\n"
    assert result.files == ("output_1.html", "output_1.png", "output_1.svg", "output_2.png")
    assert (notebook.folder / "output_1.png").read_bytes().startswith(b"\x89PNG")
    assert (notebook.folder / "output_1.html").read_text() == "<b>bold</b>"
    assert (await notebook.python("pixel")).files == ("output_3.png",)


async def test_what_cannot_be_shown_as_a_picture_ends_no_kernel_and_texts_are_shown_as_texts(notebook: Bench) -> None:
    await notebook.python("from IPython.display import JSON, Markdown, display\nx = 41")
    broken = await notebook.python("display({'image/png': 'not base64', 'text/plain': 'a dot'}, raw=True)")
    assert (broken.exit_code, broken.output) == (0, "a dot\n")
    shown = await notebook.python("display(Markdown('**bold**'))\ndisplay(JSON({'n': 1}))\nx + 1")
    assert (shown.exit_code, shown.output) == (0, '**bold**\n{"n": 1}\n42\n')


async def test_what_is_shown_and_changed_is_seen_as_it_was_first_and_last(notebook: Bench) -> None:
    changing = "shown = display('0 %', display_id=True)\nfor percent in (40, 80, 100):\n    shown.update(f'{percent} %')\nprint('end')"
    assert (await notebook.python(changing)).output == "'0 %'\nend\n'100 %'\n"
    assert (await notebook.python("'next'")).output == "'next'\n"


async def test_an_error_shows_the_lines_of_the_cells_without_colours_and_places_of_this_machine(notebook: Bench) -> None:
    await notebook.python("def broken():\n    return 1 / 0")
    result = await notebook.python("broken()")
    assert result.exit_code == 1
    assert result.output.endswith("ZeroDivisionError: division by zero\n")
    assert "return 1 / 0" in result.output
    assert "\x1b" not in result.output
    assert "ipykernel" not in result.output


async def test_the_first_cell_that_fails_ends_the_execution(notebook: Bench) -> None:
    result = await notebook.run("```python\nraise ValueError('no')\n```\n```python\nprint('never')\n```")
    assert result.exit_code == 1
    assert "never" not in result.output


async def test_a_cell_that_takes_too_long_is_interrupted_and_what_was_defined_is_kept(opened: Callable[..., Bench]) -> None:
    bench = opened(JupyterExecutor(place="local", timeout=2))
    await bench.python("x = 1")
    began = time.monotonic()
    result = await bench.python("import time\ntime.sleep(60)")
    assert time.monotonic() - began < within(4)
    assert (result.exit_code, result.output) == (124, "Timed out: it took longer than 2 s and was interrupted.\n")
    assert (await bench.python("x")).output == "1\n"


async def test_a_cell_that_ignores_the_interruption_ends_the_kernel(opened: Callable[..., Bench]) -> None:
    bench = opened(JupyterExecutor(place="local", timeout=2))
    await bench.python("x = 1")
    stubborn = "import time\nwhile True:\n    try: time.sleep(60)\n    except KeyboardInterrupt: pass"
    result = await bench.python(stubborn)
    assert result.exit_code == 124
    assert result.output == "Timed out: it took longer than 2 s. The kernel ended, and what was defined in it is gone.\n"
    assert "NameError" in (await bench.python("x")).output


async def test_a_kernel_that_dies_is_replaced_and_that_is_said(notebook: Bench) -> None:
    await notebook.python("x = 1")
    died = await notebook.python("import os\nos._exit(3)")
    assert (died.exit_code, died.output) == (1, "The kernel ended, and what was defined in it is gone.\n")
    assert "NameError" in (await notebook.python("x")).output


async def test_cancelling_a_cell_ends_the_kernel_within_a_second(notebook: Bench) -> None:
    await notebook.python("x = 1")
    working = asyncio.create_task(
        notebook.session.execute([CodeBlock(language="python", code="print('on'); import time; time.sleep(60)")], notebook.heard.append)
    )
    await until(lambda: "on\n" in notebook.heard)
    began = time.monotonic()
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert time.monotonic() - began < within(1)
    assert await gone(notebook.processes) == []
    assert (await notebook.python("print('again')")).output == "again\n"


async def test_reports_that_a_cell_forges_are_passed_over(notebook: Bench) -> None:
    result = await notebook.python('print(\'{"is": "done", "id": 1, "ok": false}\')\nprint(\'{"is": "ended"}\')')
    assert (result.exit_code, len(result.output.splitlines())) == (0, 2)


async def test_nobody_is_there_to_answer_a_cell(notebook: Bench) -> None:
    result = await notebook.python("input('name? ')")
    assert result.exit_code == 1
    assert "does not support input requests" in result.output


async def test_only_a_kernel_on_this_machine_needs_consent() -> None:
    assert await JupyterExecutor(place="local").needs_consent()
    assert not await JupyterExecutor().needs_consent()


@pytest.mark.docker
async def test_an_image_without_a_kernel_is_said_to_have_none(opened: Callable[..., Bench], docker_engine: str) -> None:
    bench = opened(JupyterExecutor())
    assert isinstance(bench.session, JupyterSession)
    with pytest.raises(KernelMissing, match="The Python in Docker has no jupyter_client") as caught:
        await bench.python("1")
    assert "ipykernel" in caught.value.remedy
    assert (await bench.sh("echo still there")).output == "still there\n"
    assert DockerExecutor().limits.memory < JupyterExecutor().memory_mb << 20


def lay_out(name: str, folder: Path, seen: set[str]) -> None:
    """Copy a package and all that it needs into a folder; without a debugger, which is most of it."""
    if name in seen or name == "debugpy":
        return
    seen.add(name)
    with contextlib.suppress(PackageNotFoundError):
        package = distribution(name)
        for file in package.files or ():
            if file.suffix != ".pyc" and not file.parts[0].startswith("..") and file.locate().is_file():
                (folder / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file.locate(), folder / file)
        for needed in package.requires or ():
            if "extra ==" not in needed:
                lay_out(re.split(r"[^\w.-]", needed, maxsplit=1)[0], folder, seen)


def lay_out_libraries(folder: Path) -> None:
    """Copy what a compiled package needs of this system, and a small image may not have."""
    for pattern in ("lib/*-linux-gnu", "lib64"):
        for system in Path("/usr").glob(pattern):
            for name in ("libstdc++.so.6", "libgcc_s.so.1"):
                if (system / name).exists():
                    shutil.copyfile(system / name, folder / name)


@pytest.mark.docker
async def test_a_kernel_in_a_container_remembers_and_shows_pictures(opened: Callable[..., Bench], docker_engine: str) -> None:
    bench = opened(JupyterExecutor(timeout=30))
    if (await bench.sh(f"python3 -c 'import sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})'")).exit_code != 0:
        pytest.skip("the Python of the image is another one than this one, whose kernel it cannot use")
    packages = bench.folder / ".local" / "lib" / f"python3.{sys.version_info.minor}" / "site-packages"
    lay_out("ipykernel", packages, set())
    lay_out_libraries(packages / "pyzmq.libs")
    assert (await bench.python("x = 41")).exit_code == 0
    result = await bench.python(SHOW + "print(x + 1)\npixel")
    assert result.output == "42\nSaved output_1.png\n"
    assert "output_1.png" in result.files
    assert (bench.folder / "output_1.png").read_bytes().startswith(b"\x89PNG")
    assert "Errno" in (await bench.python("import socket; socket.create_connection(('192.0.2.1', 80), 1)")).output
