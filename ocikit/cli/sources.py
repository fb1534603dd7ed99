"""
What `push` is given: a file, a folder, a stream, or any place.
"""

from __future__ import annotations

import contextlib
import os

from ocikit.cli.existing import NothingThere, see_that_it_is_there
from ocikit.content.image import Content
from ocikit.content.streams import Opener
from ocikit.crane.flow import flow
from ocikit.crane.options import Options, read_from
from ocikit.crane.places import load, narrow
from ocikit.crane.write import whole_layout
from ocikit.name.locator import PREFIXES
from ocikit.query.entries import EntryMissing


def content_of(path: str, options: Options, *, whole: bool) -> Content:
    """
    Load what `push` is to push.

    Args:
        path: a layout directory, an archive of either kind, `-` for one on stdin, or a
            place that is written as one.
        options: which platforms are wanted.
        whole: take all that a layout holds as one index.

    Raises:
        NothingThere: the path leads to nothing.
        PlaceUnsupported: the whole is asked for of what is no layout.
    """
    if path == "-" and not whole:
        return narrow(_archived(read_from(path, options), options), options.platforms)
    if not path.startswith(PREFIXES):
        try:
            see_that_it_is_there(path)
        except NothingThere as error:
            error.add_note(f"What is in a registry is docker://{path}.")
            raise
        if not os.path.isdir(path) and not whole:
            return narrow(_archived(path, options), options.platforms)
        path = f"oci:{path}"
    if whole:
        return whole_layout(path, options)
    try:
        return load(path, options)
    except EntryMissing as error:
        if len(error.there) > 1:
            error.add_note(f"Name one, as in {path}:NAME, or push all of it with --index.")
        raise


def _archived(source: str | Opener, options: Options) -> Content:
    """
    Load the only image of an archive, of docker's kind or of OCI's.
    """
    from ocikit.tarball.archive import ArchiveInvalid
    from ocikit.tarball.load import load as load_docker
    from ocikit.tarball.ocilayout import load_oci

    try:
        return load_docker(source, compression=options.compression, map=flow(options).map)
    except ArchiveInvalid as error:
        with contextlib.suppress(ArchiveInvalid):
            return load_oci(source)
        raise error from None
