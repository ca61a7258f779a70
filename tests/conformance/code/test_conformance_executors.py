"""What every executor keeps: the conformance suite that all of them join."""

from __future__ import annotations

import asyncio
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from patience import within
from sandboxes import Bench, Opener, gone

from studio.engine.code.base import MAX_OUTPUT, Executor
from studio.engine.errors import CodeExecutionError
from studio.engine.events import CodeBlock

OUTSIDE = [
    "../up.sh",
    "/etc/x.sh",
    "a/../../b.sh",
    "~/../x/../../y.sh",
    "a\\..\\b.sh",
    "C:/x.sh",
    ".convene/x.sh",
    "a/./../b.sh",
    "a//b.sh",
]


async def test_what_is_printed_is_the_output_and_the_exit_code_is_zero(bench: Bench) -> None:
    result = await bench.python("print('hello')\nprint('wörld ✓')")
    assert (result.exit_code, result.output) == (0, "hello\nwörld ✓\n")
    assert result.seconds > 0


async def test_standard_output_and_errors_come_in_the_order_of_printing(script_bench: Bench) -> None:
    result = await script_bench.python("import sys\nfor i in range(4): print(i, file=sys.stderr if i % 2 else sys.stdout)")
    assert result.output == "0\n1\n2\n3\n"


async def test_blocks_run_in_order_and_share_the_folder(bench: Bench) -> None:
    result = await bench.run(
        "```sh\necho first > note.txt\n```\n```python\nprint(open('note.txt').read() + 'second')\n```\n```bash\necho third\n```"
    )
    assert (result.exit_code, result.output) == (0, "first\nsecond\nthird\n")
    assert result.files == ("note.txt",)


async def test_the_first_block_that_fails_ends_the_execution_with_its_exit_code(bench: Bench) -> None:
    result = await bench.run("```sh\necho one; exit 7\n```\n```sh\necho two\n```")
    assert (result.exit_code, result.output) == (7, "one\n")


async def test_a_traceback_names_the_block_and_not_the_folder_of_the_run(script_bench: Bench) -> None:
    result = await script_bench.python("def broken():\n    return 1 / 0\n\nbroken()")
    assert result.exit_code == 1
    assert 'File ".convene/block_1.py", line 2, in broken' in result.output
    assert "ZeroDivisionError: division by zero" in result.output
    assert str(script_bench.folder) not in result.output


async def test_a_signal_becomes_an_exit_code_above_128(script_bench: Bench) -> None:
    assert (await script_bench.python("import os\nos.kill(os.getpid(), 11)")).exit_code == 139


async def test_output_is_streamed_while_the_code_runs(bench: Bench) -> None:
    moments: list[float] = []
    began = time.monotonic()
    block = CodeBlock(language="python", code="import time\nprint('a')\ntime.sleep(1)\nprint('b')")
    await bench.session.execute([block], lambda text: moments.append(time.monotonic() - began))
    assert moments[-1] - moments[0] > 0.3


async def test_ten_megabytes_are_cut_in_the_middle_and_streamed_as_they_are_kept(bench: Bench) -> None:
    result = await bench.python("print('start' + 'x' * 10_000_000 + 'end')")
    assert result.exit_code == 0
    assert len(result.output) < MAX_OUTPUT + 100
    assert result.output.startswith("startxxx")
    assert result.output.endswith("xxxend\n")
    assert "characters left out" in result.output
    assert "".join(bench.heard) == result.output


async def test_code_that_prints_without_end_is_stopped(script_bench: Bench) -> None:
    began = time.monotonic()
    result = await script_bench.python("while True: print('x' * 1000)")
    assert result.exit_code != 0
    assert result.output.endswith("Stopped: it printed more than 16 MB.\n")
    assert len(result.output) < MAX_OUTPUT + 200
    assert time.monotonic() - began < within(8)


async def test_a_work_folder_that_grows_beyond_its_limit_stops_the_code(
    opened: Opener, make_script_executor: Callable[..., Executor]
) -> None:
    bench = opened(make_script_executor(timeout=10, disk_mb=5))
    began = time.monotonic()
    result = await bench.python("import time\nfor i in range(10): open(f'{i}.bin', 'wb').write(b'x' * 1_000_000)\ntime.sleep(60)")
    assert result.exit_code != 0
    assert result.output.endswith("Stopped: the files in the work folder grew beyond 5 MB.\n")
    assert time.monotonic() - began < within(6)


