"""Who works on a run: a name for this process, and whether the process behind another name is gone."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from studio.store.ids import new_id

_SEPARATOR = "|"


def new_owner() -> str:
    """A name for one user of the database in this process; no two are alike."""
    return _SEPARATOR.join((_machine(), str(os.getpid()), _began(os.getpid()) or "", new_id()))


def is_gone(owner: str) -> bool:
    """Whether the process of this name has certainly ended. False for processes of other machines, of which nothing is known."""
    parts = owner.split(_SEPARATOR)
    if len(parts) != 4 or parts[0] != _machine() or not parts[1].isdigit() or not parts[2]:
        return False
    return _began(int(parts[1])) != parts[2]


def _machine() -> str:
    """This machine since it was switched on, and the container on it: only inside of both does a process number mean one process."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()}/{boot}/{os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return socket.gethostname()


def _began(process: int) -> str | None:
    """When a process began, in the kernel's own count; None for one that is not there (any more), or where nobody can say."""
    try:
        after_name = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state, began = after_name[0], after_name[19]
    return None if state in ("Z", "X") else began
