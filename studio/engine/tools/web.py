"""Requests to the web on behalf of a model: only to addresses that were checked, and bounded in time, size and redirects."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from studio.engine.errors import ConveneError
from studio.engine.tools.addresses import AddressRefused, IPAddress, WebAddress, is_metadata, named, read_address, refusal, words_for
from studio.texts import text

if TYPE_CHECKING:
    import ssl

    import aiohttp

MAX_REDIRECTS = 5
MAX_BYTES = 5_000_000
"""Of a body, compressed and unpacked; what is longer is cut."""

Lookup = Callable[[str, int], Awaitable[Sequence[str]]]
"""The IP addresses of a host."""

_HEADER = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}\Z")
_OWN_HEADERS = frozenset({"host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "expect"})
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_trust: ssl.SSLContext | None = None


class WebFailed(ConveneError):
    """A request that got no usable answer."""

    code = "web_failed"


@dataclass(frozen=True, slots=True)
class Reach:
    """What a tool may connect to: `hosts` alone, or every host when there are none, as far as they are on the public internet.

    `private_hosts` may lie in a private network or on this machine: somebody wrote them down for that.
    """

    hosts: tuple[str, ...] = ()
    private_hosts: tuple[str, ...] = ()

    def check_host(self, address: WebAddress) -> None:
        """Raises AddressRefused for a host that is not among those allowed, and for IP addresses that are not public."""
        if self.hosts and not named(self.hosts + self.private_hosts, address):
            raise AddressRefused(
                text("engine.web.host_not_allowed", host=address.shown_host),
                text("engine.web.host_not_allowed.remedy", hosts=", ".join(self.hosts + self.private_hosts)),
            )
        if address.ip is not None:
            self.check_ip(address, address.ip)

    def check_ip(self, address: WebAddress, ip: IPAddress) -> None:
        """Raises AddressRefused for an address of the host that this tool may not reach."""
        network = refusal(ip)
        if not network:
            return
        if named(self.private_hosts, address) and (not is_metadata(ip) or address.ip == ip):
            return
        if address.ip is not None:
            sentence = text("engine.web.address_not_public", host=address.shown_host, network=words_for(network))
        else:
            sentence = text("engine.web.host_not_public", host=address.shown_host, ip=ip, network=words_for(network))
        raise AddressRefused(sentence, text("engine.web.not_public.remedy"))


@dataclass(frozen=True, slots=True)
class WebRequest:
    """What to send. `secret_headers` go to the origin of `url` only, not where it redirects to."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    secret_headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class WebAnswer:
    """What came back. `headers` have lower-case names; `cut` says that the body was longer than was taken."""

    url: WebAddress
    status: int
    reason: str
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False

    @property
    def content_type(self) -> str:
        """The type of the body in lower case without parameters, empty when none was said."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def is_text(self) -> bool:
        """Whether a model can read the body."""
        kind = self.content_type
        if kind.startswith("text/") or kind.endswith(
            ("+json", "+xml", "json", "/xml", "yaml", "javascript", "x-www-form-urlencoded", "csv")
        ):
            return True
        return not kind and b"\0" not in self.body[:4096]

    @property
    def text(self) -> str:
        """The body as text in the charset that was said, or in UTF-8; what cannot be read becomes a replacement character."""
        said = _CHARSET.search(self.headers.get("content-type", ""))
        if said is None and "html" in self.content_type:
            said = _CHARSET.search(self.body[:2048].decode("ascii", "replace"))
        try:
            return self.body.decode(said[1] if said else "utf-8-sig", "replace")
        except (LookupError, UnicodeError, ValueError):
            return self.body.decode("utf-8-sig", "replace")


async def system_lookup(host: str, port: int) -> Sequence[str]:
    """What this machine's resolver says. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(address[0]) for *_, address in found]


async def fetch(
    request: WebRequest, reach: Reach, *, timeout: float = 30.0, max_bytes: int = MAX_BYTES, lookup: Lookup = system_lookup
) -> WebAnswer:
    """Send a request and follow its redirects; `timeout` are seconds for all of it.

    Every host is looked up once, all of its addresses are checked, and the connection goes to one of those: what the name leads
    to a moment later does not matter. Proxies and cookies of this machine are not used. Raises AddressRefused and WebFailed.
    """
    address = read_address(request.url)
    try:
        async with asyncio.timeout(timeout):
            for _ in range(MAX_REDIRECTS + 1):
                answer = await _once(request, address, reach, max_bytes, lookup)
                location = answer.headers.get("location")
                if answer.status not in (301, 302, 303, 307, 308) or not location:
                    return answer
                following = read_address(location, address)
                reach.check_host(following)
                request, address = _redirected(request, answer.status, address, following), following
    except TimeoutError:
        raise WebFailed(text("engine.web.too_slow", host=address.shown_host, seconds=f"{timeout:g}")) from None
    raise WebFailed(text("engine.web.too_many_redirects", host=address.shown_host, limit=MAX_REDIRECTS))


def check_headers(headers: Mapping[str, str]) -> None:
    """Raises WebFailed for a header that cannot be sent, or that only this program may set."""
    for name, value in headers.items():
        if not _HEADER.match(name):
            raise WebFailed(text("engine.web.no_header_name", name=name[:60]))
        if name.lower() in _OWN_HEADERS or name.lower().startswith("proxy-"):
            raise WebFailed(text("engine.web.own_header", name=name))
        if any(character < " " or character == "\x7f" for character in value):
            raise WebFailed(text("engine.web.header_control_character", name=name))
        if len(value) > 8_000:
            raise WebFailed(text("engine.web.header_too_long", name=name))


