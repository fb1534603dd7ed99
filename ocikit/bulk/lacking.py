"""
What a repository lacks that another has, told from their lists.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from typing import Any

from ocikit._records import record
from ocikit.google.listed import Listing
from ocikit.name.parse import parse_reference, parse_repository
from ocikit.name.records import Pinned, Registry, Repository


@record(kw_only=True)
class Need:
    """
    A manifest that another repository shall have: under tags, or by its digest alone.
    """

    source: Pinned
    target: Repository
    tags: tuple[str, ...] = ()
    media_type: str = ""

    def __str__(self) -> str:
        names = ", ".join(self.tags) or str(self.source.digest)
        return f"{self.source} -> {self.target}:{names}"


@record(kw_only=True)
class Lack:
    """
    All that a repository lacks that another has.
    """

    source: Repository
    target: Repository
    needs: tuple[Need, ...] = ()
    #: Tags that name something else there, and are not to be overwritten.
    kept: tuple[str, ...] = ()


def renamed(
    repository: Repository, source: Repository | Registry, target: Repository | Registry
) -> Repository:
    """
    Give the name under which a repository below one place goes below another.

    A registry takes it under the path that it has; a repository takes the place of the one
    that is copied, and of no other part of the name that looks alike.

    Raises:
        NameInvalid: the name would be too long.

    >>> from ocikit.name.parse import parse_repository as named
    >>> str(renamed(named("gcr.io/a/b/a"), named("gcr.io/a"), named("r.example/x")))
    'r.example/x/b/a'
    >>> str(renamed(named("gcr.io/a/b"), named("gcr.io/a"), Registry("r.example")))
    'r.example/a/b'
    """
    path = repository.path
    if isinstance(source, Repository) and isinstance(target, Repository):
        path = path.removeprefix(source.path).removeprefix("/")
    return parse_repository(f"{target}/{path}" if path else str(target))


def lacking(
    source: Listing,
    there: Listing,
    *,
    meant: Set[str],
    untagged: bool = True,
    clobber: bool = True,
) -> Lack:
    """
    Tell what one repository has and another lacks, by digests and tags.

    Args:
        source: what is to be copied, with digests.
        there: what there is already, likewise; its repository is the target.
        meant: which tags are copied.
        untagged: whether manifests without a tag are.
        clobber: whether tags that name something else there are overwritten.
    """
    target = there.repository
    named = {tag: each.digest for each in there.manifests for tag in each.tags}
    have = {each.digest for each in there.manifests}
    needs, kept = list[Need](), list[str]()
    for each in source.manifests:
        wanted = [tag for tag in each.tags if tag in meant and named.get(tag) != each.digest]
        if not clobber:
            kept += [tag for tag in wanted if tag in there.tags]
            wanted = [tag for tag in wanted if tag not in there.tags]
        if wanted or (untagged and not each.tags and each.digest not in have):
            needs.append(
                Need(
                    source=source.repository.pin(each.digest),
                    target=target,
                    tags=tuple(wanted),
                    media_type=each.media_type,
                )
            )
    # What has tags first: what it is made of need not be copied once more.
    needs.sort(key=lambda need: not need.tags)
    return Lack(source=source.repository, target=target, needs=tuple(needs), kept=tuple(kept))


def to_json(lack: Lack) -> dict[str, Any]:
    """
    Write down what was copied, for a journal.
    """
    return {
        "source": str(lack.source),
        "target": str(lack.target),
        "needs": [[str(n.source), [*n.tags], n.media_type] for n in lack.needs],
        "kept": [*lack.kept],
    }


def of_json(value: Mapping[str, Any]) -> Lack:
    """
    Read what was written down.
    """
    target = parse_repository(value["target"], weak=True)
    return Lack(
        source=parse_repository(value["source"], weak=True),
        target=target,
        needs=tuple(_needs(value["needs"], target)),
        kept=tuple(value["kept"]),
    )


def _needs(values: Iterable[Any], target: Repository) -> Iterable[Need]:
    for text, tags, kind in values:
        source = parse_reference(text, weak=True)
        assert isinstance(source, Pinned), "only digests are written down"
        yield Need(source=source, target=target, tags=tuple(tags), media_type=kind)
