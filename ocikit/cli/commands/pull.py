"""
`ocikit pull`.
"""

from __future__ import annotations

from typing import Literal

import click

from ocikit.cli.completing import places
from ocikit.cli.output import described, emit, notice
from ocikit.cli.shared import FORMS, cache_in, result_template, shared, shared_options


@click.command()
@click.argument("image", nargs=-1, required=True, shell_complete=places)
@click.argument("path")
@click.option(
    "--format",
    default="tarball",
    metavar="tarball|legacy|oci",
    help="An archive as docker saves it, one as docker did before 1.10, or an OCI layout; or a "
    "TEMPLATE, or json, for results.  [default: tarball]",
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
    format: str,
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
    form = _form(format)
    if path == "-" and form == "oci":
        raise click.UsageError("`-` writes an archive to stdout, but a layout is a directory")
    with shown() as known, stream_to(path, "an archive") as stream:
        target = path if stream is None else stream
        contents = pull(image, target, known, format=form, annotate_ref=annotate_ref)
    where = "on stdout" if path == "-" else f"in {path}"
    for place, content in zip(image, contents, strict=True):
        notice(f"{place}: {content.digest} is {where}")
        if shared().output == "json" and path != "-":
            emit("", place=place, path=path, **described(content.descriptor))


def _form(text: str) -> Literal["tarball", "legacy", "oci"]:
    """
    Tell the kind of archive that crane's `--format` names; all else is for results.
    """
    if text in ("tarball", "legacy", "oci"):
        return text  # type: ignore[return-value]  # one of these
    if text not in FORMS and "{" not in text:
        raise click.UsageError(
            f"--format {text!r}: write tarball, legacy or oci; or a template for results, as "
            "'{digest}'"
        )
    result_template(text)
    return "tarball"
