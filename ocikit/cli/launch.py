"""
How the command line is begun: before anything is loaded that it needs.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import Final

#: How many more objects than before make Python look for cycles: modules that are loaded
#: make hundreds of thousands, and none of them is garbage.
_OBJECTS: Final = 50_000


def main(argv: Sequence[str] | None = None) -> int:
    """
    Run a command and return its exit code; the console script's entry.
    """
    if argv is None:
        # The process is ours; the first of its modules are loaded by the next line.
        gc.set_threshold(_OBJECTS)
    from ocikit.cli.program import run

    return run(argv)
