"""
`ocikit blob`.
"""

from __future__ import annotations

import sys
from typing import Any

import click

from ocikit.cli.output import described, emit, notice
from ocikit.cli.shared import options, shared_options


@click.group(name="blob")
def command() -> None:
    """
    Get, put, look at and delete single blobs of a registry.

    A blob is named as REPOSITORY@DIGEST.
    """


@command.command(short_help="Write a blob to a file or stdout")
@click.argument("name")
@click.option("-o", "--out", metavar="FILE", help="Write it here.  [default: stdout]")
@shared_options
def get(name: str, out: str | None) -> None:
    """
    Write the blob NAME, verified, to stdout or a file.

    A file appears when all of it is there. What a run before left of it is gone on with.

    \b
      ocikit blob get registry.example/app@sha256:0123... | tar -t
    """
    from ocikit.cli.progress import shown
    from ocikit.crane.blobs import blob_get

    if out is None and sys.stdout.isatty():
        raise click.UsageError("stdout is a terminal; name a file with -o, or pipe it")
    with shown() as known:
        found = blob_get(name, sys.stdout.buffer if out is None else out, known)
    if out is not None:
        notice(f"{found.digest} is in {out}")
        emit(out, path=out, **described(found.descriptor))


@command.command(short_help="Put a file into a repository")
@click.argument("repository")
@click.argument("file")
@shared_options
def put(repository: str, file: str) -> None:
    """
    Put FILE, or stdin for `-`, into REPOSITORY as it is.

    The registry keeps it as long as a manifest needs it, or a while.

    \b
      ocikit blob put registry.example/app layer.tar.gz
    """
    from ocikit.cli.progress import shown
    from ocikit.crane.blobs import blob_put
    from ocikit.files.opener import FileOpener

    with shown() as known:
        if file == "-":
            stdin: Any = sys.stdin.buffer
            name = blob_put(repository, stdin, known)
        else:
            with FileOpener(file).open() as stream:
                name = blob_put(repository, stream, known)
    emit(name, reference=name)


@command.command(short_help="Tell the size of a blob")
@click.argument("name", nargs=-1, required=True)
@shared_options
def head(name: tuple[str, ...]) -> None:
    """
    Tell whether each blob NAME is there, and its size in bytes after a tab.

    \b
      ocikit blob head registry.example/app@sha256:0123...
    """
    from ocikit.crane.blobs import blob

    known = options()
    for each in name:
        found = blob(each, known)
        emit(f"{each}\t{found.size}", reference=each, **described(found.descriptor))


@command.command(short_help="Delete a blob from a repository")
@click.argument("name", nargs=-1, required=True)
@shared_options
def delete(name: tuple[str, ...]) -> None:
    """
    Delete each blob NAME. Nothing keeps one that a manifest still needs.

    \b
      ocikit blob delete registry.example/app@sha256:0123...
    """
    from ocikit.crane.blobs import blob_delete

    known = options()
    for each in name:
        gone = blob_delete(each, known)
        emit(gone, deleted=gone)
