"""
Other hosts, under addresses that are signed for a while: storages that blobs are fetched
from, and servers that take uploads.

Who has such an address needs no credentials: what the registry was shown when it gave the
address is good for it. In one process any host leads to the handler. On a socket the only
other name that leads back to it is that of loopback: `localhost` for `127.0.0.1`, and the
other way round.
"""

from __future__ import annotations

import base64
import hmac
import time
from collections.abc import Callable
from typing import Final, Literal
from urllib.parse import parse_qsl, urlencode, urljoin

import attrs

from ocikit._records import evolve, record
from ocikit.content.streams import BytesOpener
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.http.origin import origin_of
from ocikit.server.quirks.answers import route_of

#: The parameters of a signed address.
_SHOWN: Final = "X-Shown"
_UNTIL: Final = "X-Until"
_SIGNATURE: Final = "X-Signature"
_SIGNED: Final = (_SHOWN, _UNTIL, _SIGNATURE)
_REFUSED: Final = b"<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>"
_TWINS: Final = {"127.0.0.1": "localhost", "localhost": "127.0.0.1"}


@record(kw_only=True)
class Signer:
    """
    Gives addresses that are good for a while, and knows its own.
    """

    #: No secret: a forged address stands for no more than its forger had.
    key: bytes = attrs.field(default=b"ocikit", repr=False)
    #: Seconds that an address is good for.
    lifetime: float = 600.0
    now: Callable[[], float] = time.time

    def sign(self, url: str, shown: str) -> str:
        """
        Sign an absolute URL; `shown` is the Authorization that it stands for.
        """
        place, _, query = url.partition("?")
        until = str(self.now() + self.lifetime)
        pairs = [*parse_qsl(query, keep_blank_values=True)]
        pairs += [(_SHOWN, base64.urlsafe_b64encode(shown.encode()).decode()), (_UNTIL, until)]
        pairs.append((_SIGNATURE, self._signature(place, pairs)))
        return f"{place}?{urlencode(pairs)}"

    def redeem(self, request: Request) -> Request | None:
        """
        Give the request that a signed one stands for; None when it is not good.

        What a client adds to the query, as the digest that ends an upload, is its own.
        """
        place, _, query = request.url.partition("?")
        given = parse_qsl(query, keep_blank_values=True)
        values = dict(given)
        end = next((at for at, (name, _) in enumerate(given) if name == _SIGNATURE), None)
        if end is None or _UNTIL not in values or _SHOWN not in values:
            return None
        right = self._signature(place, given[:end])
        if not hmac.compare_digest(right, values[_SIGNATURE]) or not self._is_fresh(values[_UNTIL]):
            return None
        kept = urlencode([pair for pair in given if pair[0] not in _SIGNED], safe=":/")
        shown = base64.urlsafe_b64decode(values[_SHOWN]).decode()
        headers = request.headers.without("Authorization")
        headers = headers.with_("Authorization", shown) if shown else headers
        return evolve(request, url=f"{place}?{kept}" if kept else place, headers=headers)

    def _is_fresh(self, until: str) -> bool:
        return float(until) > self.now()

    def _signature(self, place: str, pairs: list[tuple[str, str]]) -> str:
        said = f"{place}?{urlencode(pairs)}".encode()
        return hmac.digest(self.key, said, "sha256").hex()


def is_signed(request: Request) -> bool:
    """
    Tell whether a request has the look of a signed one.
    """
    return f"{_SIGNATURE}=" in request.url.partition("?")[2]


def expired() -> Response:
    """
    What storages answer to an address that is past its time.
    """
    headers = Headers(
        {"Content-Type": "application/xml", "Content-Length": str(len(_REFUSED))},
    )
    return Response(status=403, headers=headers, body=BytesOpener(_REFUSED).open())


def elsewhere(url: str, name: str) -> str:
    """
    Give a URL on another host, as `name`, or on loopback under its other name.

    >>> elsewhere("https://r.io/v2/", "cdn.example"), elsewhere("http://localhost:5000/", "")
    ('https://cdn.example/v2/', 'http://127.0.0.1:5000/')
    """
    scheme, _, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if origin_of(url).is_loopback:
        bare, colon, port = host.partition(":")
        host = f"{_TWINS.get(bare, bare)}{colon}{port}"
    else:
        host = name or host
    return f"{scheme}://{host}{slash}{path}"


@record(kw_only=True)
class SignedPlaces:
    """
    Blobs are fetched from, or uploaded to, another host, under addresses that are signed.
    """

    host: str
    what: Literal["blobs", "uploads"] = "blobs"
    status: int = 307
    signer: Signer = Signer()

    def __call__(self, send: Send) -> Send:
        """
        Send those who ask a handler there, and answer from it there.
        """
        change = _redirected if self.what == "blobs" else _moved

        def answered(request: Request) -> Response:
            found = self.signer.redeem(request) if is_signed(request) else request
            if found is None:
                return expired()
            return change(self, send, request, found)

        return answered


def _redirected(quirk: SignedPlaces, send: Send, request: Request, found: Request) -> Response:
    asked = request.method == "GET" and route_of(request).kind == "blob"
    if not asked or found is not request:
        return send(found)
    # Whether it is there, and may be had, the registry says itself.
    with send(evolve(request, method="HEAD", headers=request.headers.without("Range"))) as response:
        if response.status != 200:
            return send(request)
    return redirect(request, quirk.host, quirk.signer, quirk.status)


def redirect(request: Request, host: str, signer: Signer, status: int = 307) -> Response:
    """
    Send who asks for something to a signed address of it on another host.
    """
    shown = request.headers.get("Authorization")
    place = signer.sign(elsewhere(request.url, host), shown)
    return Response(status=status, headers=Headers({"Location": place, "Content-Length": "0"}))


def _moved(quirk: SignedPlaces, send: Send, request: Request, found: Request) -> Response:
    response = send(found)
    place = response.headers.get("Location")
    if "/blobs/uploads/" not in place:
        return response
    url = urljoin(request.url, place)
    # Who is there already stays there.
    url = elsewhere(url, quirk.host) if found is request else url
    signed = quirk.signer.sign(url, found.headers.get("Authorization"))
    return evolve(response, headers=response.headers.with_("Location", signed))
