"""Model accounts that live in environment variables: what a script has instead of the studio's accounts."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping

from studio.engine.errors import AccountMissing
from studio.engine.models.base import Account


def variable_prefix(account: str) -> str:
    """How the variables of an account begin: "my server" gives MY_SERVER, as in MY_SERVER_API_KEY."""
    prefix = re.sub(r"[^A-Z0-9]+", "_", account.upper()).strip("_")
    return f"ACCOUNT_{prefix}".rstrip("_") if not prefix or prefix[0].isdigit() else prefix


class EnvironmentAccounts:
    """Reads <ACCOUNT>_API_KEY, <ACCOUNT>_BASE_URL and <ACCOUNT>_MODEL whenever an account is asked for."""

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    def account(self, name: str) -> Account:
        """Raises AccountMissing when neither a key nor an address is there."""
        prefix = variable_prefix(name)
        key = self._environment.get(f"{prefix}_API_KEY", "").strip() or None
        base_url = self._environment.get(f"{prefix}_BASE_URL", "").strip() or None
        if key is None and base_url is None:
            raise AccountMissing(name, f"Set {prefix}_API_KEY, and {prefix}_BASE_URL for a server other than OpenAI's.")
        return Account(name, base_url, key, default_model=self._environment.get(f"{prefix}_MODEL", "").strip())
