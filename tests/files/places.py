"""
Folders to extract to, what is beside them, and who does it.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import stat
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import attrs

from ocikit.content.blob import of_bytes
from ocikit.content.layer import Layer
from ocikit.testing.building import archive
from ocikit.tree.entry import Entry, Kind
from tests.files.escapes import OUT, Member
from tests.tree.model import Found

ROOT: Final = os.geteuid() == 0


@contextmanager
def open_place() -> Iterator[Path]:
    """
    Give a folder that others may enter, as those of pytest may not.
    """
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


def as_layer(tar: bytes) -> Layer:
    """
    Make a layer of an archive.
    """
    return Layer(blob=of_bytes(tar, "application/vnd.oci.image.layer.v1.tar"))


def as_nobody(f: Callable[[], Any]) -> Any:
    """
    Call in a process that has no rights; give what it returns, raise what it raises.
    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(65534)
            os.setuid(65534)
            result: tuple[Any, BaseException | None] = (f(), None)
        except BaseException as raised:
            result = (None, raised)
        os.write(writing, pickle.dumps(result))
        os._exit(0)
    os.close(writing)
    with open(reading, "rb") as pipe:
        found, error = pickle.loads(pipe.read())
    os.waitpid(child, 0)
    if error is not None:
        raise error
    return found


def as_root(f: Callable[[], Any]) -> Any:
    """
    Call as whoever runs the tests.
    """
    return f()


def snapshot(folder: Path) -> dict[str, Any]:
    """
    Take down all that can be seen of a folder.
    """
    found: dict[str, Any] = {}
    for path in [folder, *sorted(folder.rglob("*"))]:
        info = path.lstat()
        content = path.read_bytes() if stat.S_ISREG(info.st_mode) else b""
        facts = (info.st_mode, info.st_uid, info.st_gid, info.st_mtime_ns, info.st_nlink)
        attributes = [
            (name, os.getxattr(path, name, follow_symlinks=False))
            for name in os.listxattr(path, follow_symlinks=False)
        ]
        found[str(path.relative_to(folder))] = (facts, content, attributes)
    return found


def outside(place: Path) -> Path:
    """
    Make what is not to be touched; anybody could, were he led there.
    """
    made = place / "outside"
    (made / "folder").mkdir(parents=True)
    (made / "folder/x").write_bytes(b"x")
    (made / "secret").write_bytes(b"secret")
    for path in (made, made / "folder", made / "folder/x", made / "secret"):
        path.chmod(0o777)
    return made


def inside(place: Path, name: str) -> Path:
    """
    Make the folder to extract to; with traps in it, for the cases that want them.
    """
    made = place / "rootfs"
    made.mkdir()
    made.chmod(0o777)
    if "there: a link to a folder" in name:
        (made / "there").symlink_to("../outside")
    if "there: links to a file" in name:
        (made / "soft").symlink_to("../outside/secret")
        os.link(place / "outside/secret", made / "hard")
    return made


def parts(members: Sequence[Member], count: int) -> list[Layer]:
    """
    Spread members over layers.
    """
    cuts = [0, *range(1, count), len(members)]
    return [as_layer(archive(*members[a:b])) for a, b in pairwise(cuts) if a < b]


def placed(members: Sequence[Member], out: Path) -> list[Member]:
    """
    Say where outside is.
    """

    def there(text: str) -> str:
        return text.replace(OUT, str(out))

    made: list[Member] = []
    for member in members:
        if isinstance(member, Entry):
            name, linkname = there(member.name), there(member.linkname)
            made.append(attrs.evolve(member, name=name, linkname=linkname))
        elif isinstance(member, str):
            made.append(there(member))
        else:
            made.append((there(member[0]), member[1]))
    return made


def on_disk(folder: Path) -> Found:
    """
    Describe a folder as the model describes its own.
    """
    names: dict[tuple[int, int], list[str]] = {}
    found: Found = {}
    paths = {"": folder}
    paths |= {str(path.relative_to(folder)): path for path in sorted(folder.rglob("*"))}
    for path, place in paths.items():
        info = place.lstat()
        names.setdefault((info.st_dev, info.st_ino), []).append(path)
    for path, place in paths.items():
        info = place.lstat()
        content = place.read_bytes() if stat.S_ISREG(info.st_mode) else b""
        entry = Entry(
            name="",
            kind=_KINDS[stat.S_IFMT(info.st_mode)],
            size=len(content),
            mode=stat.S_IMODE(info.st_mode),
            uid=info.st_uid,
            gid=info.st_gid,
            mtime_ns=info.st_mtime_ns,
            linkname=os.readlink(place) if place.is_symlink() else "",
            devmajor=os.major(info.st_rdev),
            devminor=os.minor(info.st_rdev),
        )
        found[path] = (entry, content, sorted(names[info.st_dev, info.st_ino]))
    return found


_KINDS: Final[dict[int, Kind]] = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "symlink",
    stat.S_IFIFO: "fifo",
    stat.S_IFCHR: "char",
    stat.S_IFBLK: "block",
}


def seen(folder: Path) -> dict[str, tuple[Any, ...]]:
    """
    Take down every fact of every file.
    """
    found: dict[str, tuple[Any, ...]] = {}
    names: dict[tuple[int, int], list[str]] = {}
    for path in [folder, *folder.rglob("*")]:
        info = path.lstat()
        content = ""
        if stat.S_ISREG(info.st_mode):
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        elif path.is_symlink():
            content = os.readlink(path)
        attributes = {
            name: os.getxattr(path, name, follow_symlinks=False)
            for name in os.listxattr(path, follow_symlinks=False)
            # umoci keeps notes of its own.
            if not name.startswith("user.umoci")
        }
        same = names.setdefault((info.st_dev, info.st_ino), [])
        same.append(str(path.relative_to(folder)))
        facts = (info.st_mode, info.st_uid, info.st_gid, info.st_rdev, content, attributes)
        found[same[-1]] = (*facts, int(info.st_mtime), same)
    return {path: (*facts, sorted(same)) for path, (*facts, same) in found.items()}


def without_counts(found: dict[str, Any]) -> dict[str, Any]:
    """
    Leave out how many names files have: it is seen when a hard link is taken away.
    """
    return {path: (facts[:4], *rest) for path, (facts, *rest) in found.items()}
