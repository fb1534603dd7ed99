"""
What would not be as it was meant on another base.
"""

from __future__ import annotations

from typing import Any

import pytest

from ocikit import mutate
from ocikit._records import FrozenMap
from ocikit.content.image import NotAnImage
from ocikit.content.stack import NotBasedOn
from ocikit.query.accounts import parse
from ocikit.query.conflict import Conflict
from ocikit.query.conflicts import conflicts
from ocikit.query.finding import Severity
from ocikit.testing.building import directory, link, symlink
from ocikit.tree.entry import Entry
from ocikit.tree.writer import header
from tests.query.builders import artifact, layer, of_tars, tarred
from tests.tree.archives import END, file

ERROR, WARNING, NOTE = Severity.ERROR, Severity.WARNING, Severity.NOTE


def tar(*members: bytes | Entry) -> bytes:
    """
    Make a tar stream of members.
    """
    return b"".join(each if isinstance(each, bytes) else header(each) for each in members) + END


def found(old: bytes, new: bytes, *own: bytes, **config: Any) -> list[Conflict]:
    """
    Give the conflicts of an image of layers upon an old base, on a new one.
    """
    base, other = of_tars(old), of_tars(new)
    image = mutate.append(base, *map(tarred, own))
    return [*conflicts(mutate.config(image, **config) if config else image, base, other)]


def told(old: bytes, new: bytes, *own: bytes) -> list[tuple[str, str, str]]:
    """
    Give severity, kind and path of the conflicts.
    """
    return [(each.severity, each.kind, each.path) for each in found(old, new, *own)]


def test_what_is_apart_is_no_conflict() -> None:
    """
    The base changes what the image leaves alone, and the other way round.
    """
    old = tar(directory("etc"), file("etc/a", b"1"), file("etc/b", b"1"), file("gone"))
    new = tar(directory("etc"), file("etc/a", b"2"), file("etc/b", b"1"), file("more"))
    own = tar(directory("etc"), file("etc/b", b"3"), file("etc/app"), directory("app"))
    assert told(old, new, own) == []


def test_the_same_base_has_no_conflicts() -> None:
    """
    And nothing is opened to see it.
    """
    base = of_tars(file("a") + END)
    image = mutate.append(base, layer("b", closed=True))
    assert conflicts(image, base, base) == ()


def test_files_that_both_have_changed() -> None:
    """
    The image's own hides what the new base brings, unless it is the same.
    """
    old, new = tar(file("a", b"1")), tar(file("a", b"2"))
    (one,) = found(old, new, tar(file("a", b"3")), tar(file("b")))
    assert str(one) == (
        "warning: a: the new base has changed this file (content); the image's own hides that"
    )
    assert (one.kind, one.layer) == ("overwritten", 2)
    assert told(old, new, tar(file("a", b"2"))) == []
    assert told(old, tar(file("a", b"1", mtime_ns=5)), tar(file("a", b"3"))) == []
    assert "(mode, owner)" in str(
        found(old, tar(file("a", b"1", mode=0, uid=1)), tar(file("a")))[0]
    )


def test_files_that_both_have_brought() -> None:
    """
    Or that the image changed, and the new base has no more.
    """
    old = tar(file("a"))
    assert told(old, tar(file("a"), file("b", b"1")), tar(file("b", b"2"))) == [
        (WARNING, "added", "b")
    ]
    assert told(old, tar(file("a"), file("b", b"1")), tar(file("b", b"1"))) == []
    assert told(old, tar(), tar(file("a", b"2"))) == [(NOTE, "gone", "a")]


def test_facts_of_directories() -> None:
    """
    Layers repeat the directories that they have files in, and so put back what was.
    """
    old, new = tar(directory("d")), tar(directory("d", 0o1777))
    (one,) = found(old, new, tar(directory("d"), file("d/a")))
    assert str(one) == (
        "warning: d: the new base has other facts here (mode); the image's own replace them"
    )
    assert told(old, new, tar(file("d/a"))) == []
    assert told(old, new, tar(directory("d", 0o1777))) == []
    root = tar(directory("./", 0o700))
    assert told(tar(directory("./")), root, tar(directory("./"))) == [(WARNING, "directory", "/")]


