"""
A state machine of caches: what is read through one is right, and asked for no more often
than a dictionary says that forgets what was used longest ago.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ocikit._records import evolve, record
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.streams import BytesOpener
from ocikit.digest import Digest
from ocikit.errors import Corrupt, Unreachable
from ocikit.testing.breaking import BreakingOpener, CountedOpener, Ledger
from ocikit.testing.disk import Break, run
from ocikit.testing.modelled_layout import blobs_of, stamped
from ocikit.testing.time import VirtualTime

#: How many bytes the cache of a machine holds.
LIMIT: Final = 100
#: What is read: some go together into the cache, one is larger than it.
DATA: Final = (b"a" * 30, b"b" * 40, b"c" * 60, b"", b"d" * 100, b"e" * 101)
WHICH: Final = st.integers(0, len(DATA) - 1)
PICKS: Final = st.integers(0, 9)
WAITS: Final = st.sampled_from([10.0, 90_000.0])


@record(kw_only=True)
class CachePlace:
    """
    A cache under test, and what can be done with it.
    """

    #: Where it keeps what it has, in folders by algorithm; the machine looks there itself.
    folder: Path
    #: How many bytes it holds at most.
    limit: int
    #: Read a blob, whose opener asks its source, through the cache.
    read: Callable[[Blob], bytes]
    #: Give what it has, what was used longest ago first.
    held: Callable[[], Iterable[Digest]]
    #: Delete what was used longest ago until so many bytes are left, its limit when None;
    #: and what is damaged, if it is told to look. Give what went.
    prune: Callable[[int | None, bool], Iterable[Digest]]
    #: Open it anew, as another process does.
    restart: Callable[[], CachePlace] | None = None
    #: Give up what it holds of the machine.
    close: Callable[[], None] = lambda: None


def cache_place(folder: str | os.PathLike[str], limit: int = LIMIT) -> CachePlace:
    """
    Give ocikit's own cache, as a place to test, or to put something else into.

    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = cache_place(folder)
    ...     place.read(of_bytes(b"hello", "text/plain")), len(list(place.held()))
    (b'hello', 1)
    """
    from ocikit.cache.opener import CachedOpener
    from ocikit.cache.store import Cache
    from ocikit.cache.upkeep import entries, prune

    cache = Cache(folder, limit)

    def read(blob: Blob) -> bytes:
        opener = CachedOpener(blob.opener, cache, blob.descriptor)
        with evolve(blob, opener=opener).open() as stream:
            return stream.read()

    return CachePlace(
        folder=Path(folder),
        limit=limit,
        read=read,
        held=lambda: (entry.digest for entry in entries(cache)),
        prune=lambda limit, check: [e.digest for e in prune(cache, limit, check=check)],
        restart=lambda: cache_place(folder, limit),
    )


def cache_machine(open: Callable[[], CachePlace]) -> type[CacheMachine]:
    """
    Make a state machine for a cache; its `TestCase` is a test.

    It reads through the cache, from sources that break and lie too, prunes, damages files,
    refuses calls of the disk and kills who reads at any of them; after each step it compares
    what is there, and in which order it was used, with a plain dictionary.

    Args:
        open: gives a cache that holds nothing, of `LIMIT` bytes, anew for each run.

    >>> machine = cache_machine(lambda: cache_place(tempfile.mkdtemp()))
    >>> TestMyCache = machine.TestCase
    """

    class Machine(CacheMachine):
        opening = staticmethod(open)

    return Machine


@attrs.define
class Held:
    """
    What a cache should have of a blob: how large its file is, and when it was used.
    """

    size: int
    used: float
    bad: bool = False


class CacheMachine(RuleBasedStateMachine):
    """
    The rules; `cache_machine` makes one for a cache.
    """

    #: Gives a cache that holds nothing.
    opening: Callable[[], CachePlace]
    place: CachePlace

    @initialize()
    def begin(self) -> None:
        """
        Begin with nothing.
        """
        self.place = self.opening()
        # Files of real readers are younger than any time here.
        self.time = VirtualTime(now=1e9)
        self.model: dict[Digest, Held] = {}
        #: Whether somebody was kept from making room.
        self.over = False
        self._log = tempfile.TemporaryDirectory()

    def teardown(self) -> None:
        """
        Give up the cache.
        """
        if hasattr(self, "place"):
            self._log.cleanup()
            self.place.close()

    @rule(which=WHICH)
    def read(self, which: int) -> None:
        """
        Read a blob: it is right, and its source is asked once, or not at all.
        """
        plain, ledger = of_bytes(DATA[which], "text/plain"), Ledger()
        counted = CountedOpener(plain.opener, str(plain.digest), ledger)
        assert self.place.read(evolve(plain, opener=counted)) == DATA[which]
        assert len(ledger.opened) == (0 if self._has(plain.digest) else 1)
        assert ledger.now == 0
        self._used(plain)

    @rule(which=WHICH, how=st.sampled_from(["break", "lie", "end"]), after=st.integers(0, 50))
    def read_what_fails(self, which: int, how: str, after: int) -> None:
        """
        Read from a source that breaks, lies or ends early: nothing of it is kept.
        """
        plain = of_bytes(DATA[which], "text/plain")
        source = {
            "break": BreakingOpener(plain.opener, after, _cut),
            "lie": BytesOpener(b"?" * plain.size),
            "end": BytesOpener(DATA[which][:-1]),
        }[how]
        try:
            read = self.place.read(evolve(plain, opener=source))
        except (Corrupt, Unreachable):
            assert not self._has(plain.digest)
            self.model.pop(plain.digest, None)
            return
        assert read == DATA[which]
        assert self._has(plain.digest) or (how != "break" and not plain.size)
        self._used(plain)

    @rule(which=WHICH, call=st.integers(0, 8), how=st.sampled_from(["kill", "fail"]))
    def read_amid_a_crash(self, which: int, call: int, how: Break) -> None:
        """
        Kill who reads before one of its calls; or let the disk refuse it, which is no reason
        to fail.
        """
        plain = of_bytes(DATA[which], "text/plain")
        ran = run(lambda: self._right(plain), Path(self._log.name, "calls"), how, call)
        assert ran.status == 0 or how == "kill", ran
        there = dict(blobs_of(self.place.folder))
        assert there.keys() <= self.model.keys() | {plain.digest}
        # What the disk does not let go of stays, too.
        self.over = self.over or ran.status != 0 or how == "fail"
        if ran.status == 0 and how == "kill":
            # Nobody was killed: there were fewer calls.
            self._used(plain)
            return
        self.model = {digest: held for digest, held in self.model.items() if digest in there}
        if plain.digest in there and there[plain.digest].read_bytes() == DATA[which]:
            self.model[plain.digest] = Held(plain.size, self.time.now)

    @precondition(lambda self: self._good())
    @rule(pick=PICKS, how=st.sampled_from(["flip", "cut", "take"]))
    def damage(self, pick: int, how: str) -> None:
        """
        Alter, shorten or take away a file, as no reader does.
        """
        digest = self._good()[pick % len(self._good())]
        path = dict(blobs_of(self.place.folder))[digest]
        good = path.read_bytes()
        if how == "take":
            path.unlink()
            del self.model[digest]
        elif good:
            bad = good[:-1] if how == "cut" else bytes([good[0] ^ 1]) + good[1:]
            path.write_bytes(bad)
            self.model[digest] = Held(len(bad), self.time.now, bad=True)

    @rule(limit=st.none() | st.integers(0, LIMIT), check=st.booleans())
    def prune(self, limit: int | None, check: bool) -> None:
        """
        Make room, and look for damage if that is said; nothing else goes, and nothing is
        left of those who were killed.
        """
        damaged = {digest for digest, held in self.model.items() if check and held.bad}
        for digest in damaged:
            del self.model[digest]
        gone = self._trim(LIMIT if limit is None else limit)
        assert sorted(self.place.prune(limit, check), key=str) == sorted(damaged | gone, key=str)
        assert not [*self.place.folder.glob("**/*.part")]

    @precondition(lambda self: self.place.restart is not None)
    @rule()
    def restart(self) -> None:
        """
        Go on in another process, with what is on the disk.
        """
        assert self.place.restart is not None
        self.place = evolve(self.place.restart(), close=self.place.close)

    @rule(seconds=WAITS)
    def wait(self, seconds: float) -> None:
        """
        Let time pass: what is old is no worse for it.
        """
        self.time.sleep(seconds)

    @invariant()
    def all_agrees(self) -> None:
        """
        What is there is what the model has, in the order of its use, within the limit, and
        right but for what somebody damaged.
        """
        stamped(self.place.folder, self.time.now)
        for digest, path in blobs_of(self.place.folder):
            assert digest in self.model
            good = Digest.of(path.read_bytes(), digest.algorithm) == digest
            assert good != self.model[digest].bad
        listed = [*self.place.held()]
        assert listed == sorted(self.model, key=lambda digest: self.model[digest].used)
        assert self.over or self._total() <= self.place.limit
        # No two uses are at one time.
        self.time.sleep(1)

    def _has(self, digest: Digest) -> bool:
        return digest in self.model and not self.model[digest].bad

    def _good(self) -> list[Digest]:
        return sorted(filter(self._has, self.model), key=str)

    def _total(self) -> int:
        return sum(held.size for held in self.model.values())

    def _used(self, blob: Blob) -> None:
        """
        Note that a blob was read, and what had to go for it.
        """
        was = self._has(blob.digest)
        self.model.pop(blob.digest, None)
        if blob.size <= self.place.limit:
            self.model[blob.digest] = Held(blob.size, self.time.now)
            if not was:
                self._trim(self.place.limit, spared=blob.digest)
                self.over = False

    def _trim(self, limit: int, spared: Digest | None = None) -> set[Digest]:
        gone = set()
        for digest in sorted(self.model, key=lambda digest: self.model[digest].used):
            if self._total() <= limit:
                break
            if digest != spared:
                del self.model[digest]
                gone.add(digest)
        return gone

    def _right(self, blob: Blob) -> None:
        if self.place.read(blob) != blob.content:
            raise AssertionError("other bytes were read")


def _cut() -> Unreachable:
    return Unreachable("the cable")
