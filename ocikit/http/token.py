"""
Tokens: how credentials become the right to do something, as a flow of requests.

A flow is a generator: it yields requests, is sent their responses, and returns a
`Token`. Whoever drives it must not follow redirects: where a token service leads is for
the rules of `realm` to judge.

- Distribution's token authentication: GET with `service`, one `scope` for each, and the
  user and password, if any, as Basic.
- OAuth2 (distribution, "oauth"): POST of an identity token; a service that does not
  know this (404, 405, and Artifactory's 401) is asked by GET.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterable
from typing import Any, Final, TypeAlias
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import attrs

from ocikit._records import record
from ocikit._regex import regex
from ocikit.errors import Corrupt
from ocikit.http.answers import MAX_TOKEN, read_body
from ocikit.http.challenge import Challenge
from ocikit.http.credentials import (
    Anonymous,
    Basic,
    Credentials,
    IdentityToken,
    RegistryToken,
    authorization,
    keep_here,
)
from ocikit.http.faults import check
from ocikit.http.message import Headers, Request, Response, Send, body_of
from ocikit.http.origin import origin_of
from ocikit.http.realm import CredentialsWithheld, Withheld, may_see_credentials, realm_url
from ocikit.http.redact import redact_url

#: Tokens live at least as long, in seconds, whatever the service says or leaves unsaid.
LEAST_LIFETIME: Final = 60
_MOST_HOPS: Final = 5
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
# Printable, and no way to end a header field (RFC 6750, 2.1, and what is seen).
_SENDABLE = regex(r"[\x21-\x7e]+")


@attrs.frozen(kw_only=True)
class TokenInvalid(Corrupt):
    """
    A token service answered something else than a token.
    """

    url: str
    reason: str

    def __str__(self) -> str:
        return f"{self.url}: {self.reason}"


@record(kw_only=True)
class Token:
    """
    The right to do something for a while.
    """

    #: What is sent to the registry; a secret.
    text: str = attrs.field(repr=False)
    scopes: tuple[str, ...] = ()
    #: Seconds that it lives, counted from when it was asked for.
    lifetime: float = LEAST_LIFETIME
    #: What the service wants to be asked with next time.
    identity: IdentityToken | None = None
    #: Set when there were credentials that the service could not be told.
    withheld: Withheld | None = None

    __reduce__ = keep_here


TokenFlow: TypeAlias = Generator[Request, Response, Token]


def token_flow(
    challenge: Challenge,
    credentials: Credentials,
    scopes: Iterable[str],
    *,
    base: str,
    trusted: Collection[str] = (),
    client_id: str = "ocikit",
) -> TokenFlow:
    """
    Get a token for a Bearer challenge of the registry at `base` ("https://ghcr.io").

    Args:
        scopes: what the token is to allow, merged and in order.
        trusted: hosts that may see credentials, whatever `realm` says.

    A `RegistryToken` is its own token: nothing is asked.

    Raises:
        RealmInvalid: the registry has no right to name this token service.
        CredentialsWithheld: the service refused, and was not told the credentials.
        Answered: the service refused, or failed.
        TokenInvalid: it gave no token.
    """
    wanted = tuple(scopes)
    if isinstance(credentials, RegistryToken):
        return Token(text=credentials.token, scopes=wanted, lifetime=float("inf"))
    realm = realm_url(base, challenge.parameters.get("realm", ""), trusted=trusted)
    asking = _Asking(
        base=base,
        service=challenge.parameters.get("service", ""),
        scopes=wanted,
        trusted=frozenset(trusted),
        client_id=client_id,
    )
    if isinstance(credentials, IdentityToken) and asking.trusts(realm):
        token = yield from _by_post(asking, realm, credentials)
        if token is not None:
            return token
    return (yield from _by_get(asking, realm, credentials))


def run(flow: TokenFlow, send: Send) -> Token:
    """
    Drive a flow: send its requests, and give it the responses.

    >>> def flow():
    ...     response = yield Request(method="GET", url="https://r.io/token")
    ...     return Token(text=str(response.status))
    >>> run(flow(), lambda request: Response(status=200)).text
    '200'
    """
    try:
        request = next(flow)
        while True:
            request = flow.send(send(request))
    except StopIteration as done:
        token: Token = done.value
        return token
    finally:
        flow.close()


@record(kw_only=True)
class _Asking:
    base: str
    service: str
    scopes: tuple[str, ...]
    trusted: frozenset[str]
    client_id: str

    def trusts(self, realm: str) -> bool:
        return may_see_credentials(self.base, realm, trusted=self.trusted)


def _by_get(asking: _Asking, realm: str, credentials: Credentials) -> TokenFlow:
    url = _with_query(realm, asking)
    withheld: Withheld | None = None
    for _ in range(_MOST_HOPS):
        told = credentials if asking.trusts(url) else Anonymous()
        if told != credentials:
            withheld = Withheld(str(origin_of(asking.base)), str(origin_of(url)))
        request = Request(method="GET", url=url, headers=_headers(told))
        response = yield request
        if response.status not in _REDIRECTS:
            return _answer(asking, request, response, withheld)
        url = _next(asking, request, response)
    raise TokenInvalid(url=redact_url(realm), reason=f"more than {_MOST_HOPS} redirects")


def _headers(credentials: Credentials) -> Headers:
    # What cannot be exchanged by POST is tried as a password without a user.
    if isinstance(credentials, IdentityToken):
        credentials = Basic("", credentials.token)
    header = authorization(credentials)
    return Headers({"Authorization": header} if header else {})


def _by_post(
    asking: _Asking, realm: str, credentials: IdentityToken
) -> Generator[Request, Response, Token | None]:
    form = [("grant_type", "refresh_token"), ("client_id", asking.client_id)]
    if asking.service:
        form.append(("service", asking.service))
    if asking.scopes:
        form.append(("scope", " ".join(asking.scopes)))
    form.append(("refresh_token", credentials.token))
    body = body_of(urlencode(form).encode())
    headers = Headers({"Content-Type": "application/x-www-form-urlencoded"})
    request = Request(method="POST", url=realm, headers=headers, body=body)
    response = yield request
    # A redirect is left to GET too, which asks before it tells anybody anything.
    if response.status in (401, 404, 405) or response.status in _REDIRECTS:
        response.body.close()
        return None
    return _answer(asking, request, response, None)


def _answer(
    asking: _Asking, request: Request, response: Response, withheld: Withheld | None
) -> Token:
    if withheld is not None and response.status in (401, 403):
        response.body.close()
        raise CredentialsWithheld(
            registry=withheld.registry, realm=withheld.realm, status=response.status
        )
    check(request, response, 200)
    return _read(asking, request, response, withheld)


def _read(
    asking: _Asking, request: Request, response: Response, withheld: Withheld | None
) -> Token:
    from ocikit.spec.gojson import JSONInvalid, loads

    url = redact_url(request.url)
    try:
        grant: Any = loads(read_body(request, response, MAX_TOKEN), url)
    except JSONInvalid:
        grant = None
    if not isinstance(grant, dict):
        raise TokenInvalid(url=url, reason="the answer is not a JSON object; is the realm right?")
    text = grant.get("access_token") or grant.get("token")
    if not isinstance(text, str) or not _SENDABLE.fullmatch(text):
        raise TokenInvalid(url=url, reason="the answer has no token that could be sent")
    identity = grant.get("refresh_token")
    return Token(
        text=text,
        scopes=asking.scopes,
        lifetime=_lifetime(grant.get("expires_in")),
        identity=IdentityToken(identity) if identity and isinstance(identity, str) else None,
        withheld=withheld,
    )


def _lifetime(given: Any) -> float:
    # Some services write a number as a text, and some leave it out.
    try:
        seconds = float(given)
    except (TypeError, ValueError, OverflowError):
        return LEAST_LIFETIME
    return seconds if LEAST_LIFETIME < seconds < float("inf") else LEAST_LIFETIME


def _with_query(realm: str, asking: _Asking) -> str:
    scheme, host, path, query, _ = urlsplit(realm)
    kept = parse_qsl(query, keep_blank_values=True)
    pairs = [(name, value) for name, value in kept if name not in ("scope", "service")]
    if asking.service:
        pairs.append(("service", asking.service))
    pairs += [("scope", scope) for scope in asking.scopes]
    return urlunsplit((scheme, host, path, urlencode(pairs, safe=":/,"), ""))


def _next(asking: _Asking, request: Request, response: Response) -> str:
    with response:
        place = response.headers.get("Location")
    if not place:
        raise TokenInvalid(url=redact_url(request.url), reason="a redirect leads nowhere")
    return realm_url(asking.base, urljoin(request.url, place), trusted=asking.trusted)
