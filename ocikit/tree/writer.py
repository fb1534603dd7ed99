"""
Headers of entries: ustar where it can say all of it, else pax before it.
"""

from __future__ import annotations

from typing import Final

from ocikit.tree import tarheader
from ocikit.tree.entry import Entry, Kind

_FLAGS: Final[dict[Kind, bytes]] = {
    "file": tarheader.FILE,
    "hardlink": tarheader.HARD_LINK,
    "symlink": tarheader.SYMBOLIC_LINK,
    "char": tarheader.CHARACTER_DEVICE,
    "block": tarheader.BLOCK_DEVICE,
    "directory": tarheader.FOLDER,
    "fifo": tarheader.PIPE,
}
_SECOND: Final = 10**9


def header(entry: Entry) -> bytes:
    """
    Give the header blocks that say what an entry says; equal for equal entries.

    A directory's name is given its trailing slash.

    >>> len(header(Entry(name="etc/passwd", size=100, mtime_ns=10**9)))
    512
    """
    records: list[tuple[bytes, bytes]] = []
    seconds, finer = divmod(entry.mtime_ns, _SECOND)
    if finer:
        records.append((b"mtime", _time(entry.mtime_ns)))
    records += [(_bytes(key), value) for key, value in entry.pax.items()]
    return tarheader.header(
        _bytes(entry.name),
        _FLAGS[entry.kind],
        mode=entry.mode,
        owner=(entry.uid, entry.gid),
        size=entry.size,
        mtime=seconds,
        link=_bytes(entry.linkname),
        device=(entry.devmajor, entry.devminor),
        owner_names=(_bytes(entry.uname), _bytes(entry.gname)),
        records=records,
    )


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _time(nanoseconds: int) -> bytes:
    sign = "-" if nanoseconds < 0 else ""
    whole, part = divmod(abs(nanoseconds), _SECOND)
    return f"{sign}{whole}.{part:09}".rstrip("0").encode()
