"""Python packages that code needs: how they are named, and how pip is told to fetch them."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from studio.engine.component import Widget
from studio.texts import text

INSTALLING = 600.0
"""Seconds that an installation may take."""
MAX_PACKAGES = 100

_REQUIREMENT = re.compile(
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
    r"(?:\[[A-Za-z0-9._-]+(?:,[ ]?[A-Za-z0-9._-]+)*\])?"
    r"(?:[ ]?(?:===|==|~=|!=|<=|>=|<|>)[ ]?[A-Za-z0-9.*+!_-]+(?:,[ ]?(?:===|==|~=|!=|<=|>=|<|>)[ ]?[A-Za-z0-9.*+!_-]+)*)?"
)
_PASSED_ON = ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "PIP_TRUSTED_HOST", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")


def _requirement(written: str) -> str:
    """A package name with or without versions: never an option of pip, an address or a path."""
    written = written.strip()
    if len(written) > 200 or _REQUIREMENT.fullmatch(written) is None:
        raise PydanticCustomError("requirement", text("engine.packages.no_name"))
    return written


Package = Annotated[str, AfterValidator(_requirement)]

Packages = Annotated[
    tuple[Package, ...],
    Field(
        title="Packages",
        description="Python packages, one a line; fetched before the first code runs and kept for the next run.",
        max_length=MAX_PACKAGES,
    ),
    Widget("lines", placeholder="pandas>=2", advanced=True),
]


def pip_arguments(packages: Sequence[str], *options: str) -> list[str]:
    """What follows `python -m` to install the packages."""
    return ["pip", "install", "--no-input", "--disable-pip-version-check", "--progress-bar=off", *options, "--", *packages]


def pip_environment() -> dict[str, str]:
    """Where packages come from, as this installation was told: it may hold a password, so that only pip sees it, never the code."""
    found = {name: os.environ[name] for name in _PASSED_ON if os.environ.get(name)}
    return found | {name: os.environ[name] for name in map(str.lower, _PASSED_ON[3:]) if os.environ.get(name)}


def last_words(lines: Sequence[str]) -> str:
    """The line of pip's output that says why it failed, without its label."""
    errors = [line.strip() for line in lines if line.lstrip().lower().startswith("error")]
    told = errors[-1] if errors else next((line.strip() for line in reversed(lines) if line.strip()), "")
    return re.sub(r"\Aerror:\s*", "", told, flags=re.IGNORECASE)[:300]
