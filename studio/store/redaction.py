"""Takes known secrets out of texts, in every encoding in which they commonly travel, whole or in pieces of a stream."""

from __future__ import annotations

import base64
import json
import logging
import re
import threading
from urllib.parse import quote, quote_plus

MASK = "•••"
SHORTEST = 8
"""Shorter ones are no secrets, and would tear holes into ordinary words."""


class Redactor:
    """All secrets of a process. Learning one is rare; redacting is a search that mostly finds nothing."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None
        self._starts: frozenset[str] = frozenset()
        self._longest = 0
        self._lock = threading.Lock()

    def know(self, secret: str | None) -> None:
        """Take this one out from now on. Ones shorter than eight characters are left alone."""
        if not secret or len(secret) < SHORTEST or secret in self._forms:
            return
        with self._lock:
            self._forms |= forms(secret)
            longest_first = sorted(self._forms, key=len, reverse=True)
            self._longest = len(longest_first[0])
            self._starts = frozenset(form[0] for form in self._forms)
            self._pattern = re.compile("|".join(map(re.escape, longest_first)))

    def redact(self, text: str) -> str:
        pattern = self._pattern
        return text if pattern is None else pattern.sub(MASK, text)

    def held_back(self, text: str) -> int:
        """How many characters at the end of a streamed text may be the beginning of a secret, and must wait for what follows."""
        if self._pattern is None:
            return 0
        for length in range(min(len(text), self._longest - 1), 0, -1):
            if text[-length] in self._starts and any(form.startswith(text[-length:]) for form in self._forms):
                return length
        return 0


class RedactingFilter(logging.Filter):
    """Takes secrets out of log records, their arguments and their tracebacks. Belongs on handlers."""

    def __init__(self, redactor: Redactor) -> None:
        super().__init__()
        self._redactor = redactor

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = self._redactor.redact(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = self._redactor.redact(record.exc_text)
        return True


def redact_logs(redactor: Redactor) -> None:
    """Take secrets out of whatever this process logs from now on, through every handler that stands now."""
    loggers = [logging.getLogger(), *(known for known in logging.Logger.manager.loggerDict.values() if isinstance(known, logging.Logger))]
    handlers = {handler for logger in loggers for handler in logger.handlers}
    for handler in handlers | ({logging.lastResort} if logging.lastResort is not None else set()):
        if not any(isinstance(each, RedactingFilter) for each in handler.filters):
            handler.addFilter(RedactingFilter(redactor))


def forms(secret: str) -> set[str]:
    """A secret as it is, in JSON, in URLs, in hexadecimal, and in the three ways in which Base64 can hold it."""
    raw = secret.encode()
    found = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    found |= {quote(secret, safe=""), quote_plus(secret, safe=""), raw.hex(), raw.hex().upper()}
    for shift in range(3):
        # The characters at the ends also depend on the neighbours of the secret: what is sure stands between them.
        start = (0, 2, 3)[shift]
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            encoded = encode(b"\0" * shift + raw).decode().rstrip("=")
            sure = encoded[start : len(encoded) if (shift + len(raw)) % 3 == 0 else -1]
            if len(sure) >= SHORTEST:
                found.add(sure)
    return found
