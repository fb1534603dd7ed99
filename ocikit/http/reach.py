"""
Reach: how near to us a server is, and who may send us there.

Registries name other servers: a token service, the place of a blob, or of an upload. One
that is out in the world has no business naming our printer, this machine or a cloud's
metadata service. So each names only what is as far away as itself, or farther:

- an address of this machine is named by registries of this machine;
- one of a private network by registries of a private network, or of this machine;
- a link-local address, a cloud's metadata service and an address in an odd spelling by
  nobody: a registry may be there, and none elsewhere leads there.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import attrs

from ocikit.errors import Corrupt
from ocikit.http.origin import Origin

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

Reach: TypeAlias = Literal["world", "network", "machine", "odd"]

#: From where a place of this reach may be named.
_MAY_NAME: Final[dict[Reach, tuple[Reach, ...]]] = {
    "world": ("world", "network", "machine", "odd"),
    "network": ("network", "machine"),
    "machine": ("machine",),
    "odd": (),
}
#: Metadata services that no range of special addresses holds: Amazon's and Alibaba's.
_METADATA: Final = frozenset({"fd00:ec2::254", "100.100.100.200"})
#: RFC 6052, 2.1: what stands behind it is an IPv4 address.
_NAT64: Final = 0x64FF9B << 96
_LOW: Final = (1 << 32) - 1


@attrs.frozen(kw_only=True)
class PlaceForbidden(Corrupt):
    """
    A registry leads to a place that it has no right to name.
    """

    registry: str
    place: str
    reason: str

    def __str__(self) -> str:
        return f"{self.registry} leads to {self.place}: {self.reason}"


def reach_of(origin: Origin) -> Reach:
    """
    Tell how near a server is by its name alone; what a name resolves to is not known.

    >>> from ocikit.http.origin import origin_of
    >>> reach_of(origin_of("http://127.0.0.1:5000")), reach_of(origin_of("https://ghcr.io"))
    ('machine', 'world')
    """
    if origin.is_loopback:
        return "machine"
    if not origin.is_address:
        return "world"
    return "odd" if origin.address is None else reach_of_address(str(origin.address))


def reach_of_address(address: str) -> Reach:
    """
    Tell how near an IP address is.

    An IPv4 address in an IPv6 one's clothes is the IPv4 address: there it leads.

    >>> reach_of_address("10.1.2.3"), reach_of_address("::ffff:169.254.169.254")
    ('network', 'odd')
    """
    from ipaddress import ip_address

    found = _undressed(ip_address(address))
    if found.is_loopback:
        return "machine"
    named = str(found).partition("%")[0] in _METADATA
    if named or found.is_link_local or found.is_unspecified or found.is_multicast:
        return "odd"
    return "world" if found.is_global else "network"


def _undressed(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    from ipaddress import IPv4Address, IPv6Address

    if not isinstance(address, IPv6Address):
        return address
    behind = IPv4Address(int(address) & _LOW) if int(address) & ~_LOW == _NAT64 else None
    return address.ipv4_mapped or address.sixtofour or behind or address


def may_name(registry: Reach, place: Reach) -> bool:
    """
    Tell whether a registry that is so near may name a place that is so near.

    >>> may_name("world", "machine"), may_name("machine", "world")
    (False, True)
    """
    return registry in _MAY_NAME[place]


def place_fault(
    registry: Origin, place: Origin, trusted: Collection[str] = (), near: Reach | None = None
) -> str:
    """
    Say what is wrong with a registry's naming a place; empty when nothing is.

    Args:
        trusted: hosts, with or without a port, that may be anywhere.
        near: how near the registry is; what its name says when None.

    >>> from ocikit.http.origin import origin_of
    >>> place_fault(origin_of("https://r.io"), origin_of("http://cdn.io"))
    'it is plain HTTP, while the registry is HTTPS'
    """
    if registry.is_secure and not place.is_secure:
        return "it is plain HTTP, while the registry is HTTPS"
    same = registry.host == place.host or is_trusted(place, trusted)
    if same or may_name(near or reach_of(registry), reach_of(place)):
        return ""
    return "it is an address inside a network; trust it by name if that is right"


def is_trusted(place: Origin, trusted: Collection[str]) -> bool:
    """
    Tell whether a server is trusted by name, as `auth.example.com` or with its port.
    """
    return place.host in trusted or f"{place.host}:{place.port}" in trusted
