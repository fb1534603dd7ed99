"""
Why two digests differ: the first cause, as a record.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from ocikit._records import record
from ocikit._shown import shown
from ocikit.query.difference import Level

Cause: TypeAlias = Literal[
    # Of anything: other things altogether, other bytes, the same by another algorithm.
    "kind",
    "bytes",
    "algorithm",
    # Of documents: how they are written, and what they say.
    "whitespace",
    "order",
    "escapes",
    "numbers",
    "member",
    "value",
    # Of what indexes and images list.
    "child",
    "layer",
    # Of layers: how they are compressed, and in which archive.
    "compression",
    "gzip header",
    "zstd header",
    "compressed data",
    "format",
    "padding",
    "end",
    "truncated",
    # Of what is in archives: facts, content, and what only one side has.
    "fact",
    "content",
    "file",
]


@record(kw_only=True)
class Explanation:
    """
    The first cause why two digests differ.

    >>> told = "mtime 1700000000 | 0"
    >>> print(Explanation(level="file", path=("layer 1", "etc/motd"), cause="fact", message=told))
    layer 1 > etc/motd: mtime 1700000000 | 0
    """

    #: What differs.
    level: Level
    #: Where that is, such as ("linux/arm64", "layer 2", "etc/motd"); layers count from 1.
    path: tuple[str, ...]
    cause: Cause
    #: A sentence; both sides are parted by a bar, the left one first.
    message: str
    #: The first byte that differs: of a document, of a compressed blob, of the tar stream
    #: for what is in headers, or of the file for its content.
    offset: int | None = None
    #: What is there: JSON text; None where there is nothing, or nothing to show.
    left: str | None = None
    right: str | None = None

    def __str__(self) -> str:
        where = " > ".join(self.path)
        return shown(f"{where}: {self.message}" if where else self.message)
