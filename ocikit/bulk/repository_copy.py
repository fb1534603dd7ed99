"""
One repository to another: what that lacks is looked up, and copied.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Final

import attrs

from ocikit import media
from ocikit._records import evolve, record
from ocikit.bulk.lacking import Lack, Need, lacking, renamed
from ocikit.content.image import Index
from ocikit.crane.copying import copy
from ocikit.crane.options import Options, writing
from ocikit.crane.write import tag
from ocikit.digest import Digest
from ocikit.errors import Missing, OciError
from ocikit.google.details import detailed
from ocikit.google.list import list as list_
from ocikit.google.listed import Listing
from ocikit.name.parse import parse_repository
from ocikit.name.records import Registry, Repository
from ocikit.query.tagged import EVERY, TagFilter, select
from ocikit.registry.load import load
from ocikit.registry.manifests import probe
from ocikit.registry.parallel import in_order
from ocikit.registry.session import reach

#: How many failures the text of an error tells.
_MOST_TOLD: Final = 5


@attrs.frozen(kw_only=True)
class CopiesFailed(OciError):
    """
    Some of a repository could not be copied; the rest was.
    """

    repository: str
    #: What failed, and why.
    failures: tuple[tuple[str, Exception], ...]

    def __str__(self) -> str:
        told = [f"{name}: {error}" for name, error in self.failures[:_MOST_TOLD]]
        if len(self.failures) > _MOST_TOLD:
            told.append(f"and {len(self.failures) - _MOST_TOLD} more")
        return f"{self.repository}: not all of it was copied: {'; '.join(told)}"


@record(kw_only=True)
class Copying:
    """
    Copies what of a repository another lacks; called with a name, it gives what it copied.

    It pickles when its options do.
    """

    source: Repository | Registry
    target: Repository | Registry
    options: Options
    tags: TagFilter = EVERY
    clobber: bool = True
    referrers: bool = False
    #: Lists of sources that were asked for already, by full names; each is used once.
    listings: dict[str, Listing] = attrs.field(factory=dict, eq=False, repr=False)

    def lack(self, name: str) -> Lack:
        """
        Tell what would be copied of a repository, by its full name.

        Raises:
            OciError: the repository, or its target, cannot be listed.
        """
        options, repository = self.options, parse_repository(name, weak=self.options.weak)
        target = renamed(repository, self.source, self.target)
        source = self.listings.pop(name, None) or list_(repository, client=options.client)
        meant = frozenset(select(self.tags, source.tags))
        source = detailed(source, "digests", client=options.client, only=meant)
        there = self._there(target, meant)
        # Of one platform the digest is another, and what is there tells nothing.
        narrowed = bool(options.platforms)
        if narrowed:
            there = evolve(there, manifests=())
        untagged = self.tags == EVERY and not narrowed
        found = lacking(source, there, meant=meant, untagged=untagged, clobber=self.clobber)
        return self._without_parts(self._without_there(found, there))

    def __call__(self, name: str) -> Lack:
        """
        Copy what is lacking, several images at once.

        Raises:
            CopiesFailed: some of it could not be copied.
            OciError: a list could not be had.
        """
        lack = self.lack(name)
        for kept in lack.kept:
            self.options.notice(f"{lack.target}:{kept}: exists already; skipped")
        failures = list[tuple[str, Exception]]()
        tagged = [need for need in lack.needs if need.tags]
        rest = [need for need in lack.needs if not need.tags]
        for needs in (tagged, rest):
            jobs = min(self.options.client.jobs, len(needs)) or 1
            for need, error in zip(needs, in_order(self._attempt, needs, jobs), strict=True):
                if error is not None:
                    failures.append((str(need), error))
        if failures:
            raise CopiesFailed(repository=name, failures=tuple(failures))
        return lack

    def _there(self, target: Repository, meant: Set[str]) -> Listing:
        client = writing(self.options)
        try:
            found = list_(target, client=client)
        except Missing:
            return Listing(repository=target)
        return detailed(found, "digests", client=client, only=meant)

    def _without_there(self, lack: Lack, there: Listing) -> Lack:
        """
        Leave out what has no tag and is there, where only asking for it tells.
        """
        alone = [need for need in lack.needs if not need.tags]
        if there.extended or not there.tags or not alone:
            return lack
        access = reach(writing(self.options), lack.target)

        def lacks(need: Need) -> bool:
            return probe(access, need.source.identifier) is None

        jobs = min(self.options.client.jobs, len(alone))
        absent = [
            n for n, lacked in zip(alone, in_order(lacks, alone, jobs), strict=True) if lacked
        ]
        return evolve(lack, needs=(*(need for need in lack.needs if need.tags), *absent))

    def _without_parts(self, lack: Lack) -> Lack:
        """
        Leave out what an index brings along that is copied anyway.
        """
        alone = [need for need in lack.needs if not need.tags]
        indexes = [need for need in lack.needs if media.is_index(need.media_type)]
        if not alone or not indexes:
            return lack
        parts = set[Digest]()
        for found in in_order(self._parts, indexes, self.options.client.jobs):
            parts |= found
        needs = (need for need in lack.needs if need.tags or need.source.digest not in parts)
        return evolve(lack, needs=tuple(needs))

    def _parts(self, need: Need) -> Set[Digest]:
        try:
            content = load(need.source, client=self.options.client)
        except OciError:
            # It will be told when it is to be copied.
            return frozenset()
        children = content.manifest.manifests if isinstance(content, Index) else ()
        return {child.digest for child in children}

    def _attempt(self, need: Need) -> Exception | None:
        try:
            copy_need(need, self.options, referrers=self.referrers)
        except (OciError, OSError) as error:
            return error
        return None


def copy_need(need: Need, options: Options, *, referrers: bool = False) -> str:
    """
    Copy one manifest under its first tag, and then give it its others; no blob moves twice.

    Raises:
        OciError: it could not be copied.
    """
    first, rest = need.tags[:1], need.tags[1:]
    target = need.target.tag(first[0]) if first else need.target.pin(need.source.digest)
    name = copy(str(need.source), str(target), options, referrers=referrers)
    if rest:
        tag(name, rest, evolve(options, platforms=()))
    return name
