"""
Which proxy a request goes through.

Rules are those of Go's `httpproxy`, which docker and its users go by; the standard
library's do not know address ranges.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from ocikit._records import record
from ocikit.http.credentials import keep_here
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

    def __reduce__(self) -> tuple[object, ...]:
        if "@" in self.http + self.https:
            keep_here(self)
        return _again, (self.http, self.https, self.exempt)

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


def _again(http: str, https: str, exempt: tuple[str, ...]) -> Proxies:
    return Proxies(http=http, https=https, exempt=exempt)


def proxies_of(environ: Mapping[str, str]) -> Proxies:
    """
    Read the variables by which proxies are named, in capitals or not.

    >>> proxies_of({"https_proxy": "http://proxy:3128", "NO_PROXY": ".corp, 10.0.0.0/8"}).exempt
    ('.corp', '10.0.0.0/8')
    """

    def said(name: str) -> str:
        return environ.get(name.upper()) or environ.get(name, "")

    exempt = tuple(entry.strip() for entry in said("no_proxy").split(",") if entry.strip())
    # A web server hands the header `Proxy` of any client on as HTTP_PROXY.
    http = "" if "REQUEST_METHOD" in environ else said("http_proxy")
    return Proxies(http=http, https=said("https_proxy"), exempt=exempt)


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
