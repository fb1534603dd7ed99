"""
OCI archives: an OCI layout inside a tar.
"""

from __future__ import annotations

import os

from ocikit._records import evolve
from ocikit.content.image import Content, Image, Index
from ocikit.content.partial import describe
from ocikit.content.streams import Opener
from ocikit.files.copy import Map, Sink
from ocikit.progress import Report, quiet
from ocikit.spec.layout import INDEX_FILE, REF_NAME
from ocikit.tarball.archive import ArchiveInvalid, scan
from ocikit.tarball.exact import load_oci_entry
from ocikit.tarball.flush import write
from ocikit.tarball.members import layout_contents


def load_oci(
    source: str | os.PathLike[str] | Opener,
    reference: str | None = None,
    *,
    position: int | None = None,
) -> Content:
    """
    Load one entry of an OCI archive: by name, by position from 0, or the only one.

    Args:
        source: the archive, gzip'd or not, by path or opener.
        reference: its `org.opencontainers.image.ref.name`.
        position: its position in `index.json`.

    Raises:
        FileMissing: there is no such file.
        EntryMissing: the archive has no such entry, or several where none is named.
        ArchiveInvalid, JSONInvalid: it is not such an archive.
    """
    archive = scan(source)
    if INDEX_FILE not in archive:
        reason = "has no index.json; it is no OCI archive, try docker-archive"
        raise ArchiveInvalid(path=archive.path, reason=reason)
    return load_oci_entry(archive, reference, position)


def flush_oci(
    target: str | os.PathLike[str] | Sink,
    content: Image | Index,
    *,
    reference: str | None = None,
    report: Report = quiet,
    map: Map = map,
) -> None:
    """
    Write an OCI archive that holds one image or index; the same content, the same bytes.

    Args:
        target: a path, which is replaced when all is written; or a stream.
        content: what to write, with all that it refers to.
        reference: the name of the entry.
        report: hears of the progress.
        map: how members of a file at a path are written; several at once if it likes.

    Raises:
        Corrupt, Missing, Unreachable: content could not be opened; `target` is as it was.
    """
    descriptor = describe(content)
    if reference is not None:
        said = descriptor.annotations | {REF_NAME: reference}
        descriptor = evolve(descriptor, annotations=said)
    write(target, layout_contents([(descriptor, content)]), report=report, map=map)
