"""
`ocikit pull`.
"""

from __future__ import annotations

from typing import Literal

import click

from ocikit.cli.completing import places
from ocikit.cli.output import described, emit, notice
from ocikit.cli.shared import cache_in, shared, shared_options


@click.command()
@click.argument("image", nargs=-1, required=True, shell_complete=places)
@click.argument("path")
@click.option(
    "--format",
    type=click.Choice(["tarball", "legacy", "oci"]),
    default="tarball",
    show_default=True,
    help="An archive as docker saves it, one as docker did before 1.10, or an OCI layout.",
)
@click.option("--annotate-ref", is_flag=True, help="Name layout entries by full reference.")
@click.option(
    "-c",
    "--cache_path",
    "--cache-path",
    metavar="DIR",
    default="",
    help="The same as --cache.",
)
@shared_options
def command(
    image: tuple[str, ...],
    path: str,
    format: Literal["tarball", "legacy", "oci"],
    annotate_ref: bool,
    cache_path: str,
) -> None:
    """
    Write each IMAGE to PATH: an archive for `docker load`, or a layout.

    A pull that broke off, or was killed, is gone on with by the same command: until then
    what came lies in PATH.part, or in the layout. An archive holds one platform of an
    index: --platform, else linux/amd64, said on stderr. A layout holds indexes whole
    unless --platform narrows them. PATH `-` is an archive on stdout.

    \b
      ocikit pull debian:12 debian.tar
      ocikit pull --format oci debian:12 alpine:3 images/
      ocikit pull app:1 - | docker load
    """
    from ocikit.cli.progress import shown
    from ocikit.cli.targets import stream_to
    from ocikit.crane.archives import pull

    cache_in(cache_path)
    if path == "-" and format == "oci":
        raise click.UsageError("`-` writes an archive to stdout, but a layout is a directory")
    with shown() as known, stream_to(path, "an archive") as stream:
        target = path if stream is None else stream
        contents = pull(image, target, known, format=format, annotate_ref=annotate_ref)
    for place, content in zip(image, contents, strict=True):
        notice(f"{place}: {content.digest} is in {path}")
        if shared().output == "json" and path != "-":
            emit("", place=place, path=path, **described(content.descriptor))
