"""Literals: whatever the value, the source is the same value again."""

from __future__ import annotations

import ast
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruff import find_ruff_bin

from studio.formats.python_text.literals import docstring, literal, opening, text_literal, triple_quoted

ANY_TEXT = st.text(st.characters() | st.sampled_from([*list("\"'\\\n\r\t {}"), "\x00", "\u202e", "�", "\xa0"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(ANY_TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_a_literal_is_the_same_value(value: object) -> None:
    assert ast.literal_eval(literal(value)) == value


@given(ANY_TEXT)
def test_triple_quotes_hold_every_text(text: str) -> None:
    for quote in ('"', "'", ""):
        assert ast.literal_eval(triple_quoted(text, quote)) == text


@given(ANY_TEXT)
def test_a_source_shows_every_character(text: str) -> None:
    """No control character, no text that runs backwards, no blank at the end of a line that an editor would cut off."""
    source = text_literal(text)
    assert all(character.isprintable() or character in "\n\t" for character in source)
    assert not any(line.endswith((" ", "\t")) for line in source.splitlines())


@pytest.mark.parametrize("ending", ['"', '""', '"""', '""""', "\\", '\\"', '\\\\"', "'", "\"'", '"""\'\'\'"'])
def test_quotes_and_backslashes_at_the_end_do_not_end_the_text(ending: str) -> None:
    text = f"one\ntwo{ending}"
    assert ast.literal_eval(text_literal(text)) == text


def test_code_with_a_docstring_keeps_its_quotes_readable() -> None:
    source = text_literal('def f():\n    """Say it."""\n')
    assert source == "'''def f():\n    \"\"\"Say it.\"\"\"\n'''"


def test_a_long_text_is_wrapped_between_words() -> None:
    text = "a word and " * 40
    source = text_literal(text)
    assert ast.literal_eval(source) == text
    assert max(map(len, source.splitlines())) <= 88


def test_a_long_text_without_blanks_stays_whole() -> None:
    assert ast.literal_eval(text_literal("长" * 300)) == "长" * 300


def test_numbers_read_well() -> None:
    assert [literal(value) for value in (7, 50_000, -1_000_000, 0.5, True, None)] == ["7", "50_000", "-1_000_000", "0.5", "True", "None"]
    assert eval(literal(float("inf"))) == float("inf")


def test_what_has_no_literal_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        literal(object())


@given(ANY_TEXT, ANY_TEXT)
def test_a_docstring_is_always_one_statement(title: str, description: str) -> None:
    tree = ast.parse(docstring(title, description))
    assert len(tree.body) == 1
    assert ast.get_docstring(tree)


def test_formatting_does_not_change_a_value() -> None:
    values = ['He said "no".', "it's", "a\tb \nc", "x" * 100, "say " * 60, "a\n\"\"\"\n'''\n", "é\u0301\u200d", "\\d+\n\\w"]
    source = f"x = [{', '.join(map(literal, values))}]\n"
    done = subprocess.run([find_ruff_bin(), "format", "--isolated", "-"], input=source.encode(), capture_output=True, check=True)
    assert ast.literal_eval(done.stdout.decode().removeprefix("x = ")) == values


@pytest.mark.parametrize(
    ("title", "description", "said"),
    [
        ("Desk", "Two write.", '"""Desk. Two write."""'),
        ("Desk", "", '"""Desk."""'),
        ("Who writes?", "Two do.", '"""Who writes? Two do."""'),
        ("Desk", "Two write.\nOne reads.", '"""Desk.\n\nTwo write.\nOne reads.\n"""'),
        ("Desk", "x" * 77, f'"""Desk.\n\n{"x" * 77}\n"""'),
        ("Desk", "x" * 76, f'"""Desk. {"x" * 76}"""'),
        ("Desk", 'Says "yes"', '"""Desk. Says "yes\\""""'),
    ],
)
def test_a_program_opens_with_one_line_where_title_and_description_fit_there(title: str, description: str, said: str) -> None:
    assert opening(title, description) == said
    assert ast.get_docstring(ast.parse(said))
