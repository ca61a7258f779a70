"""Which addresses tools connect to: every known way to write this machine, a private network or a metadata service is refused."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.tools.addresses import AddressRefused, named, read_address, read_entry, refusal
from studio.engine.tools.web import Reach, WebRequest, fetch

REFUSED = """
http://127.0.0.1/ http://127.0.0.2:8080/ http://127.255.255.254/ http://0.0.0.0/ http://0.1.2.3/ http://10.0.0.1/ http://10.255.255.255/
http://172.16.0.1/ http://172.31.255.255/ http://192.168.0.1/ http://169.254.169.254/latest/meta-data/ http://169.254.170.2/
http://100.64.0.1/ http://100.100.100.200/ http://168.63.129.16/ http://192.0.0.192/ http://192.0.0.1/ http://192.0.2.1/
http://198.18.0.1/ http://198.19.255.255/ http://198.51.100.7/ http://203.0.113.7/ http://192.88.99.1/ http://224.0.0.1/
http://239.255.255.250/ http://240.0.0.1/ http://255.255.255.255/ http://[::1]/ http://[::]/ http://[0:0:0:0:0:0:0:1]/
http://[::ffff:127.0.0.1]/ http://[::ffff:7f00:1]/ http://[::ffff:10.0.0.1]/ http://[::ffff:169.254.169.254]/ http://[::127.0.0.1]/
http://[64:ff9b::127.0.0.1]/ http://[64:ff9b::a9fe:a9fe]/ http://[64:ff9b:1::127.0.0.1]/ http://[2002:7f00:1::]/ http://[2002:a00:1::]/
http://[2001:0:4136:e378:8000:63bf:80ff:fffe]/ http://[fe80::1]/ http://[fc00::1]/ http://[fd00:ec2::254]/ http://[fec0::1]/
http://[ff02::1]/ http://[2001:db8::1]/ http://[4000::1]/ http://[100::1]/ http://[::ffff:8.8.8.8]/ http://[2002:808:808::]/
http://①②⑦.⓪.⓪.①/ http://127。0。0。1/ http://127.0.0.1./
""".split()

NO_ADDRESS = [
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.0.0.1/",
    "http://0177.0.0.1/",
    "http://017700000001/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.0.0.01/",
    "http://1.2.3.4.5/",
    "http://256.1.1.1/",
    "http://example.com.1/",
    "http://０x7f.1/",
    "http://user@example.com/",
    "http://example.com@127.0.0.1/",
    "http://user:word@127.0.0.1/",
    "http://@127.0.0.1/",
    "http://example.com\\@127.0.0.1/",
    "http:\\\\127.0.0.1/",
    "http://127.0.0.1%2f@example.com/",
    "http://exa%6dple.com/",
    "http://[::1%25eth0]/",
    "http://[fe80::1%eth0]/",
    "http://[127.0.0.1]/",
    "http://[::1/",
    "http://example.com:0/",
    "http://example.com:/",
    "http://example.com:99999/",
    "http://example.com:8o/",
    "http://",
    "http:///path",
    "http://.",
    "http://a..b/",
    "http://-a.b/",
    f"http://{'a' * 64}.com/",
    f"http://example.com/{'a' * 9000}",
    "//127.0.0.1/",
    "127.0.0.1",
    "file:///etc/passwd",
    "ftp://example.com/",
    "gopher://127.0.0.1:6379/_x",
    "javascript:alert(1)",
    "data:text/html,x",
    "unix:///var/run/docker.sock",
    "http+unix://%2Fvar%2Frun%2Fdocker.sock/",
    "http://exam\tple.com/",
    "http://exam\nple.com/",
    "http://example.com/\r\nX: y",
    "http://example.com/a b",
    "",
]


@pytest.mark.parametrize("url", REFUSED)
async def test_no_tool_connects_to_a_private_address_by_itself(url: str) -> None:
    async def no_lookup(host: str, port: int) -> list[str]:
        raise AssertionError("an IP address is not looked up")

    with pytest.raises(AddressRefused, match="does not connect"):
        await fetch(WebRequest(url), Reach(), lookup=no_lookup)


@pytest.mark.parametrize("url", NO_ADDRESS)
def test_what_programs_read_differently_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        read_address(url)


@pytest.mark.parametrize(
    "ip", ["8.8.8.8", "1.1.1.1", "172.15.255.255", "172.32.0.1", "192.167.1.1", "100.63.0.1", "2606:4700::1111", "64:ff9b::808:808"]
)
def test_public_addresses_are_fine(ip: str) -> None:
    assert refusal(ipaddress.ip_address(ip)) == ""


@given(st.ip_addresses(v=4))
def test_every_address_that_python_finds_not_global_is_refused(ip: ipaddress.IPv4Address) -> None:
    if not ip.is_global or ip.is_multicast:
        assert refusal(ip)


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_in_an_ipv6_one_is_never_freer_than_itself(ip: ipaddress.IPv4Address) -> None:
    number = int(ip)
    for prefix, shift in ((0xFFFF << 32, 0), (0x64FF9B << 96, 0), (0x2002 << 112, 80)):
        wrapped = ipaddress.IPv6Address(prefix | number << shift)
        if refusal(ip):
            assert refusal(wrapped)


@given(st.text(max_size=60))
def test_reading_an_address_gives_one_plain_form_or_a_refusal(text: str) -> None:
    for url in (text, f"http://{text}", f"http://{text}/x?y"):
        try:
            address = read_address(url)
        except AddressRefused:
            continue
        assert read_address(str(address)) == address
        assert address.host.isascii()
        assert address.host == address.host.lower()


def test_addresses_are_written_plainly() -> None:
    assert str(read_address("HTTPS://Exämple.COM.:443/ü?q=ö&r=%20")) == "https://xn--exmple-cua.com/%C3%BC?q=%C3%B6&r=%20"
    assert str(read_address("http://example.com:8080")) == "http://example.com:8080/"
    assert str(read_address("../x?y#z", read_address("https://example.com/a/b/c"))) == "https://example.com/a/x?y"


def test_hosts_are_named_with_port_or_with_everything_below_them() -> None:
    address = read_address("https://api.example.com:8443/x")
    assert named(["API.example.com"], address)
    assert named(["api.example.com:8443"], address)
    assert named(["*.example.com"], address)
    assert not named(["example.com", "api.example.com:443", "*.api.example.com", "*.ample.com", "api.example.com.evil.org", ""], address)
    assert named(["[::1]:80", "::1"], read_address("http://[::1]/")) is True


@pytest.mark.parametrize(
    "entry", ["https://example.com", "example.com/x", "a@b", "", "*.", "*.127.0.0.1", "a b", "x:0", "x:", "x:99999", "*"]
)
def test_what_is_no_host_is_refused_in_a_list(entry: str) -> None:
    with pytest.raises(AddressRefused):
        read_entry(entry)