async def test_a_block_that_fills_the_work_folder_and_ends_at_once_is_the_last_one(
    opened: Opener, make_script_executor: Callable[..., Executor]
) -> None:
    bench = opened(make_script_executor(timeout=10, disk_mb=5))
    fill = "for i in range(10): open(f'{i}.bin', 'wb').write(b'x' * 1_000_000)"
    result = await bench.run(f"```python\n{fill}\n```\n```python\nprint('never')\n```")
    assert result.exit_code != 0
    assert result.output == "Stopped: the files in the work folder grew beyond 5 MB.\n"
    assert (await bench.python("import os\nfor i in range(10): os.remove(f'{i}.bin')")).exit_code == 0


async def test_bytes_that_are_no_text_are_replaced(script_bench: Bench) -> None:
    result = await script_bench.python(r"import sys; sys.stdout.buffer.write(b'a\xff\x00b')")
    assert result.output == "a\ufffd\ufffdb"


async def test_a_time_out_ends_everything_and_says_so_and_the_sandbox_works_again(short_bench: Bench) -> None:
    began = time.monotonic()
    result = await short_bench.python("import time\nprint('begun')\ntime.sleep(60)")
    assert time.monotonic() - began < within(6)  # a kernel is started within it
    assert result.exit_code == 124
    assert result.output.startswith("begun\nTimed out: it took longer than 1 s and was ")
    assert (await short_bench.python("print('again')")).output == "again\n"


async def test_the_time_limit_is_for_all_blocks_together(short_bench: Bench) -> None:
    await short_bench.sh("true")
    began = time.monotonic()
    result = await short_bench.run("```sh\nsleep 0.7\n```\n```sh\nsleep 0.7\n```\n```sh\necho never\n```")
    assert result.exit_code == 124
    assert time.monotonic() - began < within(2.5)


async def test_code_that_ignores_the_polite_signals_is_ended_all_the_same(short_bench: Bench) -> None:
    result = await short_bench.python("import signal, time\nfor s in (2, 15, 1): signal.signal(s, signal.SIG_IGN)\ntime.sleep(60)")
    assert result.exit_code == 124


async def test_nobody_is_there_to_type_an_answer(script_bench: Bench) -> None:
    result = await script_bench.python("input('name? ')")
    assert result.exit_code == 1
    assert "EOFError" in result.output


async def test_files_that_are_new_or_changed_are_named(bench: Bench) -> None:
    await bench.python("open('old.txt', 'w').write('1'); open('kept.txt', 'w').write('1')")
    result = await bench.python(
        "import os\nopen('old.txt', 'a').write('2'); os.makedirs('out/deep'); open('out/deep/new.csv', 'w').write('x')\nopen('.hidden', 'w')"
    )
    assert result.files == ("old.txt", "out/deep/new.csv")
    assert (bench.folder / "old.txt").read_text() == "12"


async def test_a_block_that_names_its_file_is_saved_run_and_can_be_imported(bench: Bench) -> None:
    first = await bench.run("```python\n# filename: lib/shapes.py\ndef area(a): return a * a\nprint('loaded')\n```")
    assert (first.output, first.files) == ("loaded\n", ("lib/shapes.py",))
    second = await bench.python("from lib.shapes import area\nprint(area(3))")
    assert second.output == "loaded\n9\n"


async def test_a_file_name_that_looks_like_an_option_is_run_as_a_file(bench: Bench) -> None:
    result = await bench.run("```python\n# filename: -c.py\nprint('py')\n```\n```sh\n# filename: -x.sh\necho sh\n```")
    assert (result.exit_code, result.output, result.files) == (0, "py\nsh\n", ("-c.py", "-x.sh"))


async def test_a_language_that_is_not_run_is_saved_under_its_file_name(bench: Bench) -> None:
    result = await bench.run("```html\n<!-- filename: site/index.html -->\n<p>hi</p>\n```\n```json\n// filename: data.json\n[1]\n```")
    assert result.exit_code == 0
    assert result.output == "Saved site/index.html (not run: html is not run here).\nSaved data.json (not run: json is not run here).\n"
    assert result.files == ("data.json", "site/index.html")
    assert (bench.folder / "data.json").read_text() == "[1]\n"


