"""Which addresses may be connected to: those of the open internet, in whatever dress others come."""

from __future__ import annotations

import ipaddress

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.fetch import is_public

INSIDE = [ipaddress.ip_network(n) for n in (
    "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12",
    "192.0.0.0/29", "192.0.2.0/24", "192.168.0.0/16", "198.18.0.0/15", "224.0.0.0/4", "240.0.0.0/4",
    "::/128", "::1/128", "fc00::/7", "fe80::/10", "ff00::/8", "2001:db8::/32", "64:ff9b::/96",
)]  # fmt: skip
"""Blocks that are nobody's on the open internet (IANA's special-purpose registries)."""


def addresses(version: int) -> st.SearchStrategy[str]:
    return st.sampled_from([n for n in INSIDE if n.version == version]).flatmap(
        lambda n: st.integers(0, n.num_addresses - 1).map(lambda i: str(n[i]))
    )


@settings(deadline=None)
@given(addresses(4))
def test_no_special_address_is_public_in_any_dress(address: str) -> None:
    number = int(ipaddress.IPv4Address(address))
    dressed = [
        address,
        f"::ffff:{address}",
        str(ipaddress.IPv6Address((0x64FF9B << 96) | number)),
        str(ipaddress.IPv6Address((0x2002 << 112) | (number << 80))),
        str(ipaddress.IPv6Address((0x20010000 << 96) | (0x08080808 << 64) | (number ^ 0xFFFFFFFF))),
    ]
    assert [a for a in dressed if is_public(a)] == []


@settings(deadline=None)
@given(addresses(6))
def test_no_special_address_of_version_6_is_public(address: str) -> None:
    assert not is_public(address)
    assert not is_public(f"{address}%eth0")


@settings(deadline=None)
@given(st.one_of(st.ip_addresses().map(str), st.text(max_size=40)))
def test_what_is_public_is_global_and_no_text_breaks_it(address: str) -> None:
    if is_public(address):
        ip = ipaddress.ip_address(address)
        ip = getattr(ip, "ipv4_mapped", None) or ip
        assert ip.is_global
        wrong = [ip.is_private, ip.is_loopback, ip.is_link_local, ip.is_multicast, ip.is_reserved]
        assert not any(wrong)


def test_the_open_internet_is_open() -> None:
    for address in ("8.8.8.8", "93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"):
        assert is_public(address)
