"""
`ocikit export`.
"""

from __future__ import annotations

import click

from ocikit.cli.completing import places
from ocikit.cli.output import described, emit, notice
from ocikit.cli.shared import shared, shared_options


@click.command()
@click.argument("image", shell_complete=places)
@click.argument("path", metavar="[TARBALL]", default="-")
@shared_options
def command(image: str, path: str) -> None:
    """
    Write the root filesystem of IMAGE, all its layers merged, to TARBALL.

    IMAGE `-` is an archive of `docker save`, or an OCI archive, on stdin. TARBALL `-`, or
    none, is stdout. A file is there when all of it is, or stays as it was. Of an index it
    is the image for --platform, else for linux/amd64, said on stderr.

    \b
      ocikit export debian:12 rootfs.tar
      ocikit export --platform linux/arm64 debian:12 | tar -x -C rootfs
      docker save app:1 | ocikit export - | tar -t
    """
    from ocikit.cli.progress import doing, shown
    from ocikit.cli.sources import content_of
    from ocikit.cli.targets import stream_to
    from ocikit.crane.places import load, one_image
    from ocikit.crane.rootfs import export, export_to
    from ocikit.files.copy import send_all

    with shown() as known, stream_to(path, "a tar") as stream:
        content = content_of("-", known, whole=False) if image == "-" else load(image, known)
        found = one_image(content, image, known)
        if stream is None:
            with doing("merging layers"):
                export_to(found, path, known)
        else:
            for piece in export(found, known):
                send_all(stream, piece)
    where = "on stdout" if path == "-" else f"in {path}"
    notice(f"{image}: the files of {found.digest} are {where}")
    if shared().output == "json" and path != "-":
        emit("", place=image, path=path, **described(found.descriptor))
