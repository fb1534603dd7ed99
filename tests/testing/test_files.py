"""
Files that are generated: good ones are good, hostile ones stay where they are.
"""

from __future__ import annotations

import contextlib
import io
import tempfile
from pathlib import Path

from hypothesis import Phase, find, given, settings

from ocikit import files
from ocikit.content.layer import Layer
from ocikit.content.partial import image_of
from ocikit.errors import OciError
from ocikit.query.validate import validate
from ocikit.spec.config import ConfigFile
from ocikit.testing import strategies as oci
from ocikit.testing.files import KINDS, Written, archive_of
from ocikit.testing.hostile import HOSTILE
from ocikit.tree.filetree import load
from ocikit.tree.reader import Reader

_ONCE = settings(database=None, phases=[Phase.generate], max_examples=2000)


@given(oci.file_entries())
def test_entries_are_read_as_they_are(written: Written) -> None:
    """
    Headers say what the record says, and the content follows.
    """
    reader = Reader(io.BytesIO(archive_of([written])))
    ((entry, content),) = [(each.entry, b"".join(reader.content())) for each in reader]
    expected = written.entry
    assert entry.name.rstrip("/") == expected.name
    assert (entry.kind, entry.mode, entry.linkname) == (
        expected.kind,
        expected.mode,
        expected.linkname,
    )
    assert (entry.mtime_ns, entry.uid, entry.xattrs) == (
        expected.mtime_ns,
        expected.uid,
        expected.xattrs,
    )
    assert content == written.content


def test_there_are_entries_of_every_kind() -> None:
    """
    And each can be had alone.
    """
    for kind in KINDS:
        found = find(oci.file_entries(kinds=[kind]), lambda _: True, settings=_ONCE)
        assert kind in ("whiteout", "opaque") or found.entry.kind == kind


@given(oci.trees())
def test_trees_are_in_order(members: tuple[Written, ...]) -> None:
    """
    Each path comes once, after its folder, and links after their files.
    """
    seen: dict[str, str] = {}
    for each in members:
        folder = each.entry.name.rpartition("/")[0]
        assert each.entry.name not in seen
        assert not folder or seen[folder] == "directory"
        if each.entry.kind == "hardlink":
            assert seen[each.entry.linkname] == "file"
        seen[each.entry.name] = each.entry.kind


@given(oci.layer_stacks())
def test_stacks_are_good(layers: tuple[Layer, ...]) -> None:
    """
    Deep validation finds nothing, and all of it can be laid over another.
    """
    image = image_of(ConfigFile(os="linux", architecture="amd64"), layers)
    assert [each for each in validate(image) if each.severity != "note"] == []
    load(layers)


def test_stacks_mark_what_is_below() -> None:
    """
    Whiteouts, opaque folders and hard links are among them.
    """
    seen: set[str] = set()

    @settings(_ONCE, max_examples=500)
    @given(oci.layer_stacks())
    def collect(layers: tuple[Layer, ...]) -> None:
        for layer in layers:
            for member in Reader(layer.uncompressed()):
                name = member.name.rpartition(b"/")[2].decode()
                seen.add(name if name.startswith(".wh.") else member.kind)

    collect()
    marks = {".wh.a", ".wh.b", ".wh..wh..opq"}
    assert marks | {"hardlink", "char", "block", "fifo", "symlink"} <= seen


@given(oci.hostile_layers())
def test_hostile_ones_stay_where_they_are(hostile: tuple[Layer, str]) -> None:
    """
    Whatever is wrong with them, they are extracted within their folder, or refused.
    """
    layer, label = hostile
    assert label in HOSTILE
    with tempfile.TemporaryDirectory() as folder:
        inside = Path(folder) / "x" / "inside"
        inside.mkdir(parents=True)
        with contextlib.suppress(OciError):
            files.extract(image_of(ConfigFile(), [layer]), inside)
        around = {path.name for path in Path(folder).rglob("*") if inside not in path.parents}
        assert around == {"x", "inside"}