def test_directories_that_became_something_else() -> None:
    """
    As when `/lib` became a link to `/usr/lib`: an image that brings the directory breaks it.
    """
    old = tar(directory("lib"), file("lib/a"), directory("usr"), directory("usr/lib"))
    new = tar(symlink("lib", "usr/lib"), directory("usr"), directory("usr/lib"), file("usr/lib/a"))
    (one,) = found(old, new, tar(directory("lib"), file("lib/app")))
    assert str(one) == (
        "error: lib: the new base has a symlink to usr/lib here; the image's directory takes its"
        " place, and what is found through it is gone"
    )
    (one,) = found(old, new, tar(file("lib/app")))
    assert (one.severity, one.kind, one.path) == (NOTE, "kind", "lib")
    assert told(old, tar(file("lib")), tar(file("lib/app")))[0] == (ERROR, "kind", "lib")
    assert told(old, tar(symlink("lib", "none")), tar(file("lib/app")))[0] == (ERROR, "kind", "lib")


def test_files_that_became_directories() -> None:
    """
    What the image put in the place of a file would take the place of all that is below.
    """
    (one,) = found(tar(file("a")), tar(directory("a"), file("a/b")), tar(file("a", b"2")))
    assert (one.severity, one.kind) == (ERROR, "kind")
    assert "all that is below it is gone" in one.message
    # It has replaced a directory before.
    old = tar(directory("a"), file("a/b"))
    assert told(old, tar(directory("a", 0o700), file("a/b")), tar(file("a"))) == []
    assert told(old, tar(directory("a"), file("a/b"), file("a/c")), tar(file("a"))) == [
        (WARNING, "hidden", "a")
    ]


def test_what_the_image_takes_away() -> None:
    """
    It may be gone already, or be another file by now.
    """
    old = tar(file("a", b"1"), file("b", b"1"), file("c", b"1"))
    new = tar(file("b", b"2"), file("c", b"1"))
    own = tar(file(".wh.a"), file(".wh.b"), file(".wh.c"))
    assert [str(each) for each in found(old, new, own)] == [
        "note: a: the image takes this away; the new base has it no more",
        "note: b: the image takes this away, though the new base has changed it (content)",
    ]


def test_what_the_new_base_adds_and_nobody_would_see() -> None:
    """
    In a directory that the image takes away, or clears.
    """
    old = tar(directory("d"), file("d/a"))
    new = tar(directory("d"), file("d/a"), *(file(f"d/{name}") for name in "bcde"))
    (one,) = found(old, new, tar(file(".wh.d")))
    message = "the image hides 4 files that the new base adds here (d/b, d/c, d/d, ...)"
    assert str(one) == f"warning: d: {message}"
    (one,) = found(old, new, tar(file("d/.wh..wh..opq"), file("d/x")))
    assert (one.message, one.layer) == (message, 2)
    assert told(old, old + b"", tar(file("d/.wh..wh..opq"))) == []
    assert told(tar(file("a")), tar(file("a"), file("b")), tar(file(".wh..wh..opq"))) == [
        (WARNING, "hidden", "/")
    ]


def test_marks_that_hid_nothing_before() -> None:
    """
    Trap: a mark of what only a lower layer of the image had hides what the new base adds.
    """
    own = tar(file("a", b"1")), tar(file(".wh.a"), file("d/.wh.b"))
    assert told(tar(), tar(file("a"), file("d/b"), file("c")), *own) == [
        (WARNING, "hidden", "a"),
        (WARNING, "hidden", "d/b"),
    ]


def test_links_that_lead_nowhere() -> None:
    """
    Hard links cannot be unpacked without their target; symbolic ones only dangle.
    """
    old, new = tar(file("a"), file("b")), tar(file("b"))
    (one,) = found(old, new, tar(link("c", "a"), link("d", "b"), file("e"), link("f", "e")))
    assert str(one) == (
        "error: c: it is another name of a, which the new base does not have;"
        " the image could not be unpacked"
    )
    (one,) = found(old, new, tar(symlink("c", "a"), symlink("d", "/b"), symlink("e", "nowhere")))
    assert str(one) == "warning: c: it leads to a, which the new base does not have"


PROGRAM = b"\x7fELF" + bytes(2 << 20) + b"\0libssl.so.1.1\0libc.so.6\0"


def test_libraries_that_programs_need() -> None:
    """
    By the name that programs ask for: a link, or the file itself where there is none.
    """
    old = tar(
        file("usr/lib/libssl.so.1.1"),
        symlink("usr/lib/libc.so.6", "libc-2.31.so"),
        symlink("usr/lib/libz.so.1", "libz.so.1.2"),
        file("usr/lib/libz.so.1.2"),
        file("usr/lib/libold.so"),
    )
    new = tar(
        file("usr/lib/libssl.so.3"),
        file("lib64/libc.so.6"),
        symlink("usr/lib/libz.so.1", "libz.so.1.3"),
        file("usr/lib/libz.so.1.3"),
    )
    own = tar(file("app/script", b"#!/bin/sh\0libold.so\0"), file("app/run", PROGRAM, mode=0o755))
    assert [str(each) for each in found(old, new, own)] == [
        "error: usr/lib/libssl.so.1.1: the new base lacks this shared library, which app/run needs",
        "note: usr/lib/libold.so: the new base lacks this shared library; nothing in the image"
        " names it",
    ]
    assert told(old, new, own, tar(file("opt/libssl.so.1.1"), file("opt/libold.so"))) == []


