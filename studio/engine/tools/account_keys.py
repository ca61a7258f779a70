"""The keys that tools send: looked up by the name of an account when they are needed, and only for the server they were entered for."""

from __future__ import annotations

import base64
import re
import urllib.parse
from dataclasses import dataclass, field

from studio.engine.errors import ConveneError
from studio.engine.models.accounts import variable_prefix
from studio.engine.models.base import Accounts
from studio.engine.tools.addresses import AddressRefused, WebAddress, read_address
from studio.texts import text

OPENAI_HOST = "api.openai.com"

ACCOUNT = re.compile(r"\$\{([^{}$\n]{1,80})\}")
"""A place for the key of an account: `${account}`."""
_ENCODED = "base64:"
_HIDDEN = "•••"


class KeyWithheld(ConveneError):
    """An account whose key must not be sent where a tool would send it, or that has none."""

    code = "key_withheld"


def accounts_in(written: str) -> tuple[str, ...]:
    """The accounts that a text names as `${account}`."""
    return tuple(dict.fromkeys(_named(place) for place in ACCOUNT.findall(written)))


@dataclass(slots=True)
class AccountKeys:
    """The keys of one call. What was handed out can be taken out of texts again."""

    accounts: Accounts
    given: list[str] = field(default_factory=list, repr=False)

    def key(self, account: str, address: WebAddress, *, known_as: str = "") -> str:
        """The key of an account, for a request to `address`.

        An account says which server its key is for; a flow that somebody sent along cannot name another one. An account without
        an address is OpenAI's, or that of a service `known_as` the account's own name. Raises AccountMissing and KeyWithheld.
        """
        found = self.accounts.account(account)
        if found.key is None:
            remedy = text("engine.account_key.missing.remedy", variable=f"{variable_prefix(account)}_API_KEY")
            raise KeyWithheld(text("engine.account_key.missing", account=account), remedy)
        if found.base_url:
            try:
                home = read_address(found.base_url)
                fine = (home.host, home.port) == (address.host, address.port) and (address.scheme == "https" or home.scheme == "http")
            except AddressRefused:
                fine = False
        else:
            own_name = bool(known_as) and account.casefold() == known_as.casefold()
            fine = address.scheme == "https" and (own_name or address.host == OPENAI_HOST)
        if not fine:
            wanted, variable = f"{address.scheme}://{address.shown_host}", f"{variable_prefix(account)}_BASE_URL"
            raise KeyWithheld(
                text("engine.account_key.other_server", account=account, host=address.shown_host),
                text("engine.account_key.other_server.remedy", address=wanted, variable=variable),
            )
        self.given.append(found.key)
        return found.key

    def written(self, place: str, address: WebAddress) -> str:
        """What stands in `${place}`: an account's key, or with `base64:` before its name the key in base64. Raises as `key` does."""
        key = self.key(_named(place), address)
        if not place.strip().startswith(_ENCODED):
            return key
        self.given.append(encoded := base64.b64encode(key.encode()).decode())
        return encoded

    def hidden(self, said: str) -> str:
        """The text without the keys that were handed out: a server may send back what it got."""
        for key in sorted(self.given, key=len, reverse=True):
            for form in (key, urllib.parse.quote(key, safe=""), urllib.parse.quote_plus(key)):
                said = said.replace(form, _HIDDEN) if len(key) >= 4 else said
        return said


def _named(place: str) -> str:
    return place.strip().removeprefix(_ENCODED).strip()
