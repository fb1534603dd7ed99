"""
Archives written whole: of one image or several, for docker, or as an OCI layout.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

from ocikit.content.image import Image
from ocikit.files.atomic import replacing
from ocikit.files.copy import Sink, pour, send, send_all
from ocikit.name.parse import parse_reference
from ocikit.name.records import Pinned, Tag
from ocikit.progress import Event, Report, Update, quiet
from ocikit.tarball.members import END, Contents, File, docker_contents
from ocikit.tree.tarheader import padding

#: Like the built-in `map`; a caller with threads gives one that works in parallel.
Map: TypeAlias = Callable[[Callable[[File], None], Iterable[File]], Iterable[None]]
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
    with replacing(path) as archive:
        # All places are known: members may be written in any order, and at once. What
        # lies between them are zeros, as a file has where nothing was written.
        archive.truncate(contents.size)

        def put(file: File) -> None:
            head = file.head
            os.pwrite(archive.fileno(), head, file.at)
            pour(file.blob, archive.fileno(), file.at + len(head), report=report)
            _done(file, report)

        for _ in map(put, contents.files):
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