def _redirected(request: WebRequest, status: int, before: WebAddress, after: WebAddress) -> WebRequest:
    secret = request.secret_headers if before.origin == after.origin else {}
    becomes_get = (status == 303 and request.method != "HEAD") or (status in (301, 302) and request.method == "POST")
    if not becomes_get:
        return replace(request, secret_headers=secret)
    headers = {name: value for name, value in request.headers.items() if name.lower() != "content-type"}
    return replace(request, method="GET", headers=headers, secret_headers=secret, body=None)


async def _once(request: WebRequest, address: WebAddress, reach: Reach, max_bytes: int, lookup: Lookup) -> WebAnswer:
    reach.check_host(address)
    ips = await checked_ips(address, reach, lookup)
    if "aiohttp" not in _loaded or (address.scheme == "https" and _trust is None):
        await asyncio.to_thread(_load, address.scheme == "https")
    import aiohttp
    from yarl import URL

    headers = {"User-Agent": "Convene", "Accept-Encoding": "gzip, deflate", **request.headers, **request.secret_headers}
    check_headers(headers)
    connector = aiohttp.TCPConnector(
        resolver=_pinned(ips), use_dns_cache=False, force_close=True, limit=1, ssl=_trust if address.scheme == "https" and _trust else True
    )
    try:
        async with (
            aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=None),
                auto_decompress=False,
                trust_env=False,
                skip_auto_headers=["Content-Type"],
            ) as session,
            session.request(
                request.method, URL(str(address), encoded=True), headers=headers, data=request.body, allow_redirects=False
            ) as response,
        ):
            body, cut = await _body(response, max_bytes)
            found = {name.lower(): value for name, value in response.headers.items()}
            return WebAnswer(address, response.status, (response.reason or "")[:80], found, body, cut)
    except (aiohttp.ClientError, OSError, ValueError, zlib.error) as mistake:
        raise WebFailed(_why(mistake, address)) from None


async def checked_ips(address: WebAddress, reach: Reach, lookup: Lookup) -> list[str]:
    """The addresses of a host, all of them checked: one that may not be reached makes the whole host suspicious.

    Raises AddressRefused and WebFailed.
    """
    if address.ip is not None:
        return [address.host]
    try:
        found = list(dict.fromkeys(await lookup(address.host, address.port)))
    except (OSError, UnicodeError):
        found = []
    if not found:
        raise WebFailed(text("engine.web.no_such_host", host=address.host))
    for each in found[:64]:
        reach.check_ip(address, ipaddress.ip_address(each.partition("%")[0]))
    return found[:64]


def _pinned(ips: Sequence[str]) -> Any:
    """A resolver for one connection: it knows the addresses that were checked and no others."""
    from aiohttp.abc import AbstractResolver, ResolveResult

    class Pinned(AbstractResolver):
        async def resolve(self, host: str, port: int = 0, family: int = socket.AF_UNSPEC) -> list[ResolveResult]:
            return [
                ResolveResult(
                    hostname=host,
                    host=ip,
                    port=port,
                    family=socket.AF_INET6 if ":" in ip else socket.AF_INET,
                    proto=socket.IPPROTO_TCP,
                    flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
                )
                for ip in ips
            ]

        async def close(self) -> None:
            """Nothing is held."""

    return Pinned()


async def _body(response: aiohttp.ClientResponse, limit: int) -> tuple[bytes, bool]:
    """The body, unpacked, and whether it was cut at `limit` bytes. Raises WebFailed for a compression that was not asked for."""
    packing = response.headers.get("Content-Encoding", "").strip().lower()
    if packing not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise WebFailed(text("engine.web.odd_packing", packing=packing[:20]))
    packed = packing not in ("", "identity")
    unpack = zlib.decompressobj(wbits=47 if "gzip" in packing else 15) if packed else None
    got = bytearray()
    read = 0
    async for chunk in response.content.iter_any():
        read += len(chunk)
        if unpack is not None:
            if "deflate" in packing and read == len(chunk) and chunk[:1] and chunk[0] & 0x0F != 8:
                unpack = zlib.decompressobj(wbits=-15)  # many servers leave the wrapping out
            chunk = unpack.decompress(chunk, limit - len(got) + 1)
        got += chunk[: limit - len(got) + 1]
        if len(got) > limit or read > limit:
            return bytes(got[:limit]), True
    return bytes(got), False


_loaded: set[str] = set()


def _load(secure: bool) -> None:
    """Import the client, and load the certificates that are trusted: both take their time, once in a process."""
    global _trust
    import aiohttp  # noqa: F401

    if secure and _trust is None:
        import ssl

        context = ssl.create_default_context()
        if not context.cert_store_stats()["x509_ca"]:
            import certifi

            context.load_verify_locations(certifi.where())
        _trust = context
    _loaded.add("aiohttp")


def _why(mistake: Exception, address: WebAddress) -> str:
    import aiohttp

    host = address.shown_host
    if isinstance(mistake, (aiohttp.ClientConnectorCertificateError, aiohttp.ClientConnectorSSLError, aiohttp.ClientSSLError)):
        return text("engine.web.no_trust", host=host)
    if isinstance(mistake, aiohttp.ClientConnectorError):
        return text("engine.web.nothing_answers", host=host)
    if isinstance(mistake, zlib.error):
        return text("engine.web.damaged", host=host)
    if isinstance(mistake, (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, OSError)):
        return text("engine.web.broken_off", host=host)
    return text("engine.web.no_http", host=host)
