"""Where a tool may connect to: addresses of the web read strictly, and the networks that no tool reaches by itself."""

from __future__ import annotations

import ipaddress
import re
import urllib.parse
from collections.abc import Iterable
from dataclasses import dataclass

from studio.engine.errors import ConveneError

MAX_URL = 8_000
"""Characters of an address."""

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS = {"http": 80, "https": 443}
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
_NUMBER = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)\Z")

_METADATA = "a cloud's metadata service"
_LINK = "the local link, where cloud machines keep their credentials"
_REFUSED: tuple[tuple[str, ipaddress.IPv4Network | ipaddress.IPv6Network], ...] = tuple(
    (why, ipaddress.ip_network(network))
    for why, networks in {
        _METADATA: "168.63.129.16/32 192.0.0.192/32 100.100.100.200/32 fd00:ec2::254/128",
        _LINK: "169.254.0.0/16 fe80::/10",
        "this machine": "127.0.0.0/8 0.0.0.0/8 ::1/128 ::/128",
        "a private network": "10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 100.64.0.0/10 fc00::/7 fec0::/10",
        "a multicast group": "224.0.0.0/4 ff00::/8",
        "reserved": "192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4 "
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
        raise AddressRefused(f"The address is too long: {len(url):,} characters, at most {MAX_URL:,} are taken.")
    url = url.strip(" ")
    if "\\" in url or any(character <= " " or character == "\x7f" for character in url):
        raise AddressRefused(f"{_shown(url)} is no address: it has a backslash, a space or a control character in it.", _PLAIN)
    try:
        parts = urllib.parse.urlsplit(urllib.parse.urljoin(str(base), url) if base is not None else url)
        port = parts.port
    except ValueError:
        raise AddressRefused(f"{_shown(url)} is no address.", _PLAIN) from None
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise AddressRefused(f"{_shown(url)} is no address of the web.", "Only http:// and https:// are taken.")
    if "@" in parts.netloc:
        raise AddressRefused("The address has a name or a password before its host.", _PLAIN)
    if port == 0 or parts.netloc.endswith(":"):
        raise AddressRefused(f"{_shown(url)} has no usable port.", _PLAIN)
    host = read_host(parts.netloc[: parts.netloc.rfind(":")] if port is not None else parts.netloc)
    path = urllib.parse.quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = urllib.parse.quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    return WebAddress(scheme, host, port or _PORTS[scheme], path + (f"?{query}" if query else ""))


_PLAIN = "Write it plainly, as https://example.com/page."


def read_host(written: str) -> str:
    """A host in its one plain form: a name in ASCII, or an IP address without brackets. Raises AddressRefused."""
    if written.startswith("["):
        if not written.endswith("]") or "%" in written or not isinstance(ip := _ip(written[1:-1]), ipaddress.IPv6Address):
            raise AddressRefused(f"{_shown(written)} is no IPv6 address.", _PLAIN)
        return str(ip)
    try:
        host = written.encode("idna").decode("ascii").lower().removesuffix(".")
    except UnicodeError:
        raise AddressRefused(f"{_shown(written)} is no name of a host.", _PLAIN) from None
    labels = host.split(".")
    if len(host) > 253 or not all(_LABEL.match(label) for label in labels):
        raise AddressRefused(f"{_shown(written)} is no name of a host.", _PLAIN)
    if _NUMBER.match(labels[-1]) and _ip(host) is None:
        raise AddressRefused(f"{_shown(written)} is an IP address in disguise.", "Write it as four numbers, as 93.184.215.14.")
    return host


def refusal(ip: IPAddress) -> str:
    """What an address is that no tool reaches by itself: "this machine", "a private network" …; empty for public ones."""
    inner = _inside(ip)
    if inner is not None:
        # Networks without IPv4 reach all of it through NAT64; the other forms only ever serve to get around a guard.
        return refusal(inner) or ("" if ip in _NAT64 else "an IPv4 address inside an IPv6 one")
    why = next((why for why, network in _REFUSED if ip.version == network.version and ip in network), "")
    return why or ("" if ip.version == 4 or ip in _PUBLIC else "reserved")


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
        raise AddressRefused(f"{_shown(entry)} is no host.", _HOST)
    if "/" in written or "@" in written or not host:
        raise AddressRefused(f"{_shown(entry)} is no host.", _HOST)
    plain = read_host(host)
    if below and _ip(plain) is not None:
        raise AddressRefused(f"{_shown(entry)} is no host.", _HOST)
    return plain, int(port) if port else None, below


_HOST = "Write example.com, example.com:8080 or *.example.com, without https://."


def _matches(entry: str, address: WebAddress) -> bool:
    try:
        host, port, below = read_entry(entry)
    except AddressRefused:
        return False
    if port is not None and port != address.port:
        return False
    return address.host.endswith(f".{host}") if below else address.host == host


def _ip(text: str) -> IPAddress | None:
    try:
        return ipaddress.ip_address(text)
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


def _shown(text: str) -> str:
    """What was written, cut, and without a password."""
    plain = re.sub(r"//[^/@]*@", "//…@", text[:200])
    return f"'{plain}'"
