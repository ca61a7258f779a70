"""Where a tool may connect to: addresses of the web read strictly, and the networks that no tool reaches by itself."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass

from studio.engine.errors import ConveneError
from studio.texts import text

MAX_URL = 8_000
"""Characters of an address."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\Z")

_METADATA = "metadata"
_LINK = "link"
_RESERVED = "reserved"
_REFUSED: tuple[tuple[str, ipaddress.IPv4Network | ipaddress.IPv6Network], ...] = tuple(
    (what, ipaddress.ip_network(network))
    for what, networks in {
        _METADATA: "168.63.129.16/32 192.0.0.192/32 100.100.100.200/32 fd00:ec2::254/128",
        _LINK: "169.254.0.0/16 fe80::/10",
        "own_machine": "127.0.0.0/8 0.0.0.0/8 ::1/128 ::/128",
        "private": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7 fec0::/10",
        "multicast": "224.0.0.0/4 ff00::/8",
        _RESERVED: "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 "
        "2001::/23 2001:db8::/32 3fff::/20",
    }.items()
    for network in networks.split()
)
_PUBLIC = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class AddressRefused(ConveneError):
    """An address that a tool does not connect to."""

    code = "address_refused"


@dataclass(frozen=True, slots=True)
class WebAddress:
    """An address of the web in its one plain form. `target` is path and query as they are sent, `host` lower case without brackets."""

    scheme: str
    host: str
    port: int
    target: str

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.scheme, self.host, self.port

    @property
    def ip(self) -> IPAddress | None:
        """The address that the host itself is, when it is no name."""
        return _ip(self.host)

    @property
    def shown_host(self) -> str:
        """The host as an address names it, with its port where that is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    def __str__(self) -> str:
        return f"{self.scheme}://{self.shown_host}{self.target}"


def read_address(url: str, base: WebAddress | None = None) -> WebAddress:
    """The address that `url` is; one that a redirect names may be relative to `base`.

    Everything that programs read differently is refused, not guessed: numbers in place of an IPv4 address (decimal, octal,
    hexadecimal, shortened), names with a password, backslashes, spaces, percent signs in the host. Raises AddressRefused.
    """
    if len(url) > MAX_URL:
        raise AddressRefused(text("engine.address.too_long", count=f"{len(url):,}", limit=f"{MAX_URL:,}"))
    url = url.strip(" ")
    if "\\" in url or any(character <= " " or character == "\x7f" for character in url):
        raise _not_plain(text("engine.address.odd_characters", address=_shown(url)))
    try:
        parts = urllib.parse.urlsplit(urllib.parse.urljoin(str(base), url) if base is not None else url)
        port = parts.port
    except ValueError:
        raise _not_plain(text("engine.address.unreadable", address=_shown(url))) from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise AddressRefused(text("engine.address.not_web", address=_shown(url)), text("engine.address.not_web.remedy"))
    if "@" in parts.netloc:
        raise _not_plain(text("engine.address.password"))
    if port == 0 or parts.netloc.endswith(":"):
        raise _not_plain(text("engine.address.no_port", address=_shown(url)))
    host = read_host(parts.netloc[: parts.netloc.rfind(":")] if port is not None else parts.netloc)
    path = urllib.parse.quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = urllib.parse.quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return WebAddress(scheme, host, port or _PORTS[scheme], path + (f"?{query}" if query else ""))


def _not_plain(sentence: str) -> AddressRefused:
    return AddressRefused(sentence, text("engine.address.write_plainly"))


def read_host(written: str) -> str:
    """A host in its one plain form: a name in ASCII, or an IP address without brackets. Raises AddressRefused."""
    if written.startswith("["):
        if not written.endswith("]") or "%" in written or not isinstance(ip := _ip(written[1:-1]), ipaddress.IPv6Address):
            raise _not_plain(text("engine.address.no_ipv6", host=_shown(written)))
        return str(ip)
    try:
        host = written.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        raise _not_plain(text("engine.address.no_host_name", host=_shown(written))) from None
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.match(label) for label in labels):
        raise _not_plain(text("engine.address.no_host_name", host=_shown(written)))
    if _NUMBER.match(labels[-1]) and _ip(host) is None:
        raise AddressRefused(text("engine.address.disguised", host=_shown(written)), text("engine.address.disguised.remedy"))
    return host


def refusal(ip: IPAddress) -> str:
    """What an address is that no tool reaches by itself: "own_machine", "private" …; empty for public ones. `words_for` says it."""
    inner = _inside(ip)
    if inner is not None:
        # Networks without IPv4 reach all of it through NAT64; the other forms only ever serve to get around a guard.
        return refusal(inner) or ("" if ip in _NAT64 else "embedded")
    what = next((what for what, network in _REFUSED if ip.version == network.version and ip in network), "")
    return what or ("" if ip.version == 4 or ip in _PUBLIC else _RESERVED)


def words_for(network: str) -> str:
    """What `refusal` found, for people."""
    words = {
        _METADATA: text("engine.network.metadata"),
        _LINK: text("engine.network.link"),
        "own_machine": text("engine.network.own_machine"),
        "private": text("engine.network.private"),
        "multicast": text("engine.network.multicast"),
        _RESERVED: text("engine.network.reserved"),
        "embedded": text("engine.network.embedded"),
    }
    return words[network]


def is_metadata(ip: IPAddress) -> bool:
    """Whether cloud machines hand out their credentials there: to allow that, the number itself must be written down."""
    return refusal(_inside(ip) or ip) in (_METADATA, _LINK)


def named(hosts: Iterable[str], address: WebAddress) -> bool:
    """Whether a list of hosts has this one: `example.com`, `example.com:8080`, `*.example.com`, `[::1]:8080`."""
    return any(_matches(host, address) for host in hosts)


def read_entry(entry: str) -> tuple[str, int | None, bool]:
    """(host, port or None for every port, whether hosts below it are meant) of an item of a list of hosts. Raises AddressRefused."""
    below = entry.startswith("*.")
    written = entry.removeprefix("*.").strip()
    host, colon, port = written.rpartition(":")
    if not colon or written.endswith("]"):
        host, port = written, ""
    if (colon and not written.endswith("]") and not port) or (port and not (port.isascii() and port.isdigit() and 0 < int(port) < 65_536)):
        raise _no_host(entry)
    if "/" in written or "@" in written or not host:
        raise _no_host(entry)
    plain = read_host(host)
    if below and _ip(plain) is not None:
        raise _no_host(entry)
    return plain, int(port) if port else None, below


def _no_host(entry: str) -> AddressRefused:
    return AddressRefused(text("engine.address.no_host", host=_shown(entry)), text("engine.address.no_host.remedy"))


def _matches(entry: str, address: WebAddress) -> bool:
    try:
        host, port, below = read_entry(entry)
    except AddressRefused:
        return False
    if port is not None and port != address.port:
        return False
    return address.host.endswith(f".{host}") if below else address.host == host


def _ip(written: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(written)
    except ValueError:
        return None


def _inside(ip: IPAddress) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, compatible, 6to4, Teredo, NAT64."""
    if isinstance(ip, ipaddress.IPv4Address):
        return None
    number = int(ip)
    if ip.ipv4_mapped is not None:
        return ip.ipv4_mapped
    if ip.sixtofour is not None:
        return ip.sixtofour
    if ip.teredo is not None:
        return ip.teredo[1]
    if number >> 32 == 0x64FF9B << 64 or number >> 80 == 0x64FF9B0001 or (number >> 32 == 0 and number > 1):
        return ipaddress.IPv4Address(number & 0xFFFFFFFF)
    return None


def _shown(written: str) -> str:
    """What was written, cut, and without a password."""
    return re.sub(r"//[^/@]*@", "//…@", written[:200])
