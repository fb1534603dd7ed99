"""
`ocikit copy`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, TypedDict

import click

from ocikit.cli.among import among_option
from ocikit.cli.completing import places
from ocikit.cli.output import emit, notice
from ocikit.cli.remaking import digestfile_option, packing_option, write_digest
from ocikit.cli.shared import every_platform, shared_options

if TYPE_CHECKING:
    from ocikit.content.compression import Compression
    from ocikit.crane.options import Options
    from ocikit.query.plan import Operation


@click.command()
@click.argument("source", shell_complete=places)
@click.argument("target", shell_complete=places)
@click.option("-a", "--all-tags", is_flag=True, help="Copy all tags of a repository.")
@click.option(
    "--tags", metavar="GLOB", multiple=True, help="Copy the tags like this one; repeatable."
)
@click.option("--exclude-tags", metavar="GLOB", multiple=True, help="Leave out such tags.")
@click.option("-n", "--no-clobber", is_flag=True, help="Refuse to overwrite a tag.")
@click.option(
    "--with-referrers",
    is_flag=True,
    help="Copy what belongs to it: signatures, attestations, all that refers to it.",
)
@click.option(
    "-r",
    "--recursive",
    is_flag=True,
    help="Copy a repository and all below it, or a whole registry: only what differs.",
)
@among_option
@click.option(
    "--journal",
    metavar="FILE",
    help="With -r: write down what is finished, and go on from there the next time.",
)
@click.option(
    "--link",
    is_flag=True,
    help="Into a layout or directory, give blobs that are files here a second name: no copy, "
    "but what is written into one is in both.",
)
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@digestfile_option
@packing_option
# As skopeo has them: an index is copied whole, and digests stay, anyway.
@click.option("--all", is_flag=True, hidden=True, expose_value=False, callback=every_platform)
@click.option("--preserve-digests", is_flag=True, hidden=True, expose_value=False)
@shared_options
def command(
    source: str,
    target: str,
    all_tags: bool,
    tags: tuple[str, ...],
    exclude_tags: tuple[str, ...],
    no_clobber: bool,
    with_referrers: bool,
    recursive: bool,
    among: str | None,
    journal: str | None,
    link: bool,
    dry_run: bool,
    digestfile: str | None,
    compression: Compression | None,
) -> None:
    """
    Copy SOURCE to TARGET, any places, with the same digests.

    An index is copied whole unless --platform narrows it. Layers that an engine has
    unpacked, or saved so, are compressed on their way to a registry. With -a, --tags or
    --exclude-tags both are repositories. With -r TARGET takes the place of SOURCE in all
    names; what has no tag is copied where the registry lists it.

    \b
      ocikit copy debian:12 registry.example/debian:12
      ocikit copy --with-referrers registry.example/app:1 oci:out:1
      ocikit copy --tags '1.*' --exclude-tags '*-rc*' r.io/app other.io/app
      ocikit copy -r gcr.io/project registry.example/project
      ocikit copy --dry-run --output json app:1 other.example/app:1
      ocikit copy app:1 docker-archive:- | ssh host docker load
    """
    from ocikit._records import evolve
    from ocikit.cli.progress import shown
    from ocikit.crane.copying import copy, copy_repository

    several = all_tags or bool(tags) or bool(exclude_tags)
    if digestfile and (several or recursive or dry_run):
        raise click.UsageError("--digestfile is for one image that is copied")
    keep = _keep(tags, exclude_tags)
    if (among is not None or journal is not None) and not recursive:
        raise click.UsageError("--repositories and --journal go with -r")
    if recursive and link:
        raise click.UsageError("--link goes into a layout or directory, and -r to registries")
    with shown() as given:
        if recursive:
            from ocikit.cli.repositories import copy_all
            from ocikit.query.tagged import TagFilter

            copy_all(
                source,
                target,
                given,
                tags=TagFilter(include=tags, exclude=exclude_tags),
                clobber=not no_clobber,
                referrers=with_referrers,
                among=among,
                journal=journal,
                dry_run=dry_run,
            )
            return
        known = evolve(given, link=link, compression=compression)
        if dry_run:
            _tell(_survey(source, target, known, several, with_referrers, keep))
            return
        how: _How = {"clobber": not no_clobber, "referrers": with_referrers}
        if several:
            for tag, name in copy_repository(source, target, known, keep=keep, **how):
                emit(tag, source=source, target=tag, reference=name)
            return
        name = copy(source, target, known, **how)
        if digestfile:
            write_digest(digestfile, name, known)
        emit(name, source=source, target=target, reference=name)


class _How(TypedDict):
    clobber: bool
    referrers: bool


def _keep(tags: tuple[str, ...], excluded: tuple[str, ...]) -> Callable[[str], bool]:
    from fnmatch import fnmatchcase

    def keep(tag: str) -> bool:
        wanted = not tags or any(fnmatchcase(tag, glob) for glob in tags)
        return wanted and not any(fnmatchcase(tag, glob) for glob in excluded)

    return keep


def _survey(
    source: str,
    target: str,
    known: Options,
    several: bool,
    referrers: bool,
    keep: Callable[[str], bool],
) -> Iterable[Operation]:
    from ocikit.crane.copying import survey_copy, survey_repository

    if several:
        return survey_repository(source, target, known, referrers=referrers, keep=keep)
    return survey_copy(source, target, known, referrers=referrers)


def _tell(steps: Iterable[Operation]) -> None:
    from ocikit.sizes import counted

    total = 0
    for step in steps:
        total += step.bytes
        emit(
            f"{step.action:6} {step.bytes:>13}  {step.digest}  {step.name or step.media_type}",
            action=step.action,
            bytes=step.bytes,
            digest=str(step.digest),
            mediaType=step.media_type,
            name=step.name,
        )
    notice(f"{counted(total, 'byte')} would move")
