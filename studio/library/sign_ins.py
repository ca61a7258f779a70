"""How people signed in at servers of tools: tokens at rest, sealed as account keys are, and the attempts that are under way."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from studio.engine.errors import ConveneError
from studio.engine.tools.mcp_errors import McpFailed
from studio.engine.tools.mcp_sign_in import LONGEST_ATTEMPT, Attempt
from studio.library.preferences import Preferences
from studio.store.secrets import Secrets
from studio.texts import text

log = logging.getLogger("studio.library")

MOST_ATTEMPTS = 20
"""Attempts that are under way at once; the oldest makes room."""


class NoSuchAttempt(ConveneError):
    code = "no_such_attempt"

    def __init__(self) -> None:
        super().__init__(text("sign_in.unknown"), text("sign_in.unknown.remedy"))


@dataclass(frozen=True, slots=True)
class Asked:
    """The question of a run that somebody signs in for."""

    run: str
    question: str


@dataclass(frozen=True, slots=True)
class UnderWay:
    """An attempt, since when (seconds of the monotonic clock), and what waits for it; `asked` is None where no stored question does."""

    attempt: Attempt
    since: float
    asked: Asked | None = None


class ServerSignIns:
    """Keeps one record a server, by its address; what is secret in it is known to the redactor from then on."""

    def __init__(self, preferences: Preferences, secrets: Secrets) -> None:
        self._preferences = preferences
        self._secrets = secrets
        self._attempts: dict[str, UnderWay] = {}

    def kept(self, url: str) -> dict[str, Any] | None:
        """None where nobody signed in, or the master key is another one now. Blocks."""
        sealed = self._preferences.get(_key(url))
        if not isinstance(sealed, str) or not sealed:
            return None
        try:
            record = json.loads(self._secrets.open(sealed, _key(url), url))
        except (ConveneError, ValueError) as problem:
            log.warning("how somebody signed in at %s cannot be read: %s", url, type(problem).__name__)
            return None
        self._hide(record)
        return record if isinstance(record, dict) else None

    def keep(self, url: str, record: dict[str, Any]) -> None:
        """Blocks. Raises KeyringSilent, MasterKeyBroken."""
        self._hide(record)
        self._preferences.set(_key(url), self._secrets.seal(json.dumps(record), _key(url)))

    def forget(self, url: str) -> None:
        """Sign out: the server is told nothing, but nothing is kept here. Blocks."""
        self._preferences.set(_key(url), "")

    async def begin(self, url: str, redirect: str, asked: Asked | None = None) -> Attempt:
        """Find out where a person signs in, from where the browser comes back to `redirect`. Raises McpFailed."""
        attempt = await Attempt.begin(url, redirect, self)
        now = time.monotonic()
        self._attempts = {state: each for state, each in self._attempts.items() if now - each.since < LONGEST_ATTEMPT}
        while len(self._attempts) >= MOST_ATTEMPTS:
            self._attempts.pop(next(iter(self._attempts))).attempt.refuse(text("servers.too_many_attempts"))
        self._attempts[attempt.state] = UnderWay(attempt, now, asked)
        return attempt

    async def back(self, code: str, state: str, issuer: str | None = None, refusal: str = "") -> UnderWay:
        """Take what a browser brought back: each attempt once. Raises NoSuchAttempt and McpFailed."""
        found = self._attempts.pop(state, None) if state else None
        if found is None:
            raise NoSuchAttempt
        attempt = found.attempt
        if refusal or not code:
            attempt.refuse(refusal or text("sign_in.no_code"))
            raise McpFailed(attempt.url, text("sign_in.refused", why=refusal[:200] or "—"), text("sign_in.refused.remedy"))
        await attempt.back(code, state, issuer)
        return found

    def _hide(self, record: Any) -> None:
        parts = (record.get(part) for part in ("tokens", "client")) if isinstance(record, dict) else ()
        for part in parts:
            for name in ("access_token", "refresh_token", "id_token", "client_secret"):
                if isinstance(part, dict) and isinstance(secret := part.get(name), str):
                    self._secrets.redactor.know(secret)


def _key(url: str) -> str:
    return f"sign_in:{sha256(url.encode()).hexdigest()}"
