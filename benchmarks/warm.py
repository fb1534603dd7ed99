"""
One command in an interpreter that is warm: `python -m benchmarks.warm ARGV... --then-- ARGV...`.

As from Python code that goes on. The first command is the same verb on a tiny image, and is
not counted; the second is. Warm is the code: modules, compiled hooks and patterns. Nothing
else is: each command makes a client of its own, and the first calls registries by another
name of the same host, so that the second has no connection, no credential, no answer and no
blob from it. The last line on stdout has the figures.
"""

from __future__ import annotations

import gc
import importlib
import json
import pkgutil
import resource
import sys
import time
from typing import Final

import ocikit
from ocikit.cli.program import run

#: Between the two commands.
THEN: Final = "--then--"


def main() -> None:
    """
    Run one command to be warm, run another, and print what that cost.
    """
    for each in pkgutil.walk_packages(ocikit.__path__, "ocikit."):
        if not each.name.startswith(("ocikit.testing", "ocikit.server", "ocikit.__main__")):
            importlib.import_module(each.name)
    at = sys.argv.index(THEN)
    if code := run(sys.argv[1:at]):
        sys.exit(code)
    # What the first left is not to be collected on the second's time.
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    code = run(sys.argv[at + 1 :])
    cost = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # A document that was printed has no newline at its end.
    print("\n" + json.dumps({**cost, "peak": peak}))
    sys.exit(code)


if __name__ == "__main__":
    main()
