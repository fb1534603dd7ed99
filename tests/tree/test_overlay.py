"""
The traps of the field, one by one: what layers make of each other.
"""

from __future__ import annotations

import io

import pytest

from ocikit._records import record
from ocikit.content.streams import Stream
from ocikit.testing.building import archive, directory, link, symlink
from ocikit.tree.entry import Entry
from ocikit.tree.faults import TarInvalid
from ocikit.tree.overlay import joined, merge, merge_into, squash
from ocikit.tree.resolve import LinkTargetMissing
from tests.tree.archives import END, by_reader, file
from tests.tree.stacks import Plain


def seen(*layers: bytes) -> list[str]:
    """
    Give the names in the overlay, which must be the same in one pass or two.
    """
    return [entry.name for entry, _ in members(*layers)]


def members(*layers: bytes) -> list[tuple[Entry, bytes]]:
    """
    Give the members of the overlay.
    """
    stack = [Plain(layer) for layer in layers]
    whole = b"".join(merge(stack))
    assert merge_into(stack, b"".join) == whole
    return by_reader(whole)


def test_no_layers_make_an_empty_archive() -> None:
    """
    Even nothing is an archive.
    """
    assert b"".join(merge([])) == END == b"".join(merge([Plain(b"")]))


def test_the_top_layer_comes_first() -> None:
    """
    Then the layer below it; members in the order of their layer.
    """
    assert seen(archive("z", "a"), archive("y", "b")) == ["y", "b", "z", "a"]


def test_marks_take_away() -> None:
    """
    A file, a directory with all that is in it, and nothing that only begins alike.
    """
    bottom = archive("f", directory("d"), "d/f", "d/e/f", "d.txt", "dd")
    assert seen(bottom, archive(".wh.f", ".wh.d")) == ["d.txt", "dd"]
    assert seen(bottom, archive("d/e/.wh.f"), archive(".wh.gone")) == [
        *("f", "d/", "d/f", "d.txt", "dd"),
        "d/e/",
    ]


@pytest.mark.parametrize("order", [(".wh.d", "d/new"), ("d/new", ".wh.d")])
def test_marks_are_for_lower_layers_only(order: tuple[str, str]) -> None:
    """
    Trap: what comes after a mark in the same layer, or before it, is not taken away.
    """
    assert seen(archive("d/old"), archive(*order)) == ["d/new"]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
def test_opaque_directories(order: tuple[int, int, int]) -> None:
    """
    All that lower layers have in them is gone, wherever the mark is; they stay.
    """
    parts: list[Entry | str] = [directory("d", 0o700), "d/.wh..wh..opq", "d/new"]
    made = members(
        archive(directory("d"), "d/old", "d/e/old"), archive(*(parts[at] for at in order))
    )
    assert sorted(entry.name for entry, _ in made) == ["d/", "d/new"]
    assert {entry.mode for entry, _ in made} == {0o700, 0o644}


def test_an_opaque_mark_leaves_the_directory() -> None:
    """
    A mark without its directory keeps the one below, with its facts.
    """
    assert seen(archive(directory("d", 0o711), "d/old"), archive("d/.wh..wh..opq")) == ["d/"]
    assert seen(archive("a", "b/c"), archive(".wh..wh..opq", "new")) == ["new"]


def test_marks_of_aufs_mean_nothing() -> None:
    """
    AUFS left notes behind, and directories full of them.
    """
    top = archive(".wh..wh.aufs", directory(".wh..wh.plnk"), ".wh..wh.plnk/1.2", ".wh..wh.orph")
    assert seen(archive("a"), top) == ["a"]


@pytest.mark.parametrize("name", [".wh.", "d/.wh..", ".wh..."])
def test_marks_of_nothing_are_refused(name: str) -> None:
    """
    Trap (CVE-2021-29136): such a mark takes away the root itself.
    """
    with pytest.raises(TarInvalid, match="marks no name"):
        seen(archive("a"), archive(name))


def test_the_root_is_a_directory() -> None:
    """
    A root of any other kind would replace everything.
    """
    for name in (".", "/", "a/..", ""):
        with pytest.raises(TarInvalid, match="root of a layer is a directory"):
            seen(archive("a", Entry(name=name)))
    assert seen(archive(directory("./"), "a"), archive(directory("/"), "b")) == ["./", "b", "a"]