async def test_a_block_that_can_neither_run_nor_be_saved_is_passed_over_with_a_sentence(bench: Bench) -> None:
    result = await bench.run("```json\n{}\n```\n```python\nprint('ran')\n```")
    assert result.exit_code == 0
    assert (
        result.output == "A block of 'json' was not run: only python, sh, bash and pwsh are. Others are saved if they name a file.\nran\n"
    )


async def test_an_execution_that_could_do_nothing_has_failed(bench: Bench) -> None:
    assert (await bench.run("```ruby\nputs 1\n```")).exit_code == 1


async def test_too_many_blocks_are_refused_before_the_first_runs(bench: Bench) -> None:
    result = await bench.session.execute([CodeBlock(language="sh", code="echo x >> x.txt")] * 65, lambda text: None)
    assert result.exit_code == 1
    assert "at most 64" in result.output
    assert not (bench.folder / "x.txt").exists()


async def test_a_file_name_that_leaves_the_work_folder_is_refused(bench: Bench) -> None:
    for name in OUTSIDE:
        result = await bench.run(f"```sh\n# filename: {name}\necho ran\n```")
        assert result.exit_code == 1, name
        assert "is no file name inside the work folder. Nothing was saved or run." in result.output
        assert result.files == ()


async def test_links_that_code_planted_are_not_followed_when_a_block_is_saved(bench: Bench, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "victim.txt").write_text("untouched")
    await bench.python(
        f"import os\nos.symlink({str(outside / 'victim.txt')!r}, 'a.txt')\nos.symlink({str(outside)!r}, 'dir')\nos.mkfifo('pipe.txt')"
    )
    replaced = await bench.run("```text\n# filename: a.txt\nmine\n```\n```text\n# filename: pipe.txt\nmine\n```")
    assert replaced.exit_code == 0
    assert (bench.folder / "a.txt").read_text() == "mine\n"
    refused = await bench.run("```text\n# filename: dir/new.txt\nmine\n```")
    assert refused.exit_code == 1
    assert "inside the work folder" in refused.output
    assert [each.name for each in outside.iterdir()] == ["victim.txt"]
    assert (outside / "victim.txt").read_text() == "untouched"


async def test_links_are_not_reported_as_files(bench: Bench) -> None:
    result = await bench.python(
        "import os\nos.symlink('/etc/passwd', 'passwords.txt')\nos.symlink('/etc', 'settings')\nopen('real.txt', 'w')"
    )
    assert result.files == ("real.txt",)


