"""
Storages of a registry with a bug each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from ocikit._records import evolve
from ocikit.digest import Digest
from ocikit.server.garbage import collect
from ocikit.server.handler import registry
from ocikit.server.memory import Memory
from ocikit.server.storage import StoredManifest
from ocikit.spec.descriptor import Descriptor
from ocikit.testing.modelled import Place
from ocikit.testing.time import VirtualTime
from tests.testing.mutants.found import Mutant, by_contract, by_machine
from tests.testing.mutants.registries import laws_of

DAY: Final = 86400.0


class ForgetsTags(Memory):
    """
    Forgets the other tags of a manifest that comes again.
    """

    def keep(
        self, repository: str, digest: Digest, manifest: StoredManifest, tags: Iterable[str]
    ) -> None:
        super().drop_manifest(repository, digest)
        super().keep(repository, digest, manifest, tags)


class Resurrects(Memory):
    """
    Gives back tags of a manifest that was deleted when it comes again.
    """

    def __init__(self) -> None:
        super().__init__()
        self.gone: dict[tuple[str, Digest], list[str]] = {}

    def drop_manifest(self, repository: str, digest: Digest) -> bool:
        tags = [
            t for t in self.tags(repository, "", 99) or () if self.tagged(repository, t) == digest
        ]
        self.gone[repository, digest] = tags
        return super().drop_manifest(repository, digest)

    def keep(
        self, repository: str, digest: Digest, manifest: StoredManifest, tags: Iterable[str]
    ) -> None:
        old = self.gone.pop((repository, digest), [])
        super().keep(repository, digest, manifest, [*old, *tags])


class LosesAtPages(Memory):
    """
    Begins a page one too late.
    """

    def tags(self, repository: str, last: str, limit: int) -> Sequence[str] | None:
        found = super().tags(repository, last, limit + 1)
        return found if found is None or not last else found[1:]


class Shares(Memory):
    """
    Deletes a blob wherever it is.
    """

    def drop_blob(self, repository: str, digest: Digest) -> bool:
        gone = super().drop_blob(repository, digest)
        for holder in list(self.holders(digest)) if gone else ():
            super().drop_blob(holder, digest)
        return gone


class Believes(Memory):
    """
    Takes an upload for whatever it is said to be.
    """

    def commit(self, repository: str, upload: str, digest: Digest) -> None:
        session = self._uploads[upload]
        hashed = session.hash.copy()
        super().commit(repository, upload, Digest(hashed.name, hashed.hexdigest()))
        held = self._of(repository)
        found = held.blobs[Digest(hashed.name, hashed.hexdigest())]
        self._put(repository, digest, found)


class KeepsReferrers(Memory):
    """
    Lists referrers that were deleted.
    """

    def __init__(self) -> None:
        super().__init__()
        self.listed: dict[tuple[str, Digest], dict[Digest, Descriptor]] = {}

    def keep(
        self, repository: str, digest: Digest, manifest: StoredManifest, tags: Iterable[str]
    ) -> None:
        super().keep(repository, digest, manifest, tags)
        if manifest.subject is not None and manifest.referrer is not None:
            listed = self.listed.setdefault((repository, manifest.subject), {})
            listed[digest] = manifest.referrer

    def referrers(self, repository: str, subject: Digest) -> Sequence[Descriptor]:
        found = self.listed.get((repository, subject), {})
        return [found[digest] for digest in sorted(found, key=str)]


class UntagsAll(Memory):
    """
    Deletes a manifest with its tag.
    """

    def untag(self, repository: str, tag: str) -> bool:
        digest = self.tagged(repository, tag)
        return digest is not None and self.drop_manifest(repository, digest)


class Trims(Memory):
    """
    Cuts what is long.
    """

    def keep(
        self, repository: str, digest: Digest, manifest: StoredManifest, tags: Iterable[str]
    ) -> None:
        cut = evolve(manifest, data=manifest.data[:200])
        super().keep(repository, digest, cut, tags)


class MountsAnything(Memory):
    """
    Mounts what is anywhere, also when the place that was named has not got it.
    """

    def mount(self, repository: str, digest: Digest, source: str) -> bool:
        there = next(iter(self.holders(digest)), source)
        return super().mount(repository, digest, there)


def tagged_only(storage: Memory, clock: VirtualTime) -> None:
    """
    Collects garbage, and takes for it what only a manifest without a tag needs.
    """
    clock.now += DAY
    collect(storage, clock=clock)
    for name in storage.repositories("", 99):
        tags = storage.tags(name, "", 99) or ()
        kept = [
            storage.manifest(name, found) for tag in tags if (found := storage.tagged(name, tag))
        ]
        needed = b"".join(each.data for each in kept if each is not None)
        for digest in [*storage._of(name).blobs]:
            if str(digest).encode() not in needed:
                storage.drop_blob(name, digest)


def _collecting() -> Place:
    clock = VirtualTime()
    storage = Memory(clock)
    return Place(send=registry(storage), collect=lambda: tagged_only(storage, clock))


def _mutant(bug: str, kind: type[Memory], most: int) -> Mutant:
    search = by_machine(lambda: Place(send=registry(kind(), page=2)), most)
    return Mutant(bug, "`registry_machine`", search, most)


def _by_laws(bug: str, kind: type[Memory], law: str, most: int) -> Mutant:
    search = by_contract(laws_of(lambda: registry(kind())), law)
    return Mutant(bug, "`RegistryLaws`", search, most)


MUTANTS: Final = (
    _mutant("tag forgotten on overwrite", ForgetsTags, 3),
    _mutant("deleted tag comes back", Resurrects, 6),
    _mutant("blob deleted wherever it is", Shares, 5),
    _mutant("upload accepted under a wrong digest", Believes, 4),
    _mutant("manifest deleted with its tag", UntagsAll, 3),
    _mutant("long manifest truncated", Trims, 3),
    _mutant("mounted from where it is not", MountsAnything, 6),
    Mutant(
        "garbage collection deletes what is reachable",
        "`registry_machine`",
        by_machine(_collecting, 3),
        3,
    ),
    _by_laws("deleted referrer listed", KeepsReferrers, "referrers_are_those_that_are_there", 2),
    _by_laws("pages lose one tag", LosesAtPages, "pages_of_tags_lose_none", 2),
)
