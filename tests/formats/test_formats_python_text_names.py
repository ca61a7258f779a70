"""Names of variables: valid, readable, and nobody else's."""

from __future__ import annotations

import keyword
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.formats.python_text.names import Names, identifier


@pytest.mark.parametrize(
    ("wanted", "name"),
    [
        ("coder", "coder"),
        ("back translator", "back_translator"),
        ("Back-Translator", "back_translator"),
        ("BackTranslator", "back_translator"),
        ("2nd reader", "agent_2nd_reader"),
        ("研究员", "研究员"),
        ("Судья", "судья"),
        ("ﬁnder", "finder"),
        ("---", "agent"),
        ("", "agent"),
    ],
)
def test_a_name_stays_close_to_what_people_call_it(wanted: str, name: str) -> None:
    assert identifier(wanted, "agent") == name


def test_keywords_builtins_and_taken_names_are_avoided() -> None:
    names = Names({"json", "search"})
    assert [names.new(wanted, "agent") for wanted in ("class", "print", "match", "json", "search")] == [
        "class_agent",
        "print_agent",
        "match_agent",
        "json_agent",
        "search_agent",
    ]


def test_equal_names_are_told_apart() -> None:
    names = Names()
    assert [names.new("Coder", "agent"), names.new("coder", "agent"), names.new("CODER", "agent"), names.new("coder", "model")] == [
        "coder",
        "coder_agent",
        "coder_agent_2",
        "coder_model",
    ]


@given(st.lists(st.text(), max_size=12))
def test_every_text_gives_a_valid_name_of_its_own(wanted: list[str]) -> None:
    names = Names({"team"})
    found = [names.new(each, "agent") for each in wanted]
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in found)
    assert len({unicodedata.normalize("NFKC", name) for name in (*found, "team")}) == len(found) + 1
