"""
`ocikit files`: list, stat, read.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from ocikit._records import FrozenMap
from ocikit.content.image import Image
from ocikit.layout.flush import flush
from ocikit.testing.building import archive, directory, image, symlink
from ocikit.tree.entry import Entry
from tests.cli.running import done, run

#: A name that is no text, and one that would move the cursor.
ODD = "etc/\udcff"
WILD = "etc/a\x1b[2J"
IMAGE = image(
    archive(directory("etc"), ("etc/motd", b"old"), symlink("etc/link", "motd")),
    archive(
        ("etc/motd", b"new\n"),
        Entry(name=ODD),
        Entry(name=WILD, uid=1000, gid=7, mode=0o4755, mtime_ns=1_500_000_000),
        Entry(name="dev", kind="char", devmajor=1, devminor=3),
        Entry(name="cap", pax=FrozenMap({"SCHILY.xattr.user.a": b"\x00\xff"})),
    ),
)


@pytest.fixture
def place(tmp_path: Path) -> str:
    """
    The image in a layout.
    """
    flush(str(tmp_path), IMAGE, reference="v")
    return f"oci:{tmp_path}:v"


def test_paths_are_printed_as_they_are(place: str) -> None:
    """
    A line each, ready for other programs, whatever bytes the names have.
    """
    raw = done("files", "list", place, "/etc").raw
    assert raw == b"etc/a\x1b[2J\netc/link\netc/motd\netc/\xff\n"


def test_long_lines_show_facts_and_the_layer(place: str) -> None:
    """
    As `ls -l` has them; nothing in a name reaches the terminal.
    """
    lines = done("files", "list", "-l", "-d", "1", place, "etc", "dev").lines
    assert lines == [
        "-rwsr-xr-x 1000/7           0 1970-01-01T00:00:01Z 2 etc/a\\x1b[2J",
        "lrw-r--r-- 0/0              0 1970-01-01T00:00:00Z 1 etc/link -> motd",
        "-rw-r--r-- 0/0              4 1970-01-01T00:00:00Z 2 etc/motd",
        "-rw-r--r-- 0/0              0 1970-01-01T00:00:00Z 2 etc/\\udcff",
        "crw-r--r-- 0/0            1,3 1970-01-01T00:00:00Z 2 dev",
    ]


def test_json_has_all_facts(place: str) -> None:
    """
    An object a file; names that are no text are escaped, as Python has them.
    """
    objects = done("files", "list", "--output", "json", place, "cap", "etc").objects
    assert objects[0]["xattrs"] == {"user.a": "base64:AP8="}
    assert objects[1] == {
        "path": WILD,
        "kind": "file",
        "mode": "4755",
        "uid": 1000,
        "gid": 7,
        "size": 0,
        "modified": "1970-01-01T00:00:01.5Z",
        "layer": 2,
    }
    assert objects[-1]["path"] == ODD


def test_stat_tells_where_a_file_comes_from(place: str) -> None:
    """
    A link itself, or with -L what it leads to.
    """
    lines = done("files", "stat", place, "etc/link").lines
    assert lines[:2] == ["path:         etc/link", "kind:         symlink"]
    assert "target:       motd" in lines
    lines = done("files", "stat", "-L", place, "etc/link").lines
    assert lines[0] == "path:         etc/motd"
    assert f"layerDigest:  {IMAGE.layers[1].digest}" in lines
    assert "createdBy:    step 1" in lines


def test_read_gives_the_bytes(place: str) -> None:
    """
    Through links, and nothing else.
    """
    assert done("files", "read", place, "/etc/link").raw == b"new\n"


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["list", "PLACE", "nothing"], 3, "'nothing': there is no such file"),
        (["stat", "PLACE", "etc/gone"], 3, "no such file"),
        (["read", "PLACE", "etc"], 2, "is a directory, and has no content"),
        (["list", "PLACE", "--layer", "0"], 2, "--layer"),
    ],
)
def test_what_cannot_be_is_told(place: str, argv: list[str], code: int, said: str) -> None:
    """
    By the exit code of its kind.
    """
    ran = run("files", *(place if each == "PLACE" else each for each in argv))
    assert (ran.code, ran.raw) == (code, b"")
    assert said in ran.err


def test_a_registry_is_a_place_too(host: str, image: Image) -> None:
    """
    Files of a remote image, by layer.
    """
    listed = done("files", "list", "--layer", "2", f"{host}/app:1").lines
    assert len(listed) == 1
    assert done("files", "read", f"{host}/app:1", listed[0]).raw


def test_files_are_found(host: str, tmp_path: Path) -> None:
    """
    By name, kind and size, as `find` has them; `ls` and `cat` are other words.
    """
    tree = tmp_path / "tree"
    (tree / "etc/conf.d").mkdir(parents=True)
    (tree / "etc/conf.d/a.conf").write_text("a\n")
    (tree / "etc/conf.d/b.conf").write_text("b\n")
    (tree / "etc/big").write_bytes(b"." * 2000)
    (tree / "etc/link").symlink_to("big")
    done("append", "-f", tree, "-t", f"{host}/found:1")
    find = ("files", "find", f"{host}/found:1")
    confs = ["etc/conf.d/a.conf", "etc/conf.d/b.conf"]
    assert done(*find, "--name", "*.conf").lines == confs
    assert done(*find, "/etc/conf.d", "--type", "f").lines == confs
    assert done(*find, "--type", "l,d").lines == ["etc", "etc/conf.d", "etc/link"]
    assert done(*find, "--size", "+1k").lines == ["etc/big"]
    assert done(*find, "--size", "-1k").lines == confs
    assert done(*find, "--size", "2").lines == confs
    assert run(*find, "--type", "x").code == 2
    assert run(*find, "--size", "much").code == 2
    assert done("files", "ls", f"{host}/found:1", "etc/conf.d").lines[-2:] == confs
    assert done("files", "cat", f"{host}/found:1", "etc/conf.d/*").out == "a\nb\n"
    assert (
        done("files", "read", f"{host}/found:1", "etc/conf.d/b.conf", "etc/conf.d/a.conf").out
        == "b\na\n"
    )
    ran = run("files", "cat", f"{host}/found:1", "*.nope")
    assert (ran.code, ran.out) == (3, "")
    assert run("files", "cat", f"{host}/found:1", "etc/conf*").code == 2
