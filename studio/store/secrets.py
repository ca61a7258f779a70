"""Keys at rest: sealed with a master key for one row only, and never shown again."""

from __future__ import annotations

import base64
import json
import logging
import os
import threading
from hashlib import sha256
from pathlib import Path
from queue import Empty, Queue
from typing import TYPE_CHECKING

from studio.store.errors import KeyringSilent, MasterKeyBroken, SecretUnreadable
from studio.store.redaction import Redactor
from studio.texts import text

if TYPE_CHECKING:
    from nacl.secret import SecretBox

log = logging.getLogger("studio.store")

VARIABLE = "CONVENE_SECRET_KEY"
"""Holds the master key itself (32 bytes in URL-safe base64), for installations that get their secrets from outside."""

KEYRING_PATIENCE = 3.0
"""Seconds that the operating system's key store may take; one that wants a password window on a server never answers."""

_SERVICE = "convene"


class Secrets:
    """Seals and opens keys, and takes all that it ever saw out of texts.

    The master key is looked for when it is first needed: in CONVENE_SECRET_KEY, in the key file of the data directory, in the
    operating system's key store; a new one goes into the key store, or without one into the key file, readable by this user only.
    The key store is asked where the `keyring` package is installed.
    """

    def __init__(self, data_dir: Path, use_keyring: bool = True) -> None:
        self._file = data_dir / "secret.key"
        self._marker = data_dir / "secret.in-keyring"
        self._entry = sha256(str(data_dir.absolute()).encode()).hexdigest()[:16]
        self._use_keyring = use_keyring
        self._opened: SecretBox | None = None
        self._lock = threading.Lock()
        self.redactor = Redactor()

    def seal(self, key: str, identity: str) -> str:
        """The key, encrypted for `identity` alone: moved to another row it cannot be opened. Raises KeyringSilent, MasterKeyBroken."""
        self.redactor.know(key)
        sealed = self._box().encrypt(json.dumps({"for": identity, "key": key}).encode())
        return base64.urlsafe_b64encode(sealed).decode()

    def open(self, sealed: str, identity: str, account: str) -> str:
        """The key that was sealed for `identity`; errors name the account.

        Raises SecretUnreadable, KeyringSilent, MasterKeyBroken.
        """
        from nacl.exceptions import CryptoError

        try:
            content = json.loads(self._box().decrypt(base64.urlsafe_b64decode(sealed)))
        except (CryptoError, ValueError) as problem:
            raise SecretUnreadable(account) from problem
        if not isinstance(content, dict) or content.get("for") != identity or not isinstance(key := content.get("key"), str):
            raise SecretUnreadable(account)
        self.redactor.know(key)
        return key

    def redact(self, shown: str) -> str:
        """The text without any key that was sealed, opened or named to the redactor, in whatever encoding."""
        return self.redactor.redact(shown)

    def _box(self) -> SecretBox:
        with self._lock:
            if self._opened is None:
                self._opened = self._find_or_make()
            return self._opened

    def _find_or_make(self) -> SecretBox:
        if given := os.environ.get(VARIABLE):
            return _secret_box(given, VARIABLE)
        if self._file.exists():
            return _secret_box(self._file.read_text("ascii", errors="replace").strip(), str(self._file))
        if self._marker.exists():
            kept = self._ask_keyring("get")
            if kept is None:
                raise KeyringSilent
            return _secret_box(kept, text("store.keyring.place"))
        return self._make()

    def _make(self) -> SecretBox:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = new_master_key()
        if self._use_keyring and self._ask_keyring("set", fresh) is not None and self._ask_keyring("get") == fresh:
            self._marker.touch(mode=0o600)
            return _secret_box(fresh, text("store.keyring.place"))
        draft = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(fresh)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, self._file)
        except FileExistsError:  # another process was quicker: its key counts
            return self._find_or_make()
        finally:
            draft.unlink()
        return _secret_box(fresh, str(self._file))

    def _ask_keyring(self, what: str, value: str = "") -> str | None:
        """What the key store says, None when there is none or it does not answer in time."""

        def ask() -> str | None:
            import keyring
            from keyring.backends import fail

            if isinstance(keyring.get_keyring(), fail.Keyring) or keyring.get_keyring().priority <= 0:
                return None
            if what == "set":
                keyring.set_password(_SERVICE, self._entry, value)
                return value
            return keyring.get_password(_SERVICE, self._entry)

        answers: Queue[str | None] = Queue()

        def answer() -> None:
            try:
                answers.put(ask())
            except Exception as problem:  # a key store fails in as many ways as there are desktops
                log.info("the key store of this computer is not used: %s", type(problem).__name__)
                answers.put(None)

        threading.Thread(target=answer, name="keyring", daemon=True).start()
        try:
            return answers.get(timeout=KEYRING_PATIENCE)
        except Empty:
            log.warning("the key store of this computer did not answer within %.0f s", KEYRING_PATIENCE)
            return None


def new_master_key() -> str:
    """A master key as it is kept: 32 random bytes in URL-safe base64."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def _secret_box(key: str, where: str) -> SecretBox:
    """XSalsa20 with Poly1305: what was changed cannot be opened. Raises MasterKeyBroken."""
    from nacl.exceptions import CryptoError
    from nacl.secret import SecretBox

    try:
        return SecretBox(base64.urlsafe_b64decode(key.encode()))
    except (CryptoError, ValueError) as problem:
        raise MasterKeyBroken(where) from problem
