"""
What of a repository nobody needs any more: decided from lists and links alone.

A manifest may go when no tag leads to it, or only tags that may go themselves. It stays all
the same while something that stays refers to it, or it is about something that stays:

- an image of an index that is tagged has no tag of its own, and without it the index is
  broken for its platform;
- a signature, an attestation or a bill of materials has none either: it is found by what it
  is about, and a cluster that wants images to be signed refuses one whose signature is gone.

What is young stays, and all that it needs: who pushes puts the images first, then the index,
and the tag last. So does what is of no known age, where age is asked for.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Set
from datetime import datetime
from typing import Final

from ocikit._records import EMPTY, FrozenMap, evolve, record
from ocikit._regex import regex
from ocikit.digest import Digest, DigestInvalid
from ocikit.google.listed import Listed, Listing
from ocikit.query.tagged import Order, TagFilter, select

#: Tags that say what they are about: lists of referrers, and what cosign keeps.
_ABOUT: Final = regex(r"(sha256|sha384|sha512)-([0-9a-f]{32,128})(\.[a-z]+)?")


@record(kw_only=True)
class Retention:
    """
    What may go, and what stays in any case.
    """

    #: Tags that may go; none when None, and then only manifests without a tag may.
    tags: TagFilter | None = None
    #: So many of these tags stay, the newest.
    keep: int = 0
    #: By which of two tags the newer is told; see `TagFilter`. Where that is by version,
    #: tags that are none stay.
    order: Order = "time"
    #: Only what is older may go; of any age when None.
    before: datetime | None = None

    @property
    def asks_for_times(self) -> bool:
        """
        Whether it has to be known how old tags are.
        """
        by_time = self.keep > 0 and self.order == "time"
        return self.tags is not None and (by_time or self.before is not None)


#: Manifests without a tag, of any age.
UNTAGGED: Final = Retention()


@record(kw_only=True)
class Links:
    """
    What a manifest refers to.
    """

    children: tuple[Digest, ...] = ()
    #: What it is about.
    subject: Digest | None = None


@record(kw_only=True)
class Choice:
    """
    What of a list may go by itself, whatever refers to it.
    """

    tags: frozenset[str] = frozenset()
    manifests: frozenset[Digest] = frozenset()
    #: Tags and manifests that stay because nobody knows how old they are.
    ageless: int = 0


def may_go(retention: Retention, tags: Iterable[str]) -> tuple[str, ...]:
    """
    Give the tags that may go as far as their names tell.

    Tags that belong to another manifest go with that, and never by themselves.

    >>> may_go(Retention(tags=TagFilter(include=("ci-*",))), ["1", "ci-7"])
    ('ci-7',)
    """
    if retention.tags is None:
        return ()
    wanted = retention.tags
    if retention.order == "semver" and not wanted.semver:
        wanted = evolve(wanted, semver="*")
    return tuple(tag for tag in select(wanted, tags) if not _ABOUT.fullmatch(tag))


def about(tag: str) -> Digest | None:
    """
    Give the manifest to which a tag belongs by its name; None when it belongs to none.

    >>> about("sha256-" + 64 * "0" + ".sig") == Digest("sha256", 64 * "0"), about("1.2")
    (True, None)
    """
    found = _ABOUT.fullmatch(tag)
    try:
        return None if found is None else Digest.parse(f"{found[1]}:{found[2]}")
    except DigestInvalid:
        # Long digests are cut to fit into a tag.
        return None


def choose(listing: Listing, retention: Retention) -> Choice:
    """
    Choose what may go by itself: by its tags, and by its age.

    Args:
        listing: manifests with their tags, and with their times where these are asked for.
        retention: what may go.
    """
    since = {tag: each.since for each in listing.manifests for tag in each.tags}
    named = [tag for tag in may_go(retention, listing.tags) if tag in since]
    ageless = [tag for tag in named if since[tag] is None] if retention.asks_for_times else []
    known = [tag for tag in named if tag not in set(ageless)]
    newest = _newest(retention, known, since)
    tags = {tag for tag in known if tag not in newest and _is_old(since[tag], retention)}
    manifests, unknown = set[Digest](), len(ageless)
    for each in listing.manifests:
        if not tags.issuperset(each.tags):
            continue
        if each.tags or _is_old(each.since, retention):
            manifests.add(each.digest)
        elif each.since is None:
            unknown += 1
    return Choice(tags=frozenset(tags), manifests=frozenset(manifests), ageless=unknown)


def _newest(
    retention: Retention, tags: Collection[str], since: Mapping[str, datetime | None]
) -> Set[str]:
    if not retention.keep or not tags:
        return frozenset()
    times = {tag: moment.timestamp() for tag in tags if (moment := since[tag]) is not None}
    order = TagFilter(newest=retention.keep, order=retention.order, prereleases=True)
    return frozenset(select(order, tags, times=times))


def _is_old(since: datetime | None, retention: Retention) -> bool:
    before = retention.before
    return before is None or (since is not None and since < before)


def dependents(listing: Listing, choice: Choice) -> Choice:
    """
    Choose as well what belongs by the names of its tags to something that may go.
    """
    tags, manifests = set(choice.tags), set(choice.manifests)
    for each in listing.manifests:
        # Of what is not in the list nobody knows whether it is there.
        if each.tags and all(about(tag) in choice.manifests for tag in each.tags):
            tags.update(each.tags)
            manifests.add(each.digest)
    return evolve(choice, tags=frozenset(tags), manifests=frozenset(manifests))


def unneeded(listing: Listing, choice: Choice, links: Mapping[Digest, Links]) -> tuple[Digest, ...]:
    """
    Give what may go and is needed by nothing that stays; what refers to others comes
    before these, as many registries want it.

    Args:
        listing: what there is.
        choice: what may go by itself.
        links: what manifests refer to: all of those that may go, and all indexes.
    """
    candidates = choice.manifests | {digest for digest in links if digest not in _all(listing)}
    stays = {each.digest for each in listing.manifests if each.digest not in candidates}
    belonging, referring = _by_name(listing), _by_subject(candidates, links)
    waiting = list(stays)
    while waiting:
        digest = waiting.pop()
        children = links.get(digest, Links()).children
        for needed in (*children, *referring.get(digest, ()), *belonging.get(digest, ())):
            if needed not in stays:
                stays.add(needed)
                waiting.append(needed)
    return _ordered(candidates - stays, links, belonging)


def _all(listing: Listing) -> frozenset[Digest]:
    return frozenset(each.digest for each in listing.manifests)


def _by_subject(
    digests: Iterable[Digest], links: Mapping[Digest, Links]
) -> Mapping[Digest, list[Digest]]:
    found: dict[Digest, list[Digest]] = {}
    for digest in digests:
        subject = links.get(digest, Links()).subject
        if subject is not None:
            found.setdefault(subject, []).append(digest)
    return found


def _by_name(listing: Listing) -> Mapping[Digest, list[Digest]]:
    found: dict[Digest, list[Digest]] = {}
    for each in listing.manifests:
        for subject in map(about, each.tags):
            if subject is not None:
                found.setdefault(subject, []).append(each.digest)
    return found


def _ordered(
    digests: Set[Digest],
    links: Mapping[Digest, Links],
    belonging: Mapping[Digest, list[Digest]],
) -> tuple[Digest, ...]:
    # Each after all that refers to it, which is a question of how far that goes.
    after: dict[Digest, set[Digest]] = {digest: set() for digest in digests}
    for digest in digests:
        found = links.get(digest, Links())
        for needed in (*found.children, *([found.subject] if found.subject else ())):
            if needed in after:
                after[needed].add(digest)
        after[digest].update(set(belonging.get(digest, ())) & digests)
    done: dict[Digest, None] = {}
    while len(done) < len(digests):
        ready = [d for d in after if d not in done and after[d] <= done.keys()]
        # A circle cannot be made of digests; of tags' names it could.
        for digest in sorted(ready or after.keys() - done.keys(), key=str):
            done[digest] = None
    return tuple(done)


@record(kw_only=True)
class Garbage:
    """
    What of a repository is not needed.
    """

    #: The list that it was found in.
    listing: Listing
    #: Manifests, in an order in which they may be deleted: with their tags.
    manifests: tuple[Listed, ...] = ()
    #: Tags that go alone: what they name is needed by something else.
    tags: tuple[str, ...] = ()
    #: How many stay only because their age is not known.
    ageless: int = 0
    #: What each manifest refers to, as far as it was looked at.
    links: FrozenMap[Digest, Links] = EMPTY


def garbage(listing: Listing, choice: Choice, links: Mapping[Digest, Links]) -> Garbage:
    """
    Say what is not needed: manifests, and tags that go alone.
    """
    gone = unneeded(listing, choice, links)
    known = {each.digest: each for each in listing.manifests}
    with_them = {tag for digest in gone if digest in known for tag in known[digest].tags}
    own = (tag for tag in listing.tags if tag in choice.tags and not _ABOUT.fullmatch(tag))
    return Garbage(
        listing=listing,
        manifests=tuple(known.get(digest, Listed(digest=digest)) for digest in gone),
        tags=tuple(tag for tag in own if tag not in with_them),
        ageless=choice.ageless,
        links=FrozenMap(links),
    )
