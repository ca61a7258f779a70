"""Python tools as functions of a file: taken apart where that changes nothing, left as text where it would."""

from __future__ import annotations

import pytest

from studio.formats.python_text.functions import Module, functions_of, with_hints

SEARCH = '''import json
from math import sqrt as root, pi

# What there is to find.
DATA = {"a": 1}


def search(words: str) -> str:
    """Find words."""
    return json.dumps(DATA) + str(root(pi)) + clean(words)


def clean(text: str) -> str:
    return text.strip()
'''


def test_a_source_is_taken_apart() -> None:
    found = functions_of(SEARCH)
    assert found is not None
    assert found.function == "search"
    assert [part.text for part in found.imports] == ["import json", "from math import sqrt as root", "from math import pi"]
    assert [part.name for part in found.definitions] == ["DATA", "search", "clean"]
    assert found.definitions[0].text == '# What there is to find.\nDATA = {"a": 1}'


@pytest.mark.parametrize(
    "source",
    [
        pytest.param("def f(:", id="not Python"),
        pytest.param("", id="empty"),
        pytest.param("X = 1", id="no function"),
        pytest.param("print('hello')\ndef f() -> str: ...", id="does something when it is imported"),
        pytest.param("if __name__ == '__main__':\n    f()\ndef f() -> str: ...", id="is a program of its own"),
        pytest.param("def f() -> str: ...\ndef f() -> int: ...", id="binds a name twice"),
        pytest.param("from __future__ import annotations\ndef f() -> str: ...", id="changes how the file is read"),
        pytest.param("from . import x\ndef f() -> str: ...", id="relative import"),
        pytest.param("from math import *\ndef f() -> str: ...", id="star import"),
        pytest.param("from a import x\nfrom b import x\ndef f() -> str: ...", id="imports two things under one name"),
        pytest.param("import os; X = os.sep\ndef f() -> str: ...", id="two statements on a line"),
        pytest.param("N = 0\ndef f() -> int:\n    global N\n    N += 1\n    return N", id="counts its calls"),
        pytest.param("SEEN = []\ndef f(x: int) -> str:\n    SEEN.append(x)\n    return str(SEEN)", id="collects in a list"),
        pytest.param("SEEN = {}\ndef f(x: int) -> str:\n    SEEN['x'] = x\n    return str(SEEN)", id="keeps in a dict"),
    ],
)
def test_a_source_that_would_mean_something_else_stays_text(source: str) -> None:
    assert functions_of(source) is None


def test_two_tools_share_their_imports() -> None:
    module = Module(frozenset())
    for source in ("import json\ndef a() -> str:\n    return json.dumps(1)", "import json\ndef b() -> str:\n    return json.dumps(2)"):
        found = functions_of(source)
        assert found is not None
        assert module.take(found) is not None
    assert module.imports == ["import json"]


def test_an_equal_definition_is_written_once() -> None:
    module = Module(frozenset())
    helper = "def clean(x: str) -> str:\n    return x.strip()"
    first, second = (
        functions_of(f"def a(x: str) -> str:\n    return clean(x)\n{helper}"),
        functions_of(f"def b(x: str) -> str:\n    return clean(x)\n{helper}"),
    )
    assert first is not None
    assert second is not None
    assert [part.name for part in module.take(first) or ()] == ["a", "clean"]
    assert [part.name for part in module.take(second) or ()] == ["b"]


@pytest.mark.parametrize(
    "second",
    [
        pytest.param("DATA = 2\ndef b() -> int:\n    return DATA", id="another value under the same name"),
        pytest.param("import DATA\ndef b() -> int:\n    return DATA", id="an import under the same name"),
        pytest.param("def a() -> int:\n    return 3", id="another function of the same name"),
        pytest.param("def Team() -> int:\n    return 3", id="a name that the file needs"),
    ],
)
def test_two_meanings_of_one_name_never_meet(second: str) -> None:
    module = Module(frozenset({"Team"}))
    first, other = functions_of("DATA = 1\ndef a() -> int:\n    return DATA"), functions_of(second)
    assert first is not None
    assert other is not None
    assert module.take(first) is not None
    assert module.take(other) is None
    assert module.names == {"DATA", "a"}


def test_a_form_feed_in_a_text_does_not_move_the_lines() -> None:
    found = functions_of('X = "\x0c\u2028"\ndef f() -> str:\n    return X\n')
    assert found is not None
    assert found.definitions[1].text == "def f() -> str:\n    return X"


@pytest.mark.parametrize(
    ("source", "hinted"),
    [
        ("def add(a, b=2):\n    return a\n", "from typing import Any\ndef add(a: Any, b: Any = 2):\n    return a\n"),
        (
            '"""Ä."""\ndef f(ä, /, x: int, *, y =\'=\'):\n    return x\n',
            '"""Ä."""\nfrom typing import Any\ndef f(ä: Any, /, x: int, *, y: Any = \'=\'):\n    return x\n',
        ),
        ("async def f(a,\r\n  b):\r\n    return a\r\n", "from typing import Any\nasync def f(a: Any,\n  b: Any):\n    return a\n"),
        ("def f(a: int, *rest, **more) -> int:\n    return a\n", "def f(a: int, *rest, **more) -> int:\n    return a\n"),
        ("def f(:", "def f(:"),
    ],
)
def test_each_parameter_has_a_hint_where_others_want_one(source: str, hinted: str) -> None:
    assert with_hints(source) == hinted


@pytest.mark.parametrize("reserved", [frozenset[str](), frozenset(("Any",))])
def test_what_means_the_same_everywhere_is_in_nobodys_way(reserved: frozenset[str]) -> None:
    functions = functions_of(with_hints("def add(a, b):\n    return a + b\n"))
    assert functions is not None
    assert Module(reserved).take(functions) is not None
