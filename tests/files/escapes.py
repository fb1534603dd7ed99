"""
Layers made to write outside of the folder that they are extracted to.
"""

from __future__ import annotations

from typing import Final

from ocikit._records import FrozenMap
from ocikit.testing.building import directory, link, symlink
from ocikit.tree.entry import Entry

Member = Entry | str | tuple[str, bytes]

EVIL: Final = b"evil"
#: Where these lead is `outside`, beside the folder; `OUT` stands for its absolute path.
UP: Final = "../outside"
OUT: Final = "@OUT@"

ESCAPES: Final[dict[str, list[Member]]] = {
    "absolute name": [(f"{OUT}/new", EVIL)],
    "name that goes up": [("../outside/secret", EVIL), ("../outside/new", EVIL)],
    "name that goes up within": [("a/b", b""), ("a/../../outside/new", EVIL)],
    "file through an absolute link": [symlink("l", OUT), ("l/new", EVIL), ("l/secret", EVIL)],
    "file through a relative link": [symlink("l", UP), ("l/new", EVIL), ("l/secret", EVIL)],
    "file through a chain of links": [
        symlink("a", "b"),
        symlink("b", "c/.."),
        directory("c"),
        symlink("c/d", f"../{UP}"),
        ("a/c/d/new", EVIL),
    ],
    "file through links in a circle": [symlink("a", "b/../outside"), symlink("b", "a"), "a/new"],
    "file over a link": [symlink("s", f"{OUT}/secret"), ("s", EVIL)],
    "directory over a link": [symlink("l", OUT), directory("l", 0o777), ("l/new", EVIL)],
    "link in the place of a directory": [
        directory("d"),
        ("d/x", b""),
        symlink("d", OUT),
        ("d/new", EVIL),
    ],
    "hard link to an absolute path": [link("h", f"{OUT}/secret"), ("h", EVIL)],
    "hard link that goes up": [link("h", f"{UP}/secret"), ("h", EVIL)],
    "hard link through a link": [symlink("l", OUT), link("h", "l/secret"), ("h", EVIL)],
    "hard link to a link": [symlink("s", f"{OUT}/secret"), link("h", "s"), ("h", EVIL)],
    "permissions through a link": [
        symlink("s", f"{OUT}/secret"),
        link("h", "s"),
        Entry(name="s", kind="symlink", linkname=f"{OUT}/secret", mode=0o777, mtime_ns=5),
    ],
    "attributes through a link": [
        Entry(
            name="s",
            kind="symlink",
            linkname=f"{OUT}/secret",
            pax=FrozenMap({"SCHILY.xattr.user.a": b"1", "SCHILY.xattr.trusted.a": b"1"}),
        )
    ],
    "device and pipe through a link": [
        symlink("l", OUT),
        Entry(name="l/null", kind="char", devmajor=1, devminor=3, mode=0o666),
        Entry(name="l/pipe", kind="fifo"),
        symlink("l/link", "secret"),
    ],
    "mark through a link": [symlink("l", OUT), "l/.wh.secret", "l/.wh.folder"],
    "opaque mark through a link": [symlink("l", OUT), "l/.wh..wh..opq"],
    "mark of what is above": [directory("d"), "d/.wh...wh.x", ".wh..wh.outside", "../.wh.outside"],
    "what was there: a link to a folder": [directory("there"), ("there/new", EVIL), "there/secret"],
    "what was there: links to a file": [("soft", EVIL), ("hard", EVIL), Entry(name="soft/x")],
}
