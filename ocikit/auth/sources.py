"""
Keychains with several sources of credentials, which are asked in turn.

A source that has none is passed over, and so is one that fails; when none has any, the
first failure is the keychain's. A keychain that is `optional` warns of it instead, and
has nothing: its hosts are nobody else's, so nobody is told in its place.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Final

from ocikit._records import record
from ocikit.auth.held import Held
from ocikit.auth.offers import Lease, fresh
from ocikit.auth.step import Step, describe
from ocikit.errors import OciError
from ocikit.http.credentials import Anonymous

#: How long it is remembered that there is nothing, in seconds: to ask may take seconds.
ABSENT: Final = 300.0

_LOG: Final = logging.getLogger("ocikit")


@record(kw_only=True)
class Tried:
    """
    What one source of a keychain said.
    """

    entry: str
    #: Why it has nothing; empty when it has.
    said: str = ""
    lease: Lease | None = None
    error: OciError | None = None


def first(tried: Iterable[Tried], now: float, *, optional: bool) -> Lease:
    """
    Take the first credentials that a source has; nothing, for a while, when none has any.

    Raises:
        OciError: none has any, and one failed, unless that is `optional`.
    """
    failed: OciError | None = None
    for each in tried:
        if each.lease is not None:
            return each.lease
        failed = failed or each.error
    if failed is not None and not optional:
        raise failed
    if failed is not None:
        _LOG.warning("asking without credentials: %s", failed)
    return Lease(credentials=Anonymous(), until=now + ABSENT)


def kept(
    held: Held[Lease],
    key: Hashable,
    tried: Iterable[Tried],
    clock: Callable[[], float],
    *,
    optional: bool,
) -> Lease:
    """
    Give what is held for a key, or else `first`, and hold that for most of its life.

    Args:
        held: where it is held.
        key: what is wanted.
        tried: what sources say, which is only looked at when nothing is held.
        clock: tells the time in seconds since 1970.

    Raises:
        OciError: none has any, and one failed, unless that is `optional`.
    """

    def ask() -> tuple[Lease, float]:
        now = clock()
        found = first(tried, now, optional=optional)
        return found, fresh(now, found.until)

    return held.get(key, ask, clock)


def steps(source: str, tried: Iterable[Tried], *, optional: bool) -> Iterator[Step]:
    """
    Tell what each source says, and end with the first that has credentials.

    Raises:
        OciError: none has any, and one failed, unless that is `optional`.
    """
    failed: OciError | None = None
    for each in tried:
        if each.lease is not None:
            found = each.lease.credentials
            yield Step(source=source, entry=each.entry, said=describe(found), answers=True)
            return
        if each.error is not None and failed is None and not optional:
            # It is told at the end, as what the keychain fails with.
            failed = each.error
            continue
        yield Step(source=source, entry=each.entry, said=str(each.error or each.said))
    if failed is not None:
        raise failed


def not_mine(source: str, hosts: str) -> Step:
    """
    Tell that a keychain is for other hosts, and did nothing.
    """
    return Step(source=source, said=f"it is asked for {hosts} only")
