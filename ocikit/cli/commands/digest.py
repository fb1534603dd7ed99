"""
`ocikit digest`.
"""

from __future__ import annotations

import click

from ocikit.cli.completing import places
from ocikit.cli.output import described, emit
from ocikit.cli.shared import options, shared_options


@click.command()
@click.argument("image", nargs=-1, shell_complete=places)
@click.option("--tarball", metavar="FILE", help="Look in an archive of `docker save`.")
@click.option("--full-ref", is_flag=True, help="Print REPOSITORY@DIGEST.")
@shared_options
def command(image: tuple[str, ...], tarball: str | None, full_ref: bool) -> None:
    """
    Print the digest of each IMAGE, an image or index at any place.

    Many are looked up at once, as --jobs says, and printed in the order given; `-` is a
    list on stdin. With --tarball, IMAGE is a tag in that archive.

    \b
      ocikit digest debian:12
      ocikit digest --platform linux/arm64 debian:12
      ocikit digest oci:out:v1
      ocikit ls --full-ref debian | ocikit digest -j 32 -
    """
    from ocikit.cli.many import answers
    from ocikit.cli.names import full_reference, in_tarball
    from ocikit.crane.read import digest

    if tarball is None and not image:
        raise click.UsageError("name an IMAGE, or an archive with --tarball")
    if tarball is not None and full_ref:
        raise click.UsageError("--full-ref does not go with --tarball")
    known = options()
    places = image if tarball is None else in_tarball(tarball, image)
    for place, found in answers(lambda name: digest(name, known), places, known):
        name = full_reference(place, found.digest, known) if full_ref else str(found.digest)
        emit(name, place=place, **described(found))
