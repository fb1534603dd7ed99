"""
Which proxy a request goes through.

Rules are those of Go's `httpproxy`, which docker and its users go by; the standard
library's do not know address ranges.
"""

from __future__ import annotations

import attrs

from ocikit._records import record
from ocikit.http.origin import Origin, origin_of


@record(kw_only=True)
class Proxies:
    """
    Proxies by the scheme of what is asked for, and who is reached without.

    `exempt` has hosts (which stand for all names under them), `.suffixes` (which do not
    stand for the name itself), addresses, ranges such as `10.0.0.0/8`, each with a port
    where only that is meant, or `*` for all. This machine is always reached without.

    >>> Proxies(https="http://proxy:3128", exempt=("corp.io",)).choose("https://ghcr.io/v2/")
    'http://proxy:3128'
    >>> Proxies(https="http://proxy:3128", exempt=("corp.io",)).choose("https://r.corp.io/")
    """

    # A proxy's URL may hold a password.
    http: str = attrs.field(default="", repr=False)
    https: str = attrs.field(default="", repr=False)
    exempt: tuple[str, ...] = ()

    def choose(self, url: str) -> str | None:
        """
        Give the proxy for a URL; None when it is reached without.
        """
        if not (self.http or self.https):
            return None
        origin = origin_of(url)
        proxy = self.https if origin.is_secure else self.http
        if not proxy or origin.is_loopback:
            return None
        if any(_matches(origin, entry.strip().lower()) for entry in self.exempt):
            return None
        return proxy if "://" in proxy else f"http://{proxy}"


def _matches(origin: Origin, entry: str) -> bool:
    if entry == "*":
        return True
    if not entry:
        return False
    if "/" in entry:
        return _in_range(origin.host, entry)
    name, colon, port = entry.rpartition(":")
    if not colon or not port.isdecimal() or (entry.count(":") > 1 and not name.endswith("]")):
        name, port = entry, ""
    if port and int(port) != origin.port:
        return False
    if ":" in name and not name.startswith("["):
        name = f"[{name}]"
    suffix = name.removeprefix("*") if name.startswith("*.") else name
    if suffix.startswith("."):
        return origin.host.endswith(suffix)
    return origin.host == suffix or origin.host.endswith(f".{suffix}")


def _in_range(host: str, entry: str) -> bool:
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(host.strip("[]")) in ip_network(entry, strict=False)
    except ValueError:
        return False
