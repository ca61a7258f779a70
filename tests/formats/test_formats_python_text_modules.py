"""A program in several files: tools become modules with what only they need, and all of it becomes one text again."""

from __future__ import annotations

import ast

import pytest
from drawn_flows import flows
from hypothesis import HealthCheck, given, settings

from studio import __version__
from studio.flow.document import FlowDocument
from studio.flow.held import functions
from studio.formats.convene_python.file import to_file
from studio.formats.python_text.modules import joined, split
from studio.formats.python_text.requirements import requirements
from studio.formats.python_text.smoke import scripted_smoke_test

PROGRAM = '''"""A program."""

import json
import math

from studio.engine import Team

LIMIT = 3
NOTES = {"a": [1]}


def search(words: str) -> str:
    """Find words."""
    return json.dumps(NOTES)[:LIMIT]


# How many there are.
def count() -> int:
    return len(NOTES)


def root(x: float) -> float:
    """Root."""
    return math.sqrt(x)


def shown() -> int:
    return LIMIT


def used(text: str) -> str:
    return text


team = Team(name=used("x"), tools=[search, count, root, shown])
print(LIMIT)
# convene: {}
'''


def statements(source: str) -> list[str]:
    return sorted(ast.dump(each) for each in ast.parse(source).body if not isinstance(each, ast.Import | ast.ImportFrom))


def test_each_tool_takes_along_what_only_it_needs() -> None:
    parts = split(PROGRAM, ["search", "count", "root", "shown", "gone"])
    assert parts.modules.keys() == {"root"}
    assert parts.modules["root"] == 'import math\n\n\ndef root(x: float) -> float:\n    """Root."""\n    return math.sqrt(x)\n'
    assert "from tools.root import root" in parts.main
    assert "import math" not in parts.main
    assert parts.main.endswith("# convene: {}\n")


def test_tools_that_share_something_share_a_module() -> None:
    parts = split(PROGRAM.replace("print(LIMIT)\n", ""), ["search", "count", "root"])
    assert parts.modules.keys() == {"search", "root"} or "LIMIT" in parts.main
    without_shown = PROGRAM.replace("print(LIMIT)\n", "").replace("    return LIMIT\n", "    return 3\n")
    parts = split(without_shown, ["search", "count", "root"])
    assert parts.modules.keys() == {"search", "root"}
    assert "# How many there are." in parts.modules["search"]
    assert "from tools.search import count, search" in parts.main


@pytest.mark.parametrize("functions", [[], ["root"], ["search", "count", "root", "shown"]])
def test_the_parts_become_one_program_again(functions: list[str]) -> None:
    parts = split(PROGRAM, functions)
    again = joined(parts.main, parts.modules)
    assert statements(again) == statements(PROGRAM)
    assert again.endswith("# convene: {}\n")
    names = {alias.name for node in ast.walk(ast.parse(again)) if isinstance(node, ast.Import) for alias in node.names}
    assert names == {"json", "math"}


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows())
def test_the_parts_of_any_flow_become_its_program_again(flow: FlowDocument) -> None:
    program = to_file(flow)
    parts = split(program, [name for node in flow.nodes for name, _ in functions(node)])
    assert statements(joined(parts.main, parts.modules)) == statements(program)


def test_what_is_not_in_the_package_stays_an_import() -> None:
    main = "from tools.other import thing\nfrom tools.here import *\nimport tools\n\nprint(thing)\n"
    assert joined(main, {"here": "x = 1\n"}) == main


def test_tools_bring_their_packages() -> None:
    program = "import os\n\nimport numpy as np\nfrom autogen_agentchat.teams import Swarm\nfrom autogen_ext.models.openai import X\n"
    program += "\n\ndef f() -> None:\n    import yaml\n    from tools.x import y\n"
    assert requirements("autogen", program) == ["autogen-agentchat==0.7.5", "autogen-ext[openai]==0.7.5", "numpy", "pyyaml"]
    assert requirements("classic", "import autogen\n") == ["autogen-agentchat==0.2.40"]
    surfing = "from studio.engine import Assistant, McpServer, WebBrowser\n"
    assert requirements("convene", surfing) == [f"convene-studio[browser,mcp]=={__version__}"]
    assert requirements("convene", "from studio.engine import Assistant\n") == [f"convene-studio=={__version__}"]
    assert [each.partition("==")[0] for each in requirements("convene", "from studio.engine import Team\n")] == ["convene-studio"]


def test_a_smoke_test_says_what_keeps_it_from_running() -> None:
    assert 'WHY_NOT = ""' in scripted_smoke_test('x = os.environ["OPENAI_API_KEY"]', ["OPENAI_API_KEY"], ["DONE"])
    assert "names the address" in scripted_smoke_test('Client(base_url="https://models.example/v1")', [], [])
    assert "names the address" in scripted_smoke_test('[{"base_url": "http://127.0.0.1:11434/v1"}]', [], [])
    assert "names the address" not in scripted_smoke_test('Client(base_url=os.environ.get("A", "http://127.0.0.1:11434/v1"))', [], [])
    hostile = scripted_smoke_test("pass", [], ['"""\n"; import os {x}', "\\"])
    ast.parse(hostile)
