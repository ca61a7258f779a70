"""What AutoGen tells a model about a function stands in the function's source."""

from __future__ import annotations

import ast

import pytest

from studio.formats.autogen_components.said_of_code import under_name, with_description


def test_the_function_gets_the_name_that_the_model_is_told_wherever_it_calls_itself() -> None:
    source = "import math\n\n\ndef fact(n: int) -> int:\n    é = 'fact'; return 1 if n < 2 else n * fact(n - 1)\n"
    assert under_name(source, "fact", "factorial") == (
        "import math\n\n\ndef factorial(n: int) -> int:\n    é = 'fact'; return 1 if n < 2 else n * factorial(n - 1)\n"
    )


@pytest.mark.parametrize("name", ["math", "n", "class", "_hidden", "two words", "x" * 65, "helper", "é"])
def test_a_name_that_is_none_or_means_something_else_leaves_the_source(name: str) -> None:
    source = "import math\n\n\ndef fact(n: int) -> int:\n    return math.gamma(n)\n\n\ndef helper() -> None:\n    pass\n"
    assert under_name(source, "fact", name) == source


def test_a_description_becomes_the_docstring_and_the_one_that_stood_there_a_comment() -> None:
    source = 'async def look(term: str) -> str:\n    """Looks.\n\n    In the index.\n    """\n    return term\n'
    said, replaced = with_description(source, "look", "Search the library.")
    assert replaced
    assert said == (
        'async def look(term: str) -> str:\n    """Search the library."""\n    # Looks.\n    #\n    # In the index.\n    return term\n'
    )


@pytest.mark.parametrize("description", ["Looks.", "Looks.\n\nArgs:\n    term: What for.", "  Looks.  "])
def test_a_docstring_that_says_the_same_stays(description: str) -> None:
    source = 'def look(term: str) -> str:\n    """Looks.\n\n    Args:\n        term: What for.\n    """\n    return term\n'
    assert with_description(source, "look", description) == (source, False)


@pytest.mark.parametrize(
    "source",
    [
        "def f(x: int) -> int:\n    return x\n",
        "def f(x: int) -> int: return x\n",
        'def f(x: int) -> int: "Was."; return x\n',
        'def f(x: int) -> int:\n    "Was."; return x\n',
        'def f(x: int) -> int:\n    """Was."""  # kept\n    return x\n',
        'def f(x: int) -> int:\n    """Was."""\n',
        "@wrapped\ndef f(x: int) -> int:\n    # first\n    return x\n",
    ],
)
@pytest.mark.parametrize("words", ["One.", 'Says "so"', 'A """ in it\n\n  - two', "Bell \x07 and \\n", "a\\"])
def test_whatever_is_said_stands_there_word_for_word(source: str, words: str) -> None:
    said, _ = with_description(source, "f", words)
    (function,) = ast.parse(said).body
    assert isinstance(function, ast.FunctionDef)
    found = ast.get_docstring(function)
    assert found is not None
    assert found.removesuffix(".").split() == words.removesuffix(".").split()
    assert ("return x" in said) == ("return x" in source)
