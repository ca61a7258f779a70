"""Tokens and cookies: made, kept, used up, forged."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from studio.api.session import COOKIE_SECONDS, MAX_ONE_TIME, ONE_TIME_SECONDS, Sessions, read_token


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_the_token_is_made_once_and_read_again(tmp_path: Path) -> None:
    first = read_token(tmp_path / "data")
    assert len(first) >= 43
    assert read_token(tmp_path / "data") == first
    assert read_token(tmp_path / "other") != first


@pytest.mark.skipif(os.name != "posix", reason="file modes are a matter of POSIX")
def test_the_token_file_belongs_to_its_owner_alone(tmp_path: Path) -> None:
    read_token(tmp_path / "data")
    file = tmp_path / "data" / "token"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    file.chmod(0o644)
    read_token(tmp_path / "data")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


@pytest.mark.parametrize("content", ["", "short", "\n", "\xff\xfe"])
def test_a_damaged_token_file_is_written_anew(tmp_path: Path, content: str) -> None:
    (tmp_path / "token").write_text(content, "latin-1")
    token = read_token(tmp_path)
    assert len(token) >= 43
    assert read_token(tmp_path) == token


def test_a_one_time_token_opens_once() -> None:
    sessions = Sessions("t" * 43)
    token = sessions.one_time_token()
    assert sessions.accepts(token)
    assert not sessions.accepts(token)


def test_a_one_time_token_ends_after_five_minutes() -> None:
    clock = Clock()
    sessions = Sessions("t" * 43, clock)
    token = sessions.one_time_token()
    clock.now += ONE_TIME_SECONDS + 1
    assert not sessions.accepts(token)


def test_one_time_tokens_do_not_pile_up() -> None:
    sessions = Sessions("t" * 43)
    tokens = [sessions.one_time_token() for _ in range(MAX_ONE_TIME + 5)]
    assert [sessions.accepts(token) for token in tokens].count(True) == MAX_ONE_TIME
    assert sessions.accepts("t" * 43)


def test_a_cookie_outlives_a_restart_but_not_another_token() -> None:
    cookie = Sessions("t" * 43).new_cookie()
    assert Sessions("t" * 43).accepts_cookie(cookie)
    assert not Sessions("u" * 43).accepts_cookie(cookie)


def test_a_cookie_ends_after_thirty_days() -> None:
    clock = Clock()
    sessions = Sessions("t" * 43, clock)
    cookie = sessions.new_cookie()
    clock.now += COOKIE_SECONDS - 1
    assert sessions.accepts_cookie(cookie)
    clock.now += 2
    assert not sessions.accepts_cookie(cookie)


def test_a_changed_cookie_opens_nothing() -> None:
    sessions = Sessions("t" * 43)
    until, nonce, signature = sessions.new_cookie().split(".")
    later = str(int(until) + 1)
    for forged in (
        f"{later}.{nonce}.{signature}",
        f"{until}.x.{signature}",
        f"{until}.{nonce}.",
        f"{until}.{nonce}",
        "",
        ".",
        "..",
        "ü.ü.ü",
    ):
        assert not sessions.accepts_cookie(forged)
