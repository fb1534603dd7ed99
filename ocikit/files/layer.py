"""
Layers from folders, files and tar archives.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from ocikit import media
from ocikit.content.blob import Blob
from ocikit.content.build import build_layer
from ocikit.content.compression import DEFAULT, Compression, Plain, decompress, sniff
from ocikit.content.layer import Layer
from ocikit.content.spool import Spool
from ocikit.content.streams import CHUNK, Opener, Stream
from ocikit.digest import digest_of, finish, hasher
from ocikit.errors import Invalid
from ocikit.files.folder import Exclude, Rules, archive, matcher
from ocikit.files.opener import FileOpener
from ocikit.spec.descriptor import Descriptor
from ocikit.tree.tarheader import BLOCK

if TYPE_CHECKING:
    from ocikit.content.streams import WriteableBuffer

Path = str | os.PathLike[str]


@attrs.frozen(kw_only=True)
class NotATar(Invalid):
    """
    What was given as a tar archive is none.
    """

    where: str

    def __str__(self) -> str:
        return (
            f"{self.where}: not a tar archive, neither as it is nor by gzip or zstd; "
            "give a folder to files.layer, and decompress other formats first"
        )


def layer(
    path: Path,
    *,
    into: str = "/",
    compression: Compression = DEFAULT,
    docker: bool = False,
    owner: tuple[int, int] | None = None,
    mode: int | None = None,
    epoch: int | None = None,
    exclude: Exclude = (),
    xattrs: bool = False,
    parents: bool = True,
) -> Layer:
    """
    Make a layer of what is in a folder, or of one file.

    The same tree gives the same layer: members are sorted by the bytes of their names,
    parents first; files with several names become hard links; ids are numbers; times
    are whole seconds. Sockets are left out, for no archive can hold them. The folder
    itself is not a member, so that its permissions do not replace those of `into`.

    Args:
        path: a folder, whose content is taken, or anything else, which is taken itself.
        into: the folder of the image that they appear in.
        compression: how the layer is written.
        docker: give the layer Docker's media type instead of OCI's.
        owner: user and group id of everything; as on disk when None.
        mode: permissions of folders and of files that can be run; other files get them
            without the execute bits. As on disk when None.
        epoch: no time is later than this, in seconds since 1970 (SOURCE_DATE_EPOCH);
            folders that only lead to `into` have it, or 0.
        exclude: shell patterns of what to leave out, or a predicate of paths below
            `path`; what is in an excluded folder is left out with it.
        xattrs: keep extended attributes, but for those that belong to this machine.
        parents: write the folders that lead to `into`, with mode 0755 (1777 for `tmp`
            and `var/tmp`, 0700 for `root`); False leaves those of the base as they are.

    Raises:
        FileMissing, FileUnreadable: something cannot be read.
        FileChanged: something was written to meanwhile.
        TargetInvalid: `into` is not a path.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "run").write_text("echo hello")
    ...     one = layer(folder, into="/app", owner=(0, 0), mode=0o755, epoch=0)
    ...     two = layer(folder, into="/app", owner=(0, 0), mode=0o755, epoch=0)
    >>> one == two
    True
    """
    rules = Rules(
        into=into,
        owner=owner,
        mode=mode,
        epoch=epoch,
        exclude=matcher(exclude),
        xattrs=xattrs,
        parents=parents,
    )
    return build_layer(archive(path, rules), compression=compression, docker=docker)


def tar_layer(
    source: Path | Stream,
    *,
    compression: Compression = DEFAULT,
    docker: bool = False,
    media_type: str | None = None,
) -> Layer:
    """
    Make a layer of a tar archive.

    One that is compressed by gzip or zstd already is used as it is, byte for byte; of a
    file no copy is made. Another is compressed once.

    Args:
        source: a file, or a stream, which is read to its end and left open.
        compression: how to compress what is not yet; with `Plain()` it stays as it is.
        docker: give the layer Docker's media type instead of OCI's.
        media_type: give the layer this one instead.

    Raises:
        NotATar: it is no tar archive.
        CompressionInvalid: it is compressed, and cut short or damaged.
        FileMissing, FileUnreadable, NotARegularFile: the file cannot be read.
    """
    if isinstance(source, str | os.PathLike):
        opener = FileOpener(source)
        with opener.open() as stream:
            return _from_stream(stream, opener, compression, docker, media_type, opener.path)
    return _from_stream(source, None, compression, docker, media_type, "the stream")


def _from_stream(
    stream: Stream,
    opener: Opener | None,
    compression: Compression,
    docker: bool,
    media_type: str | None,
    where: str,
) -> Layer:
    head = _head(stream)
    there = sniff(head)
    as_it_is = there != "none" or (opener is not None and isinstance(compression, Plain))
    kept = opener or Spool()
    tee = _Tee(stream, head, kept if as_it_is and isinstance(kept, Spool) else None)
    with decompress(tee) as tar:
        chunks = _checked(iter(lambda: tar.read(CHUNK), b""), where)
        if not as_it_is:
            return build_layer(
                chunks, compression=compression, media_type=media_type, docker=docker
            )
        diff_id = digest_of(chunks)
    kind = media_type or media.layer_type(there, docker=docker)
    descriptor = Descriptor(media_type=kind, digest=finish(tee.hash), size=tee.size)
    found = kept.opener() if isinstance(kept, Spool) else kept
    return Layer(blob=Blob(descriptor=descriptor, opener=found), diff_id=diff_id)


class _Tee(io.RawIOBase):
    """
    A stream that hashes, and keeps in a spool, what is read through it.
    """

    def __init__(self, stream: Stream, head: bytes, spool: Spool | None) -> None:
        self._stream = stream
        self._head = head
        self._spool = spool
        self.hash = hasher()
        self.size = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if self._head:
            count = min(len(self._head), len(view))
            view[:count] = self._head[:count]
            self._head = self._head[count:]
        else:
            count = self._stream.readinto(view)
        self.hash.update(view[:count])
        self.size += count
        if self._spool is not None:
            self._spool.write(view[:count])
        return count


def _head(stream: Stream) -> bytes:
    head = b""
    while len(head) < BLOCK and (more := stream.read(BLOCK - len(head))):
        head += more
    return head


def _checked(chunks: Iterator[bytes], where: str) -> Iterator[bytes]:
    """
    Give the chunks on when they begin as a tar archive does.
    """
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= BLOCK:
            break
    if not _is_header(head[:BLOCK]):
        raise NotATar(where=where)
    yield head
    yield from chunks


def _is_header(block: bytes) -> bool:
    if len(block) < BLOCK:
        return False
    if not any(block):
        # An archive without members begins with its end.
        return True
    said = block[148:156].strip(b" \0")
    try:
        return int(said, 8) == sum(block[:148]) + sum(block[156:]) + 8 * 32
    except ValueError:
        return False
