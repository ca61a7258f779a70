"""Requests with places for arguments and for keys: `{name}` takes an argument, `${account}` that account's key.

`${base64:account}` takes the key in base64, as Basic authorization wants `user:password`.
"""

from __future__ import annotations

import json
import re
import urllib.parse
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from studio.engine.code.base import FunctionResult
from studio.engine.code.calling import BadArguments, shortened
from studio.engine.errors import ConveneError
from studio.engine.models.base import Accounts
from studio.engine.tools.account_keys import ACCOUNT, AccountKeys, accounts_in
from studio.engine.tools.addresses import AddressRefused, WebAddress, read_address
from studio.engine.tools.web import Reach, WebAnswer, WebRequest, fetch
from studio.texts import text

PLACE = re.compile(r"(?<!\$)\{([A-Za-z_][\w.-]{0,63})\}")
_ANY_PLACE = re.compile(rf"{ACCOUNT.pattern.replace('(', '(?P<account>', 1)}|{PLACE.pattern.replace('([', '(?P<argument>[', 1)}")
WITH_BODY = ("POST", "PUT", "PATCH")
MAX_SHOWN = 50_000
"""Characters of an answer that a model is shown."""


@dataclass(frozen=True, slots=True)
class RequestTemplate:
    """How arguments become a request.

    `url` is the address up to its query, `query` and `headers` are texts with places. Arguments that have no place become the
    body (`body` "json" or "form") or, for "query", stand in the address. `body_argument` names the one that is the whole body.
    """

    method: str
    url: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = "json"
    body_argument: str = ""

    def places(self) -> tuple[str, ...]:
        """The names of the arguments that have a place, in order."""
        texts = (self.url, *self.query.values(), *self.headers.values())
        return tuple(dict.fromkeys(name for row in texts for name in PLACE.findall(row)))

    def accounts(self) -> tuple[str, ...]:
        """The accounts whose keys are sent."""
        return tuple(dict.fromkeys(name for row in (*self.query.values(), *self.headers.values()) for name in accounts_in(row)))

    def request(self, arguments: Mapping[str, Any], keys: AccountKeys) -> WebRequest:
        """The request for these arguments. Raises BadArguments, AddressRefused, AccountMissing and KeyWithheld."""
        address = read_address(self.url_for(arguments))
        used = set(self.places())
        query = [(name, value) for name, row in self.query.items() for value in _several(row, arguments, keys, address)]
        plain: dict[str, str] = {}
        secret: dict[str, str] = {}
        for name, row in self.headers.items():
            if not _missing(row, arguments):
                value = _written(row, lambda place: _header_text(arguments[place], place), keys, address)
                (secret if accounts_in(row) else plain)[name] = value
        rest = {name: value for name, value in arguments.items() if name not in used and value is not None}
        content, content_type = self._content(rest)
        if self.body == "query" and not self.body_argument:
            query.extend((name, each) for name, value in rest.items() for each in _texts(value))
        if content_type and "content-type" not in {name.lower() for name in plain}:
            plain["Content-Type"] = content_type
        return WebRequest(_with_query(address, query), self.method, plain, secret, content)

    def url_for(self, arguments: Mapping[str, Any]) -> str:
        """The address with its arguments, each of them one part of the path that leads nowhere else. Raises BadArguments."""

        def part(found: re.Match[str]) -> str:
            name = found[1]
            value = _text(arguments.get(name))
            if arguments.get(name) is None or value == "":
                raise BadArguments(f"The argument '{name}' is missing.")
            if value in (".", "..") or len(value) > 2_000:
                raise BadArguments(f"The argument '{name}' cannot stand in an address.")
            return urllib.parse.quote(value, safe="")

        return PLACE.sub(part, self.url.strip())

    def _content(self, rest: Mapping[str, Any]) -> tuple[bytes | None, str]:
        if self.body_argument:
            value = rest.get(self.body_argument)
            return (None, "") if value is None else (json.dumps(value, ensure_ascii=False).encode(), "application/json")
        if self.body == "query" or not rest:
            return None, ""
        if self.body == "form":
            pairs = [(name, each) for name, value in rest.items() for each in _texts(value)]
            return urllib.parse.urlencode(pairs).encode(), "application/x-www-form-urlencoded"
        return json.dumps(rest, ensure_ascii=False).encode("utf-8", "replace"), "application/json"


