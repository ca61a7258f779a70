"""The fields of tools that say which hosts they may reach."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from studio.engine.component import Widget
from studio.engine.tools.addresses import AddressRefused, read_entry

MAX_HOSTS = 100


def _readable(hosts: tuple[str, ...]) -> tuple[str, ...]:
    for host in hosts:
        try:
            read_entry(host)
        except AddressRefused as mistake:
            raise ValueError(str(mistake).rstrip(".")) from None
    return hosts


Hosts = Annotated[
    tuple[str, ...],
    AfterValidator(_readable),
    Field(title="Only these hosts", description="One a line, such as example.com or *.example.com.", max_length=MAX_HOSTS),
    Widget("lines", placeholder="every public host"),
]
"""The field of a tool that holds the hosts it may connect to; empty allows every public one."""

PrivateHosts = Annotated[
    tuple[str, ...],
    AfterValidator(_readable),
    Field(
        title="Private hosts",
        description="Hosts on this machine or in your network that it may reach. Nothing private is reached unless it stands here.",
        max_length=MAX_HOSTS,
    ),
    Widget("lines", advanced=True, placeholder="localhost:8000"),
]
"""The field of a tool that holds the hosts in private networks that a person allows."""

RedirectHosts = Annotated[
    tuple[str, ...],
    AfterValidator(_readable),
    Field(title="May redirect to", description="Other hosts that an answer may lead to.", max_length=MAX_HOSTS),
    Widget("lines", advanced=True, placeholder="only its own host"),
]
"""The field of a tool with one host of its own that holds the hosts that may stand behind it."""
