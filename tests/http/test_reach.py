"""
How near an address is, and who may send us there.
"""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.http.origin import origin_of
from ocikit.http.reach import Reach, may_name, place_fault, reach_of, reach_of_address

REACHES: tuple[Reach, ...] = ("world", "network", "machine", "odd")


@pytest.mark.parametrize(
    ("url", "reach"),
    [
        ("http://localhost:5000", "machine"),
        ("http://a.localhost", "machine"),
        ("http://127.8.9.1", "machine"),
        ("http://[::1]:1", "machine"),
        ("http://[::ffff:127.0.0.1]", "machine"),
        ("http://10.0.0.1", "network"),
        ("http://192.168.1.1", "network"),
        ("http://100.64.0.1", "network"),
        ("http://[fd00::1]", "network"),
        ("http://[::ffff:10.0.0.1]", "network"),
        ("http://[2002:a00:1::]", "network"),
        ("http://[64:ff9b::a00:1]", "network"),
        ("http://169.254.169.254", "odd"),
        ("http://[::ffff:169.254.169.254]", "odd"),
        ("http://[64:ff9b::a9fe:a9fe]", "odd"),
        ("http://[fd00:ec2::254]", "odd"),
        ("http://100.100.100.200", "odd"),
        ("http://0.0.0.0", "odd"),
        ("http://[::]", "odd"),
        ("http://224.0.0.1", "odd"),
        ("http://0x7f.1", "odd"),
        ("http://2130706433", "odd"),
        ("http://017700000001", "odd"),
        ("http://8.8.8.8", "world"),
        ("http://[::ffff:8.8.8.8]", "world"),
        ("http://ghcr.io", "world"),
        ("http://127.0.0.1.evil.io", "world"),
        ("http://10.evil.io", "world"),
    ],
)
def test_addresses_are_known_in_every_dress(url: str, reach: Reach) -> None:
    """
    In every spelling that a resolver takes for an address.
    """
    assert reach_of(origin_of(url)) == reach


def test_a_zone_does_not_hide_an_address() -> None:
    """
    RFC 4007: what a resolver gives for a link-local address has its interface behind it.
    """
    assert reach_of_address("fe80::1%eth0") == "odd"


@pytest.mark.parametrize("registry", REACHES)
def test_farther_away_is_always_fine(registry: Reach) -> None:
    """
    Whoever is near may name what is far: a storage out in the world.
    """
    assert may_name(registry, "world")
    assert not may_name(registry, "odd")


def test_nearer_is_not() -> None:
    """
    From the world nothing inside is named, and from a network not this machine.
    """
    assert [r for r in REACHES if may_name(r, "network")] == ["network", "machine"]
    assert [r for r in REACHES if may_name(r, "machine")] == ["machine"]


@given(st.ip_addresses(v=4), st.sampled_from(REACHES))
def test_clothes_change_nothing(address: ipaddress.IPv4Address, registry: Reach) -> None:
    """
    An IPv4 address is as near as itself, whichever IPv6 address it is in.
    """
    near = reach_of_address(str(address))
    for dressed in (
        f"::ffff:{address}",
        str(ipaddress.IPv6Address((0x64FF9B << 96) + int(address))),
    ):
        assert reach_of_address(dressed) == near
        fault = place_fault(
            origin_of("http://r.io"), origin_of(f"http://[{dressed}]"), near=registry
        )
        assert (fault == "") is may_name(registry, near)


@pytest.mark.parametrize("trusted", ["10.0.0.9", "10.0.0.9:9000"])
def test_who_is_trusted_by_name_may_be_anywhere(trusted: str) -> None:
    """
    A storage inside, behind a registry that is outside, is somebody's legitimate setup.
    """
    registry, place = origin_of("http://r.io"), origin_of("http://10.0.0.9:9000")
    assert place_fault(registry, place)
    assert place_fault(registry, place, [trusted]) == ""
    assert place_fault(origin_of("https://r.io"), place, [trusted])
