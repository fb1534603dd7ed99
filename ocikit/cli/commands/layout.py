"""
`ocikit layout`.
"""

from __future__ import annotations

import time
from datetime import timedelta

import click

from ocikit.cli import exits
from ocikit.cli.ages import younger_stays
from ocikit.cli.completing import places
from ocikit.cli.output import described, emit, emit_content, notice
from ocikit.cli.shared import shared_options
from ocikit.name.locator import LayoutPlace, parse_locator

#: How a layout is named here: by its folder, or as a place.
_PREFIX = "oci:"


@click.group(name="layout")
def command() -> None:
    """
    Look at OCI layouts, clean them up, and mend them.

    A layout is named by its folder, DIR. Where one entry is meant, name it as a place:
    oci:DIR:NAME or oci:DIR:@0.
    """


@command.command(name="list", short_help="List what a layout holds")
@click.argument("dir")
@shared_options
def list_(dir: str) -> None:
    """
    List the entries of the layout DIR: a name for each, and its digest.

    \b
      ocikit layout list out
      ocikit layout list --output json out
    """
    from ocikit.layout.load import entries
    from ocikit.spec.encode import unstructure
    from ocikit.spec.layout import REF_NAME

    folder = _folder(dir)
    for at, entry in enumerate(entries(folder)):
        name = entry.annotations.get(REF_NAME)
        place = f"oci:{folder}:{name or f'@{at}'}"
        suited = f"\t{entry.platform}" if entry.platform else ""
        emit(
            f"{place}\t{entry.digest}{suited}",
            place=place,
            position=at,
            name=name,
            **unstructure(entry),
        )


@command.command(short_help="Take an entry out")
@click.argument("place", shell_complete=places)
@shared_options
def remove(place: str) -> None:
    """
    Take an entry out of a layout: oci:DIR:NAME, oci:DIR:@0.

    What it names stays until `ocikit layout gc`.

    \b
      ocikit layout remove oci:out:v1
    """
    from ocikit.layout.change import remove

    entry = _entry(place)
    removed = remove(entry.path, entry.reference, position=entry.position)
    emit(str(removed.digest), place=place, **described(removed))


@command.command(short_help="Set and remove annotations of an entry")
@click.argument("place", shell_complete=places)
@click.option("-a", "--annotation", metavar="KEY=VALUE", multiple=True, help="Set an annotation.")
@click.option("--remove-annotation", metavar="KEY", multiple=True, help="Remove an annotation.")
@click.option("--name", help="Give the entry another name.")
@shared_options
def annotate(
    place: str, annotation: tuple[str, ...], remove_annotation: tuple[str, ...], name: str | None
) -> None:
    """
    Change what a layout says of an entry: oci:DIR:NAME, oci:DIR:@0.

    \b
      ocikit layout annotate -a tested=yes oci:out:v1
      ocikit layout annotate --name v1 oci:out:@0
    """
    from ocikit.cli.names import pairs
    from ocikit.layout.change import annotate
    from ocikit.layout.index import check_name
    from ocikit.spec.layout import REF_NAME

    said = dict(pairs(annotation, "--annotation", split=True))
    if name is not None:
        said[REF_NAME] = check_name(name)
    if not (said or remove_annotation):
        raise click.UsageError("say what to change: -a KEY=VALUE, --remove-annotation or --name")
    entry = _entry(place)
    changed = annotate(
        entry.path, entry.reference, position=entry.position, set=said, remove=remove_annotation
    )
    found = changed.annotations.get(REF_NAME)
    emit_content(f"oci:{entry.path}:{found}" if found else place, changed)


@command.command(short_help="Delete what nothing names")
@click.argument("dir")
@click.option("--dry-run", is_flag=True, help="Tell what would be deleted, and delete nothing.")
@younger_stays(
    "Only what is older, as 30d or 12h: for layouts that other tools write to meanwhile, for "
    "they hold no lock.",
    default="0",
)
@shared_options
def gc(dir: str, dry_run: bool, older_than: timedelta) -> None:
    """
    Delete the blobs of the layout DIR that nothing in it names.

    It waits until no other ocikit writes there. What writers that were killed left goes
    too.

    \b
      ocikit layout gc --dry-run out
    """
    from ocikit.layout.gc import gc
    from ocikit.sizes import counted, in_units

    before = time.time() - older_than.total_seconds() if older_than else None
    garbage = gc(_folder(dir), dry_run=dry_run, before=before)
    for each in garbage:
        digest = None if each.digest is None else str(each.digest)
        emit(f"{each.path}\t{each.size}", path=each.path, size=each.size, digest=digest)
    total = in_units(sum(each.size for each in garbage))
    notice(f"{'would delete' if dry_run else 'deleted'} {counted(len(garbage), 'file')}, {total}")


@command.command(short_help="Find what is damaged, and mend it")
@click.argument("dir")
@click.option(
    "--repair", is_flag=True, help="Move damaged blobs to DIR/quarantine, delete leftovers."
)
@click.option(
    "--rebuild",
    is_flag=True,
    help="Do that, and write the index anew: list manifests that nothing lists, and no longer "
    "what is not there.",
)
@shared_options
@click.pass_context
def fsck(context: click.Context, dir: str, repair: bool, rebuild: bool) -> None:
    """
    Read all that the layout DIR holds, and tell what is wrong with it.

    The exit code is 1 when errors stay that are not mended. What is missing is fetched
    by pulling the image again.

    \b
      ocikit layout fsck out
      ocikit layout fsck --rebuild out
    """
    from ocikit.layout.fsck import fsck
    from ocikit.query.finding import Severity

    flaws = fsck(_folder(dir), repair=repair, rebuild=rebuild)
    for flaw in flaws:
        emit(
            str(flaw),
            severity=flaw.severity,
            path=flaw.path,
            message=flaw.message,
            repair=flaw.repair,
            repaired=flaw.repaired,
        )
    if any(flaw.severity is Severity.ERROR and not flaw.repaired for flaw in flaws):
        context.exit(exits.NEGATIVE)


def _folder(text: str) -> str:
    folder = text.removeprefix(_PREFIX)
    if folder != text and ":" in folder:
        raise click.UsageError(f"{text}: name the whole layout, as {folder.partition(':')[0]}")
    return folder


def _entry(text: str) -> LayoutPlace:
    found = parse_locator(text)
    if not isinstance(found, LayoutPlace):
        raise click.UsageError(f"{text}: name an entry of a layout, as oci:DIR:NAME or oci:DIR:@0")
    return found
