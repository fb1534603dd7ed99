"""
Archives that are called `-`: from standard input, to standard output.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from ocikit.content.streams import Opener
    from ocikit.files.copy import Sink

#: Where a context remembers that stdout is an archive.
_TAKEN: Final = "ocikit.stdout"


class Pipes:
    """
    The standard streams of one command, taken when an archive is read or written.
    """

    def __init__(self) -> None:
        self._read: Opener | None = None

    def stdin(self) -> Opener:
        """
        Give the archive on stdin, which is kept, for it comes only once.
        """
        if self._read is None:
            from ocikit.cli.layers import stdin
            from ocikit.tarball.archive import ArchiveInvalid, spooled

            self._read = spooled(stdin("an archive"))
            if not self._read.open().read(1):
                reason = "nothing came; see what should have written the archive"
                raise ArchiveInvalid(path="stdin", reason=reason)
        return self._read

    def stdout(self) -> Sink:
        """
        Give stdout to an archive; results are printed on stderr from then on.
        """
        if sys.stdout.isatty():
            raise click.UsageError("`-` writes an archive to stdout, but stdout is a terminal")
        sys.stdout.flush()
        click.get_current_context().meta[_TAKEN] = True
        return sys.stdout.buffer


def is_taken() -> bool:
    """
    Tell whether stdout is an archive, and nothing else may be printed there.
    """
    return bool(click.get_current_context().meta.get(_TAKEN))
