"""What a failed run raises in a script."""

from __future__ import annotations

from studio.engine.errors import ConveneError


class RunFailed(ConveneError, RuntimeError):
    """A run that failed. What was said until then is kept: the same team may run again."""

    code = "run_failed"