def test_files_and_directories_replace_each_other() -> None:
    """
    A file hides all that was in a directory; a directory hides a file.
    """
    assert seen(archive(directory("d"), "d/f"), archive("d")) == ["d"]
    assert seen(archive("d"), archive(directory("d"), "d/f")) == ["d/", "d/f"]
    assert seen(archive("d"), archive("d/f")) == ["d/f"]
    assert seen(archive("d/f"), archive("d"), archive("d/g")) == ["d/g"]


def test_facts_of_directories() -> None:
    """
    The highest layer that speaks of one gives its facts; what is in it stays.
    """
    made = members(
        archive(directory("d", 0o700), "d/f"), archive(directory("d", 0o711)), archive("d/g")
    )
    assert [(entry.name, entry.mode) for entry, _ in made] == [
        ("d/g", 0o644),
        ("d/", 0o711),
        ("d/f", 0o644),
    ]


def test_the_last_of_two_counts() -> None:
    """
    Trap: of an entry that is there twice in a layer, engines have the last.
    """
    assert members(archive(("a", b"1"), "b", ("./a", b"2")))[1][1] == b"2"
    assert seen(archive(("a", b"1"), "b", ("./a", b"2"))) == ["b", "a"]
    assert seen(archive(directory("d"), "d/f", "d")) == ["d"]
    assert seen(archive("d", directory("d"), "d/f")) == ["d/", "d/f"]


def test_parents_that_are_links() -> None:
    """
    Trap: a layer made by hand puts lib/x onto a base where lib is a link to usr/lib.
    """
    base = archive(directory("usr"), directory("usr/lib"), "usr/lib/old", symlink("lib", "usr/lib"))
    assert seen(base, archive("lib/x")) == ["usr/lib/x", "usr/", "usr/lib/", "usr/lib/old", "lib"]
    assert seen(base, archive("lib/.wh.old")) == ["usr/", "usr/lib/", "lib"]
    assert seen(base, archive(directory("lib"), "lib/x")) == [
        *("lib/", "lib/x"),
        *("usr/", "usr/lib/", "usr/lib/old"),
    ]
    assert seen(base, archive(directory("lib"), "lib/.wh.old"))[-1] == "usr/lib/old"
    assert seen(archive(symlink("a", "/../../b/./c"), "a/x")) == ["a", "b/c/x"]


def test_links_in_a_circle() -> None:
    """
    Trap: a circle of links is followed for a while, and then replaced.
    """
    assert seen(archive(symlink("a", "b"), symlink("b", "a"), "a/x"))[-1].endswith("/x")


def test_hard_links_pass() -> None:
    """
    With their file in the same layer they are as they were.
    """
    bottom = archive(("f", b"1"), link("l", "./f"), link("m", "l"))
    made = members(bottom, archive("other"))
    assert [(entry.name, entry.linkname) for entry, _ in made] == [
        ("other", ""),
        ("f", ""),
        ("l", "f"),
        ("m", "f"),
    ]


@pytest.mark.parametrize("upper", [".wh.f", ("f", b"2")])
def test_a_link_whose_file_is_gone_becomes_the_file(upper: str | tuple[str, bytes]) -> None:
    """
    Trap: a link to what upper layers removed, or replaced, is still what it was.
    """
    made = members(archive(("f", b"1"), link("l", "f"), link("m", "f")), archive(upper))
    found = {entry.name: (entry.linkname, content) for entry, content in made}
    assert found["l"] == ("", b"1")
    assert found["m"] == ("l", b"")
    assert found.get("f") == (None if upper == ".wh.f" else ("", b"2"))


def test_links_to_files_of_lower_layers() -> None:
    """
    They come right after the file, which may be in a lower layer, or in their place.
    """
    base = archive(("f", b"1"), "g")
    made = members(base, archive(link("l", "f"), link("m", "f"), "h"))
    assert [(entry.name, entry.linkname) for entry, _ in made] == [
        *(("h", ""), ("f", "")),
        *(("l", "f"), ("m", "f"), ("g", "")),
    ]
    made = members(base, archive(link("l", "f"), ("f", b"2")))
    assert [(entry.name, content) for entry, content in made] == [
        *(("f", b"2"), ("l", b"1")),
        ("g", b""),
    ]


def test_links_to_what_is_not_there() -> None:
    """
    No engine can unpack such a layer: it is told, with the layer and the member.
    """
    with pytest.raises(LinkTargetMissing, match="layer 1, tar member 1: 'l' is a hard link to 'f'"):
        seen(archive("f"), archive(".wh.f", link("l", "f")))
    with pytest.raises(LinkTargetMissing):
        seen(archive(directory("d"), link("l", "d")))


