"""
`ocikit ls`.
"""

from __future__ import annotations

import re
from typing import Final

import click

from ocikit.cli.output import emit
from ocikit.cli.shared import options, shared_options

#: Tags that tools make of digests: referrers of sha256:… and cosign's signatures.
_DIGEST_TAG: Final = re.compile(r"sha(256|384|512)-[0-9a-f]{32,}(\..+)?")


@click.command()
@click.argument("repository", nargs=-1, required=True)
@click.option("--full-ref", is_flag=True, help="Print REPOSITORY:TAG.")
@click.option(
    "-O", "--omit-digest-tags", is_flag=True, help="Leave out tags such as sha256-0123….sig."
)
@shared_options
def command(repository: tuple[str, ...], full_ref: bool, omit_digest_tags: bool) -> None:
    """
    List the tags of each REPOSITORY, one a line, as the registry gives them.
    """
    from ocikit.crane.read import ls
    from ocikit.name.parse import parse_repository

    known = options()
    names = [parse_repository(t.removeprefix("docker://"), weak=known.weak) for t in repository]
    for name in names:
        for tag in ls(name, known):
            if not (omit_digest_tags and _DIGEST_TAG.fullmatch(tag)):
                emit(f"{name}:{tag}" if full_ref else tag, repository=str(name), tag=tag)
