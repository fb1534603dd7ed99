"""
`ocikit inspect`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ocikit.cli.completing import places
from ocikit.cli.output import emit
from ocikit.cli.pictures import html_option
from ocikit.cli.shared import shared_options

if TYPE_CHECKING:
    from ocikit.picture.looks import Look


@click.command()
@click.argument("image", nargs=-1, required=True, shell_complete=places)
@click.option("--waste", is_flag=True, help="Read the layers; show what no container sees.")
@click.option("--files", is_flag=True, help="Read the layers; show where the space goes.")
@click.option("--referrers", is_flag=True, help="Ask what refers to it, and show all of that.")
# As skopeo has them: exact documents, which `manifest` and `config` print.
@click.option("--raw", is_flag=True, hidden=True)
@click.option("--config", is_flag=True, hidden=True)
@html_option
@shared_options
def command(
    image: tuple[str, ...],
    waste: bool,
    files: bool,
    referrers: bool,
    raw: bool,
    config: bool,
    html: str | None,
) -> None:
    """
    Show what there is to know of each IMAGE: what it runs, its layers, what made them.

    Of an index its platforms are shown, and the image for --platform, else for
    linux/amd64. Layers are read, once and without keeping them, only for --waste, --files
    and --html, whose page has all that those show. `-` is a list of names on stdin.

    \b
      ocikit inspect debian:12
      ocikit inspect --waste --files oci:out:1
      ocikit inspect --html page.html r.example/app:1 --platform linux/arm64
    """
    if raw or config:
        _documents(image, "config" if config else "manifest")
        return
    from ocikit.cli.many import gathered
    from ocikit.cli.pictures import write_page
    from ocikit.cli.progress import doing, shown
    from ocikit.crane.looking import look

    read = waste or files or html is not None
    asked = referrers or html is not None
    with shown() as known, doing("reading"):
        looks, end = gathered(
            lambda name: look(name, known, read=read, referrers=asked), image, known
        )
    if html is not None:
        titled = len(looks) > 1
        parts = [part for each in looks for part in ([each.name] * titled, each.pictures())]
        write_page(
            html, ", ".join(each.name for each in looks), [each for part in parts for each in part]
        )
    else:
        for position, each in enumerate(looks):
            shown_ones = each.pictures(waste=waste, files=files)
            _tell(each, [*shown_ones], apart=position > 0)
    if end is not None:
        raise end


def _tell(found: Look, pictures: list[Any], *, apart: bool) -> None:
    from ocikit.cli.pictures import drawn

    lines = "\n\n".join(drawn(each) for each in pictures)
    emit(f"\n{lines}" if apart else lines, place=found.name, **_members(found, pictures))


def _members(found: Look, pictures: list[Any]) -> dict[str, Any]:
    from ocikit.cli.picture_facts import graph, overview, space, waste, waterfall

    said: dict[str, Any] = {}
    if found.index is not None:
        said |= overview(found.index)
        said["image"] = None if found.image is None else overview(found.image)
    elif found.image is not None:
        said |= overview(found.image)
    if found.layers is not None:
        said["layers"] = waterfall(found.layers)
    if found.scan is not None and found.scan.waste in pictures:
        said["waste"] = waste(found.scan.waste)
    if found.scan is not None and found.scan.space in pictures:
        said["files"] = space(found.scan.space)
    if found.graph is not None:
        said["graph"] = graph(found.graph)
    return said


def _documents(image: tuple[str, ...], name: str) -> None:
    import importlib

    context = click.get_current_context()
    context.invoke(importlib.import_module(f"ocikit.cli.commands.{name}").command, image=image)
