"""
A state machine of layouts: whatever was done to one, it holds what a dictionary holds.
"""

from __future__ import annotations

import pickle
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from ocikit.content.blob import of_bytes
from ocikit.content.image import Content
from ocikit.content.partial import artifact
from ocikit.digest import Digest
from ocikit.errors import Corrupt, Missing, OciError, Unreachable
from ocikit.testing import samples
from ocikit.testing.breaking import BreakingOpener, at
from ocikit.testing.contracts_using import all_bytes
from ocikit.testing.disk import Break, run
from ocikit.testing.modelled_layout import LayoutPlace, Parts, Shelf, blobs_of, stamped
from ocikit.testing.time import VirtualTime

T = TypeVar("T")

#: What is written: much of it shares something.
CONTENTS: Final[tuple[Content, ...]] = (
    *(samples.image(), samples.image("a"), samples.image("a", "b"), samples.image("b", "c")),
    samples.index(samples.image("a"), samples.image("b", "c")),
    samples.index(samples.index(samples.image("a", "b")), samples.image()),
    # Nothing of it is in a descriptor: what is read lies in files.
    artifact(
        "application/x.test",
        [of_bytes(b"note", "text/plain")],
        config=of_bytes(b"any", "application/x.config"),
    ),
)
PARTS: Final = Parts.of(CONTENTS)
WHICH: Final = st.integers(0, len(CONTENTS) - 1)
NAMES: Final = st.sampled_from(["x", "y", "é:1"])
PICKS: Final = st.integers(0, 19)
#: How long somebody waits, in seconds: moments, and more than any age that is asked for.
WAITS: Final = st.sampled_from([10.0, 3600.0, 90_000.0])
_DAY: Final = 86_400.0


def layout_machine(open: Callable[[], LayoutPlace], *, crashes: bool = True) -> type[LayoutMachine]:
    """
    Make a state machine for a layout; its `TestCase` is a test.

    It writes, tags, removes, collects garbage by age, damages files and mends them, breaks
    readers, refuses calls of the disk and kills who writes at any of them; after each step
    it compares what is listed, and every byte of it, with a plain dictionary. Time passes
    when it says so.

    Args:
        open: gives a layout that holds nothing, anew for each run.
        crashes: whether writers are killed and refused by the disk, each in a process of
            its own, which takes most of the time.

    >>> from ocikit.testing.modelled_layout import layout_place
    >>> machine = layout_machine(lambda: layout_place(f"{tempfile.mkdtemp()}/out"))
    >>> TestMyLayout = machine.TestCase
    """

    left_out = {} if crashes else {"flush_amid_a_crash": None}
    members = {"opening": staticmethod(open), **left_out}
    made: type[LayoutMachine] = type("Machine", (LayoutMachine,), members)
    return made


