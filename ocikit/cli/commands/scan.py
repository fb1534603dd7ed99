"""
`ocikit scan`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from ocikit.cli.completing import places
from ocikit.cli.output import emit
from ocikit.cli.shared import options, shared_options

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ocikit.bulk.inventory import Facts
    from ocikit.bulk.outcome import Failed, Ok

#: What a line of text has, of an image and of a layer.
_SHOWN: Final = ("reference", "platform", "image", "size", "layers", "created")
_SHOWN_OF_LAYERS: Final = ("reference", "platform", "position", "layer", "size")


@click.command()
@click.argument("image", nargs=-1, required=True, shell_complete=places)
@click.option("--layers", is_flag=True, help="Print a line for each layer.")
@click.option(
    "--label",
    multiple=True,
    metavar="KEY",
    help="Print this label or annotation too; repeat it for several.",
)
@click.option(
    "--journal",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Keep what is found in this file; a scan that ended early goes on with it.",
)
@shared_options
def command(
    image: tuple[str, ...], layers: bool, label: tuple[str, ...], journal: str | None
) -> None:
    """
    Tell what many images are: platform, digest, size in bytes, layers, time.

    There is a line for each image, of an index for each image in it, in the order given;
    `-` is a list on stdin. As many are looked at once as --jobs says. With `--output json`
    a line is an object, which has more: base, source, revision, version, user. What fails
    is told on stderr, and the rest goes on.

    \b
      ocikit scan debian:12 alpine:3
      ocikit ls --full-ref debian | ocikit scan -j 32 --output json - >deb.jsonl
      ocikit scan -j 32 --journal fleet.journal --label team - <fleet
    """
    from ocikit.bulk.tables import layer_rows, rows
    from ocikit.bulk.verbs import scan
    from ocikit.cli.many import is_one, names

    if layers and label:
        raise click.UsageError("--label is of images, and does not go with --layers")
    known = options()
    jobs = known.client.jobs
    found = scan(names(image), known, jobs=jobs, journal=journal, ordered=True)
    codes: list[int] = []
    well = _told(found, codes, named=not is_one(image))
    for row in layer_rows(well) if layers else rows(well, labels=label):
        _print(row, label, _SHOWN_OF_LAYERS if layers else _SHOWN)
    if codes:
        raise click.exceptions.Exit(codes[0])


def _told(
    outcomes: Iterator[Ok[str, Facts] | Failed[str]], codes: list[int], *, named: bool
) -> Iterator[Ok[str, Facts]]:
    """
    Give what went well; tell of what failed, and note its exit code.
    """
    from ocikit.bulk.outcome import Failed
    from ocikit.cli import exits

    for outcome in outcomes:
        if isinstance(outcome, Failed):
            codes.append(exits.report(outcome.error, outcome.reference if named else ""))
        else:
            yield outcome


def _print(row: dict[str, Any], labels: tuple[str, ...], shown: tuple[str, ...]) -> None:
    said = {label: row.pop(f"label:{label}") for label in dict.fromkeys(labels)}
    cells = [*(row[name] for name in shown), *(said[label] for label in labels)]
    members = {_member(name): row[name] for name in row if not name.startswith("error")}
    if said:
        members["labels"] = said
    # A label may be any text; a line must stay one.
    texts = ("-" if cell is None else " ".join(str(cell).split()) for cell in cells)
    emit("\t".join(texts), **members)


def _member(column: str) -> str:
    """
    Name a column as results of other commands do.

    >>> _member("reference"), _member("media_type")
    ('place', 'mediaType')
    """
    first, *others = column.split("_")
    return "place" if column == "reference" else first + "".join(map(str.title, others))
