"""
A registry that passes on what another holds, and keeps it.

What is named by a digest is fetched once and kept for good: it is kept only when its
bytes are right, and a client is never given the whole of anything else. Tags are looked
up again when they were not for a while; when the other registry does not answer, what
was known of them is good for some time more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from typing import Final, NoReturn

from ocikit.content.streams import Stream
from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest
from ocikit.errors import OciError
from ocikit.http.message import Send
from ocikit.server.answers import RequestRefused
from ocikit.server.documents import check
from ocikit.server.handler import RegistryHandler, registry
from ocikit.server.manifests import stored
from ocikit.server.memory import Memory
from ocikit.server.storage import Storage, StoredBlob, StoredManifest
from ocikit.server.upstream.flight import Flight, LazyOpener
from ocikit.server.upstream.origin import Arriving, Rename, Upstream, UpstreamSilent
from ocikit.spec.descriptor import Descriptor

#: Seconds for which a tag is not looked up again, and for which what is known of it will
#: do when it cannot be.
FRESH: Final = 60.0
STALE: Final = 7 * 86400.0
#: How many manifests can be fetched at once.
_TURNS: Final = 64
_BASE: Final = "http://upstream"


def same(repository: str) -> str:
    """
    Give a repository the name that it has.
    """
    return repository


def proxy(
    upstream: Send,
    storage: Storage | None = None,
    *,
    base: str = _BASE,
    rename: Rename = same,
    fresh: float = FRESH,
    stale: float = STALE,
    clock: Callable[[], float] = time.monotonic,
) -> RegistryHandler:
    """
    Make a registry that can be read, of another one and a storage to keep what was read.

    Args:
        upstream: asks the other registry; credentials, redirects and retries are its own.
        storage: keeps what was fetched; in memory when None.
        base: where the other registry is, for what is asked.
        rename: gives the name there of a repository here.
        fresh: seconds for which a tag is not looked up again.
        stale: seconds for which a tag will do when the other registry does not answer.
        clock: tells seconds.

    >>> from ocikit.content.empty import IMAGE
    >>> from ocikit.registry.client import Client
    >>> from ocikit.registry.flush import flush
    >>> from ocikit.registry.load import load
    >>> upstream = registry()
    >>> _ = flush("localhost/app:1", IMAGE, client=Client(send=upstream))
    >>> load("localhost/app:1", client=Client(send=proxy(upstream))) == IMAGE
    True
    """
    kept = Memory() if storage is None else storage
    source = Upstream(upstream, base, rename)
    return registry(Proxied(source, kept, fresh, stale, clock), read_only=True)


def _denied() -> NoReturn:
    message = "this registry only passes on what another holds"
    raise RequestRefused(status=405, code="UNSUPPORTED", message=message)


class Proxied:
    """
    A storage to read from, which fetches what it does not have; see `proxy`.
    """

    def __init__(
        self,
        upstream: Upstream,
        kept: Storage,
        fresh: float,
        stale: float,
        clock: Callable[[], float],
    ) -> None:
        self._upstream, self._kept = upstream, kept
        self._fresh, self._stale, self._clock = fresh, stale, clock
        self._began = clock()
        self._lock = threading.Lock()
        self._flights: dict[tuple[str, Digest], Flight] = {}
        self._looked: dict[tuple[str, str], float] = {}
        self._turns = tuple(threading.Lock() for _ in range(_TURNS))

    def repositories(self, last: str, limit: int) -> Sequence[str]:
        """
        List repositories of which something was read.
        """
        return self._kept.repositories(last, limit)

    def blob(self, repository: str, digest: Digest) -> StoredBlob | None:
        """
        Find a blob, here or there.
        """
        found = self._kept.blob(repository, digest)
        if found is not None:
            return found
        with self._lock:
            flight = self._flights.get((repository, digest))
        size = self._size(repository, digest) if flight is None else flight.size
        if size is None:
            return None
        # The other registry has just said that the repository holds it.
        if flight is None and self._mounted(repository, digest):
            return self._kept.blob(repository, digest)
        opener = LazyOpener(lambda: self._board(repository, digest, size), size)
        return StoredBlob(size=size, opener=opener)

    def manifest(self, repository: str, digest: Digest) -> StoredManifest | None:
        """
        Find a manifest, here or there.
        """
        found = self._kept.manifest(repository, digest)
        if found is not None:
            return found
        with self._turn(repository, str(digest)):
            found = self._kept.manifest(repository, digest)
            return found or self._fetched(repository, str(digest), ())

    def tagged(self, repository: str, tag: str) -> Digest | None:
        """
        Find what a tag points to: there, when that was not asked for a while.
        """
        with self._turn(repository, tag):
            known, now = self._kept.tagged(repository, tag), self._clock()
            looked = self._looked.get((repository, tag))
            if known is not None and looked is not None and now - looked < self._fresh:
                return known
            try:
                found = self._look(repository, tag, known)
            except UpstreamSilent as error:
                since = self._began if looked is None else looked
                if known is None or now - since > self._stale:
                    _silent(error)
                return known
            if found is not None:
                self._looked[repository, tag] = now
            return found

    def tags(self, repository: str, last: str, limit: int) -> Sequence[str] | None:
        """
        List the tags there; those that are known when nobody answers.
        """
        try:
            found = self._upstream.tags(repository, last, limit)
        except UpstreamSilent:
            return self._kept.tags(repository, last, limit)
        # Some registries do not page as they are asked to.
        return None if found is None else sorted(tag for tag in found if tag > last)[:limit]

    def referrers(self, repository: str, subject: Digest) -> Sequence[Descriptor]:
        """
        List what refers to a manifest there; what is known of it when nobody answers.
        """
        try:
            return self._upstream.referrers(repository, subject)
        except UpstreamSilent:
            return self._kept.referrers(repository, subject)

    def holders(self, digest: Digest) -> Iterable[str]:
        """
        Find the repositories of which a blob was read.
        """
        return self._kept.holders(digest)

    def mount(self, repository: str, digest: Digest, source: str) -> bool:
        """
        Refuse; and so all that would change something.
        """
        _denied()

    def drop_blob(self, repository: str, digest: Digest) -> bool:
        _denied()

    def begin(self, repository: str, algorithm: str) -> str:
        _denied()

    def received(self, repository: str, upload: str) -> int:
        _denied()

    def receive(
        self, repository: str, upload: str, stream: Stream, at: int | None, length: int | None
    ) -> int:
        _denied()

    def commit(self, repository: str, upload: str, digest: Digest) -> None:
        _denied()

    def cancel(self, repository: str, upload: str) -> None:
        _denied()

    def keep(
        self, repository: str, digest: Digest, manifest: StoredManifest, tags: Iterable[str]
    ) -> None:
        _denied()

    def drop_manifest(self, repository: str, digest: Digest) -> bool:
        _denied()

    def untag(self, repository: str, tag: str) -> bool:
        _denied()

    def _turn(self, repository: str, reference: str) -> threading.Lock:
        # Whoever comes second finds what the first has fetched.
        return self._turns[hash((repository, reference)) % _TURNS]

    def _look(self, repository: str, tag: str, known: Digest | None) -> Digest | None:
        digest = self._upstream.digest(repository, tag) if known is not None else None
        if digest is not None and digest == known:
            return known
        data = self._upstream.manifest(repository, tag)
        if data is None:
            with suppress(OciError):
                self._kept.untag(repository, tag)
            return None
        digest = Digest.of(data[0])
        self._keep(repository, digest, data, (tag,))
        return digest

    def _fetched(
        self, repository: str, reference: str, tags: tuple[str, ...]
    ) -> StoredManifest | None:
        try:
            data = self._upstream.manifest(repository, reference)
        except UpstreamSilent as error:
            _silent(error)
        return None if data is None else self._keep(repository, Digest.parse(reference), data, tags)

    def _keep(
        self, repository: str, digest: Digest, data: tuple[bytes, str], tags: tuple[str, ...]
    ) -> StoredManifest:
        raw, kind = data
        try:
            made = stored(digest, raw, kind, check(raw, kind))
        except RequestRefused:
            # What is too old, or odd, to be kept is passed on all the same.
            return StoredManifest(media_type=kind, data=raw)
        self._kept.keep(repository, digest, made, tags)
        return made

    def _size(self, repository: str, digest: Digest) -> int | None:
        try:
            return self._upstream.size(repository, digest)
        except UpstreamSilent as error:
            _silent(error)

    def _mounted(self, repository: str, digest: Digest) -> bool:
        sources = list(self._kept.holders(digest))
        return any(self._kept.mount(repository, digest, source) for source in sources)

    def _board(self, repository: str, digest: Digest, size: int) -> Stream:
        with self._lock:
            flight = self._flights.get((repository, digest))
            if flight is not None:
                return flight.open()
            found = self._kept.blob(repository, digest)
            if found is not None:
                return found.opener.open()
            flight = self._flights[repository, digest] = Flight(size)
            stream = flight.open()
        name = f"fetch {digest}"
        fetch = threading.Thread(target=self._fetch, args=(repository, digest, flight), name=name)
        fetch.daemon = True
        fetch.start()
        return stream

    def _fetch(self, repository: str, digest: Digest, flight: Flight) -> None:
        failure: BaseException | None = None
        try:
            name = self._kept.begin(repository, digest.algorithm)
            try:
                with Arriving(self._upstream, repository, digest, flight) as stream:
                    self._kept.receive(repository, name, stream, None, None)
                self._kept.commit(repository, name, digest)
            except DigestMismatch:
                # With it the upload has ended.
                raise
            except BaseException:
                self._kept.cancel(repository, name)
                raise
        except BaseException as error:
            failure = error
        with self._lock:
            del self._flights[repository, digest]
        flight.end(failure)


def _silent(error: UpstreamSilent) -> NoReturn:
    message = f"the registry that this one passes on does not answer: {error}"
    raise RequestRefused(status=502, code="UNKNOWN", message=message) from error
