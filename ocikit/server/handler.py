"""
A registry as a function: the whole distribution specification, `Request` to `Response`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ocikit._records import record
from ocikit.content.verify import DigestMismatch
from ocikit.http.message import Request, Response
from ocikit.server import blobs, listings, manifests, uploads
from ocikit.server.answers import JSON_TYPE, RequestRefused, of_json, refuse
from ocikit.server.call import Call, Switches, Verb
from ocikit.server.memory import Memory
from ocikit.server.route import find, split
from ocikit.server.storage import Storage, StorageFailed

#: Docker's engine takes for a registry only what says so (distribution-spec,
#: "Legacy Docker support HTTP headers").
VERSION: Final = ("Docker-Distribution-API-Version", "registry/2.0")


def _base(call: Call) -> Response:
    return of_json({}, kind=JSON_TYPE, headers=(VERSION,))


_VERBS: Final[Mapping[str, Mapping[str, Verb]]] = {
    "base": {"GET": _base},
    "catalog": {"GET": listings.catalog},
    "tags": {"GET": listings.tags},
    "referrers": {"GET": listings.referrers},
    "manifest": {"GET": manifests.get, "PUT": manifests.put, "DELETE": manifests.delete},
    "blob": {"GET": blobs.get, "DELETE": blobs.delete},
    "uploads": {"POST": uploads.begin},
    "upload": {
        "GET": uploads.status,
        "PATCH": uploads.patch,
        "PUT": uploads.finish,
        "DELETE": uploads.cancel,
    },
}
_READS: Final = frozenset({"GET", "HEAD"})


@record(kw_only=True)
class RegistryHandler:
    """
    A registry; call it with a request. It is a `Send`, as the network is.
    """

    storage: Storage
    switches: Switches = Switches()

    def __call__(self, request: Request) -> Response:
        """
        Answer one request. Whatever is wrong with it is said in the response.
        """
        try:
            path, query = split(request.url)
            route = find(path)
            verb = _verb(request.method, route.kind, self.switches)
            response = verb(Call(request, route, query, self.storage, self.switches))
        except RequestRefused as refusal:
            response = refuse(refusal)
        except (StorageFailed, DigestMismatch) as failure:
            response = refuse(_of_storage(failure))
        return _without_body(response) if request.method == "HEAD" else response


def registry(storage: Storage | None = None, **switches: Any) -> RegistryHandler:
    """
    Make a registry over a storage, in memory when none is given.

    `switches` are the fields of `Switches`: `sparse`, `delete`, `read_only`, `catalog`,
    `referrers`, `extended`, `page`, `chunk_min`, `may_read`.

    >>> send = registry()
    >>> send(Request(method="GET", url="http://localhost/v2/")).status
    200
    """
    return RegistryHandler(
        storage=Memory() if storage is None else storage, switches=Switches(**switches)
    )


def _verb(method: str, kind: str, switches: Switches) -> Verb:
    verbs = _VERBS[kind]
    if not _is_on(kind, switches):
        raise _unsupported(404, f"this registry does not answer {kind}")
    verb = verbs.get("GET" if method == "HEAD" else method)
    off = switches.read_only and method not in _READS
    # A switch for deletion is for tags too, and never for the end of one's own upload.
    off = off or (method == "DELETE" and kind != "upload" and not switches.delete)
    if verb is None or off:
        allowed = ", ".join(["HEAD", *verbs] if "GET" in verbs else verbs)
        raise _unsupported(405, f"{method} is not allowed here", ("Allow", allowed))
    return verb


def _is_on(kind: str, switches: Switches) -> bool:
    if kind == "catalog":
        return switches.catalog
    return kind != "referrers" or switches.referrers


def _unsupported(status: int, message: str, *headers: tuple[str, str]) -> RequestRefused:
    return RequestRefused(status=status, code="UNSUPPORTED", message=message, headers=headers)


def _of_storage(failure: StorageFailed | DigestMismatch) -> RequestRefused:
    # RFC 4918, 11.5: 507 Insufficient Storage.
    full = isinstance(failure, StorageFailed) and failure.full
    return RequestRefused(status=507 if full else 500, code="UNKNOWN", message=str(failure))


def _without_body(response: Response) -> Response:
    response.body.close()
    return Response(status=response.status, headers=response.headers)