class LayoutMachine(RuleBasedStateMachine):
    """
    The rules; `layout_machine` makes one for a layout.
    """

    #: Gives a layout that holds nothing.
    opening: Callable[[], LayoutPlace]
    place: LayoutPlace

    @initialize()
    def begin(self) -> None:
        """
        Begin with nothing.
        """
        self.place = self.opening()
        self.model = Shelf()
        # Files of real writers are younger than any time here.
        self.time = VirtualTime(now=1e9)
        #: What was loaded, and what it was.
        self.kept: list[tuple[Content, Content]] = []
        self._log = tempfile.TemporaryDirectory()

    def teardown(self) -> None:
        """
        Give up the layout.
        """
        if hasattr(self, "place"):
            self._log.cleanup()
            self.place.close()

    @rule(which=WHICH, name=NAMES)
    def flush(self, which: int, name: str) -> None:
        """
        Write content under a name, whatever that named before.
        """
        self.place.flush(CONTENTS[which], name)
        self._written(CONTENTS[which], name)

    @rule(which=WHICH, name=NAMES, position=st.integers(0, 3), after=st.integers(0, 99))
    def flush_what_breaks(self, which: int, name: str, position: int, after: int) -> None:
        """
        Write content of which a reader breaks; where its blob is there, none is asked.
        """
        content = CONTENTS[which]
        count = len(all_bytes(content))
        broken = at(
            content,
            position % count,
            lambda blob: BreakingOpener(blob.opener, after, _cut),
        )
        try:
            self.place.flush(broken, name)
        except Unreachable:
            return
        self._written(content, name)

    @rule(which=WHICH, name=NAMES, call=st.integers(0, 30), how=st.sampled_from(["kill", "fail"]))
    def flush_amid_a_crash(self, which: int, name: str, call: int, how: Break) -> None:
        """
        Kill who writes before one of its calls, or let the disk refuse it: its name is as it
        was, or new.
        """
        content, old = CONTENTS[which], self.model.names.get(name)
        act: Callable[[], object] = lambda: self.place.flush(content, name)  # noqa: E731
        whole = old is None or name in self._whole()
        ended = run(act, Path(self._log.name, "calls"), how, call).status == 0
        found = self._found(name)
        if ended:
            assert found == content
            self._written(content, name)
        elif found == content:
            self.model.names[name], self.model.begun = content, True
        else:
            # What was damaged before may not load now, either.
            assert found == old or (found is None and not whole)

    @precondition(lambda self: self._whole())
    @rule(pick=PICKS, name=NAMES)
    def tag(self, pick: int, name: str) -> None:
        """
        Give what has a name another one, too.
        """
        source = _picked(self._whole(), pick)
        content = self.model.names[source]
        self.place.flush(self.place.load(source), name)
        self._written(content, name)

    @rule(pick=PICKS)
    def remove(self, pick: int) -> None:
        """
        List a name no longer; one that is not listed is missing.
        """
        name = _picked([*sorted(self.model.names), "none"], pick)
        if self.model.names.pop(name, None) is not None:
            self.place.remove(name)
            return
        try:
            self.place.remove(name)
        except Missing:
            return
        raise AssertionError(f"{name} was not there, and could be removed")

    @precondition(lambda self: self.model.begun)
    @rule(age=st.sampled_from([None, 0.0, _DAY]))
    def gc(self, age: float | None) -> None:
        """
        Delete what nothing refers to, if it is old enough; or nothing, where a document
        cannot be read that says what it refers to.
        """
        before = None if age is None else self.time.now - age
        reached = self.model.below(PARTS, *self.model.names)
        if self.model.bad & reached & PARTS.needs.keys():
            try:
                list(self.place.gc(before))
            except Corrupt:
                return
            raise AssertionError("garbage was collected, and nobody knows what that is")
        garbage = {
            digest
            for digest, written in self.model.written.items()
            if digest not in reached and (before is None or written < before)
        }
        assert {*self.place.gc(before)} == garbage
        for digest in garbage:
            self._forget(digest)
        assert age is not None or not [*self.place.folder.glob("**/*.part")]

    @precondition(lambda self: self._good())
    @rule(pick=PICKS, how=st.sampled_from(["flip", "cut", "take"]))
    def damage(self, pick: int, how: str) -> None:
        """
        Alter, shorten or take away a file, as no writer does.
        """
        digest = _picked(sorted(self._good(), key=str), pick)
        path = dict(self._files())[digest]
        good = path.read_bytes()
        path.unlink()
        if how == "take":
            self._forget(digest)
            self.model.gone.add(digest)
        else:
            path.write_bytes(good[:-1] if how == "cut" else bytes([good[0] ^ 1]) + good[1:])
            self.model.bad.add(digest)

    @precondition(lambda self: self.model.begun)
    @rule(repair=st.booleans())
    def fsck(self, repair: bool) -> None:
        """
        Tell what is damaged, and no more; or move it away.
        """
        told = {*self.place.fsck(repair)}
        bad = {f"blobs/{digest.algorithm}/{digest.hex}" for digest in self.model.bad}
        assert bad <= told
        lost = (self.model.bad | self.model.gone) & self.model.below(PARTS, *self.model.names)
        assert told == bad or lost
        if repair:
            self.model.gone |= self.model.bad
            for digest in [*self.model.bad]:
                self._forget(digest)

    @precondition(lambda self: self._whole())
    @rule(pick=PICKS)
    def keep(self, pick: int) -> None:
        """
        Load something, to read it later.
        """
        name = _picked(self._whole(), pick)
        self.kept.append((self.place.load(name), self.model.names[name]))

    @precondition(lambda self: self.kept)
    @rule(restart=st.booleans())
    def read_what_was_kept(self, restart: bool) -> None:
        """
        Read it, here or in another process: it is what it was, or told gone or damaged.
        """
        for loaded, content in self.kept:
            found = pickle.loads(pickle.dumps(loaded)) if restart else loaded  # noqa: S301
            assert found == content
            try:
                read = all_bytes(found)
            except OciError:
                assert PARTS.below(content.digest, set()) - self._good()
                continue
            assert read == all_bytes(content)
        self.kept = []

    @rule(seconds=WAITS)
    def wait(self, seconds: float) -> None:
        """
        Let time pass.
        """
        self.time.sleep(seconds)

    @invariant()
    def all_agrees(self) -> None:
        """
        All that is listed is what the model has, to the byte, but for what was damaged.
        """
        self._look()
        assert sorted(self.place.names()) == sorted(self.model.names)
        wrong = self.model.bad | self.model.gone
        for name, content in self.model.names.items():
            if not wrong & PARTS.below(content.digest, set()):
                found = self.place.load(name)
                assert found == content
                assert all_bytes(found) == all_bytes(content)
                continue
            try:
                all_bytes(self.place.load(name))
            except (Corrupt, Missing):
                continue
            raise AssertionError(f"{name} is damaged, and was read as if it were whole")

    def _look(self) -> None:
        """
        Look at the disk: nothing is there that is wrong, and nothing is lost that is listed,
        but for what somebody damaged.
        """
        fresh = stamped(self.place.folder, self.time.now)
        there = dict(self._files())
        for digest, path in there.items():
            if path in fresh or digest not in self.model.written:
                self.model.written[digest] = self.time.now
            good = Digest.of(path.read_bytes(), digest.algorithm) == digest
            assert good or digest in self.model.bad
            if good:
                self.model.bad.discard(digest)
                self.model.gone.discard(digest)
        for digest in self.model.written.keys() - there.keys():
            del self.model.written[digest]
        listed = self.model.below(PARTS, *self.model.names)
        assert listed - there.keys() <= self.model.gone
        self.time.sleep(1)

    def _found(self, name: str) -> Content | None:
        try:
            return self.place.load(name)
        except (Corrupt, Missing):
            return None

    def _good(self) -> set[Digest]:
        return {digest for digest, _ in self._files()} - self.model.bad

    def _whole(self) -> list[str]:
        wrong = self.model.bad | self.model.gone
        return sorted(
            name
            for name, content in self.model.names.items()
            if not wrong & PARTS.below(content.digest, set())
        )

    def _files(self) -> list[tuple[Digest, Path]]:
        return [*blobs_of(self.place.folder / "blobs")]

    def _written(self, content: Content, name: str) -> None:
        self.model.names[name], self.model.begun = content, True
        whole = PARTS.below(content.digest, set())
        self.model.bad -= whole
        self.model.gone -= whole

    def _forget(self, digest: Digest) -> None:
        self.model.written.pop(digest, None)
        self.model.bad.discard(digest)


def _picked(items: list[T], pick: int) -> T:
    return items[pick % len(items)]


def _cut() -> Unreachable:
    return Unreachable("the cable")
