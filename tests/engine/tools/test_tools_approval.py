"""When a person is asked before a call, what the person is shown, and what an edited answer means."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import within
from pydantic import ValidationError

from studio.engine import FunctionTool, PythonTool
from studio.engine.code.calling import BadArguments
from studio.engine.tools.approval import MAX_MATCHED, edited_arguments, must_ask, shown_arguments

CALL = {
    "amount": 250,
    "share": "0.5",
    "path": "/etc/Passwd",
    "message": {"to": ["ann@example.com", "bob@example.com"], "text": "hello"},
    "urgent": True,
    "when": "2026-05-01",
    "nothing": None,
    "any.thing": 3,
}

HOLD = [
    "amount > 100",
    "amount >= 250",
    "amount>100",
    "amount = 250.0",
    "amount is 250",
    "amount is not 251",
    "share < 1",
    "path starts with /ETC",
    "path ends with passwd",
    "path contains pass",
    "path matches ^/(etc|usr)/",
    "message.to contains bob",
    "message.to.1 is bob@example.com",
    "message contains HELLO",
    "urgent is true",
    "when > 2026-04-30",
    "nothing is null",
    "any contains bob@",
    "any > 200",
    "any.thing = 3",
    "path > 100",
    "send_*",
    "SEND_MAIL",
]
DO_NOT_HOLD = [
    "amount > 250",
    "amount is 25",
    "amount != 250",
    "share > 0.5",
    "path starts with etc",
    "path matches ^etc",
    "message.to contains carl",
    "message.to.7 is bob@example.com",
    "missing contains a",
    "missing is not a",
    "urgent is false",
    "when < 2026-04-30",
    "any contains secret",
    "delete_*",
    "mail",
]


@pytest.mark.parametrize("rule", HOLD)
def test_a_rule_that_holds_asks(rule: str) -> None:
    assert must_ask("matching", (rule,), "send_mail", json.dumps(CALL))


@pytest.mark.parametrize("rule", DO_NOT_HOLD)
def test_a_rule_that_does_not_hold_lets_the_call_pass(rule: str) -> None:
    assert not must_ask("matching", (rule,), "send_mail", json.dumps(CALL))


def test_one_rule_of_several_is_enough() -> None:
    assert must_ask("matching", ("amount > 1000", "urgent is true"), "f", json.dumps(CALL))
    assert not must_ask("matching", (), "f", json.dumps(CALL))


def test_always_and_never_look_at_no_rule() -> None:
    assert must_ask("always", (), "f", "not json")
    assert not must_ask("never", ("f",), "f", "{}")


def test_arguments_that_cannot_be_read_need_nobody() -> None:
    assert not must_ask("matching", ("any contains a",), "f", "[1]")
    assert must_ask("matching", ("a is 1",), "f", '{"a": "1",}'), "what is repaired for the call is repaired here"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("amount >", "nothing after '>'"),
        ("amount is bigger or so what", None),
        ("two words", "is no rule"),
        ("__import__('os')", "is no rule"),
        ("a matches (", "is no regular expression"),
        ("a matches (a+)+b", "could take very long"),
        ("a matches .*.*.*x", "could take very long"),
        ("a is " + "x" * 400, "at most 300 characters"),
    ],
)
def test_a_rule_that_cannot_be_read_is_refused_where_it_is_written(rule: str, words: str | None) -> None:
    if words is None:
        assert PythonTool(approval="matching", approval_pattern=(rule,))
        return
    with pytest.raises(ValidationError, match=words.replace("(", r"\(").replace(")", r"\)")):
        PythonTool(approval="matching", approval_pattern=(rule,))


def test_a_pattern_on_a_long_text_asks_instead_of_searching_for_ever() -> None:
    began = time.monotonic()
    assert must_ask("matching", ("a matches a.*b.*c",), "f", json.dumps({"a": "ab" * MAX_MATCHED * 100}))
    assert not must_ask("matching", ("a matches a.*b.*c",), "f", json.dumps({"a": "ab" * (MAX_MATCHED // 2)}))
    assert time.monotonic() - began < within(2)


def test_the_tools_of_this_process_ask_alike() -> None:
    def pay(amount: int) -> str:
        """Pay."""
        return str(amount)

    tool = FunctionTool.of(pay, approval="matching", approval_pattern=("amount > 100",))
    assert tool.needs_approval("pay", '{"amount": 101}')
    assert not tool.needs_approval("pay", '{"amount": 100}')


def test_arguments_are_shown_as_a_person_reads_them() -> None:
    assert shown_arguments('{"to":"Ann","lines":["a","b"]}') == '{\n  "to": "Ann",\n  "lines": [\n    "a",\n    "b"\n  ]\n}'
    assert shown_arguments("no json") == "no json"
    assert len(shown_arguments(json.dumps({"a": "x" * 100_000}))) < 21_000


def test_an_edited_answer_replaces_the_arguments() -> None:
    arguments = '{"amount":250}'
    assert edited_arguments(arguments, "") == arguments
    assert edited_arguments(arguments, shown_arguments(arguments)) == arguments
    assert json.loads(edited_arguments(arguments, '{"amount": 25,}')) == {"amount": 25}
    with pytest.raises(BadArguments):
        edited_arguments(arguments, "[25]")


@given(
    st.text(max_size=40),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: st.dictionaries(st.text(max_size=3), inner, max_size=3),
        max_leaves=6,
    ),
)
def test_any_rule_on_any_arguments_is_decided(rule: str, value: object) -> None:
    try:
        tool = PythonTool(approval="matching", approval_pattern=(rule,))
    except ValidationError:
        return
    assert tool.needs_approval("tool", json.dumps({"a": value})) in (True, False)
