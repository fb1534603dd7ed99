"""
The command line: `ocikit COMMAND ...`.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run a command and return its exit code; the console script's entry.
    """
    from ocikit.cli.program import run

    return run(argv)
