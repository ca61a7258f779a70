"""Model accounts that live in environment variables: what a script has instead of the studio's accounts."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import replace

from studio.engine.errors import AccountMissing
from studio.engine.models.azure import with_version
from studio.engine.models.base import Account
from studio.engine.models.presets import PRESETS, Preset, preset_named
from studio.texts import text


def variable_prefix(account: str) -> str:
    """How the variables of an account begin: "my server" gives MY_SERVER, as in MY_SERVER_API_KEY."""
    prefix = re.sub(r"[^A-Z0-9]+", "_", account.upper()).strip("_")
    return f"ACCOUNT_{prefix}".rstrip("_") if not prefix or prefix[0].isdigit() else prefix


class EnvironmentAccounts:
    """Reads <ACCOUNT>_API_KEY, <ACCOUNT>_BASE_URL and <ACCOUNT>_MODEL whenever an account is asked for, and its limits:
    <ACCOUNT>_REQUESTS_PER_MINUTE, <ACCOUNT>_TOKENS_PER_MINUTE and <ACCOUNT>_REQUESTS_AT_ONCE.

    An account that is called as a known provider ("groq", "azure", "ollama") needs no address, and finds its key in the variables
    that the provider itself tells people to set (AZURE_OPENAI_API_KEY, GOOGLE_API_KEY).
    """

    def __init__(self, environment: Mapping[str, str] | None = None) -> None:
        self._environment = os.environ if environment is None else environment

    def account(self, name: str) -> Account:
        """Raises AccountMissing when neither a key nor an address is there."""
        requests, tokens, at_once = (
            self._number(f"{variable_prefix(name)}_{what}") for what in ("REQUESTS_PER_MINUTE", "TOKENS_PER_MINUTE", "REQUESTS_AT_ONCE")
        )
        return replace(self._found(name), requests_per_minute=requests, tokens_per_minute=tokens, requests_at_once=at_once)

    def _found(self, name: str) -> Account:
        prefix, preset = variable_prefix(name), preset_named(name)
        key = self._first(f"{prefix}_API_KEY", *(preset.keys if preset else ()))
        base_url = self._first(f"{prefix}_BASE_URL", *(preset.urls if preset else ()))
        model = self._first(f"{prefix}_MODEL", *(preset.models if preset else ())) or ""
        if preset is None:
            if key is None and base_url is None:
                raise AccountMissing(name, text("engine.account.set_key_or_address", prefix=prefix))
            return Account(name, base_url, key, default_model=model)
        if (key is None and base_url is None and not preset.local) or (preset.id == "azure" and base_url is None):
            raise AccountMissing(name, _wanted(prefix, preset))
        if base_url and (version := self._first(*preset.versions)) and "api-version=" not in base_url:
            base_url = with_version(base_url, version)
        if preset.id != "openai":
            base_url = base_url or preset.base_url
        return Account(name, base_url, key, preset.id, model)

    def known(self) -> list[Account]:
        """The accounts of known providers whose keys are there, in the order of the presets; servers on this machine are not among them."""
        found = []
        for preset in PRESETS:
            if preset.local:
                continue
            try:
                account = self.account(preset.id)
            except AccountMissing:
                continue
            if account.key or preset.id == "openai":
                found.append(account)
        return found

    def _first(self, *names: str) -> str | None:
        return next((value for name in names if (value := self._environment.get(name, "").strip())), None)

    def _number(self, name: str) -> int:
        """The whole number in a variable, 0 when there is none."""
        value = (self._first(name) or "").replace("_", "")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else 0


def _wanted(prefix: str, preset: Preset) -> str:
    """What has to be set for a known provider."""
    if preset.id == "openai":
        return text("engine.account.set_key_or_address", prefix=prefix)
    if preset.needs == "address and key":
        key = "engine.account.set_key_and_address.made_at" if preset.key_at else "engine.account.set_key_and_address"
        return text(key, variable=preset.keys[0], address=preset.urls[0], page=preset.key_at)
    key = "engine.account.set_key.made_at" if preset.key_at else "engine.account.set_key"
    return text(key, variable=f"{prefix}_API_KEY", page=preset.key_at)