def test_names_do_not_leave_the_root() -> None:
    """
    However a name is written, what comes out is relative, and below the root.
    """
    names = ["/etc/a", "../b", "./c/../../../d", "e//f", "..", "g/"]
    made = seen(archive(*(directory(name) for name in names)))
    assert made == ["etc/a/", "b/", "d/", "e/f/", "./", "g/"]


def test_targets_of_symbolic_links_stay() -> None:
    """
    Trap: absolute targets, and those that go up, are legal in images.
    """
    targets = ["/etc/alternatives/x", "../../../../etc/passwd", "C:\\x", "dangling"]
    made = members(archive(*(symlink(f"l{number}", t) for number, t in enumerate(targets))))
    assert [entry.linkname for entry, _ in made] == targets


def test_what_is_kept_passes_byte_for_byte() -> None:
    """
    Headers of any form, facts that we would write otherwise, padding.
    """
    held = file("a", b"1" * 700, mtime_ns=5, uname="röt") + file("b", b"2" * 10)
    assert b"".join(merge([Plain(held + b"\0" * 5120)])) == held + END


@record
class Counted:
    """
    An archive that counts how often it is opened.
    """

    data: bytes
    count: list[int]

    def uncompressed(self) -> Stream:
        """
        Open it.
        """
        self.count[0] += 1
        return io.BytesIO(self.data)


def test_layers_are_read_once_when_that_is_enough() -> None:
    """
    In one pass where nothing surprises; a layer of which nothing is left not again.
    """
    stack = [Counted(archive("a", "b"), [0]), Counted(archive("c", ".wh.b"), [0])]
    merge_into(stack, b"".join)
    assert [each.count for each in stack] == [[1], [1]]
    stack = [Counted(archive("a"), [0]), Counted(archive(".wh.a"), [0]), Counted(archive("c"), [0])]
    list(merge(stack))
    assert [each.count for each in stack] == [[1], [1], [2]]


def test_pieces_are_large() -> None:
    """
    Small members are written together.
    """
    stack = [Plain(archive(*(f"{number}" for number in range(3000))))]
    assert len(list(merge(stack))) == 2
    assert list(joined([b"a", b"b", b"cd", b"efgh", b"i"], 3)) == [b"ab", b"cd", b"efgh", b"i"]


def squashed(lower: list[bytes], upper: list[bytes]) -> list[str]:
    """
    Give the names in the layer that does what upper layers do.
    """
    made = b"".join(squash([Plain(each) for each in lower], [Plain(each) for each in upper]))
    return [entry.name for entry, _ in by_reader(made)]


def test_squashed_layers_keep_marks() -> None:
    """
    Those that still take something away from what is below, and no others.
    """
    lower = [archive(directory("d"), "d/a", "d/b", "e/x", symlink("lib", "d"))]
    assert squashed(lower, [archive("new", "d/.wh.a"), archive(".wh.new", "e/.wh..wh..opq")]) == [
        *("d/.wh.a", "e/.wh.x"),
    ]
    assert squashed(lower, [archive(".wh.d"), archive("d/c")]) == [
        "d/.wh.a",
        "d/.wh.b",
        "d/c",
        "d/",
    ]
    assert squashed(lower, [archive("d"), archive("d/c")]) == ["d/.wh.a", "d/.wh.b", "d/c", "d/"]
    assert squashed(lower, [archive(directory("lib"), "lib/c")]) == [".wh.lib", "lib/", "lib/c"]
    assert squashed(lower, [archive("lib/a"), archive("lib/.wh.b")]) == ["d/.wh.b", "d/a"]
    assert squashed(lower, [archive(".wh.e"), archive(("e/x", b"2"))]) == ["e/x"]


def test_squashed_layers_link_to_what_is_below() -> None:
    """
    As long as it is still there; else the link becomes the file.
    """
    lower = [archive(("f", b"1"))]
    assert squashed(lower, [archive("a", link("l", "f"))]) == ["a", "l"]
    made = b"".join(
        squash([Plain(lower[0])], [Plain(archive(link("l", "f"))), Plain(archive(".wh.f"))])
    )
    assert [(entry.name, entry.kind, content) for entry, content in by_reader(made)] == [
        (".wh.f", "file", b""),
        ("l", "file", b"1"),
    ]
