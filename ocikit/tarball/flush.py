"""
Archives written whole: of one image or several, for docker, or as an OCI layout.
"""

from __future__ import annotations

import io
import os
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from ocikit.content.blob import Blob
from ocikit.content.image import Image
from ocikit.content.streams import ResumableOpener
from ocikit.files.atomic import replacing
from ocikit.files.copy import Map, Sink, pour, send, send_all
from ocikit.files.part import RESUMED, Mark, Piece, filling
from ocikit.name.parse import parse_reference
from ocikit.name.records import Pinned, Tag
from ocikit.progress import Event, Report, Update, quiet
from ocikit.tarball.members import END, Contents, File, docker_contents
from ocikit.tree.tarheader import padding

Images: TypeAlias = Image | Mapping[str, Image]


def flush(
    target: str | os.PathLike[str] | Sink,
    images: Images,
    *,
    reference: str | Tag | None = None,
    report: Report = quiet,
    map: Map = map,
) -> None:
    """
    Write an archive that `docker load`, podman and skopeo read.

    The same images give the same bytes. Layers are written as they are; images keep
    their own manifests in the layout that the archive also is, so that loading it with
    ocikit gives them back with their digests.

    Args:
        target: a path, which is replaced when all is written; or a stream.
        images: one image, or several by tag.
        reference: the tag of the one image; none leaves it untagged.
        report: hears of the progress.
        map: how members of a file at a path are written; several at once if it likes.

    Raises:
        NameInvalid: a tag is none.
        NotAnImage: an artifact has no place in such an archive.
        Corrupt, Missing, Unreachable: a layer could not be opened; `target` is as it was.
    """
    write(target, contents_of(images, reference), report=report, map=map)


def contents_of(images: Images, reference: str | Tag | None = None) -> Contents:
    """
    Lay out the archive that `flush` writes; its size is known from this.
    """
    if isinstance(images, Image):
        return docker_contents([(_tags(reference), images)])
    tags: dict[Image, tuple[str, ...]] = {}
    for name, image in images.items():
        tags[image] = (*tags.get(image, ()), *_tags(name))
    return docker_contents([(tuple(sorted(names)), image) for image, names in tags.items()])


def size_of(images: Images, reference: str | Tag | None = None) -> int:
    """
    Tell how many bytes `flush` writes.
    """
    return contents_of(images, reference).size


def _tags(reference: str | Tag | None) -> tuple[str, ...]:
    if reference is None:
        return ()
    name = parse_reference(reference, weak=True) if isinstance(reference, str) else reference
    # Archives know images by tag only: one named by digest alone stays untagged.
    if isinstance(name, Pinned):
        return () if name.tag is None else (name.repository.tag(name.tag).familiar,)
    return (name.familiar,)


def write(
    target: str | os.PathLike[str] | Sink,
    contents: Contents,
    *,
    report: Report = quiet,
    map: Map = map,
) -> None:
    """
    Write an archive that was laid out, to a path or to a stream.
    """
    report(Update(event=Event.PLANNED, bytes=sum(file.blob.size for file in contents.files)))
    if isinstance(target, str | os.PathLike):
        _to_path(target, contents, report, map)
    else:
        _to_stream(target, contents, report)


def _to_path(path: str | os.PathLike[str], contents: Contents, report: Report, map: Map) -> None:
    if any(_is_dear(file.blob) for file in contents.files):
        pieces = [Piece(f.blob.digest, f.at + len(f.head), f.blob.size) for f in contents.files]
        with filling(path, pieces, contents.size) as part:
            _fill(part.file, contents, part.marks, report, map)
        return
    with replacing(path) as archive:
        archive.truncate(contents.size)
        _fill(archive, contents, [None] * len(contents.files), report, map)


def _is_dear(blob: Blob) -> bool:
    return blob.size >= RESUMED and isinstance(blob.opener, ResumableOpener)


def _fill(
    archive: io.FileIO,
    contents: Contents,
    marks: Sequence[Mark | None],
    report: Report,
    map: Map,
) -> None:
    """
    Write the members of an archive, in any order, and several at once.

    All places are known. What lies between members are zeros, as a file has where
    nothing was written.
    """

    def put(numbered: tuple[int, File]) -> None:
        number, file = numbered
        head = file.head
        os.pwrite(archive.fileno(), head, file.at)
        pour(file.blob, archive.fileno(), file.at + len(head), report=report, mark=marks[number])
        _done(file, report)

    for _ in map(put, enumerate(contents.files)):
        pass


def _to_stream(sink: Sink, contents: Contents, report: Report) -> None:
    for file in contents.files:
        send_all(sink, file.head)
        send(file.blob, sink, report=report)
        send_all(sink, padding(file.blob.size))
        _done(file, report)
    send_all(sink, END)


def _done(file: File, report: Report) -> None:
    if not file.folder:
        report(Update(event=Event.DONE, digest=file.blob.digest, name=file.name))
