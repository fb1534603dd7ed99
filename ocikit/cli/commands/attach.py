"""
`ocikit attach`.
"""

from __future__ import annotations

import click

from ocikit.cli.completing import places
from ocikit.cli.output import emit
from ocikit.cli.shared import shared_options


@click.command()
@click.argument("image", shell_complete=places)
@click.argument("file", nargs=-1)
@click.option(
    "--artifact-type", metavar="TYPE", required=True, help="The media type that says what it is."
)
@click.option("-a", "--annotation", metavar="KEY=VALUE", multiple=True, help="Of the artifact.")
@shared_options
def command(
    image: str, file: tuple[str, ...], artifact_type: str, annotation: tuple[str, ...]
) -> None:
    """
    Put each FILE beside IMAGE in its registry, as an artifact about it.

    After a file may stand its media type; else it is told by the file's name. The
    artifact has no tag: `ocikit referrers` finds it. With --platform it is about one
    image of an index.

    \b
      ocikit attach --artifact-type application/spdx+json app:1 sbom.json
      ocikit attach --artifact-type example/note -a by=me app:1 note:text/plain
    """
    from ocikit.cli.names import pairs
    from ocikit.cli.progress import shown
    from ocikit.crane.belonging import attach
    from ocikit.files.whole import file_blob

    blobs = [file_blob(path, kind, titled=True) for path, kind in map(_typed, file)]
    with shown() as known:
        name = attach(
            image,
            blobs,
            known,
            artifact_type=artifact_type,
            annotations=pairs(annotation, "--annotation"),
        )
    emit(name, reference=name, subject=image, artifactType=artifact_type)


def _typed(text: str) -> tuple[str, str]:
    """
    Part a file from its media type; one is guessed without asking the system, which
    would give another digest elsewhere.
    """
    path, colon, kind = text.rpartition(":")
    if colon and "/" in kind and not kind.startswith(("/", ".")):
        return path, kind
    from mimetypes import MimeTypes

    return text, MimeTypes().guess_type(text)[0] or "application/octet-stream"
