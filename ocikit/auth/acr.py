"""
Azure's registries, by azure-identity, the extra `azure`.

A token of Microsoft Entra is exchanged at the registry, by `/oauth2/exchange`, for a
refresh token of its own, which its token service takes as an identity token (ACR, "AAD
integration"). It lives for three hours, and is kept until a tenth of its life is left.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Iterator
from typing import Any, Final, Protocol, TypeAlias, cast
from urllib.parse import urlencode

import attrs

from ocikit._records import evolve, record
from ocikit._regex import regex
from ocikit.auth import sources
from ocikit.auth.extras import ExtraMissing
from ocikit.auth.held import Held
from ocikit.auth.keys import registry_of
from ocikit.auth.offers import NOTHING, Lease, NotConnected
from ocikit.auth.sources import Tried
from ocikit.auth.step import Step
from ocikit.errors import OciError, Refused
from ocikit.http.answers import read_body
from ocikit.http.credentials import Credentials, IdentityToken, Keychain, Resource
from ocikit.http.faults import quieted
from ocikit.http.message import Headers, Request, Response, Send, body_of
from ocikit.http.redact import redact_text
from ocikit.http.terms import Terms
from ocikit.name.records import Registry

#: Whom a token of Entra is for: container registries, in all of Azure's clouds.
SCOPE: Final = "https://containerregistry.azure.net/.default"
_HOST: Final = regex(r"[a-z0-9-]+(?:\.[a-z0-9-]+)?\.azurecr\.(?P<cloud>io|cn|us)")
#: Where the clouds of other countries log in.
_AUTHORITIES: Final = {"cn": "login.chinacloudapi.cn", "us": "login.microsoftonline.us"}
#: The largest answer that is read, in bytes.
_MOST: Final = 64 << 10
_SENDABLE: Final = regex(r"[\x21-\x7e]+")
_HOSTS: Final = "*.azurecr.io, *.azurecr.cn and *.azurecr.us"


class AccessToken(Protocol):
    """
    What a credential of Azure gives.
    """

    @property
    def token(self) -> str:
        """
        The token itself.
        """
        ...


class TokenCredential(Protocol):
    """
    A credential of Azure, as all of azure-identity are (azure.core.credentials).
    """

    def get_token(self, *scopes: str) -> AccessToken:
        """
        Get a token for scopes.
        """
        ...


#: Makes a credential: a class of azure-identity, or a function that pickles.
CredentialFactory: TypeAlias = Callable[[], TokenCredential]


@attrs.frozen(kw_only=True)
class ACRFailed(Refused):
    """
    Azure, or the registry, gave no token.
    """

    source: str
    reason: str
    status: int = 0

    def __str__(self) -> str:
        return f"Azure credentials, {self.source}: {self.reason}"


def cloud_of(registry: Registry) -> str:
    """
    Say in which of Azure's clouds a registry is ("io", "cn", "us"); empty for any other.

    >>> cloud_of(Registry("me.azurecr.io")), cloud_of(Registry("me.azurecr.io.evil.org"))
    ('io', '')
    """
    found = _HOST.fullmatch(registry.host)
    return found["cloud"] if found else ""


@record(kw_only=True)
class ACR:
    """
    The keychain of Azure's registries; a recipe that pickles without what it found.

    Raises, when it is asked for one of them:
        ACRFailed: there are no credentials, or they give no token.
        ExtraMissing: azure-identity is not installed.
        NotConnected: it was given no way to servers.
        Unreachable: the registry does not answer.
    """

    #: Makes the credential; azure-identity's default when None.
    credential: CredentialFactory | None = None
    scope: str = SCOPE
    #: Whether a failure is warned of, and the registry asked as nobody.
    optional: bool = False
    send: Send | None = attrs.field(default=None, repr=False)
    clock: Callable[[], float] = attrs.field(default=time.time, repr=False)
    _held: Held[Lease] = attrs.field(factory=Held[Lease], init=False, eq=False, repr=False)

    def __call__(self, resource: Resource) -> Credentials:
        """
        Find the credentials for a registry or repository.
        """
        return self.lease(resource).credentials

    def lease(self, resource: Resource) -> Lease:
        """
        Find them, and until when they are good.
        """
        registry = registry_of(resource)
        if not cloud_of(registry):
            return NOTHING
        tried = self._tried(registry)
        return sources.kept(self._held, registry, tried, self.clock, optional=self.optional)

    def steps(self, resource: Resource) -> Iterator[Step]:
        """
        Tell whether there is a token, or why there is none.
        """
        registry = registry_of(resource)
        if not cloud_of(registry):
            yield sources.not_mine("acr", _HOSTS)
            return
        yield from sources.steps("acr", self._tried(registry), optional=self.optional)

    def over(self, send: Send) -> Keychain:
        """
        Give the same keychain with a way to servers, if it has none.
        """
        return evolve(self, send=send) if self.send is None else self

    def _tried(self, registry: Registry) -> Iterator[Tried]:
        if self.send is None:
            raise NotConnected(keychain="acr")
        try:
            token = self._token(cloud_of(registry))
            yield Tried(entry=registry.host, lease=exchange(registry, token, self.send))
        except OciError as error:
            yield Tried(entry=registry.host, error=error)

    def _token(self, cloud: str) -> str:
        try:
            from azure.core.exceptions import AzureError

            make = self.credential or _default(cloud)
        except ImportError:
            missing = ExtraMissing(what="the keychain acr", package="azure-identity", extra="azure")
            raise missing from None
        try:
            return make().get_token(self.scope).token
        except (AzureError, ValueError) as error:
            reason = redact_text(str(error), 2048) or type(error).__name__
            raise ACRFailed(source="Entra", reason=reason) from None


def _default(cloud: str) -> CredentialFactory:
    from azure.identity import DefaultAzureCredential

    authority = _AUTHORITIES.get(cloud)
    # Its own way to name an authority, AZURE_AUTHORITY_HOST, counts where ours has none.
    given: dict[str, Any] = {"authority": authority} if authority else {}
    return lambda: cast("TokenCredential", DefaultAzureCredential(**given))


def exchange(registry: Registry, token: str, send: Send) -> Lease:
    """
    Exchange a token of Entra for a refresh token of a registry.

    Raises:
        ACRFailed: the registry does not take it.
        Unreachable: the registry does not answer.
    """
    form = {"grant_type": "access_token", "service": registry.host, "access_token": token}
    request = Request(
        method="POST",
        url=f"https://{registry.api_host}/oauth2/exchange",
        headers=Headers({"Content-Type": "application/x-www-form-urlencoded"}),
        body=body_of(urlencode(form).encode()),
        terms=Terms(checked=True),
    )
    response = send(request)
    if response.status != 200:
        # It may say back what it was told.
        said = quieted(response, Headers({"Authorization": f"Bearer {token}"}))
        text = redact_text(said.body.read(_MOST).decode(errors="replace"))
        reason = f"the exchange answered {response.status}, {text}".rstrip(", ")
        raise ACRFailed(source=registry.host, reason=reason, status=response.status)
    return _read(registry, request, response)


def _read(registry: Registry, request: Request, response: Response) -> Lease:
    from ocikit.spec.gojson import JSONInvalid, loads

    try:
        said: Any = loads(read_body(request, response, _MOST))
    except JSONInvalid:
        said = None
    token = said.get("refresh_token") if isinstance(said, dict) else None
    if not isinstance(token, str) or not _SENDABLE.fullmatch(token):
        raise ACRFailed(source=registry.host, reason="the exchange gave no token")
    return Lease(credentials=IdentityToken(token), until=_expiry(token))


def _expiry(token: str) -> float:
    """
    Read until when a token is good (RFC 7519, 4.1.4); it is not for us to check it.
    """
    from ocikit.spec.gojson import JSONInvalid, loads

    part = f"{token}..".split(".")[1]
    try:
        said: Any = loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        return float(said["exp"])
    except (binascii.Error, JSONInvalid, KeyError, TypeError, ValueError):
        # Of a token that does not say so it is only known that it is good now.
        return 0.0


def acr(
    *,
    credential: CredentialFactory | None = None,
    scope: str = SCOPE,
    optional: bool = False,
    send: Send | None = None,
    clock: Callable[[], float] = time.time,
) -> ACR:
    """
    Make the keychain of *.azurecr.io, *.azurecr.cn and *.azurecr.us.

    For other hosts it has nothing, and does nothing. A client that has this keychain gives
    it its own way to servers. azure-identity looks at the environment of this process, and
    at no other, and goes to Entra in its own way.

    Args:
        credential: makes a credential of Azure, such as the class
            `azure.identity.ManagedIdentityCredential`; DefaultAzureCredential when None.
        scope: whom a token of Entra is for.
        optional: warn of a failure, in the log `ocikit`, and ask as nobody.
        send: carries requests to registries.
        clock: tells the time in seconds since 1970.

    >>> acr()(Registry("ghcr.io"))
    Anonymous()
    """
    return ACR(credential=credential, scope=scope, optional=optional, send=send, clock=clock)
