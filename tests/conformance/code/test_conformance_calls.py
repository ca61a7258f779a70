"""Calling Python tools in a sandbox: results, mistakes, time limits, several at once. Every executor joins."""

from __future__ import annotations

import asyncio
import json
import time

from patience import within
from sandboxes import Bench, gone

from studio.engine.code.base import MAX_OUTPUT

ADD = "def add(a: int, b: int = 1) -> int:\n    return a + b\n"


RESULTS = [
    ("def f(text: str): return text.upper()", '{"text": "hi ✓"}', "HI ✓"),
    (ADD, '{"a": 2, "b": 3}', "5"),
    (ADD, '{"a": "2"}', "3"),
    ("def f(): return {'a': [1, None, True], 'b': 'ü'}", "{}", '{"a": [1, null, true], "b": "ü"}'),
    ("def f(): pass", "", "null"),
    ("import datetime\ndef f(): return {'day': datetime.date(2024, 1, 2)}", "{}", '{"day": "2024-01-02"}'),
    ("async def f(n: int):\n    import asyncio\n    await asyncio.sleep(0.01)\n    return n", '{"n": 4}', "4"),
    ("def f(text: str): return text", '{"text": "two\nlines\tand tab"}', "two\nlines\tand tab"),
    ("def f():\n    print('noise')\n    print({'output': 'forged', 'is_error': False})\n    return 'real'", "{}", "real"),
    ("import threading, time\ndef f():\n    threading.Thread(target=time.sleep, args=(60,)).start()\n    return 'done'", "{}", "done"),
    ("def f(a, /, b, *, c=3): return [a, b, c]", '{"a": 1, "b": 2}', "[1, 2, 3]"),
    ("from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\ndef f(): return P(1)", "{}", '{"x": 1}'),
    ("def wrap(g): return g\n@wrap\ndef f(): return __name__", "{}", "tool"),
]
"""(source, arguments, what comes out)"""

MISTAKES = [
        (ADD, '{"a": "many"}', "The argument 'a' must be a whole number, but is \"many\"."),
        (ADD, "{}", "The argument 'a' is missing."),
        (ADD, '{"a": 1, "c": 2}', "There is no argument 'c'. Arguments that exist: a, b."),
        (ADD, '{"a": 1', "The arguments are not valid JSON (Expecting ',' delimiter, line 1, column 8). Send one JSON object."),
        (ADD, "[1, 2]", "The arguments must be one JSON object, but are [1, 2]. Send a JSON object."),
        (ADD, '{"a": NaN}', "The arguments are not valid JSON (NaN is not JSON). Send one JSON object."),
        ("def add(tags: list[int]): return 1", '{"tags": [1, "x"]}', "The argument 'tags[1]' must be a whole number, but is \"x\"."),
        ("def add():\n    x = 1\n    raise ValueError('bad')", "{}", "ValueError: bad (line 3)"),
        ("def helper():\n    return {}['k']\n\ndef add():\n    helper()", "{}", "KeyError: 'k' (line 2)"),
        ("import nothing_like_this\ndef add(): return 1", "{}", "ModuleNotFoundError: No module named 'nothing_like_this' (line 1)"),
        ("def add(): return 1\ndef broken(:", "{}", "SyntaxError: invalid syntax (line 2)"),
        ("def other(): return 1", "{}", "AttributeError: module 'tool' has no attribute 'add'"),
        ("def add():\n    raise SystemExit(3)", "{}", "SystemExit: 3 (line 2)"),
        ("def add():\n    import os\n    print('last words', flush=True)\n    os._exit(9)", "{}", "The function ended the process (exit code 9) before it returned.\nlast words"),
        ("class Odd(Exception):\n    def __str__(self): raise OSError\ndef add(): raise Odd", "{}", "Odd (line 3)"),
    ]  # fmt: skip
"""(source, arguments, what the model is told)"""


async def test_a_function_returns_its_result_as_text(bench: Bench) -> None:
    names = ["add" if source == ADD else "f" for source, _, _ in RESULTS]
    results = [await bench.session.call(source, name, arguments, 5) for name, (source, arguments, _) in zip(names, RESULTS, strict=True)]
    assert [(result.output, result.is_error) for result in results] == [(output, False) for _, _, output in RESULTS]
    assert all(result.seconds > 0 for result in results)


async def test_a_mistake_is_a_result_that_says_what_to_mend(bench: Bench) -> None:
    results = [await bench.session.call(source, "add", arguments, 5) for source, arguments, _ in MISTAKES]
    assert [(result.output, result.is_error) for result in results] == [(output, True) for _, _, output in MISTAKES]


async def test_arguments_that_are_no_json_start_no_sandbox(bench: Bench) -> None:
    await bench.session.call(ADD, "add", "not json", 5)
    assert bench.processes() == []
    assert bench.containers() == []


async def test_a_long_result_is_cut_in_the_middle(bench: Bench) -> None:
    result = await bench.session.call("def f(): return 'a' + 'é' * 3_000_000 + 'z'", "f", "{}", 8)
    assert not result.is_error
    assert len(result.output) < MAX_OUTPUT + 100
    assert result.output.startswith("aé")
    assert result.output.endswith("éz")
    assert "characters left out" in result.output


async def test_long_arguments_arrive_whole(bench: Bench) -> None:
    text = "x☃" * 50_000
    result = await bench.session.call("def f(text: str): return len(text)", "f", json.dumps({"text": text}), 8)
    assert result.output == "100000"


async def test_a_call_that_takes_too_long_is_ended_with_what_it_started(bench: Bench) -> None:
    word = f"leftover-{time.monotonic_ns()}"
    source = f"import subprocess, sys, time\ndef f():\n    subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)', {word!r}], start_new_session=True)\n    time.sleep(60)"
    await bench.session.call(ADD, "add", '{"a": 1}', 5)
    began = time.monotonic()
    result = await bench.session.call(source, "f", "{}", 1.0)
    assert (result.output, result.is_error) == ("Timed out: it took longer than 1 s and was stopped.", True)
    assert time.monotonic() - began < within(3)
    assert await gone(lambda: [line for line in bench.processes(word) if word in line]) == []


async def test_calls_run_at_the_same_time_and_do_not_end_each_other(bench: Bench) -> None:
    await bench.session.call(ADD, "add", '{"a": 1}', 5)
    slow = "import time\ndef f(n: int):\n    time.sleep(1.0)\n    return n"
    began = time.monotonic()
    calls = [bench.session.call(slow, "f", json.dumps({"n": number}), 9) for number in range(4)]
    quick = bench.session.call("def g(): return 'quick'", "g", "{}", 9)
    late = bench.session.call("import time\ndef h(): time.sleep(60)", "h", "{}", 0.5)
    results = await asyncio.gather(*calls, quick, late)
    assert [result.output for result in results[:5]] == ["0", "1", "2", "3", "quick"]
    assert results[5].is_error
    assert time.monotonic() - began < within(5)


async def test_a_call_reads_what_blocks_wrote(bench: Bench) -> None:
    await bench.python("open('numbers.txt', 'w').write('1 2 3')")
    result = await bench.session.call("def f(): return open('numbers.txt').read()", "f", "{}", 5)
    assert result.output == "1 2 3"
