"""What can go wrong with what is kept: each class takes the facts and writes the sentence and the way out."""

from __future__ import annotations

from pathlib import Path

from studio.engine.errors import ConveneError


class DatabaseUnusable(ConveneError):
    """The database cannot be opened, or is not ours."""

    code = "database"

    def __init__(self, where: str, why: str, remedy: str) -> None:
        super().__init__(f"The database {where} cannot be used: {why}", remedy)


class DatabaseTooNew(DatabaseUnusable):
    """A newer Convene has written it."""

    def __init__(self, where: str, revision: str, backups: Path | None) -> None:
        remedy = "Install that version again"
        if backups is not None:
            remedy += f", or put back a copy from {backups}"
        super().__init__(where, f"a newer version of Convene has written it (revision {revision}).", remedy + ".")


class RunMissing(ConveneError):
    code = "run_missing"

    def __init__(self, run: str) -> None:
        super().__init__(f"There is no run '{run}'.", "See the list of runs.")


class LogBroken(ConveneError):
    """Events would leave a gap in a run's log, or a stored event cannot be read."""

    code = "log"

    def __init__(self, run: str, what: str) -> None:
        super().__init__(f"The log of run {run}: {what}", "Nothing was written.")


class LogClosed(ConveneError):
    code = "log_closed"

    def __init__(self) -> None:
        super().__init__("The event log is closed.", "Start Convene again.")


class SecretUnreadable(ConveneError):
    """A stored key cannot be decrypted: moved, damaged, or made with another master key."""

    code = "secret"

    def __init__(self, what: str) -> None:
        super().__init__(f"The stored key of {what} cannot be read.", "Enter it again.")


class KeyringSilent(ConveneError):
    """The master key is in the operating system's key store, and that does not answer."""

    code = "keyring"

    def __init__(self) -> None:
        super().__init__(
            "The key store of this computer, which holds the key to your stored keys, does not answer.",
            "Unlock it and start Convene again, or set CONVENE_SECRET_KEY.",
        )


class MasterKeyBroken(ConveneError):
    code = "master_key"

    def __init__(self, where: str) -> None:
        super().__init__(f"{where} holds no usable key.", "Put the right one back, or remove it and enter your model keys again.")
