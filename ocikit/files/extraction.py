"""
The files that layers make, on disk: in a folder that they cannot leave.

What layers make of each other is settled before anything is written (`ocikit.tree`), so
that marks never touch the disk, and no path leads through a link. What is written is
written below the folder, whatever the layers hold, and whatever is there already.
"""

from __future__ import annotations

import io
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress

import attrs

from ocikit._records import evolve
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.errors import Unreachable
from ocikit.files.atomic import write_all
from ocikit.files.facts import Facts, Skipped
from ocikit.files.rooted import Rooted, new_file, open_folder, remove
from ocikit.tree.checked import checked
from ocikit.tree.entry import Entry, Member, Owned, entry_of
from ocikit.tree.overlay import merge, merge_into
from ocikit.tree.paths import clean
from ocikit.tree.reader import LIMITS, Limits, Reader
from ocikit.tree.sparse import pieces


@attrs.frozen(kw_only=True)
class FileUnwritable(Unreachable):
    """
    The system does not let a file be written.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path!r}: cannot be written: {self.reason}"


def extract(
    image: Image | Sequence[Layer],
    target: str | os.PathLike[str],
    *,
    owners: bool | None = None,
    limits: Limits = LIMITS,
) -> tuple[Skipped, ...]:
    """
    Write the files of an image into a folder.

    Nothing is written, changed or removed outside of it. What is there already stays,
    but for what has the path of a file of the image: that is removed first, so that
    nothing is written through it. A folder that is not empty is not replaced.

    When this fails, a folder that was missing or empty is left empty; in another are the
    files that were whole by then. Nothing is forced to the disk.

    Args:
        image: an image, or layers, lowest first.
        target: the folder; made when it is missing.
        owners: give files the owners that the image says; None means to do so as root.
            Without, files are the caller's own, and none gives away his rights (setuid).
        limits: what is taken for a bomb, in each of the layers.

    Returns:
        What could not be done for want of rights or of support by the file system:
        devices, extended attributes, owners, times.

    Raises:
        FileUnwritable: the system refuses.
        DiffIDMismatch: a layer is not the one that the configuration speaks of.
        LinkTargetMissing: a hard link refers to what is not there.
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.

    >>> from ocikit.content.synthetic import layer
    >>> import pathlib, random, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     extract([layer(random.Random(1), 100)], folder)
    ...     len(list(pathlib.Path(folder).iterdir()))
    ()
    1
    """
    layers = checked(image.layers if isinstance(image, Image) else image)
    # The limits are those of each layer, and were kept when all are one.
    whole = evolve(limits, members=limits.members * max(1, len(layers)))
    disk = _Disk(target, os.geteuid() == 0 if owners is None else owners, whole)
    try:
        if disk.found_empty:
            merge_into(layers, disk.write, limits=limits)
        else:
            disk.write(merge(layers, limits=limits))
    except BaseException:
        # What went wrong first is what is told.
        with suppress(OSError):
            disk.clear()
        raise
    finally:
        disk.close()
    return tuple(disk.facts.skipped)


class _Disk:
    """
    Writes the members of one archive, in which no path is there twice.
    """

    def __init__(self, target: str | os.PathLike[str], owners: bool, limits: Limits) -> None:
        self._limits = limits
        self._rooted = Rooted(target)
        self.found_empty = not os.listdir(self._rooted.root)
        self.facts = Facts(owners)
        #: Folders get their facts last: what is written into them changes their times.
        self._folders: list[tuple[bytes, Entry]] = []
        self._known: dict[bytes, Owned] = {}

    def close(self) -> None:
        self._rooted.close()

    def clear(self) -> None:
        """
        Leave a folder that was empty as it was found.
        """
        self.facts.skipped.clear()
        self._folders.clear()
        if self.found_empty:
            self._rooted.clear()

    def write(self, chunks: Iterator[bytes]) -> None:
        """
        Write everything; a second call begins anew.
        """
        self.clear()
        reader = Reader(_Pieces(chunks), self._limits)
        for member in reader:
            path = clean(member.name)
            try:
                self._write(path, member, reader)
            except OSError as error:
                raise _unwritable(path, error) from error
        self._finish()

    def _write(self, path: bytes, member: Member, reader: Reader) -> None:
        entry = entry_of(member, os.fsdecode(member.name), self._known)
        if entry.kind == "directory":
            self._rooted.folder(path)
            self._folders.append((path, entry))
            return
        parent, _, name = path.rpartition(b"/")
        if entry.kind == "hardlink":
            self._link(clean(member.linkname), parent, name)
            return
        folder = self._rooted.folder(parent)
        if entry.kind == "file":
            self._file(folder, name, member, entry, reader)
            return
        remove(folder, name)
        if entry.kind == "symlink":
            os.symlink(member.linkname, name, dir_fd=folder)
        elif entry.kind == "fifo":
            os.mkfifo(name, 0o600, dir_fd=folder)
        elif not self._device(folder, name, entry):
            return
        self.facts.set_closed(folder, name, entry)

    def _file(self, folder: int, name: bytes, member: Member, entry: Entry, reader: Reader) -> None:
        with io.FileIO(new_file(folder, name), "wb") as file:
            try:
                self._content(file, member, entry, reader)
                self.facts.set_open(file.fileno(), entry)
            except BaseException:
                with suppress(OSError):
                    os.unlink(name, dir_fd=folder)
                raise

    def _content(self, file: io.FileIO, member: Member, entry: Entry, reader: Reader) -> None:
        if not (entry.pax and entry.sparse):
            for piece in reader.content():
                write_all(file, piece)
            return
        for at, piece in pieces(member, reader.content()):
            file.seek(at)
            write_all(file, piece)
        file.truncate(entry.real_size)

    def _link(self, target: bytes, parent: bytes, name: bytes) -> None:
        above, _, own = target.rpartition(b"/")
        # The handle of the one folder is gone when the other one is asked for.
        held = os.dup(self._rooted.folder(above, make=False))
        try:
            folder = self._rooted.folder(parent)
            remove(folder, name)
            os.link(own, name, src_dir_fd=held, dst_dir_fd=folder, follow_symlinks=False)
        finally:
            os.close(held)

    def _device(self, folder: int, name: bytes, entry: Entry) -> bool:
        kind = stat.S_IFCHR if entry.kind == "char" else stat.S_IFBLK
        try:
            number = os.makedev(entry.devmajor, entry.devminor)
            os.mknod(name, kind | 0o600, number, dir_fd=folder)
        except (PermissionError, OverflowError) as error:
            self.facts.skip(entry, "device", error)
            return False
        return True

    def _finish(self) -> None:
        said = dict(self._folders)
        folders = [(path, said.get(path)) for path in {*said, *self._rooted.made}]
        # What is deepest first: the facts of a folder may forbid to go further.
        for path, entry in sorted(folders, key=_depth, reverse=True):
            parent, _, name = path.rpartition(b"/")
            try:
                handle = open_folder(self._rooted.folder(parent, make=False), name or b".")
                try:
                    self._set(handle, entry)
                finally:
                    os.close(handle)
            except OSError as error:
                raise _unwritable(path, error) from error

    def _set(self, handle: int, entry: Entry | None) -> None:
        if entry is None:
            # No layer speaks of it.
            os.fchmod(handle, 0o755)
        else:
            self.facts.set_open(handle, entry)


def _depth(folder: tuple[bytes, Entry | None]) -> tuple[int, bytes]:
    path = folder[0]
    return path.count(b"/") + bool(path), path


def _unwritable(path: bytes, error: OSError) -> FileUnwritable:
    return FileUnwritable(path=os.fsdecode(path), reason=error.strerror or str(error))


class _Pieces(io.RawIOBase):
    """
    Pieces of a stream as a stream: each read gives one, whatever its size.
    """

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks

    def read(self, size: int | None = -1, /) -> bytes:
        return next(self._chunks, b"")
