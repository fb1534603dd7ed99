"""
`ocikit ls`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import click

from ocikit._regex import regex
from ocikit.cli.output import described, emit, emit_all
from ocikit.cli.shared import options, shared_options

if TYPE_CHECKING:
    from ocikit.crane.options import Options
    from ocikit.google.listing import Want
    from ocikit.name.records import Repository, Tag

#: Tags that tools make of digests: referrers of sha256:… and cosign's signatures.
_DIGEST_TAG: Final = regex(r"sha(256|384|512)-[0-9a-f]{32,}(\..+)?")


@click.command()
@click.argument("repository", nargs=-1, required=True)
@click.option("--full-ref", is_flag=True, help="Print REPOSITORY:TAG.")
@click.option(
    "-O", "--omit-digest-tags", is_flag=True, help="Leave out tags such as sha256-0123….sig."
)
@click.option("--digests", is_flag=True, help="Print after a tab what each tag names.")
@click.option(
    "-r",
    "--recursive",
    is_flag=True,
    help="List all repositories below, or of a registry: manifests, and REPOSITORY:TAG.",
)
@click.option(
    "--manifests", is_flag=True, help="List that way one repository, and what is right below it."
)
@click.option(
    "--json", "raw", is_flag=True, help="Print a line of JSON a repository, as gcrane does."
)
@click.option(
    "--details",
    type=click.Choice(["digests", "sizes", "times"]),
    help="For these three: look that up, too, where a registry does not tell it at once.",
)
@shared_options
def command(
    repository: tuple[str, ...],
    full_ref: bool,
    omit_digest_tags: bool,
    digests: bool,
    recursive: bool,
    manifests: bool,
    raw: bool,
    details: Want | None,
) -> None:
    """
    List the tags of each REPOSITORY, one a line, as the registry gives them.

    With --digests as many are looked up at once as --jobs says. `-` is a list of
    repositories on stdin.

    Google's registries tell at once all manifests, of those without a tag too, and which
    repositories are below one. Others are asked for their catalog, and with --details for
    each manifest.

    \b
      ocikit ls debian
      ocikit ls -r gcr.io/project
      ocikit ls -r --json --details times localhost:5000
    """
    if recursive or manifests or raw:
        from ocikit.cli.many import names
        from ocikit.cli.repositories import list_all

        if full_ref or omit_digest_tags or digests:
            raise click.UsageError("lists of manifests take none of the options of lists of tags")
        wanted = details or "tags"
        list_all(names(repository), options(), wanted, recursive=recursive, raw=raw)
        return
    if details:
        raise click.UsageError("--details goes with -r, --manifests or --json")
    from ocikit.cli.many import answers, is_one
    from ocikit.crane.located import of_registry
    from ocikit.crane.read import ls

    known = options()

    def find(text: str) -> tuple[Repository, Iterable[str]]:
        name = _repository(of_registry(text), known)
        tags = ls(name, known)
        # The pages of one are shown as they come; of many, whole lists are asked for at once.
        return name, tags if is_one(repository) else list(tags)

    for _, (name, every) in answers(find, repository, known):
        tags = (tag for tag in every if not (omit_digest_tags and _DIGEST_TAG.fullmatch(tag)))
        if digests:
            _look_up(map(name.tag, tags), known, full_ref)
            continue
        before, of = f"{name}:" if full_ref else "", str(name)
        emit_all((before + tag, {"repository": of, "tag": tag}) for tag in tags)


def _repository(text: str, known: Options) -> Repository:
    from ocikit.name.faults import NameInvalid
    from ocikit.name.parse import parse_repository
    from ocikit.name.records import Registry

    try:
        return parse_repository(text, weak=known.weak)
    except NameInvalid:
        from ocikit.google.walking import read_place

        if isinstance(read_place(text, weak=known.weak), Registry):
            reason = "is a registry; `ocikit catalog` lists its repositories, -r all they have"
            raise click.UsageError(f"{text}: {reason}") from None
        raise


def _look_up(tags: Iterable[Tag], known: Options, full_ref: bool) -> None:
    from ocikit.errors import OciError
    from ocikit.registry.head import heads

    for name, found in heads(tags, client=known.client):
        if isinstance(found, OciError):
            raise found
        text = str(name) if full_ref else name.identifier
        emit(
            f"{text}\t{found.digest}",
            repository=str(name.repository),
            tag=name.identifier,
            **described(found),
        )
