"""How an answer's bytes are taken apart, and which way a request goes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.models import server_sent
from studio.engine.models.posting import behind_proxy
from studio.engine.models.server_sent import ServerSentEvents, TooLong

VALUES = st.lists(st.dictionaries(st.text(max_size=5), st.text(max_size=20), max_size=3), max_size=5)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


@given(VALUES, ENDS, st.lists(st.integers(0, 400), max_size=20), st.booleans())
def test_events_come_out_whole_wherever_the_bytes_are_cut(values: list[dict[str, str]], end: str, cuts: list[int], last_line: bool):
    text = "".join(f": a comment{end}event: x{end}data: {json.dumps(value, ensure_ascii=False)}{end}{end}" for value in values)
    stream = (text if last_line else text.removesuffix(end)).encode()
    events, got, at = ServerSentEvents(), [], 0
    for cut in [*sorted(cut for cut in cuts if cut < len(stream)), len(stream)]:
        got += events.feed(stream[at:cut])
        at = cut
    got += events.end()
    assert [json.loads(data) for data in got] == values


def test_several_data_lines_are_one_value_and_a_mark_at_the_beginning_is_none():
    events = ServerSentEvents()
    assert events.feed(b'\xef\xbb\xbfdata: {"a":\ndata:1}\n\n') == [b'{"a":\n1}']


def test_nothing_counts_after_the_last_word():
    events = ServerSentEvents()
    assert events.feed(b"data: 1\n\ndata: [DONE]\n\ndata: 2\n\n") == [b"1"]
    assert events.over


def test_an_event_that_never_ends_is_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(server_sent, "LONGEST_EVENT", 100)
    events = ServerSentEvents()
    assert not events.feed(b"data: " + b"a" * 60 + b"\n")
    with pytest.raises(TooLong):
        events.feed(b"data: " + b"a" * 60)


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("https://api.openai.com/v1", True),
        ("http://10.0.0.7:8000/v1", False),
        ("http://127.0.0.1:8000/v1", False),
        ("https://models.inside.example/v1", False),
        ("http://[broken", False),
    ],
)
def test_only_addresses_that_the_machine_sends_through_a_proxy_go_through_the_sdk(url: str, proxy: bool, monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    monkeypatch.setenv("no_proxy", ".inside.example")
    assert behind_proxy(url) is proxy
