"""
Realms: which token services a registry may name, and which of them see credentials.

A challenge comes from whoever answered: it must not send credentials, or requests, to
wherever it likes. The rules, for a registry and the realm that it names:

- The realm is HTTPS; plain HTTP only when the registry itself is asked in plain.
- It is no nearer to us than the registry: the rules are those of `reach`.
- Credentials go to the registry's own host, to a known pair, and to hosts of the same
  registrable domain; between two servers of this machine they pass as well. Any other
  realm is asked for a token without credentials.
- The registrable domain is the last two labels of a host: three below country domains
  such as `co.uk` and below domains that rent out names, such as `azurecr.io`.
- What the caller trusts by name (`auth.example.com` or `auth.example.com:8443`) gets both.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final
from urllib.parse import urljoin

import attrs

from ocikit._records import record
from ocikit.errors import Corrupt, Refused
from ocikit.http.origin import Origin, URLInvalid, origin_of
from ocikit.http.reach import is_trusted, place_fault
from ocikit.http.redact import redact_url

#: Registries whose token service is on another domain of the same owner.
_PAIRS: Final = frozenset({("registry-1.docker.io", "auth.docker.io"), ("lscr.io", "ghcr.io")})

_COUNTRY_LABELS: Final = frozenset(
    ("ac", "co", "com", "edu", "go", "gob", "gov", "gv", "mil", "ne", "net", "nom", "or", "org")
)
#: Domains whose subdomains belong to many owners.
_RENTED: Final = frozenset(
    (
        *("aliyuncs.com", "amazonaws.com", "appspot.com", "azure.com", "azurecr.io"),
        *("azurewebsites.net", "cloudfront.net", "duckdns.org", "firebaseapp.com", "fly.dev"),
        *("github.io", "githubusercontent.com", "gitlab.io", "googleapis.com"),
        *("googleusercontent.com", "herokuapp.com", "jfrog.io", "myhuaweicloud.com"),
        *("netlify.app", "ngrok.app", "ngrok.io", "ngrok-free.app", "ondigitalocean.app"),
        *("onrender.com", "pages.dev", "pkg.dev", "run.app", "tencentcloudcr.com"),
        *("vercel.app", "web.app", "windows.net", "workers.dev"),
    )
)
_LONGEST: Final = 2048


@attrs.frozen(kw_only=True)
class RealmInvalid(Corrupt):
    """
    A registry names a token service that it has no right to name, or none.
    """

    registry: str
    realm: str
    reason: str

    def __str__(self) -> str:
        return f"{self.registry} names the token service {self.realm!r}: {self.reason}"


@attrs.frozen(kw_only=True)
class CredentialsWithheld(Refused):
    """
    A token service of another owner was not told the credentials, and gave no token.
    """

    registry: str
    realm: str
    status: int

    def __str__(self) -> str:
        return f"{Withheld(self.registry, self.realm)}, and it answered {self.status}"


@record
class Withheld:
    """
    A warning: there are credentials, but the realm is none that may see them.
    """

    registry: str
    realm: str

    def __str__(self) -> str:
        return (
            f"credentials for {self.registry} were not sent to {self.realm}, which is of another "
            "domain; trust that host by name if it is the registry's"
        )


def realm_url(base: str, realm: str, *, trusted: Collection[str] = ()) -> str:
    """
    Give the absolute URL of the realm that the registry at `base` names.

    Raises:
        RealmInvalid: it may not name that one.

    >>> realm_url("https://r.io", "/token")
    'https://r.io/token'
    """
    try:
        url = urljoin(f"{base}/v2/", realm.strip()).partition("#")[0]
        reason = (
            place_fault(origin_of(base), origin_of(url), trusted)
            if realm.strip()
            else "it names none"
        )
        if len(url) > _LONGEST:
            reason = f"it is longer than {_LONGEST} characters"
    except (URLInvalid, ValueError):
        url, reason = realm, "it is not an HTTP URL"
    if reason:
        shown = redact_url(realm)[:_LONGEST]
        raise RealmInvalid(registry=str(origin_of(base)), realm=shown, reason=reason)
    return url


def may_see_credentials(base: str, realm: str, *, trusted: Collection[str] = ()) -> bool:
    """
    Tell whether a realm may see the credentials for the registry at `base`.

    >>> may_see_credentials("https://registry.gitlab.com", "https://gitlab.com/jwt/auth")
    True
    >>> may_see_credentials("https://ghcr.io", "https://ghcr.io.evil.io/token")
    False
    """
    registry, service = origin_of(base), origin_of(realm)
    if registry.is_secure and not service.is_secure:
        return False
    return (
        registry.host == service.host
        or is_trusted(service, trusted)
        or (registry.host, service.host) in _PAIRS
        or (registry.is_loopback and service.is_loopback)
        or _is_same_domain(registry, service)
    )


def _is_same_domain(one: Origin, other: Origin) -> bool:
    if one.is_address or other.is_address:
        return False
    domain = _domain(one.host)
    return domain != "" and domain == _domain(other.host)


def _domain(host: str) -> str:
    labels = host.removesuffix(".").split(".")
    last_two = ".".join(labels[-2:])
    country = len(labels) > 1 and len(labels[-1]) == 2 and labels[-2] in _COUNTRY_LABELS
    count = 3 if country or last_two in _RENTED else 2
    # A host that has no label of its own below such a domain belongs to nobody.
    return ".".join(labels[-count:]) if len(labels) >= count and all(labels) else ""
