"""
On which terms requests travel that are made for one registry.
"""

from __future__ import annotations

from collections.abc import Collection

from ocikit._records import evolve
from ocikit.http.faults import quieted
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.http.origin import origin_of
from ocikit.http.reach import PlaceForbidden, is_trusted, place_fault
from ocikit.http.terms import Terms

#: Fields that are not a user's to set: they say who asks, for what, and how it is framed.
_OURS = frozenset(
    (
        *("accept", "accept-encoding", "authorization", "connection", "content-length"),
        *("content-range", "content-type", "cookie", "expect", "host", "if-range", "range"),
        *("te", "trailer", "transfer-encoding", "upgrade", "user-agent"),
    )
)


def on_terms(
    send: Send, base: str, terms: Terms, headers: Headers, trusted: Collection[str] = ()
) -> Send:
    """
    Show the registry at `base`, and nobody else, what is for it alone.

    Its origin is shown its client's certificate and the given header fields. The places
    that it names are held to the rules of `http.reach`; what the registry's certificate
    is trusted by, they may be trusted by too, as Docker and podman have it.

    Args:
        terms: authorities, and the certificate to show.
        headers: further fields; those that the protocol sets itself are left out.
        trusted: hosts that may be anywhere.

    The function raises `PlaceForbidden`.
    """
    registry = origin_of(base)
    fields = tuple(pair for pair in headers if pair[0].lower() not in _OURS)
    secret = Headers(fields)
    away = Terms(authorities=terms.authorities, named_by=base)
    known = evolve(away, named_by="")

    def carry(request: Request) -> Response:
        place = origin_of(request.url)
        if place == registry:
            pairs = tuple(pair for pair in fields if pair[0] not in request.headers)
            if pairs or request.terms != terms:
                told = Headers((*request.headers, *pairs))
                request = evolve(request, headers=told, terms=terms)
            response = send(request)
            # A registry may say back what it was told, and errors are shown.
            return quieted(response, secret) if pairs and response.status >= 400 else response
        # How near a registry of some name is, the network knows, and holds it to that.
        fault = place_fault(registry, place, trusted, near="machine")
        if fault:
            raise PlaceForbidden(registry=base, place=str(place), reason=fault)
        found = known if is_trusted(place, trusted) else away
        return send(evolve(request, terms=found))

    return carry