async def test_no_key_of_the_studio_reaches_the_code(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary-123")
    monkeypatch.setenv("CONVENE_SECRET_KEY", "canary-456")
    result = await bench.python("import os\nprint(sorted(os.environ.items()))\nprint(os.environ['HOME'] == os.getcwd())")
    assert "canary" not in result.output
    assert result.output.endswith("True\n")
    called = await bench.session.call("def look():\n    import os\n    return dict(os.environ)", "look", "{}", 5)
    assert "canary" not in called.output


async def test_what_a_block_leaves_in_the_background_ends_with_it(script_bench: Bench) -> None:
    word = f"leftover-{time.monotonic_ns()}"
    code = f"""
import os, subprocess, sys
sleep = [sys.executable, "-c", "import time; time.sleep(60)", {word!r}]
subprocess.Popen(sleep)
subprocess.Popen(sleep, start_new_session=True)
subprocess.Popen(sleep, start_new_session=True, env={{}}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execve(sys.executable, sleep, {{}})
    os._exit(0)
print("done")
"""
    began = time.monotonic()
    result = await script_bench.python(code)
    assert result.output == "done\n"
    assert time.monotonic() - began < within(5)
    assert await gone(lambda: [line for line in script_bench.processes(word) if word in line]) == []


async def test_code_that_kills_its_runner_ends_the_execution_and_nothing_else(script_bench: Bench) -> None:
    began = time.monotonic()
    result = await script_bench.python("import os, time\nprint('bye', flush=True)\nos.kill(os.getppid(), 9)\ntime.sleep(60)")
    assert result.exit_code != 0
    assert "Stopped: the sandbox ended." in result.output
    assert time.monotonic() - began < within(4)
    assert (await script_bench.python("print('again')")).output == "again\n"


async def test_reports_that_code_forges_break_nothing(script_bench: Bench) -> None:
    code = """
import os
lines = ['{"is": "end", "id": 99999, "code": 0}', '{"is": "out", "id": []}', '{"is": {}, "id": 1}', 'noise', '[' * 5000, '{"id": 1}', '{}', '7']
with open(f"/proc/{os.getppid()}/fd/1", "w") as out:
    for line in lines:
        out.write(line + chr(10))
print('still here')
"""
    result = await script_bench.python(code)
    assert result.exit_code == 0
    assert result.output == "still here\n"


async def test_a_flood_of_forged_reports_ends_the_sandbox(script_bench: Bench) -> None:
    began = time.monotonic()
    code = """
import os
line = '{"is": "out", "id": 1, "text": "' + 'x' * 60_000 + '"}' + chr(10)
with open(f"/proc/{os.getppid()}/fd/1", "w") as out:
    while True:
        out.write(line)
"""
    result = await script_bench.python(code)
    assert result.exit_code != 0
    assert len(result.output) < MAX_OUTPUT + 200
    assert time.monotonic() - began < within(9)
    assert (await script_bench.python("print('again')")).output == "again\n"


async def test_an_error_of_the_listener_ends_the_code(bench: Bench) -> None:
    def broken(text: str) -> None:
        raise BrokenPipeError("the page is gone")

    with pytest.raises(BrokenPipeError, match="the page is gone"):
        await bench.session.execute([CodeBlock(language="python", code="print(1)\nimport time; time.sleep(60)")], broken)
    assert await gone(lambda: [line for line in bench.processes() if "block_" in line]) == []


async def test_a_closed_session_refuses_and_can_be_closed_again(bench: Bench) -> None:
    await bench.python("print(1)")
    await bench.session.close()
    await bench.session.close()
    assert await gone(bench.processes) == []
    assert await gone(bench.containers) == []
    with pytest.raises(CodeExecutionError):
        await bench.python("print(1)")


async def test_a_session_that_was_never_used_starts_nothing(bench: Bench) -> None:
    assert bench.processes() == []
    assert bench.containers() == []
    await bench.session.close()


async def test_pages_and_scripts_for_browsers_are_saved_and_the_answer_says_where(bench: Bench) -> None:
    result = await bench.run("```html\n<p>hi</p>\n```\n```js\nalert(1)\n```\n```css\np {}\n```")
    assert result.exit_code == 0
    assert [line.split("(")[1] for line in result.output.splitlines()] == [
        "not run: html is not run here).",
        "not run: javascript is not run here).",
        "not run: css is not run here).",
    ]
    assert {name.rsplit(".")[1]: (bench.folder / name).read_text() for name in result.files} == {
        "html": "<p>hi</p>\n",
        "js": "alert(1)\n",
        "css": "p {}\n",
    }
    again = await bench.run("```html\n<p>hi</p>\n```")
    assert again.output == result.output.splitlines(keepends=True)[0]


@pytest.mark.skipif(shutil.which("pwsh") is not None or shutil.which("powershell") is not None, reason="PowerShell is here")
async def test_a_shell_that_is_not_there_is_named(bench: Bench) -> None:
    result = await bench.run("```powershell\nGet-ChildItem\n```")
    assert result.exit_code == 127
    assert result.output == "There is no pwsh here.\nIt could not be started.\n"


async def test_several_executions_at_once_take_turns_and_functions_run_beside_them(bench: Bench) -> None:
    code = "import time\nprint('in', flush=True)\ntime.sleep(0.3)\nprint('out', flush=True)"
    first, second, called = await asyncio.gather(
        bench.python(code), bench.python(code), bench.session.call("def double(x: int) -> int:\n    return 2 * x", "double", '{"x": 4}', 10)
    )
    assert (first.output, second.output) == ("in\nout\n", "in\nout\n")
    assert (called.output, called.is_error) == ("8", False)
