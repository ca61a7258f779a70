"""How an MCP server is reached: as a program that is started here, or at an address of the web. Describing it starts nothing."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence
from functools import reduce
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field

from studio.engine.component import Component, Widget
from studio.engine.models.base import Accounts
from studio.engine.tools.account_keys import ACCOUNT, AccountKeys, accounts_in
from studio.engine.tools.addresses import AddressRefused, read_address
from studio.engine.tools.mcp_errors import McpFailed
from studio.texts import text

_PASSED_ON = "PATH HOME USER LOGNAME SHELL TERM LANG LC_ALL LC_CTYPE TZ TMPDIR SSL_CERT_FILE SSL_CERT_DIR".split()
_PASSED_ON_WINDOWS = "APPDATA LOCALAPPDATA USERPROFILE SYSTEMROOT SYSTEMDRIVE TEMP TMP COMSPEC PATHEXT WINDIR".split()
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+\Z")


def _variables(rows: dict[str, str]) -> dict[str, str]:
    for name, value in rows.items():
        if not _VARIABLE.match(name):
            raise ValueError(text("engine.mcp.no_variable_name", name=name))
        if "\0" in value:
            raise ValueError(text("engine.mcp.odd_variable", name=name))
    return rows


def _headers(rows: dict[str, str]) -> dict[str, str]:
    for name, value in rows.items():
        if not _HEADER.match(name):
            raise ValueError(text("engine.mcp.no_header_name", name=name))
        if any(ord(character) < 32 or ord(character) > 255 for character in value):
            raise ValueError(text("engine.mcp.odd_header", name=name))
    return rows


def _address(url: str) -> str:
    try:
        return str(read_address(url)) if url.strip() else ""
    except AddressRefused as mistake:
        raise ValueError(str(mistake).rstrip(".")) from None


def _no_null(arguments: tuple[str, ...]) -> tuple[str, ...]:
    if any("\0" in argument for argument in arguments):
        raise ValueError(text("engine.mcp.odd_argument"))
    return arguments


class Transport(Component):
    """The way to an MCP server."""

    category: ClassVar[str] = "transport"

    @property
    def consent(self) -> str:
        """What exactly a person agrees to."""
        raise NotImplementedError

    @property
    def where(self) -> str:
        """For error sentences: the program or the host."""
        raise NotImplementedError

    @property
    def missing(self) -> str:
        """The field without which nothing can be reached, when it is empty."""
        raise NotImplementedError


class Stdio(Transport):
    """A program that speaks MCP on its standard input and output."""

    kind: ClassVar[str] = "stdio"
    title: ClassVar[str] = "A program on this machine"
    summary: ClassVar[str] = "Started for the run, ended with it; without a sandbox"

    command: Annotated[
        str,
        Field(title="Command", description="The program, or a whole command line.", max_length=4_000),
        Widget("line", placeholder="npx"),
    ] = ""
    args: Annotated[
        tuple[str, ...],
        AfterValidator(_no_null),
        Field(title="Arguments", description="One a line.", max_length=100),
        Widget("lines", placeholder="-y"),
    ] = ()
    environment: Annotated[
        dict[str, str],
        AfterValidator(_variables),
        Field(
            title="Environment",
            description="What the program is told besides where programs are. Empty takes your variable of that name; "
            "${account} takes the key of an account.",
            max_length=100,
        ),
        Widget("rows", advanced=True),
    ] = {}  # noqa: RUF012 - pydantic copies it

    @property
    def argv(self) -> tuple[str, ...]:
        """The program and its arguments, exactly as they are started. Empty without a command."""
        if self.args:
            return (self.command.strip(), *self.args) if self.command.strip() else ()
        try:
            return tuple(shlex.split(self.command, posix=os.name == "posix"))
        except ValueError:
            return (self.command.strip(),)

    @property
    def consent(self) -> str:
        command = shlex.join(self.argv)
        told = "\n".join(f"{name}: {_from_where(name, value)}" for name, value in sorted(self.environment.items()))
        if told:
            return text("engine.mcp.consent.program_told", command=command, variables=told)
        return text("engine.mcp.consent.program", command=command)

    @property
    def where(self) -> str:
        return self.argv[0] if self.argv else text("engine.mcp.no_command")

    @property
    def missing(self) -> str:
        return "" if self.argv else "command"

    def variables(self, folder: Path, accounts: Accounts, keys: AccountKeys) -> dict[str, str]:
        """The program's whole environment. Raises McpFailed and AccountMissing."""
        names = _PASSED_ON if os.name == "posix" else [*_PASSED_ON, *_PASSED_ON_WINDOWS]
        environment = {name: os.environ[name] for name in names if name in os.environ}
        environment["PWD"] = str(folder)
        for name, value in self.environment.items():
            if value:
                environment[name] = _with_keys(value, accounts, keys)
            elif name in os.environ:
                environment[name] = os.environ[name]
            else:
                unset = text("engine.mcp.variable_unset", name=name)
                raise McpFailed(self.where, unset, text("engine.mcp.variable_unset.remedy", name=name))
        return environment


