"""A function as a model sees it: from source and from the function alike, with mistakes by line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.errors import FlowError
from studio.engine.tools.schema import check_source, schema_of_function, schema_of_source

PREAMBLE = "from __future__ import annotations\nfrom typing import *\nimport typing\nimport collections.abc\n"

HINTS = {
    "str": {"type": "string"},
    "int": {"type": "integer"},
    "float": {"type": "number"},
    "bool": {"type": "boolean"},
    "None": {"type": "null"},
    "Any": {},
    "object": {},
    "list": {"type": "array"},
    "List": {"type": "array"},
    "list[str]": {"type": "array", "items": {"type": "string"}},
    "typing.List[int]": {"type": "array", "items": {"type": "integer"}},
    "list[list[float]]": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
    "list[Any]": {"type": "array"},
    "Sequence[bool]": {"type": "array", "items": {"type": "boolean"}},
    "collections.abc.Iterable[str]": {"type": "array", "items": {"type": "string"}},
    "set[str]": {"type": "array", "items": {"type": "string"}, "uniqueItems": True},
    "tuple": {"type": "array"},
    "tuple[int, ...]": {"type": "array", "items": {"type": "integer"}},
    "tuple[int, int]": {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2},
    "tuple[int, str]": {"type": "array", "items": {"anyOf": [{"type": "integer"}, {"type": "string"}]}, "minItems": 2, "maxItems": 2},
    "dict": {"type": "object"},
    "dict[str, int]": {"type": "object", "additionalProperties": {"type": "integer"}},
    "Mapping[str, Any]": {"type": "object"},
    "Dict[str, list[int]]": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "integer"}}},
    "Literal['a', 'b']": {"enum": ["a", "b"], "type": "string"},
    "Literal[1, 2, 1]": {"enum": [1, 2], "type": "integer"},
    "Literal[1, 'a', None]": {"enum": [1, "a", None]},
    "Literal[True]": {"enum": [True], "type": "boolean"},
    "Optional[int]": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    "int | None": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    "Union[int, str, None]": {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}]},
    "Union[int, Union[str, int]]": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
    "Optional[list[str]]": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "null"}]},
    "Annotated[int, 'how many']": {"type": "integer", "description": "how many"},
    "Annotated[int | None, 7, 'how many']": {"anyOf": [{"type": "integer"}, {"type": "null"}], "description": "how many"},
    "'int'": {"type": "integer"},
    "complex": {},
    "list[complex]": {},
    "Callable[[int], str]": {},
}

DOCSTRINGS = [
    ("Add two numbers.", "Add two numbers.", {}),
    ("Add.\n\n    More of it,\n    on two lines.\n\n    Args:\n        a: The first.\n        b (int, optional): The second,\n            which goes on.\n\n    Returns:\n        int: a: the sum\n", "Add.\n\nMore of it,\non two lines.", {"a": "The first.", "b": "The second, which goes on."}),
    ("Add.\n\n    Parameters\n    ----------\n    a : int\n        The first,\n        which goes on.\n    b : int, optional\n        The second.\n\n    Returns\n    -------\n    int\n        The sum.\n", "Add.", {"a": "The first, which goes on.", "b": "The second."}),
    ("Add.\n\n    :param a: The first,\n        which goes on.\n    :param int b: The second.\n    :type a: int\n    :returns: The sum.\n", "Add.", {"a": "The first, which goes on.", "b": "The second."}),
    ("\n    Add.\n    Args:\n      a: One.\n      b: Two: with a colon.\n    ", "Add.", {"a": "One.", "b": "Two: with a colon."}),
    ("Notes: this is no section.\n\n    See: that.", "Notes: this is no section.\n\nSee: that.", {}),
    ("Add.\n\n    Raises:\n        a: not an argument\n", "Add.", {}),
    ("", "", {}),
]  # fmt: skip


def function_of(source: str, name: str = "tool") -> Any:
    """The function, executed: the other way to a schema."""
    namespace: dict[str, Any] = {}
    exec(compile(source, "tool.py", "exec", dont_inherit=True), namespace)
    return namespace[name]


@pytest.mark.parametrize("hint", HINTS)
def test_a_hint_becomes_the_same_schema_from_source_and_from_the_function(hint: str) -> None:
    source = f"{PREAMBLE}def tool(a: {hint}):\n    '''Do it.'''\n"
    schema = schema_of_source(source)
    assert schema.parameters["properties"]["a"] == HINTS[hint]
    assert schema == schema_of_function(function_of(source))


@pytest.mark.parametrize(("text", "description", "arguments"), DOCSTRINGS)
def test_a_docstring_describes_the_tool_and_its_arguments(text: str, description: str, arguments: dict[str, str]) -> None:
    source = f'def tool(a: int, b: int = 1):\n    """{text}"""\n    return a + b\n'
    schema = schema_of_source(source)
    assert schema.description == description
    found = {name: facts["description"] for name, facts in schema.parameters["properties"].items() if "description" in facts}
    assert found == arguments
    assert schema == schema_of_function(function_of(source))


def test_what_is_annotated_wins_over_the_docstring() -> None:
    source = (
        "from typing import Annotated\ndef tool(a: Annotated[int, 'from the hint']):\n    'Do it.\\n\\nArgs:\\n    a: from the docstring'\n"
    )
    assert schema_of_source(source).parameters["properties"]["a"]["description"] == "from the hint"


@pytest.mark.parametrize(
    ("default", "shown"),
    [
        ("1", 1),
        ("-2", -2),
        ("'x'", "x"),
        ("True", True),
        ("1.5", 1.5),
        ("[1, None]", [1, None]),
        ("(1, 2)", [1, 2]),
        ("{'a': 1}", {"a": 1}),
    ],
)
def test_a_plain_default_is_shown_and_makes_an_argument_optional(default: str, shown: object) -> None:
    source = f"def tool(a, b={default}, *, c, d={default}): pass"
    schema = schema_of_source(source)
    assert schema.parameters["required"] == ["a", "c"]
    assert schema.parameters["properties"]["b"] == {"default": shown}
    assert schema == schema_of_function(function_of(source))


@pytest.mark.parametrize("default", ["None", "object", "float('inf')", "{1: 2}", "lambda: 1", "...", "b'x'", "1j", "{1, 2}"])
def test_other_defaults_only_make_an_argument_optional(default: str) -> None:
    source = f"def tool(a={default}): pass"
    schema = schema_of_source(source)
    assert (schema.parameters["required"], schema.parameters["properties"]) == ([], {"a": {}})
    assert schema == schema_of_function(function_of(source))


SIGNATURES = st.lists(
    st.tuples(st.sampled_from([hint for hint in HINTS if hint != "None"]), st.sampled_from(["", "= 1", "= 'x'", "= None", "= [1, 2]"])),
    max_size=6,
)


@given(SIGNATURES, st.booleans(), st.sampled_from([text for text, _, _ in DOCSTRINGS]))
def test_source_and_function_never_disagree(signature: list[tuple[str, str]], is_async: bool, docstring: str) -> None:
    parameters = ", ".join(f"p{index}: {hint} {default}" for index, (hint, default) in enumerate(signature))
    star = "*, " if parameters else ""
    source = f'{PREAMBLE}{"async " if is_async else ""}def tool({star}{parameters}):\n    """{docstring}"""\n'
    schema = schema_of_source(source)
    assert schema == schema_of_function(function_of(source))
    json.dumps(schema.parameters)


def test_the_first_public_function_is_the_tool() -> None:
    source = "import os\nLIMIT = 3\ndef _helper(x): pass\nclass C:\n    def method(self): pass\nasync def tool(a: int): 'Doc.'\ndef other(): pass\n"
    assert schema_of_source(source).name == "tool"
    (hint,) = check_source(source)
    assert (hint.line, hint.level) == (7, "hint")
    assert hint.text == "'tool' is the tool, because it comes first; 'other' is a helper. A leading _ would say so."


@pytest.mark.parametrize(
    ("source", "line", "text"),
    [
        ("def tool(a: int):\n    return (", 2, "This is not Python: '(' was never closed."),
        ("x = 1\ndef tool(:\n    pass", 2, "This is not Python: invalid syntax."),
        ("", 1, "There is no function. Write `def name(argument: str) -> str:` at the left margin."),
        ("def _hidden(): pass", 1, "There is no function. Write `def name(argument: str) -> str:` at the left margin."),
        ("if True:\n    def tool(): pass", 1, "There is no function. Write `def name(argument: str) -> str:` at the left margin."),
        ("\n\ndef tool(*items): 'd'", 3, "'*items' cannot be shown to a model. Name each argument, or take one list or dict."),
        ("def tool(\n    a: int,\n    **more,\n): 'd'", 3, "'**more' cannot be shown to a model. Name each argument, or take one list or dict."),
        ("def wörk(): 'd'", 1, "A model cannot call a tool 'wörk': at most 64 letters a-z, digits, - and _ are taken."),
        (f"def {'x' * 65}(): 'd'", 1, f"A model cannot call a tool '{'x' * 65}': at most 64 letters a-z, digits, - and _ are taken."),
        ("\0", 1, "This is not Python: source code string cannot contain null bytes."),
        ("x = " + "(" * 500 + ")" * 500, 1, "This is not Python: too many nested parentheses."),
        ("x = " + "-" * 100_000 + "1", 1, "This is nested too deeply to be read."),
    ],
)  # fmt: skip
def test_a_mistake_names_its_line(source: str, line: int, text: str) -> None:
    errors = [mistake for mistake in check_source(source) if mistake.level == "error"]
    assert [(mistake.line, mistake.text) for mistake in errors] == [(line, text)]
    with pytest.raises(FlowError) as raised:
        schema_of_source(source, "calculator")
    assert str(raised.value) == f"calculator: line {line}: {text}"


def test_what_could_be_better_is_a_hint_and_the_tool_works() -> None:
    source = "def tool(a, b: 'Sheep', c: int):\n    return a\n"
    assert [(hint.line, hint.level, hint.text) for hint in check_source(source)] == [
        (1, "hint", "'tool' has no docstring: a model reads there when to use it."),
        (1, "hint", "'a' has no type: a model may send anything. Write `a: str`, for example."),
        (1, "hint", "The type of 'b' (Sheep) says nothing to a model, which may send anything."),
    ]
    assert schema_of_source(source).parameters["required"] == ["a", "b", "c"]


def test_checking_forgets_nothing_between_calls() -> None:
    source = "def tool(a): pass"
    first = check_source(source)
    first.clear()
    assert len(check_source(source)) == 2


@given(st.text(max_size=200) | st.text(st.sampled_from("def tool(a:int=1)->'\"\n\t,*[]{}#\\"), max_size=120))
def test_any_text_is_checked_without_an_accident(source: str) -> None:
    errors = [mistake for mistake in check_source(source) if mistake.level == "error"]
    assert all(1 <= mistake.line <= source.count("\n") + 1 for mistake in check_source(source))
    if errors:
        with pytest.raises(FlowError):
            schema_of_source(source)
    else:
        assert schema_of_source(source).name


def test_a_long_description_is_cut() -> None:
    assert len(schema_of_source(f"def tool(): '''{'x' * 5000}'''").description) == 1024
