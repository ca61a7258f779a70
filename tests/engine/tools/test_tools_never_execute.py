"""Opening, validating and checking a Python tool never executes, imports, spawns or opens anything: proved by an audit hook."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

BODIES = {
    "at the top": "__import__('os').mkdir({victim!r})\ndef tool(a: int): 'd'\n",
    "a decorator": "@(lambda f: __import__('os').mkdir({victim!r}) or f)\ndef tool(a: int): 'd'\n",
    "a default": "def tool(a: int = __import__('os').mkdir({victim!r})): 'd'\n",
    "an annotation": "def tool(a: __import__('os').mkdir({victim!r})): 'd'\n",
    "an annotation in quotes": "def tool(a: \"__import__('os').mkdir({victim!r})\"): 'd'\n",
    "a literal": "def tool(a: Literal[__import__('os').mkdir({victim!r})]): 'd'\n",
    "annotated": "def tool(a: Annotated[int, __import__('os').mkdir({victim!r})]): 'd'\n",
    "a class base": "class A(__import__('os').mkdir({victim!r}) or object): pass\ndef tool(a: int): 'd'\n",
    "a metaclass": "class A(metaclass=lambda *a: __import__('os').mkdir({victim!r})): pass\ndef tool(a: int): 'd'\n",
    "a class body": "class A:\n    __import__('os').mkdir({victim!r})\ndef tool(a: int): 'd'\n",
    "an import": "import antigravity, this, turtle\nfrom idlelib import *\ndef tool(a: int): 'd'\n",
    "a docstring that formats": "def tool(a: int):\n    f'''{{__import__('os').mkdir({victim!r})}}'''\n",
    "a coding line": "# -*- coding: unicode_escape -*-\n# \\u000a__import__('os').mkdir({victim!r})\ndef tool(a: int): 'd'\n",
    "a return hint": "def tool(a: int) -> __import__('os').mkdir({victim!r}): 'd'\n",
    "a type alias": "X = list[__import__('os').mkdir({victim!r})]\ndef tool(a: X): 'd'\n",
    "a walrus": "def tool(a: (x := __import__('os').mkdir({victim!r}))): 'd'\n",
    "a format": "def tool(a: int = f\"{{__import__('os').mkdir({victim!r})}}\"): 'd'\n",
    "not even Python": "def tool(a: int = __import__('os').mkdir({victim!r}): 'd'\n",
}
CHECK = """
import json, sys
from studio.engine.agents.assistant import Assistant
from studio.engine.tools.python_tool import PythonTool
from studio.engine.tools.schema import check_source
from studio.engine.errors import FlowError

def look(source):
    tool = PythonTool.model_validate({"kind": "python_tool", "source": source})
    agent = Assistant.model_validate({"kind": "assistant", "name": "a", "tools": [tool.model_dump(mode="json")]})
    agent.model_dump_json()
    check_source(source)
    tool.needs_approval("tool", "{}"), tool.needs_consent(), tool.key, tool.must_list, tool.runs_in
    try:
        tool.schema_for_model()
    except FlowError:
        pass

bodies = json.load(sys.stdin)
look("from typing import Literal\\ndef warm(a: 'Literal[1]' = 1): 'x'\\n")  # what is imported lazily is imported now
look("def broken(:")
events = []
sys.addaudithook(lambda event, arguments: events.append((event, repr(arguments)[:200])))
for body in bodies:
    look(body)
# the parser itself looks for the line of a syntax error in a file of the name that nameless source has
own = [("open", "('<unknown>', 'rb', 0)")]
happened = [each for each in events if each[0] not in ("compile", "object.__getattr__", "builtins.id") and each not in own]
print(json.dumps(happened))
"""


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    return tmp_path / "victim"


def test_no_payload_causes_anything(victim: Path) -> None:
    root = Path(__file__).parents[3]
    bodies = [body.format(victim=str(victim)) for body in BODIES.values()]
    done = subprocess.run(
        [sys.executable, "-B", "-c", CHECK],
        input=json.dumps(bodies),
        capture_output=True,
        text=True,
        cwd=root,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(root), os.environ.get("PYTHONPATH"))))},
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == []
    assert not victim.exists()


def test_the_payloads_would_do_harm_if_they_were_executed(tmp_path: Path) -> None:
    """Otherwise the test above would prove nothing."""
    harmless = {"an import", "not even Python", "a coding line", "a docstring that formats"}
    names = "from typing import Annotated, Literal\n"
    for number, (name, body) in enumerate(BODIES.items()):
        if name in harmless:
            continue
        victim = tmp_path / str(number)
        source = names + body.format(victim=str(victim))
        if name == "an annotation in quotes":
            source += "import typing\ntyping.get_type_hints(tool)\n"
        subprocess.run([sys.executable, "-c", source], capture_output=True, timeout=20, check=False)
        assert victim.exists(), name
