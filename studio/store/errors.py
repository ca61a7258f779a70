"""What can go wrong with what is kept: each class takes the facts and writes the sentence and the way out."""

from __future__ import annotations

from pathlib import Path

from studio.engine.errors import ConveneError
from studio.texts import text


class DatabaseUnusable(ConveneError):
    """The database cannot be opened or written. `why` is a key of the message catalogue under `store.database.`."""

    code = "database"

    def __init__(self, where: str, why: str, **facts: object) -> None:
        key = f"store.database.{why}"
        super().__init__(text("store.database", where=where, why=text(key, **facts)), text(f"{key}.remedy", **facts))


class DatabaseTooNew(DatabaseUnusable):
    """A newer Convene has written it."""

    def __init__(self, where: str, revision: str, backups: Path | None) -> None:
        super().__init__(where, "too_new" if backups else "too_new_no_backups", revision=revision, backups=backups)


class RunMissing(ConveneError):
    code = "run_missing"

    def __init__(self, run: str) -> None:
        super().__init__(text("store.run_missing", run=run), text("store.run_missing.remedy"))


class LogBroken(ConveneError):
    """Events would leave a gap in a run's log, or a stored event cannot be read. `why` is a key under `store.log.`."""

    code = "log"

    def __init__(self, run: str, why: str, **facts: object) -> None:
        super().__init__(text("store.log", run=run, why=text(f"store.log.{why}", **facts)), text("store.log.remedy"))


class LogClosed(ConveneError):
    code = "log_closed"

    def __init__(self) -> None:
        super().__init__(text("store.log_closed"), text("store.log_closed.remedy"))


class SecretUnreadable(ConveneError):
    """A stored key cannot be decrypted: moved, damaged, or made with another master key."""

    code = "secret"

    def __init__(self, account: str) -> None:
        super().__init__(text("store.secret", account=account), text("store.secret.remedy"))


class KeyringSilent(ConveneError):
    """The master key is in the operating system's key store, and that does not answer."""

    code = "keyring"

    def __init__(self) -> None:
        super().__init__(text("store.keyring"), text("store.keyring.remedy"))


class MasterKeyBroken(ConveneError):
    code = "master_key"

    def __init__(self, where: str) -> None:
        super().__init__(text("store.master_key", where=where), text("store.master_key.remedy"))
