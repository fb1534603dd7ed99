"""
Origins: whom a URL talks to, which is what credentials are bound to (RFC 6454, 4).
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

import attrs

from ocikit._records import record
from ocikit._regex import regex
from ocikit.errors import Invalid
from ocikit.http.redact import redact_url

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

_HOST = regex(r"[a-z0-9._-]+|\[[0-9a-f:.]+\]")
_PORTS: Final = {"https": 443, "http": 80}
#: As many URLs as are on their way at once, or more.
_RECENT: Final = 256


@attrs.frozen(kw_only=True)
class URLInvalid(Invalid):
    """
    A URL is not one that may be requested; `url` has its secrets masked.
    """

    url: str
    reason: str

    def __str__(self) -> str:
        return f"URL {self.url!r}: {self.reason}"


@record
class Origin:
    """
    A scheme, a host in lower case, and a port.

    An IPv6 address stands in its brackets.
    """

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        port = "" if _PORTS.get(self.scheme) == self.port else f":{self.port}"
        return f"{self.scheme}://{self.host}{port}"

    @property
    def is_secure(self) -> bool:
        """
        Whether others on the way can neither read nor change what is said.
        """
        return self.scheme == "https"

    @property
    def is_loopback(self) -> bool:
        """
        Whether this is a server on the same machine.
        """
        return (
            self.host in ("localhost", "[::1]")
            or self.host.endswith(".localhost")
            or (self.is_address and self.host.startswith("127."))
        )

    @property
    def address(self) -> IPv4Address | IPv6Address | None:
        """
        The IP address that the host is; None for a name, and for an odd spelling.

        An IPv4 address in an IPv6 one's clothes is the IPv4 address: there it leads.
        """
        from ipaddress import IPv6Address, ip_address

        try:
            found = ip_address(self.host.strip("[]"))
        except ValueError:
            return None
        inner = found.ipv4_mapped if isinstance(found, IPv6Address) else None
        return inner or found

    @property
    def is_address(self) -> bool:
        """
        Whether the host is an IP address, in any spelling that a resolver takes for one.

        >>> Origin("http", "0x7f.1", 80).is_address, Origin("http", "x7.io", 80).is_address
        (True, False)
        """
        if self.host.startswith("["):
            return True
        last = self.host.removesuffix(".").rpartition(".")[2]
        return last.isdecimal() or last.startswith("0x")


# All that carry a request ask for its origin, one after the other.
@functools.lru_cache(maxsize=_RECENT)
def origin_of(url: str) -> Origin:
    """
    Give the origin of an absolute `http` or `https` URL.

    Raises:
        URLInvalid: it is another kind of URL, or names a user.

    >>> origin_of("https://GHCR.io:443/v2/").host
    'ghcr.io'
    >>> str(origin_of("http://[::1]:5000/v2/"))
    'http://[::1]:5000'
    """
    scheme, host, port, reason = _parts(url)
    if reason:
        raise URLInvalid(url=redact_url(url), reason=reason)
    return Origin(scheme, host, port)


def _parts(url: str) -> tuple[str, str, int, str]:
    if not url.isascii() or not url.isprintable() or " " in url:
        return "", "", 0, "it has spaces, control characters or letters outside ASCII"
    try:
        split = urlsplit(url)
        port = split.port
    except ValueError:
        return "", "", 0, "it has no readable host and port"
    host = split.hostname or ""
    if split.scheme not in _PORTS or not host:
        return "", "", 0, "expected http:// or https:// and a host"
    if "@" in split.netloc:
        return "", "", 0, "credentials do not belong in a URL"
    bracketed = f"[{host}]" if ":" in host else host
    if not _HOST.fullmatch(bracketed):
        return "", "", 0, "it has no readable host and port"
    return split.scheme, bracketed, _PORTS[split.scheme] if port is None else port, ""


def same_origin(one: str, other: str) -> bool:
    """
    Tell whether two absolute URLs talk to the same server in the same way.

    >>> same_origin("https://ghcr.io/v2/", "https://ghcr.io:443/token")
    True
    """
    return origin_of(one) == origin_of(other)
