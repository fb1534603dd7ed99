"""
What a person edits, or what comes on stdin in its place.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tempfile
from typing import cast

import click

from ocikit.cli.progress import aside
from ocikit.content.streams import CHUNK, Opener, Stream
from ocikit.spec.document import MAX_CONFIG


def is_interactive() -> bool:
    """
    Tell whether an editor is opened: there is a person at either end.
    """
    return sys.stdin.isatty() and sys.stdout.isatty()


def revised(old: Opener | None, name: str) -> Opener:
    """
    Give what becomes of content in an editor, $VISUAL or $EDITOR; else stdin, all of it.

    Args:
        old: what is there; None for nothing yet.
        name: what the file is called that the editor sees.
    """
    from ocikit.tarball.archive import spooled

    if not is_interactive():
        if sys.stdin.isatty():
            raise click.UsageError("give the new content on stdin, or edit it at a terminal")
        return spooled(cast("Stream", sys.stdin.buffer))
    with tempfile.TemporaryDirectory(prefix="ocikit-edit-") as folder:
        path = os.path.join(folder, os.path.basename(name) or "content")
        with open(path, "wb") as file:
            if old is not None:
                with old.open() as stream:
                    while piece := stream.read(CHUNK):
                        file.write(piece)
        _edit(path)
        with open(path, "rb") as file:
            return spooled(file)


def _edit(path: str) -> None:
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or "vi"
    words = [*shlex.split(editor), path]
    with aside():
        try:
            code = subprocess.run(words, check=False).returncode  # noqa: S603  # their editor
        except OSError as error:
            reason = f"{error.strerror}; set VISUAL or EDITOR, or give the content on stdin"
            raise click.UsageError(f"{editor}: {reason}") from None
    if code:
        raise click.UsageError(f"{editor}: ended with {code}; nothing was written")


def document(content: Opener) -> bytes:
    """
    Give the bytes of a document, when it is no larger than any honest one.
    """
    with content.open() as stream:
        raw = stream.read(MAX_CONFIG + 1)
    if len(raw) > MAX_CONFIG:
        raise click.UsageError(f"the new document has more than {MAX_CONFIG} bytes")
    if not raw.strip():
        where = "" if is_interactive() else "; away from a terminal it is what comes on stdin"
        raise click.UsageError(f"the new document is empty{where}")
    return raw
