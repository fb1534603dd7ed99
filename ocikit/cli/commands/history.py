"""
`ocikit history`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from ocikit.cli.completing import places
from ocikit.cli.output import emit
from ocikit.cli.shared import shared_options

if TYPE_CHECKING:
    from ocikit.picture.steps import Step, Steps

#: Wider than any instruction is.
_UNBOUNDED: Final = 1 << 20


@click.command()
@click.argument("image", nargs=-1, required=True, shell_complete=places)
@click.option("--no-trunc", is_flag=True, help="Show instructions whole, on lines as long.")
@click.option("--oldest-first", is_flag=True, help="Begin with the base.  [default: newest first]")
@shared_options
def command(image: tuple[str, ...], no_trunc: bool, oldest_first: bool) -> None:
    """
    Show the steps that made each IMAGE, the newest first, as `docker history` does.

    Sizes are those of layers as they are stored. Of an index it is the image for
    --platform, else for linux/amd64, said on stderr. With --output json each step is an
    object. `-` is a list of names on stdin.

    \b
      ocikit history debian:12
      ocikit history --no-trunc --oldest-first oci:out:1
    """
    from ocikit._records import evolve
    from ocikit._shown import shown
    from ocikit.cli.many import answers, is_one
    from ocikit.cli.shared import options
    from ocikit.crane.places import load, one_image
    from ocikit.picture.steps import steps

    known = options()

    def made(name: str) -> Steps:
        return steps(one_image(load(name, known), name, known), name)

    for position, (name, found) in enumerate(answers(made, image, known)):
        ordered = found.steps if oldest_first else found.steps[::-1]
        titles = [] if is_one(image) else [*([""] if position else []), shown(name)]
        width = _UNBOUNDED if no_trunc else None
        _tell(evolve(found, steps=ordered), titles, width)


def _tell(found: Steps, titles: list[str], width: int | None) -> None:
    from ocikit.cli.pictures import drawn
    from ocikit.cli.shared import shared

    if shared().output == "json":
        for each in found.steps:
            emit("", **_members(found.name, each))
        return
    emit("\n".join([*titles, drawn(found, width)]))


def _members(place: str, step: Step) -> dict[str, Any]:
    made = {"layer": step.layer, "digest": str(step.digest), "size": step.size}
    return {
        "place": place,
        "created": step.created,
        "instruction": step.instruction,
        "createdBy": step.created_by,
        "comment": step.comment,
        "author": step.author,
        **(made if step.layer is not None else {}),
    }
