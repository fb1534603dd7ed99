"""
A registry on disk, looked at byte by byte, and put right where that can be.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Literal, TypeAlias

from ocikit import media
from ocikit._records import evolve, record
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.server.answers import RequestRefused
from ocikit.server.disk.batch import Batches
from ocikit.server.disk.content import Content
from ocikit.server.disk.holdings import Holdings, Kept, decode, encode, kept_of, read_tag
from ocikit.server.disk.lock import Lock
from ocikit.server.disk.places import MANIFESTS, TAGS, Places, digests, tag_of
from ocikit.server.disk.system import System, Writer, read_file
from ocikit.server.disk.uploads import digest_of
from ocikit.server.disk.view import index_of
from ocikit.server.documents import Checked, check
from ocikit.server.manifests import stored
from ocikit.server.storage import failing

Kind: TypeAlias = Literal[
    "content-damaged",
    "content-unshared",
    "record-damaged",
    "record-missing",
    "record-useless",
    "tag-damaged",
    "tag-dangling",
    "blob-missing",
    "index-stale",
]


@record(kw_only=True)
class Finding:
    """
    One thing that is wrong with a registry on disk.
    """

    kind: Kind
    #: The file, relative to the registry's folder.
    path: str
    text: str
    repository: str = ""
    digest: Digest | None = None
    #: Whether it was put right; what was damaged is then in `_damaged`.
    repaired: bool = False


def fsck(path: str | os.PathLike[str], repair: bool = False) -> tuple[Finding, ...]:
    """
    Read everything in the folder of a registry, and list all that is wrong.

    To repair is to set aside what is damaged, and to make anew what follows from other
    files: what is known of manifests, from their bytes; indexes, from tags. Blobs that
    are missing then have to be pushed again.

    Args:
        path: the folder; no other process may have it.
        repair: put right what can be.

    Raises:
        FolderInUse: another process serves the folder.
        NotARegistry: the folder holds something else.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     fsck(folder)
    ()
    """
    with failing():
        places = Places(os.path.abspath(path))
        lock = Lock(places)
        try:
            return tuple(_Check(places, repair).run())
        finally:
            lock.release()


class _Check:
    def __init__(self, places: Places, repair: bool) -> None:
        self._places, self._repair = places, repair
        system = System()
        self._writer = Writer(system, places.temporary, durable=True)
        self._batches = Batches(system.sync_folder, durable=True)
        self._content = Content(places, self._writer, self._batches, time.time)
        if repair:
            self._content.make()
        self._held = [
            Holdings(name, places.repository(name)) for name in sorted(places.repositories())
        ]

    def run(self) -> Iterator[Finding]:
        """
        Look at content first, then at what is said of it.
        """
        yield from self._shared()
        for held in self._held:
            yield from self._blobs(held)
            yield from self._records(held)
            yield from self._tags(held)
            yield from self._references(held)
            yield from self._index(held)
        self._batches.settle()

    def _shared(self) -> Iterator[Finding]:
        for digest in sorted(digests(self._places.content), key=str):
            path = self._places.shared(digest)
            actual = digest_of(path, digest.algorithm)
            if actual != digest:
                text = f"hashes to {actual}"
                yield self._found("content-damaged", path, text, digest=digest)
                if self._repair:
                    self._set_aside(digest)

    def _set_aside(self, digest: Digest) -> None:
        shared = self._places.shared(digest)
        for held in self._held:
            name = held.folder.blob(digest)
            if os.path.lexists(name) and os.path.samefile(name, shared):
                self._content.remove(name)
        self._content.set_aside(shared)

    def _blobs(self, held: Holdings) -> Iterator[Finding]:
        for digest in sorted(digests(held.folder.blobs), key=str):
            path, shared = held.folder.blob(digest), self._places.shared(digest)
            there = os.path.lexists(shared)
            if there and os.path.samefile(path, shared):
                continue
            actual = digest_of(path, digest.algorithm)
            if actual != digest:
                text = f"hashes to {actual}"
                yield self._found("content-damaged", path, text, held, digest)
                if self._repair:
                    self._content.set_aside(path)
                    if there:
                        self._content.rejoin(digest, path)
            elif not there:
                text = "others cannot share it"
                yield self._found("content-unshared", path, text, held, digest)
                if self._repair:
                    self._content.share(digest, path)

    def _records(self, held: Holdings) -> Iterator[Finding]:
        for digest in sorted(digests(os.path.join(held.folder.path, MANIFESTS)), key=str):
            path = held.folder.manifest(digest)
            data = read_file(held.folder.blob(digest))
            if data is None:
                yield self._found("record-useless", path, "its manifest is gone", held, digest)
                if self._repair:
                    self._content.set_aside(path)
                continue
            said = _said(path)
            kind = _type_of(data) if said is None else said.media_type
            known = _kept(digest, data, kind)
            if known is None or known != said:
                text = "it does not say what the manifest does"
                yield self._found("record-damaged", path, text, held, digest)
                if self._repair:
                    self._rewrite(path, known)

    def _rewrite(self, path: str, known: Kept | None) -> None:
        self._content.set_aside(path)
        if known is not None:
            self._content.put(self._writer.prepare(encode(known)), path)

    def _tags(self, held: Holdings) -> Iterator[Finding]:
        folder = os.path.join(held.folder.path, TAGS)
        for name in sorted(os.listdir(folder) if os.path.isdir(folder) else ()):
            path, tag = os.path.join(folder, name), tag_of(name)
            target = None if tag is None else read_tag(path)
            if target is None:
                yield self._found("tag-damaged", path, "it points to nothing", held)
                if self._repair:
                    self._content.set_aside(path)
            elif not os.path.lexists(held.folder.manifest(target)):
                yield self._untold(held, target, path)

    def _untold(self, held: Holdings, target: Digest, path: str) -> Finding:
        data = read_file(held.folder.blob(target))
        known = None if data is None else _kept(target, data, _type_of(data))
        if known is None:
            if self._repair:
                self._content.set_aside(path)
            return self._found("tag-dangling", path, f"there is no {target}", held, target)
        record = held.folder.manifest(target)
        if self._repair:
            self._content.put(self._writer.prepare(encode(known)), record)
        return self._found("record-missing", record, "a tag points to it", held, target)

    def _references(self, held: Holdings) -> Iterator[Finding]:
        held.load()
        for digest, kept in sorted(held.manifests.items(), key=lambda each: str(each[0])):
            data = read_file(held.folder.blob(digest))
            checked = None if data is None else _checked(data, kept.media_type)
            for each in () if checked is None else (*checked.blobs, *checked.children):
                path = held.folder.blob(each.digest)
                if not os.path.lexists(path):
                    text = f"{digest} refers to it; push it again"
                    found = self._found("blob-missing", path, text, held, each.digest)
                    yield evolve(found, repaired=False)

    def _index(self, held: Holdings) -> Iterator[Finding]:
        index = index_of(held.tags.targets(), held.manifests)
        if read_file(held.folder.index) != index:
            yield self._found("index-stale", held.folder.index, "it does not list the tags", held)
            if self._repair:
                self._content.put(self._writer.prepare(index), held.folder.index)

    def _found(
        self,
        kind: Kind,
        path: str,
        text: str,
        held: Holdings | None = None,
        digest: Digest | None = None,
    ) -> Finding:
        return Finding(
            kind=kind,
            path=os.path.relpath(path, self._places.root),
            text=text,
            repository="" if held is None else held.name,
            digest=digest,
            repaired=self._repair,
        )


def _said(path: str) -> Kept | None:
    data = read_file(path)
    try:
        return None if data is None else decode(data, path)
    except Corrupt:
        return None


def _checked(data: bytes, media_type: str) -> Checked | None:
    try:
        return check(data, media_type)
    except RequestRefused:
        return None


def _kept(digest: Digest, data: bytes, media_type: str) -> Kept | None:
    checked = _checked(data, media_type)
    return None if checked is None else kept_of(stored(digest, data, media_type, checked))


def _type_of(data: bytes) -> str:
    """
    Tell the type of a manifest from its bytes, as far as they say it.
    """
    from ocikit.spec.gojson import JSONInvalid, loads

    try:
        value = loads(data, "manifest")
    except JSONInvalid:
        return ""
    members = value if isinstance(value, dict) else {}
    told = members.get("mediaType")
    if isinstance(told, str) and told:
        return told
    return media.OCI_INDEX if "manifests" in members else media.OCI_MANIFEST
