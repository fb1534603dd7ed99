"""
`ocikit edit`: config, manifest, fs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from ocikit.cli.completing import places
from ocikit.cli.remaking import attestations_option, target_option
from ocikit.cli.shared import shared_options

if TYPE_CHECKING:
    from ocikit.content.image import Content
    from ocikit.mutate.attestations import Attestations


@click.group(name="edit")
def command() -> None:
    """
    Edit one document or one file of an image, in $VISUAL or $EDITOR.

    Away from a terminal the new content comes on stdin. Nothing is written where nothing
    changes. Of an index --platform says which image is edited; the index stays one.

    \b
      ocikit edit config registry.example/app:1
      ocikit config app:1 | jq -c '.config.User = "me"' | ocikit edit config app:1
      echo hello | ocikit edit fs -f /etc/motd app:1 -t app:2
    """


@command.command(short_help="Edit the configuration")
@click.argument("image", shell_complete=places)
@target_option
@attestations_option
@shared_options
def config(image: str, tag: str | None, attestations: Attestations | None) -> None:
    """
    Edit the configuration of IMAGE; the new one is taken byte for byte.

    \b
      ocikit edit config --platform linux/arm64 registry.example/app:1
    """
    from ocikit.cli.editor import document, revised
    from ocikit.cli.edits import whole, written
    from ocikit.cli.progress import shown
    from ocikit.cli.targets import aim
    from ocikit.content.streams import BytesOpener
    from ocikit.crane.editing import edit_config, one_of, put_back

    with shown() as known:
        target = aim(image, known, tag=tag, whole=True)
        content = whole(image, target.loading(known))
        old = one_of(content, image, known)
        new = edit_config(old, document(revised(BytesOpener(old.config.content), "config.json")))
        written(
            image, content, put_back(content, old, new, image, known, attestations), target, known
        )


@command.command(short_help="Edit the manifest")
@click.argument("image", shell_complete=places)
@click.option("-m", "--media-type", metavar="TYPE", help="What it is.  [default: what it says]")
@target_option
@attestations_option
@shared_options
def manifest(
    image: str, media_type: str | None, tag: str | None, attestations: Attestations | None
) -> None:
    """
    Edit the manifest of IMAGE, or the index; the new one is taken byte for byte.

    What it refers to must be there already: in the old one, or in its repository or
    layout. With --platform it is the manifest of that image of an index.

    \b
      ocikit manifest app:1 | sed s/old/new/ | ocikit edit manifest app:1
    """
    from ocikit.cli.editor import document, revised
    from ocikit.cli.edits import tell_mismatch, whole, written
    from ocikit.cli.progress import shown
    from ocikit.cli.targets import aim
    from ocikit.content.image import Image, Index
    from ocikit.content.streams import BytesOpener
    from ocikit.crane.editing import edit_manifest, one_of, put_back
    from ocikit.crane.located import locate
    from ocikit.crane.read import raw_of
    from ocikit.crane.stock import stock_of

    with shown() as known:
        target = aim(image, known, tag=tag, whole=True)
        content = whole(image, target.loading(known))
        inner = isinstance(content, Index) and bool(known.platforms)
        old = one_of(content, image, known) if inner else content
        raw = document(revised(BytesOpener(raw_of(old)), "manifest.json"))
        stock = stock_of(locate(image, known), known)
        new = edit_manifest(old, raw, media_type=media_type, stock=stock)
        tell_mismatch(new, known)
        if inner and isinstance(old, Image):
            new = put_back(content, old, new, image, known, attestations)
        written(image, content, new, target, known)


@command.command(short_help="Edit one file")
@click.argument("image", shell_complete=places)
@click.option("-f", "--filename", required=True, metavar="PATH", help="Which file.")
@click.option("--mode", metavar="OCTAL", help="Its mode.  [default: as it was, or 0644]")
@click.option("--owner", metavar="UID:GID", help="Its owner.  [default: as it was, or 0:0]")
@target_option
@attestations_option
@shared_options
def fs(
    image: str,
    filename: str,
    mode: str | None,
    owner: str | None,
    tag: str | None,
    attestations: Attestations | None,
) -> None:
    """
    Edit one file of IMAGE, or add it, by a layer on top.

    The file keeps its mode, owner and extended attributes. Content from stdin goes into
    every image of an index, or into the one for --platform. Its time is SOURCE_DATE_EPOCH,
    or now.

    \b
      ocikit edit fs -f /etc/motd registry.example/app:1
      ocikit edit fs -f run.sh --mode 755 oci:out:1 <run.sh
    """
    import functools

    from ocikit.cli.editor import is_interactive, revised
    from ocikit.cli.edits import time_of, whole, written
    from ocikit.cli.layers import modified, octal, owner_of
    from ocikit.cli.progress import shown
    from ocikit.cli.targets import aim
    from ocikit.content.image import Image, Index
    from ocikit.content.streams import Opener
    from ocikit.crane.changed import changed
    from ocikit.crane.editing import one_of, put_back
    from ocikit.crane.onefile import edit_file

    bits, ids, mtime = octal(mode), owner_of(owner), modified()

    @functools.cache
    def given() -> Opener:
        # One stdin serves all images of an index.
        return revised(None, filename)

    def new_content(old: Opener | None) -> Opener:
        return revised(old, filename) if is_interactive() else given()

    with shown() as known:
        target = aim(image, known, tag=tag, whole=True)

        def edit(old: Image) -> Image:
            return edit_file(
                old,
                filename,
                new_content,
                known,
                mode=bits,
                owner=ids,
                mtime=mtime,
                created=time_of(mtime),
                created_by=f"ocikit edit fs -f {filename}",
            )

        content = whole(image, target.loading(known))
        if isinstance(content, Index) and not known.platforms and not is_interactive():
            made: Content = changed(content, [edit], image, known, attestations)
        else:
            old = one_of(content, image, known)
            made = put_back(content, old, edit(old), image, known, attestations)
        written(image, content, made, target, known)