def check_url(url: str) -> WebAddress:
    """The address with every place filled by an example. Raises AddressRefused, for places in the host too."""
    start = url.find("/", url.find("//") + 2) if "//" in url else -1
    if PLACE.search(url[: start if start >= 0 else len(url)]):
        raise AddressRefused(text("engine.request.place_in_host", example="{arguments}"))
    if accounts_in(url):
        raise AddressRefused(text("engine.request.key_in_address"), text("engine.request.key_in_address.remedy"))
    return read_address(PLACE.sub("x", url.strip()))


async def answered(
    template: RequestTemplate, arguments: Mapping[str, Any], reach: Reach, accounts: Accounts, timeout: float
) -> FunctionResult:
    """Send the request and say what came back; whatever goes wrong, and an answer of 400 and above, is a result with `is_error`.

    `reach.hosts` are hosts that the address may redirect to, beside its own. No key is in the result, even if the server sends it back.
    """
    keys = AccountKeys(accounts)
    try:
        return await _answered(template, arguments, reach, keys, timeout)
    except (BadArguments, ConveneError) as mistake:
        return FunctionResult(keys.hidden(str(mistake)), is_error=True)


async def _answered(
    template: RequestTemplate, arguments: Mapping[str, Any], reach: Reach, keys: AccountKeys, timeout: float
) -> FunctionResult:
    request = template.request(arguments, keys)
    home = check_url(template.url)
    own = f"[{home.host}]" if ":" in home.host else home.host
    only = Reach((f"{own}:{home.port}", *reach.hosts), reach.private_hosts)
    answer = await fetch(request, only, timeout=timeout)
    return FunctionResult(keys.hidden(_shown(answer, template.method)), answer.status >= 400)


def _shown(answer: WebAnswer, method: str) -> str:
    if not answer.body:
        content = "" if method == "HEAD" or answer.status >= 300 else "(an empty answer)"
    elif answer.is_text:
        content = shortened(answer.text, MAX_SHOWN) + ("\n… the answer is longer than what is fetched" if answer.cut else "")
    else:
        content = f"({answer.content_type or 'something that is no text'}, {len(answer.body):,} bytes)"
    if answer.status < 300 and method != "HEAD":
        return content
    return f"HTTP {answer.status} {answer.reason}".strip() + (f"\n{content}" if content else "")


def _missing(row: str, arguments: Mapping[str, Any]) -> bool:
    return any(arguments.get(place) is None for place in PLACE.findall(row))


def _written(row: str, argument: Callable[[str], str], keys: AccountKeys, address: WebAddress) -> str:
    """A text with everything in its places, in one pass: an argument that looks like a place for a key is only text."""

    def put(found: re.Match[str]) -> str:
        return keys.written(found["account"], address) if found["account"] else argument(found["argument"])

    return _ANY_PLACE.sub(put, row)


def _several(row: str, arguments: Mapping[str, Any], keys: AccountKeys, address: WebAddress) -> list[str]:
    """The values of one row: none when an argument of it is missing, several when the row is one argument that is a list."""
    if _missing(row, arguments):
        return []
    if alone := PLACE.fullmatch(row.strip()):
        return _texts(arguments[alone[1]])
    return [_written(row, lambda place: _text(arguments[place]), keys, address)]


def _with_query(address: WebAddress, pairs: list[tuple[str, str]]) -> str:
    if not pairs:
        return str(address)
    return f"{address}{'&' if '?' in address.target else '?'}{urllib.parse.urlencode(pairs)}"


def _texts(value: Any) -> list[str]:
    return [_text(each) for each in value] if isinstance(value, list) else [_text(value)]


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    return json.dumps(value, ensure_ascii=False) if value is not None else ""


def _header_text(value: Any, name: str) -> str:
    said = _text(value)
    if not said.isprintable() or not said.isascii():
        raise BadArguments(f"The argument '{name}' cannot stand in a header.")
    return said