PASSWD = b"root:x:0:0:root:/root:/bin/sh\nweb:x:33:33::/:/bin/false\n\n#x\nodd\nweb:x:34:34::/:\n"


def test_accounts_are_read() -> None:
    """
    What is no account is passed over; the first one counts.
    """
    found = parse(PASSWD)
    assert found.names == {0: "root", 33: "web", 34: "web"}
    assert found.numbers == FrozenMap({"root": 0, "web": 33})


def test_owners_that_nobody_names() -> None:
    """
    Files go by number: on the new base it may be nobody's, or somebody else's.
    """
    old = tar(file("etc/passwd", PASSWD), file("etc/group", b"root:x:0:\nweb:x:33:\n"))
    new = tar(
        file("etc/passwd", PASSWD.replace(b"web", b"mail")), file("etc/group", b"root:x:0:\n")
    )
    own = tar(file("app/a", uid=33, gid=33), file("app/b", uid=33), file("app/c", uid=77))
    assert [str(each) for each in found(old, new, own)] == [
        "warning: app/a: its user is 33, and 1 more of the image's files: web in the old base,"
        " mail in the new one",
        "warning: app/a: its group is 33: web in the old base, nobody in the new one",
    ]
    kept = tar(file("etc/passwd", PASSWD + b"app:x:99:99::/:\n"), file("a", uid=33))
    assert told(old, new, kept) == [(WARNING, "overwritten", "etc/passwd")]


def test_the_user_that_runs() -> None:
    """
    One who is not named cannot run anything.
    """
    old = tar(file("etc/passwd", PASSWD), file("etc/group", b"web:x:33:\n"))
    new = tar(file("etc/passwd", b""), file("etc/group", b"web:x:44:\n"))
    assert [str(each) for each in found(old, new, tar(), user="web:web")] == [
        "error: the new base names no user web, as which the image runs",
        "warning: the image runs as group web: 33 in the old base, 44 in the new one",
    ]
    assert found(old, new, tar(), user="33") == []


def test_accounts_that_cannot_be_read_name_nobody() -> None:
    """
    A link that leads nowhere, a directory, a file that is far too large.
    """
    old = tar(file("etc/passwd", PASSWD))
    own = tar(file("a", uid=33))
    for other in (
        directory("etc/passwd"),
        symlink("etc/passwd", "none"),
        file("etc/passwd", PASSWD + b"\n" * (1 << 20)),
    ):
        assert told(old, tar(other), own) == [(WARNING, "owner", "a")]


def test_settings_that_stay() -> None:
    """
    What the image took over when it was built stays; what it set itself was meant.
    """
    bases = [
        mutate.config(of_tars(tar()), env=env, user=user)
        for env, user in (({"A": "1", "B": "1", "PATH": "/a"}, ""), ({"A": "2", "C": "3"}, "me"))
    ]
    image = mutate.env(mutate.append(bases[0], tarred(tar(file("a")))), {"PATH": "/b"})
    assert [str(each) for each in conflicts(image, *bases)] == [
        "note: user stays nothing, as in the old base; in the new one it is 'me'",
        "note: environment variable A stays '1', as in the old base; in the new one it is '2'",
        "note: environment variable B stays '1', as in the old base; in the new one it is nothing",
        "note: environment variable C stays nothing, as in the old base; in the new one it is '3'",
    ]


def test_the_worst_comes_first() -> None:
    """
    Then in the order of paths.
    """
    old = tar(file("a", b"1"), file("z"), directory("d"))
    new = tar(file("a", b"2"), file("d"))
    own = tar(file("a", b"3"), link("b", "z"), file("d/x"))
    assert [each.severity for each in found(old, new, own)] == [ERROR, ERROR, WARNING]


def test_only_an_image_on_its_base_can_be_looked_at() -> None:
    """
    An artifact has no base, and another base is none.
    """
    one, other = of_tars(tar(file("a"))), of_tars(tar(file("b")))
    with pytest.raises(NotBasedOn):
        conflicts(one, other, one)
    with pytest.raises(NotAnImage):
        conflicts(artifact(), artifact(), artifact())
