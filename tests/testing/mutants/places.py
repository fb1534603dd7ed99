"""
Stores of content with a bug each.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, ClassVar, Final

from hypothesis.strategies import SearchStrategy

from ocikit._records import evolve
from ocikit.content.assemble import Source, assemble
from ocikit.content.blob import Blob
from ocikit.content.image import Content, ContentOpener, Index
from ocikit.content.partial import index_of
from ocikit.content.streams import BytesOpener, Opener
from ocikit.digest import Digest
from ocikit.query.plan import PutBlob, PutManifest, plan
from ocikit.spec.descriptor import Descriptor
from ocikit.testing import strategies as oci
from ocikit.testing.contracts import PlaceContract
from tests.testing.mutants.found import Mutant, by_contract


class Store:
    """
    Blobs and documents by digest, and what each folder names: a toy that has no bug.
    """

    def __init__(self) -> None:
        self.held: dict[Any, bytes] = {}
        self.names: dict[Path, Descriptor] = {}

    def put(self, folder: Path, content: Content) -> None:
        """
        Keep content, and name it when all of it is there.
        """
        for step in plan(content, foreign=True).steps:
            if isinstance(step, PutBlob):
                self.keep(step.blob.descriptor, self.read(step.blob))
            elif isinstance(step, PutManifest):
                self.keep(step.content.descriptor, self.written(step.content))
        self.names[folder] = content.descriptor

    def get(self, folder: Path) -> Content:
        """
        Find what a folder names.
        """
        return self.assembled(self.names[folder])

    def assembled(self, descriptor: Descriptor) -> Content:
        """
        Make content of what is there.
        """
        data = self.find(descriptor)
        return assemble(data, descriptor, Source(blob=self.opener, child=lambda d: _Child(self, d)))

    def opener(self, descriptor: Descriptor) -> Opener:
        """
        Open what is there.
        """
        return BytesOpener(self.find(descriptor))

    def key(self, descriptor: Descriptor) -> Any:
        """
        Say where something is kept.
        """
        return descriptor.digest

    def keep(self, descriptor: Descriptor, data: bytes) -> None:
        """
        Keep some bytes.
        """
        self.held[self.key(descriptor)] = data

    def find(self, descriptor: Descriptor) -> bytes:
        """
        Find some bytes.
        """
        return self.held[self.key(descriptor)]

    def read(self, blob: Blob) -> bytes:
        """
        Read a blob.
        """
        with blob.open() as stream:
            return stream.read()

    def written(self, content: Content) -> bytes:
        """
        Write a document.
        """
        assert not isinstance(content, Blob)
        return content.document.raw


class _Child(ContentOpener):
    def __init__(self, store: Store, descriptor: Descriptor) -> None:
        self.store, self.descriptor = store, descriptor

    def open(self) -> Content:
        return self.store.assembled(self.descriptor)


class Unchecked(Store):
    """
    Takes bytes for what they are said to be.
    """

    def read(self, blob: Blob) -> bytes:
        data = blob.descriptor.data
        return blob.opener.open().read() if data is None else data


class NamedFirst(Store):
    """
    Names content before it is there.
    """

    def put(self, folder: Path, content: Content) -> None:
        self.names[folder] = content.descriptor
        super().put(folder, content)


class BySize(Store):
    """
    Takes blobs of one size for the same.
    """

    def key(self, descriptor: Descriptor) -> Any:
        return descriptor.media_type, descriptor.size


class FirstByType(Store):
    """
    Keeps what came first under a key that is not of its bytes.
    """

    def key(self, descriptor: Descriptor) -> Any:
        return descriptor.digest.hex[:1]


class Truncating(Store):
    """
    Keeps the first two children of an index.
    """

    def put(self, folder: Path, content: Content) -> None:
        if isinstance(content, Index) and len(content.children) > 2:
            content = index_of(content.children[:2], annotations=content.manifest.annotations)
        super().put(folder, content)


class Collapsing(Store):
    """
    Keeps the one image of an index instead of it.
    """

    def put(self, folder: Path, content: Content) -> None:
        alone = isinstance(content, Index) and len(content.children) == 1
        super().put(folder, content.children[0].content if alone else content)  # type: ignore[union-attr]


class Choosing(Store):
    """
    Keeps of an index what is for this machine.
    """

    def put(self, folder: Path, content: Content) -> None:
        found = content.children if isinstance(content, Index) else ()
        here = [each.content for each in found if str(each.descriptor.platform) == "linux/amd64"]
        super().put(folder, here[0] if len(found) > 1 and here else content)


class Rewriting(Store):
    """
    Writes documents as its own library of JSON does.
    """

    def put(self, folder: Path, content: Content) -> None:
        super().put(folder, content)
        raw = json.dumps(json.loads(self.find(content.descriptor))).encode()
        named = evolve(content.descriptor, digest=Digest.of(raw), size=len(raw))
        self.keep(named, raw)
        self.names[folder] = named


class Forgetful(Store):
    """
    Throws away what the last one had before it keeps the next.
    """

    def put(self, folder: Path, content: Content) -> None:
        before = self.names.get(folder)
        super().put(folder, content)
        if before is not None and before != content.descriptor:
            gone = self.assembled(before)
            for blob in plan(gone, foreign=True).blobs:
                self.held.pop(self.key(blob.descriptor), None)


class Clearing(Store):
    """
    Makes room before it knows whether what comes is good.
    """

    def put(self, folder: Path, content: Content) -> None:
        self.names.pop(folder, None)
        super().put(folder, content)


def contract(
    kind: type[Store], drawn: SearchStrategy[Content] | None = None
) -> type[PlaceContract]:
    """
    Give the contract of a kind of store.
    """

    class Contract(PlaceContract):
        contents: ClassVar[SearchStrategy[Content]] = (
            oci.contents(depth=2) if drawn is None else drawn
        )

        def __init__(self) -> None:
            self.store = kind()

        def flush(self, folder: Path, content: Content) -> None:
            self.store.put(folder, content)

        def load(self, folder: Path) -> Content:
            return self.store.get(folder)

    return Contract


_BACK: Final = "gives_back_what_it_was_given"
_LIES: Final = "lies_are_refused"


def _mutant(bug: str, kind: type[Store], law: str, most: int) -> Mutant:
    return Mutant(bug, "`PlaceContract`", by_contract(contract(kind), law), most)


MUTANTS: Final = (
    _mutant("digest check removed", Unchecked, _LIES, 1),
    _mutant("name before blobs", NamedFirst, _LIES, 1),
    _mutant("old content removed before the new is there", Clearing, _LIES, 1),
    _mutant("wrong blob kept: by size", BySize, _BACK, 4),
    _mutant("wrong blob kept: by part of the digest", FirstByType, _BACK, 6),
    _mutant("index truncated", Truncating, _BACK, 4),
    _mutant("index of one image collapsed", Collapsing, _BACK, 3),
    _mutant("index collapsed to one platform", Choosing, _BACK, 4),
    _mutant("document written anew", Rewriting, _BACK, 0),
    _mutant("blobs that are shared removed", Forgetful, "the_last_one_counts", 3),
)
