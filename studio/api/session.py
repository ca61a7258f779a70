"""Who may use this studio: the token of the installation, one-time tokens for a browser we open, and signed cookies."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

FILE_NAME = "token"
COOKIE_SECONDS = 30 * 24 * 3600
ONE_TIME_SECONDS = 300
MAX_ONE_TIME = 32


def read_token(data_dir: Path) -> str:
    """The token of this installation: 256 random bits in a file that only its owner reads, made when it is not there."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = data_dir / FILE_NAME
    try:
        written = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        token = file.read_text("ascii", "replace").strip()
        if len(token) >= 32:
            file.chmod(0o600)
            return token
        written = os.open(file, os.O_WRONLY | os.O_TRUNC, 0o600)
    token = secrets.token_urlsafe(32)
    with os.fdopen(written, "w") as stream:
        stream.write(token + "\n")
    file.chmod(0o600)
    return token


class Sessions:
    """Checks tokens and makes cookies. Cookies outlive a restart: their key is derived from the token.

    `clock` returns seconds since the epoch.
    """

    def __init__(self, token: str, clock: Callable[[], float] = time.time) -> None:
        self.token = token
        self._clock = clock
        self._key = hashlib.sha256(b"convene cookie\0" + token.encode()).digest()
        self._one_time: dict[str, float] = {}

    def one_time_token(self) -> str:
        """A token that opens the studio once, within five minutes: it may end up in a browser's history."""
        now = self._clock()
        self._one_time = {token: until for token, until in self._one_time.items() if until > now}
        while len(self._one_time) >= MAX_ONE_TIME:
            del self._one_time[next(iter(self._one_time))]
        token = secrets.token_urlsafe(32)
        self._one_time[token] = now + ONE_TIME_SECONDS
        return token

    def accepts(self, token: str) -> bool:
        """Whether `token` opens the studio. A one-time token is used up by asking."""
        if self.is_token(token):
            return True
        return self._one_time.pop(token, 0.0) > self._clock()

    def is_token(self, token: str) -> bool:
        """Whether `token` is the installation's own."""
        return hmac.compare_digest(token.encode("utf-8", "replace"), self.token.encode())

    def new_cookie(self) -> str:
        """A signed value that opens the studio for thirty days."""
        body = f"{int(self._clock()) + COOKIE_SECONDS}.{secrets.token_urlsafe(12)}"
        return f"{body}.{self._sign(body)}"

    def accepts_cookie(self, value: str) -> bool:
        body, _, signature = value.rpartition(".")
        until = body.partition(".")[0]
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), self._sign(body).encode()):
            return False
        return until.isdecimal() and int(until) > self._clock()

    def _sign(self, body: str) -> str:
        return hmac.new(self._key, body.encode("utf-8", "replace"), hashlib.sha256).hexdigest()
