"""Keys at rest and the redactor: sealed for one row, never shown, taken out of texts in every encoding."""

from __future__ import annotations

import base64
import json
import logging
import stat
import time
from pathlib import Path
from urllib.parse import quote

import keyring
import keyring.backend
import pytest
from hypothesis import given
from hypothesis import strategies as st
from patience import within

from studio.store import secrets as secrets_module
from studio.store.errors import KeyringSilent, MasterKeyBroken, SecretUnreadable
from studio.store.redaction import MASK, RedactingFilter, Redactor
from studio.store.secrets import Secrets, new_master_key

KEY = "sk-live-0123456789abcdef"


@pytest.fixture(autouse=True)
def no_master_key_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CONVENE_SECRET_KEY", raising=False)


@pytest.fixture
def secrets(tmp_path: Path) -> Secrets:
    return Secrets(tmp_path, use_keyring=False)


def test_a_sealed_key_comes_back_and_does_not_show(secrets: Secrets) -> None:
    sealed = secrets.seal(KEY, "account:1")
    assert KEY not in sealed
    assert secrets.open(sealed, "account:1", "a") == KEY


def test_a_sealed_key_that_was_moved_to_another_row_is_refused(secrets: Secrets) -> None:
    sealed = secrets.seal(KEY, "account:1")
    with pytest.raises(SecretUnreadable, match="account b") as refused:
        secrets.open(sealed, "account:2", "b")
    assert KEY not in str(refused.value)


@pytest.mark.parametrize("sealed", ["", "nonsense", "gAAAAA", "\u2028"])
def test_a_damaged_sealed_key_gets_a_sentence(secrets: Secrets, sealed: str) -> None:
    with pytest.raises(SecretUnreadable):
        secrets.open(sealed, "account:1", "a")


def test_the_master_key_is_a_file_for_its_user_alone_and_lasts(tmp_path: Path, secrets: Secrets) -> None:
    sealed = secrets.seal(KEY, "x")
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["secret.key"]
    assert Secrets(tmp_path, use_keyring=False).open(sealed, "x", "it") == KEY


def test_another_master_key_opens_nothing(tmp_path: Path, secrets: Secrets) -> None:
    sealed = secrets.seal(KEY, "x")
    with pytest.raises(SecretUnreadable):
        Secrets(tmp_path / "other", use_keyring=False).open(sealed, "x", "it")


def test_a_broken_key_file_is_named_and_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("broken")
    with pytest.raises(MasterKeyBroken, match=r"secret\.key"):
        Secrets(tmp_path, use_keyring=False).seal(KEY, "x")
    assert (tmp_path / "secret.key").read_text() == "broken"


def test_a_master_key_from_outside_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVENE_SECRET_KEY", new_master_key())
    secrets = Secrets(tmp_path)
    assert secrets.open(secrets.seal(KEY, "x"), "x", "it") == KEY
    assert list(tmp_path.iterdir()) == []


def test_opening_the_studio_needs_no_master_key(tmp_path: Path) -> None:
    Secrets(tmp_path)
    assert list(tmp_path.iterdir()) == []


class Drawer(keyring.backend.KeyringBackend):
    """A key store in memory, as fast or as dead as a test wants it."""

    priority = 5  # type: ignore[assignment]

    def __init__(self, delay: float = 0.0) -> None:
        super().__init__()
        self.kept: dict[tuple[str, str], str] = {}
        self.delay = delay

    def get_password(self, service: str, username: str) -> str | None:
        time.sleep(self.delay)
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        time.sleep(self.delay)
        self.kept[service, username] = password


def test_a_key_store_that_works_holds_the_master_key(tmp_path: Path) -> None:
    before = keyring.get_keyring()
    drawer = Drawer()
    keyring.set_keyring(drawer)
    try:
        sealed = Secrets(tmp_path).seal(KEY, "x")
        assert not (tmp_path / "secret.key").exists()
        assert len(drawer.kept) == 1
        assert Secrets(tmp_path).open(sealed, "x", "it") == KEY
        drawer.kept.clear()
        with pytest.raises(KeyringSilent):
            Secrets(tmp_path).open(sealed, "x", "it")
    finally:
        keyring.set_keyring(before)


def test_a_key_store_that_never_answers_is_left_after_a_while(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets_module, "KEYRING_PATIENCE", 0.1)
    before = keyring.get_keyring()
    keyring.set_keyring(Drawer(delay=30))
    try:
        began = time.monotonic()
        Secrets(tmp_path).seal(KEY, "x")
        assert time.monotonic() - began < within(5)
        assert (tmp_path / "secret.key").exists()
    finally:
        keyring.set_keyring(before)


@pytest.mark.parametrize(
    "shown",
    [
        f"401: {KEY} was refused",
        json.dumps({"Authorization": f"Bearer {KEY}"}),
        f"http://x/?key={quote(KEY)}",
        KEY.encode().hex(),
        KEY.encode().hex().upper(),
    ],
)
def test_a_known_key_is_taken_out_in_every_encoding(secrets: Secrets, shown: str) -> None:
    secrets.seal(KEY, "x")
    assert "0123456789" not in secrets.redact(shown)
    assert MASK in secrets.redact(shown)


@given(
    st.text(min_size=8, max_size=40, alphabet=st.characters(codec="utf-8", exclude_categories=["Cs"])),
    st.binary(max_size=7),
    st.binary(max_size=7),
)
def test_base64_around_a_key_is_taken_out_wherever_it_stands(key: str, before: bytes, after: bytes) -> None:
    redactor = Redactor()
    redactor.know(key + "-0123456789")
    for encode in (base64.b64encode, base64.urlsafe_b64encode):
        shown = encode(before + key.encode() + b"-0123456789" + after).decode()
        assert MASK in redactor.redact(shown)


def test_json_stays_json_when_a_key_with_quotes_is_taken_out() -> None:
    redactor = Redactor()
    redactor.know('quo"te\\back\u00e9slash')
    redacted = redactor.redact(json.dumps({"text": 'see quo"te\\back\u00e9slash here', "n": 1}))
    assert json.loads(redacted) == {"text": f"see {MASK} here", "n": 1}


def test_short_words_are_not_taken_for_keys() -> None:
    redactor = Redactor()
    redactor.know("ollama")
    redactor.know(None)
    assert redactor.redact("ollama answers") == "ollama answers"


@given(st.lists(st.sampled_from(["sk-live-", "0123456789", "abcdef", "s", "sk", " ", KEY, "x"]), max_size=12))
def test_a_stream_shows_no_key_however_it_is_cut(pieces: list[str]) -> None:
    redactor = Redactor()
    redactor.know(KEY)
    shown, pending = "", ""
    for piece in pieces:
        pending = redactor.redact(pending + piece)
        back = redactor.held_back(pending)
        shown, pending = shown + pending[: len(pending) - back], pending[len(pending) - back :]
    assert KEY not in shown
    assert shown + pending == redactor.redact("".join(pieces))


def test_log_lines_and_tracebacks_show_no_key(caplog: pytest.LogCaptureFixture) -> None:
    redactor = Redactor()
    redactor.know(KEY)
    caplog.handler.addFilter(logger_filter := RedactingFilter(redactor))
    try:
        logging.getLogger("x").warning("sent %s to %s", KEY, "there")
        try:
            raise ValueError(KEY)
        except ValueError:
            logging.getLogger("x").exception("failed")
    finally:
        caplog.handler.removeFilter(logger_filter)
    assert KEY not in caplog.text
    assert caplog.text.count(MASK) == 2
