"""
What a repository on disk holds, as far as it is kept in memory: its tags, which of its
content are manifests, and what refers to what. It is read from the files when it is
first asked for, and again when a change of them went wrong.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import Any

import attrs

from ocikit._records import record
from ocikit.digest import Digest
from ocikit.errors import Corrupt, Invalid, OciError, Unsupported
from ocikit.server.disk.places import BOTH, MANIFESTS, TAGS, Folder, digests, tag_of
from ocikit.server.disk.system import read_file
from ocikit.server.storage import StoredManifest
from ocikit.server.tags import Tags
from ocikit.spec.descriptor import Descriptor


@record
class Kept:
    """
    What is known of a manifest without reading it.
    """

    media_type: str
    size: int
    subject: Digest | None = None
    #: How it is listed among the referrers of its subject, as JSON.
    referrer: dict[str, Any] | None = attrs.field(default=None, hash=False)


def kept_of(manifest: StoredManifest) -> Kept:
    """
    Tell what is known of a manifest without reading it.
    """
    from ocikit.spec.encode import unstructure

    listed = manifest.referrer
    return Kept(
        manifest.media_type,
        len(manifest.data),
        manifest.subject,
        None if listed is None else unstructure(listed),
    )


def encode(kept: Kept) -> bytes:
    """
    Write what is known of a manifest.

    >>> encode(Kept("application/json", 2))
    b'{"mediaType":"application/json","size":2}'
    """
    from ocikit.spec.gojson import dumps

    members = {"mediaType": kept.media_type, "size": kept.size}
    if kept.subject is not None:
        members |= {"subject": str(kept.subject), "referrer": kept.referrer}
    return dumps(members)


def decode(data: bytes, what: str) -> Kept:
    """
    Read what `encode` wrote.

    Raises:
        Corrupt: it is something else.
    """
    from ocikit.spec.gojson import JSONInvalid, loads

    value = loads(data, what)
    try:
        subject = value.get("subject")
        kind, size = value["mediaType"], value["size"]
        about = None if subject is None else Digest.parse(subject)
    except (AttributeError, KeyError, TypeError, Invalid, Unsupported) as error:
        told = f"not what was written of a manifest: {error!r}"
        raise JSONInvalid(what=what, problems=(("$", told),)) from error
    return Kept(kind, size, about, value.get("referrer"))


def referrer_of(kept: Kept) -> Descriptor:
    """
    Tell how a manifest is listed among the referrers of its subject.
    """
    from ocikit.spec.converter import structure

    return structure(kept.referrer, Descriptor, "referrer")


def manifest_of(kept: Kept, data: bytes) -> StoredManifest:
    """
    Give a manifest, of its bytes and what is known of them.
    """
    listed = None if kept.referrer is None else referrer_of(kept)
    return StoredManifest(
        media_type=kept.media_type, data=data, subject=kept.subject, referrer=listed
    )


class Holdings:
    """
    One repository. Whoever changes its files holds its lock.
    """

    def __init__(self, name: str, folder: Folder) -> None:
        self.name, self.folder = name, folder
        self.lock = threading.RLock()
        #: Whether the folder was made, with all that a layout has.
        self.made = False
        self._loaded = False
        self.manifests: dict[Digest, Kept] = {}
        #: Manifests that were pushed as blobs, too.
        self.both: set[Digest] = set()
        self.tags = Tags()
        self.subjects: dict[Digest, set[Digest]] = {}

    def load(self) -> None:
        """
        Read the files, if that was not done yet.
        """
        if self._loaded:
            return
        with self.lock:
            if not self._loaded:
                self._read()
                self._loaded = True

    @contextmanager
    def changing(self) -> Generator[None]:
        """
        Hold the lock; when a change breaks off amid its files, these are what counts.
        """
        with self.lock:
            self.load()
            try:
                yield
            except BaseException:
                self._loaded = False
                raise

    def put(self, digest: Digest, kept: Kept) -> None:
        """
        Say that a manifest is there.
        """
        self.drop(digest)
        self.manifests[digest] = kept
        if kept.subject is not None:
            self.subjects.setdefault(kept.subject, set()).add(digest)

    def drop(self, digest: Digest) -> None:
        """
        Say that a manifest is not there.
        """
        gone = self.manifests.pop(digest, None)
        if gone is not None and gone.subject is not None:
            left = self.subjects[gone.subject]
            left.discard(digest)
            if not left:
                del self.subjects[gone.subject]

    def holds_blob(self, digest: Digest) -> bool:
        """
        Tell whether what is there of that digest, if anything, was pushed as a blob.
        """
        return digest not in self.manifests or digest in self.both

    def exists(self) -> bool:
        """
        Tell whether the repository holds anything.
        """
        return next(digests(self.folder.blobs), None) is not None

    def _read(self) -> None:
        path = self.folder.path
        self.manifests, self.subjects = {}, {}
        for digest in digests(os.path.join(path, MANIFESTS)):
            file = self.folder.manifest(digest)
            try:
                # One whose content is gone was about to be deleted.
                data = read_file(file)
                if data is not None and os.path.lexists(self.folder.blob(digest)):
                    self.put(digest, decode(data, file))
            except Corrupt:
                # It is for `fsck` to make it anew.
                continue
        self.both = set(digests(os.path.join(path, BOTH)))
        self.tags = Tags(dict(self._read_tags()))

    def _read_tags(self) -> Iterator[tuple[str, Digest]]:
        try:
            names = os.listdir(os.path.join(self.folder.path, TAGS))
        except FileNotFoundError:
            return
        for name in names:
            tag = tag_of(name)
            target = None if tag is None else read_tag(self.folder.tag(tag))
            # What it pointed to may have been about to be deleted.
            if tag is not None and target is not None and target in self.manifests:
                yield tag, target


def read_tag(path: str) -> Digest | None:
    """
    Read the file of a tag; None when it holds no digest.
    """
    try:
        return Digest.parse((read_file(path) or b"").decode("ascii").strip())
    except (OciError, UnicodeDecodeError):
        return None
