"""
Registries with a bug each, that a contract finds by a test made for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from ocikit._records import evolve
from ocikit.content.streams import BytesOpener
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.server.handler import registry
from ocikit.testing.contracts_registry import RegistryContract
from ocikit.testing.corner import Corner
from ocikit.testing.modelled import Place
from tests.testing.mutants.found import Mutant, by_test_of


def _without_query(request: Request, name: str) -> Request:
    path, _, query = request.url.partition("?")
    kept = [part for part in query.split("&") if part and not part.startswith(name)]
    return evolve(request, url=f"{path}?{'&'.join(kept)}" if kept else path)


def no_filter(inner: Send) -> Send:
    """
    Lists all referrers, and says that it chose.
    """

    def send(request: Request) -> Response:
        response = inner(_without_query(request, "artifactType"))
        told = Headers({**dict(response.headers), "OCI-Filters-Applied": "artifactType"})
        return evolve(response, headers=told)

    return send


def no_ranges(inner: Send) -> Send:
    """
    Gives all of a blob as the part that was asked for.
    """

    def send(request: Request) -> Response:
        asked = "Range" in request.headers and request.method == "GET"
        kept = {name: text for name, text in request.headers if name.lower() != "range"}
        response = inner(evolve(request, headers=Headers(kept)))
        return evolve(response, status=206) if asked and response.status == 200 else response

    return send


def no_links(inner: Send) -> Send:
    """
    Gives the first page, and no word of the next.
    """

    def send(request: Request) -> Response:
        response = inner(request)
        kept = {name: text for name, text in response.headers if name.lower() != "link"}
        return evolve(response, headers=Headers(kept))

    return send


def pretty(inner: Send) -> Send:
    """
    Writes manifests so that people can read them.
    """

    def send(request: Request) -> Response:
        response = inner(request)
        if request.method != "GET" or "/manifests/" not in request.url or response.status != 200:
            return response
        with response.body as body:
            data = json.dumps(json.loads(body.read()), indent=2).encode()
        return evolve(response, body=BytesOpener(data).open())

    return send


def _mutant(bug: str, wrap: Callable[[Send], Send], test: Callable[..., None]) -> Mutant:
    search = by_test_of(
        lambda here: test(RegistryContract(), here),
        lambda: Corner.of(Place(send=wrap(registry()))),
        test.__name__,
    )
    return Mutant(bug, "`RegistryContract`", search, 1)


MUTANTS: Final = (
    _mutant(
        "filter of referrers ignored",
        no_filter,
        RegistryContract.test_referrers_are_filtered_by_what_they_are,
    ),
    _mutant("ranges ignored", no_ranges, RegistryContract.test_a_range_is_a_part),
    _mutant("no link to the next page", no_links, RegistryContract.test_pages_of_tags_lose_none),
    _mutant("manifests reformatted", pretty, RegistryContract.test_bytes_are_kept_as_they_are),
)