class Remote(Transport):
    """A server at an address. One that wants people to sign in may ask for it, unless a header says who is asking."""

    url: Annotated[
        str,
        AfterValidator(_address),
        Field(title="Address", description="Where the server answers.", max_length=4_000),
        Widget("line", placeholder="https://example.com/mcp"),
    ] = ""
    headers: Annotated[
        dict[str, str],
        AfterValidator(_headers),
        Field(title="Headers", description="${account} stands for the key of an account: keys are not kept in a flow.", max_length=50),
        Widget("rows", advanced=True),
    ] = {}  # noqa: RUF012 - pydantic copies it

    @property
    def consent(self) -> str:
        accounts = tuple(dict.fromkeys(name for value in self.headers.values() for name in accounts_in(value)))
        if accounts:
            return text("engine.mcp.consent.server_keys", address=self.url, accounts=_listed(accounts))
        return text("engine.mcp.consent.server", address=self.url)

    @property
    def where(self) -> str:
        return self.url or text("engine.mcp.no_address")

    @property
    def missing(self) -> str:
        return "" if self.url else "url"

    @property
    def may_sign_in(self) -> bool:
        return not any(name.casefold() == "authorization" for name in self.headers)

    def headers_sent(self, keys: AccountKeys) -> dict[str, str]:
        """Raises AccountMissing and KeyWithheld."""
        address = read_address(self.url)
        return {name: ACCOUNT.sub(lambda place: keys.written(place[1], address), value) for name, value in self.headers.items()}


class StreamableHttp(Remote):
    """A server on the web or in the network, by MCP's present protocol."""

    kind: ClassVar[str] = "streamable_http"
    title: ClassVar[str] = "A web address"
    summary: ClassVar[str] = "Streamable HTTP"


class Sse(Remote):
    """A server by the protocol of 2024: an event stream and an address to post to."""

    kind: ClassVar[str] = "sse"
    title: ClassVar[str] = "A web address (SSE)"
    summary: ClassVar[str] = "The older protocol of remote servers"


def _from_where(name: str, value: str) -> str:
    accounts = accounts_in(value)
    if accounts:
        return text("engine.mcp.key_of", accounts=_listed(accounts))
    return value or text("engine.mcp.own_variable", name=name)


def _listed(accounts: Sequence[str]) -> str:
    return reduce(lambda listed, account: text("engine.mcp.another_key", accounts=listed, account=account), accounts)


def _with_keys(value: str, accounts: Accounts, keys: AccountKeys) -> str:
    """The value with every `${account}` replaced by a key, for a program that a person agreed to start with these keys."""
    for name in accounts_in(value):
        keys.given.append(accounts.account(name).key or "")
    return ACCOUNT.sub(lambda place: accounts.account(accounts_in(place[0])[0]).key or "", value)
