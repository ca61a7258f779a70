"""What the runs of a script have around them: accounts in variables, prices, a temporary folder."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path

from studio.engine.advance import Environment


def docker_image() -> str:
    """The image in which code runs where a script names none: CONVENE_DOCKER_IMAGE."""
    return os.environ.get("CONVENE_DOCKER_IMAGE", "")


@contextmanager
def script_environment() -> Iterator[Environment]:
    """An environment with a work folder that is made when it is needed, and removed."""
    from studio.engine.models.accounts import EnvironmentAccounts
    from studio.engine.models.prices import Prices

    with ExitStack() as stack:

        @cache
        def folder() -> Path:
            return Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="convene-", ignore_cleanup_errors=True)))

        allowed = os.environ.get("CONVENE_ALLOW_LOCAL_CODE", "").casefold() in {"1", "yes", "true"}
        yield Environment(EnvironmentAccounts(), folder, docker_image=docker_image(), allow_local_code=allowed, prices=Prices())
