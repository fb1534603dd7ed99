"""
`ocikit append`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ocikit.cli.output import emit_content
from ocikit.cli.remaking import attestations_option
from ocikit.cli.shared import shared_options

if TYPE_CHECKING:
    from ocikit.mutate.attestations import Attestations


@click.command()
@click.option("-b", "--base", metavar="IMAGE", help="What to build on.  [default: nothing]")
@click.option(
    "-f",
    "--new_layer",
    "--new-layer",
    "layers",
    metavar="PATH",
    multiple=True,
    help="A tar, compressed or not, or `-` for one on stdin, or a folder; repeatable.",
)
@click.option("-t", "--new_tag", "--new-tag", "tag", metavar="IMAGE", help="Where to write it.")
@click.option(
    "-o",
    "--output",
    metavar="FILE|json",
    help="Write an archive to FILE instead; `text`, `json` or `jsonl` say how results are printed.",
)
@click.option("--into", default="/", show_default=True, help="Where folders go in the image.")
@click.option("--owner", metavar="UID:GID", help="Who owns the files of folders.")
@click.option(
    "--mode", metavar="OCTAL", help="Mode of files in folders; of those not run, without x."
)
@click.option("--exclude", metavar="GLOB", multiple=True, help="Leave out of folders; repeatable.")
@click.option("--xattrs", is_flag=True, help="Keep extended attributes of files in folders.")
@click.option("--created-by", default="", metavar="TEXT", help="What the history says made it.")
@click.option("--created", metavar="TIME", help="When the history says it was made (RFC 3339).")
@click.option(
    "--set-base-image-annotations", is_flag=True, help="Record which image it is built on."
)
@click.option("--oci-empty-base", is_flag=True, help="Start from an empty OCI image.")
@attestations_option
@shared_options
def command(
    base: str | None,
    layers: tuple[str, ...],
    tag: str | None,
    output: str | None,
    created_by: str,
    created: str | None,
    set_base_image_annotations: bool,
    oci_empty_base: bool,
    attestations: Attestations | None,
    **said: Any,
) -> None:
    """
    Put layers on top of an image, or of every image of an index.

    Times of files in folders are at most SOURCE_DATE_EPOCH.

    \b
      ocikit append -b debian:12 -f app.tar -t registry.example/app:1
      ocikit append -b debian:12 -f build/ --into /app -t oci:out:1
    """
    from ocikit.cli.layers import layer_of
    from ocikit.cli.names import paths
    from ocikit.cli.progress import doing, shown
    from ocikit.cli.targets import file_of, target_of
    from ocikit.crane.build import append
    from ocikit.crane.options import for_target
    from ocikit.crane.places import flush

    if base and oci_empty_base:
        raise click.UsageError("--oci-empty-base starts from nothing; it excludes --base")
    if not layers and not base and not oci_empty_base:
        raise click.UsageError("say what to append with -f, or what to build on with --base")
    file = file_of(output)
    with shown() as known:
        target = target_of(tag, file, known)
        with doing("making layers"):
            made = [layer_of(path, **said) for path in paths(layers)]
        built = append(
            base,
            made,
            for_target(target, known),
            base_annotations=set_base_image_annotations,
            oci=oci_empty_base,
            created=created,
            created_by=created_by,
            attestations=attestations,
        )
        name = flush(target, built, known)
    emit_content(name, built.descriptor)
