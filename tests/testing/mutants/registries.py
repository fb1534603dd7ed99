"""
Registries with a bug each.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Final
from urllib.parse import urljoin

from ocikit._records import evolve
from ocikit.content.streams import BytesOpener
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.server.handler import registry
from ocikit.testing.modelled import Place
from ocikit.testing.registry_laws import RegistryLaws
from tests.testing.mutants.found import Mutant, by_contract

_RANGE: Final = re.compile(r"bytes=(\d+)-(\d+)")


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


def shifted(inner: Send) -> Send:
    """
    Counts the bytes of a blob from one.
    """

    def send(request: Request) -> Response:
        found = _RANGE.fullmatch(request.headers.get("Range"))
        response = inner(request)
        if found is None or response.status != 206:
            return response
        whole = inner(evolve(request, headers=request.headers.without("Range")))
        with response.body, whole.body as body:
            data = body.read()
        part = data[max(int(found[1]) - 1, 0) : int(found[2])]
        return evolve(response, body=BytesOpener(part).open())

    return send


def no_last_page(inner: Send) -> Send:
    """
    Links to every page but the last.
    """

    def send(request: Request) -> Response:
        response = inner(request)
        link = response.headers.get("Link")
        if not link:
            return response
        path = link.partition("<")[2].partition(">")[0]
        following = inner(evolve(request, url=urljoin(request.url, path)))
        following.body.close()
        if following.headers.get("Link"):
            return response
        return evolve(response, headers=response.headers.without("Link"))

    return send


def laws_of(make: Callable[[], Send]) -> type[RegistryLaws]:
    """
    Give the laws of a kind of registry.
    """

    class Laws(RegistryLaws):
        def open(self) -> Place:
            return Place(send=make())

    return Laws


def _mutant(bug: str, wrap: Callable[[Send], Send], law: str, most: int) -> Mutant:
    search = by_contract(laws_of(lambda: wrap(registry())), law)
    return Mutant(bug, "`RegistryLaws`", search, most)


MUTANTS: Final = (
    _mutant("filter of referrers ignored", no_filter, "referrers_are_filtered_by_what_they_are", 2),
    _mutant("ranges ignored", no_ranges, "a_range_is_a_part", 3),
    _mutant("range shifted by one", shifted, "a_range_is_a_part", 3),
    _mutant("no link to the next page", no_links, "pages_of_tags_lose_none", 2),
    _mutant("last page dropped", no_last_page, "pages_of_tags_lose_none", 2),
    _mutant("manifests reformatted", pretty, "bytes_are_kept_as_they_are", 1),
)
