"""
One request to a registry, taken apart.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

from ocikit._records import record
from ocikit.http.message import Request, Response
from ocikit.server.answers import RequestRefused
from ocikit.server.route import Route
from ocikit.server.storage import Storage

_MOST_PARAMETERS: Final = 100
_NONE: Final[Mapping[str, list[str]]] = {}


def anybody(request: Request, repository: str) -> bool:
    """
    Let whoever sends a request read every repository.
    """
    return True


@record(kw_only=True)
class Switches:
    """
    What a registry allows beyond, or less than, the whole specification.
    """

    #: Take manifests whose blobs, and indexes whose manifests, are not there.
    sparse: bool = False
    #: Allow deletion of blobs, manifests and tags.
    delete: bool = True
    #: Refuse whatever changes content.
    read_only: bool = False
    #: Answer `_catalog`.
    catalog: bool = True
    #: Answer referrers (distribution-spec, "Listing Referrers").
    referrers: bool = True
    #: List tags as Google's registries do: with all manifests, and repositories below;
    #: for storages whose garbage can be collected, as all of ours.
    extended: bool = False
    #: The most that one page of a listing has.
    page: int = 1000
    #: The least bytes of a chunk that is not the last, told by `OCI-Chunk-Min-Length`.
    chunk_min: int = 0
    #: Whether who sends a request may read a repository: a blob is mounted from no other.
    may_read: Callable[[Request, str], bool] = anybody


@record
class Call:
    """
    A request, the part of the registry that it names, and what is asked of it.
    """

    request: Request
    route: Route
    query: str
    storage: Storage
    switches: Switches

    @property
    def repository(self) -> str:
        """
        The repository that is named.
        """
        return self.route.repository

    def parameter(self, name: str) -> str | None:
        """
        Give the first value of a parameter of the query.
        """
        return next(iter(self.parameters(name)), None)

    def parameters(self, name: str) -> list[str]:
        """
        Give all values of a parameter of the query.

        Raises:
            RequestRefused: the query is no query.
        """
        return _parse(self.query).get(name, []) if self.query else []


@functools.lru_cache(maxsize=256)
def _parse(query: str) -> Mapping[str, list[str]]:
    from urllib.parse import parse_qs

    try:
        return parse_qs(query, keep_blank_values=True, max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:
        message = f"the query cannot be read: {error}"
        raise RequestRefused(status=400, code="UNSUPPORTED", message=message) from None


Verb: TypeAlias = Callable[[Call], Response]
