"""
Every verb, broken at every one of its calls: the old state is there, or the new one.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random

import attrs
import pytest

from ocikit import layout
from ocikit.content import synthetic
from ocikit.content.image import Content, Image, Index
from ocikit.layout.store import blob_path
from ocikit.query.finding import Severity
from ocikit.spec import match
from ocikit.testing.contracts import all_bytes
from ocikit.testing.disk import FAILED, KILLED, Break, remember, run
from tests.layout.names import names

OLD = synthetic.image(Random(1), layers=1)
NEW = synthetic.image(Random(2), layers=1)
MANY = synthetic.index(Random(4), layers=1)
GONE = synthetic.image(Random(3), layers=1)


@attrs.frozen
class Case:
    """
    Something done to a layout that has OLD as `old`, and GONE as `gone`.
    """

    prepare: Callable[[Path], object]
    act: Callable[[Path], object]
    #: What each name gives when it is done.
    then: dict[str, Content]


def _nothing(folder: Path) -> None:
    pass


def _damage(folder: Path) -> None:
    (folder / "oci-layout").unlink()
    (folder / "blobs/sha256/dead.77-0.part").touch()
    path = Path(blob_path(os.fspath(folder), GONE.layers[0].digest))
    path.write_bytes(bytes(path.stat().st_size))


def _flush(folder: Path, name: str, content: Content) -> None:
    layout.flush(folder, content, reference=name)


def _linked(folder: Path) -> None:
    found = layout.load(folder.parent / "source", "new")
    layout.flush(folder, found, reference="new", link=True)


def _source(folder: Path) -> None:
    layout.flush(folder.parent / "source", NEW, reference="new")


def _copied(folder: Path) -> None:
    layout.flush(folder, layout.load(folder.parent / "source", "new"), reference="new")


_GONE = match.Annotated("org.opencontainers.image.ref.name", "gone")
_BOTH: dict[str, Content] = {"old": OLD, "gone": GONE}
CASES = {
    "flush": Case(_nothing, lambda path: _flush(path, "new", NEW), {**_BOTH, "new": NEW}),
    "flush over a name": Case(
        _nothing, lambda path: _flush(path, "gone", NEW), {"old": OLD, "gone": NEW}
    ),
    "flush by the kernel": Case(_source, _copied, {**_BOTH, "new": NEW}),
    "flush of links": Case(_source, _linked, {**_BOTH, "new": NEW}),
    "remove": Case(_nothing, lambda path: layout.discard(path, _GONE), {"old": OLD}),
    "gc": Case(lambda path: layout.remove(path, "gone"), layout.gc, {"old": OLD}),
    "annotate": Case(_nothing, lambda path: layout.annotate(path, "gone", set={"a": "b"}), _BOTH),
    "fsck": Case(_damage, lambda path: layout.fsck(path, repair=True), {"old": OLD}),
}


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """
    A layout to begin with.
    """
    folder = tmp_path / "start/out"
    layout.flush(folder, OLD, reference="old")
    layout.flush(folder, GONE, reference="gone")
    return folder


def _again(start: Path, to: Path) -> Path:
    shutil.rmtree(to, ignore_errors=True)
    shutil.copytree(start.parent, to)
    return to / "out"


def _is_sound(folder: Path, case: Case) -> None:
    """
    What was there and stays is whole; what else is named is whole, or what it was.
    """
    assert layout.load(folder, "old") == OLD
    assert all_bytes(layout.load(folder, "old")) == all_bytes(OLD)
    for entry in layout.entries(folder):
        name = entry.annotations["org.opencontainers.image.ref.name"]
        found = layout.load(folder, name)
        assert found in (case.then.get(name), _BOTH.get(name))
        if case.act is not CASES["fsck"].act:
            all_bytes(found)


def _finish(folder: Path, case: Case) -> None:
    """
    The next run gets through, and leaves nothing behind.
    """
    case.act(folder)
    for name, content in case.then.items():
        assert layout.load(folder, name) == content
        assert all_bytes(layout.load(folder, name)) == all_bytes(content)
    layout.gc(folder)
    assert not [name for name in names(folder) if name.endswith(".part")]


@pytest.mark.parametrize("how", ["kill", "fail"])
@pytest.mark.parametrize("name", CASES)
def test_broken_at_any_call(start: Path, tmp_path: Path, name: str, how: Break) -> None:
    """
    Killed before each call, and with each call refused by the disk in turn.
    """
    case = CASES[name]
    case.prepare(start)
    folder = _again(start, tmp_path / "a")
    whole = run(lambda: case.act(folder), tmp_path / "log")
    assert whole.status == 0
    assert whole.calls
    for at in range(len(whole.calls)):
        folder = _again(start, tmp_path / "a")
        ran = run(lambda folder=folder: case.act(folder), tmp_path / "log", how, at)  # type: ignore[misc]
        assert ran.status == (KILLED if how == "kill" else FAILED), whole.calls[at][0]
        _is_sound(folder, case)
        _finish(folder, case)


@pytest.mark.parametrize("name", CASES)
def test_writes_that_take_little(start: Path, tmp_path: Path, name: str) -> None:
    """
    A disk that takes half of what it is given each time is given the rest.
    """
    case = CASES[name]
    case.prepare(start)
    folder = _again(start, tmp_path / "a")
    assert run(lambda: case.act(folder), tmp_path / "log", "short").status == 0
    _finish(folder, case)


@pytest.mark.parametrize("name", CASES)
def test_power_cut_at_any_call(start: Path, tmp_path: Path, name: str) -> None:
    """
    What was not forced to the disk is forgotten, names and content, in any combination.
    """
    case = CASES[name]
    case.prepare(start)
    folder = _again(start, tmp_path / "a")
    memory = remember(folder.parent)
    calls = run(lambda: case.act(folder), tmp_path / "log").calls
    for call in [("nothing",), *calls]:
        memory.replay(call)
        for number, state in enumerate(memory.after_power_cut()):
            found = tmp_path / f"cut{number}"
            state(str(folder.parent), found)
            _is_sound(found / "out", case)
            shutil.rmtree(found)
    # What was reported as done is there, whatever is forgotten.
    for number, state in enumerate(memory.after_power_cut()):
        found = tmp_path / f"cut{number}"
        state(str(folder.parent), found)
        for entry, content in case.then.items():
            assert all_bytes(layout.load(found / "out", entry)) == all_bytes(content)


def test_power_cut_while_a_layout_is_made(tmp_path: Path) -> None:
    """
    A new layout is there as a whole when it was said to be; before, flushing makes it.
    """
    folder = tmp_path / "new/out"
    folder.parent.mkdir()
    memory = remember(folder.parent)
    calls = run(lambda: _flush(folder, "new", MANY), tmp_path / "log").calls
    for number, call in enumerate(calls):
        memory.replay(call)
        for other, state in enumerate(memory.after_power_cut()):
            found = tmp_path / f"cut{number}-{other}"
            state(str(folder.parent), found)
            if number % 7 == 0 or call is calls[-1]:
                if call is not calls[-1]:
                    _flush(found / "out", "new", MANY)
                back = layout.load(found / "out", "new")
                assert isinstance(back, Index)
                assert all_bytes(back) == all_bytes(MANY)
            shutil.rmtree(found)


@pytest.mark.parametrize("how", ["kill", "fail"])
def test_an_index_is_made_anew(start: Path, tmp_path: Path, how: Break) -> None:
    """
    A damaged index is there, or the new one; what it was is never lost.
    """
    (start / "index.json").write_text("{")
    folder = _again(start, tmp_path / "a")
    calls = run(lambda: layout.fsck(folder, rebuild=True), tmp_path / "log").calls
    for at in range(len(calls)):
        folder = _again(start, tmp_path / "a")
        act: Callable[[], object] = lambda folder=folder: layout.fsck(folder, rebuild=True)  # type: ignore[misc]  # noqa: E731
        run(act, tmp_path / "log", how, at)
        layout.fsck(folder, rebuild=True)
        assert not [f for f in layout.fsck(folder) if f.severity is Severity.ERROR]
        assert {entry.digest for entry in layout.entries(folder)} == {OLD.digest, GONE.digest}
        assert (folder / "quarantine/index.json").read_text() == "{"


@pytest.mark.parametrize("how", ["kill", "fail"])
def test_plain_directories(tmp_path: Path, how: Break) -> None:
    """
    The old image or the new one, whole, and then the new one and nothing of the old.
    """
    start = tmp_path / "start/out"
    layout.flush_plain(start, OLD)
    folder = _again(start, tmp_path / "a")
    calls = run(lambda: layout.flush_plain(folder, MANY), tmp_path / "log").calls
    for at in range(len(calls)):
        folder = _again(start, tmp_path / "a")
        act: Callable[[], object] = lambda folder=folder: layout.flush_plain(folder, MANY)  # type: ignore[misc]  # noqa: E731
        run(act, tmp_path / "log", how, at)
        found = layout.load_plain(folder)
        assert isinstance(found, Image | Index)
        assert found in (OLD, MANY)
        assert all_bytes(found) == all_bytes(OLD if found == OLD else MANY)
        layout.flush_plain(folder, MANY)
        fresh = tmp_path / "fresh"
        shutil.rmtree(fresh, ignore_errors=True)
        layout.flush_plain(fresh, MANY)
        assert names(folder) == names(fresh)
