"""
Documents: the exact bytes of a JSON document, and lazily what they mean.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

import attrs

from ocikit._records import evolve, record
from ocikit.digest import Digest
from ocikit.errors import Corrupt

T = TypeVar("T")

#: The largest manifest or index that is read, in bytes.
MAX_MANIFEST: Final = 4 << 20
#: The largest image configuration that is read, in bytes.
MAX_CONFIG: Final = 8 << 20


@attrs.frozen(kw_only=True)
class DocumentTooLarge(Corrupt):
    """
    A document is larger than any honest one.
    """

    what: str
    size: int
    limit: int

    def __str__(self) -> str:
        return f"{self.what}: {self.size} bytes, more than the limit of {self.limit}"


@record(kw_only=True)
class Document(Generic[T]):
    """
    Bytes that were read or made, and the record they stand for.

    Bytes are identity: documents are equal when their bytes are, and one that was read
    is written back byte for byte.
    """

    raw: bytes = attrs.field(repr=False)
    kind: type[T]
    #: What it was served as; the document itself may not say.
    media_type: str = attrs.field(default="", eq=False)
    algorithm: str = attrs.field(default="sha256", eq=False)

    @functools.cached_property
    def value(self) -> T:
        """
        What the bytes mean.

        Raises:
            JSONInvalid: they are no such document.
        """
        from ocikit.spec.converter import structure
        from ocikit.spec.gojson import loads

        what = _WORDS.get(self.kind.__name__, self.kind.__name__)
        return structure(loads(self.raw, what), self.kind, what)

    @functools.cached_property
    def digest(self) -> Digest:
        """
        The digest of the bytes.
        """
        return Digest.of(self.raw, self.algorithm)

    @property
    def size(self) -> int:
        """
        How many bytes.
        """
        return len(self.raw)


_WORDS: Final = {"Manifest": "manifest", "IndexManifest": "index", "ConfigFile": "config"}


def read(raw: bytes, kind: type[T], media_type: str = "", algorithm: str = "sha256") -> Document[T]:
    """
    Keep bytes as a document of that kind; they are parsed when its value is asked for.
    """
    return Document(raw=raw, kind=kind, media_type=media_type, algorithm=algorithm)


def make(value: T, media_type: str = "", algorithm: str = "sha256") -> Document[T]:
    """
    Encode a record as Go would.

    >>> from ocikit.spec.config import RootFS
    >>> make(RootFS()).raw
    b'{"type":"layers","diff_ids":[]}'
    """
    from ocikit.spec.encode import unstructure
    from ocikit.spec.gojson import dumps

    raw = dumps(unstructure(value))
    return Document(raw=raw, kind=type(value), media_type=media_type, algorithm=algorithm)


def edit(document: Document[T], change: Callable[[T], T], **fields: Any) -> Document[T]:
    """
    Change the record and encode it anew; without a change the document stays as it is.

    Members that the change does not touch stay as they were read: unknown ones, their
    order, nulls and explicit empties. `fields` replace those of the document itself.

    >>> from ocikit.spec.config import RootFS
    >>> old = read(b'{"type": "layers", "x": null, "diff_ids": []}', RootFS)
    >>> edit(old, lambda rootfs: evolve(rootfs, type="none")).raw
    b'{"type":"none","x":null,"diff_ids":[]}'
    """
    kept = {"media_type": document.media_type, "algorithm": document.algorithm, **fields}
    value = change(document.value)
    if value == document.value:
        return evolve(document, **kept)
    return make(value, **kept)
