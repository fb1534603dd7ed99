"""
The registry that a proxy reads, and blobs as they come from it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from ocikit import media
from ocikit.digest import Digest
from ocikit.errors import OciError, Unreachable
from ocikit.http import answers, routes
from ocikit.http.message import Request, Response, Send
from ocikit.server.answers import RequestRefused
from ocikit.server.upstream.flight import Flight
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import MAX_MANIFEST

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer

Rename: TypeAlias = Callable[[str], str]

#: How often what breaks off is asked for from there on.
_RESUMED: Final = 4


class UpstreamSilent(Exception):
    """
    The other registry does not answer, or says that it cannot now.
    """


class Upstream:
    """
    The registry that is read.
    """

    def __init__(self, send: Send, base: str, rename: Rename) -> None:
        self._send, self._base, self._rename = send, base, rename

    def manifest(self, repository: str, reference: str) -> tuple[bytes, str] | None:
        """
        Get a manifest and its media type; None when there is none.
        """
        request = routes.get_manifest(self._base, self._rename(repository), reference)
        response = self._ask(request)
        if response is None:
            return None
        kind = media.essence(response.headers.get("Content-Type"))
        told = answers.digest_of(response.headers)
        data = answers.read_body(request, response, MAX_MANIFEST)
        wanted = Digest.parse(reference) if ":" in reference else told
        if wanted is not None and Digest.of(data, wanted.algorithm) != wanted:
            wrong(f"{reference} came as something else than {wanted}")
        return data, kind

    def digest(self, repository: str, tag: str) -> Digest | None:
        """
        Ask what a tag points to; None when that is nothing, or it does not say.
        """
        response = self._ask(routes.head_manifest(self._base, self._rename(repository), tag))
        if response is None:
            return None
        with response:
            return answers.digest_of(response.headers)

    def size(self, repository: str, digest: Digest) -> int | None:
        """
        Ask how large a blob is; None when there is none.
        """
        response = self._ask(routes.head_blob(self._base, self._rename(repository), digest))
        if response is None:
            return None
        with response:
            size = answers.length_of(response.headers)
        return wrong(f"it does not say how large {digest} is") if size is None else size

    def blob(self, repository: str, digest: Digest, start: int) -> Response:
        """
        Begin to get a blob, from some byte on.
        """
        request = routes.get_blob(self._base, self._rename(repository), digest, start=start)
        response = self._ask(request, 206 if start else 200)
        return wrong(f"it has {digest} no longer") if response is None else response

    def tags(self, repository: str, last: str, limit: int) -> tuple[str, ...] | None:
        """
        List tags.
        """
        name = self._rename(repository)
        request = routes.get_tags(self._base, name, n=max(limit, 1), last=last)
        response = self._ask(request)
        return None if response is None else answers.tags_of(request, response)

    def referrers(self, repository: str, subject: Digest) -> Sequence[Descriptor]:
        """
        List what refers to a manifest.
        """
        from ocikit.spec.converter import structure
        from ocikit.spec.gojson import loads
        from ocikit.spec.manifest import IndexManifest

        request = routes.get_referrers(self._base, self._rename(repository), subject)
        response = self._ask(request)
        if response is None:
            return ()
        raw = answers.read_body(request, response, MAX_MANIFEST)
        return structure(loads(raw, "referrers"), IndexManifest, "referrers").manifests

    def _ask(self, request: Request, ok: int = 200) -> Response | None:
        try:
            response = self._send(request)
        except Unreachable as error:
            raise UpstreamSilent(str(error)) from error
        except OciError as error:
            wrong(str(error))
        if response.status == ok:
            return response
        with response:
            if response.status == 404:
                return None
            if response.status == 429 or response.status >= 500:
                raise UpstreamSilent(f"it answered {response.status}")
        return wrong(f"it answered {response.status}")


def wrong(message: str) -> NoReturn:
    """
    Say to a client that what was fetched for it is no use.

    Raises:
        RequestRefused: with a 502.
    """
    message = f"the registry that this one passes on: {message}"
    raise RequestRefused(status=502, code="UNKNOWN", message=message)


class Arriving:
    """
    A blob as it comes, resumed where it breaks off; what is read goes to its flight too.
    """

    def __init__(self, upstream: Upstream, repository: str, digest: Digest, flight: Flight) -> None:
        self._upstream, self._repository, self._digest = upstream, repository, digest
        self._flight = flight
        self._at = self._attempts = 0
        self._response = upstream.blob(repository, digest, 0)

    def __enter__(self) -> Arriving:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._response.body.close()

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        count = self._some(view)
        self._flight.add(view[:count])
        self._at += count
        return count

    def read(self, size: int = -1, /) -> bytes:
        most = (1 << 20) if size < 0 else min(size, 1 << 20)
        buffer = bytearray(most)
        if size >= 0:
            return bytes(buffer[: self.readinto(buffer)])
        found = bytearray()
        while count := self.readinto(buffer):
            found += buffer[:count]
        return bytes(found)

    def _some(self, view: memoryview) -> int:
        while self._at < self._flight.size:
            try:
                if count := self._response.body.readinto(view):
                    return count
            except (Unreachable, OSError):
                if self._attempts >= _RESUMED:
                    raise
            if self._attempts >= _RESUMED:
                break
            self._attempts += 1
            self._response.body.close()
            self._response = self._upstream.blob(self._repository, self._digest, self._at)
        return self._response.body.readinto(view) if self._at == self._flight.size else 0
