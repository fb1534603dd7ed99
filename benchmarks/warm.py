"""
One command in an interpreter that is warm: `python -m benchmarks.warm ARGV...`.

As from Python code that goes on: modules are loaded, connections are not made. The last
line on stdout has the figures.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import resource
import sys
import time

import ocikit
from ocikit.cli.program import run


def main() -> None:
    """
    Load all that commands load, run one, and print what it cost.
    """
    for each in pkgutil.walk_packages(ocikit.__path__, "ocikit."):
        if not each.name.startswith(("ocikit.testing", "ocikit.server", "ocikit.__main__")):
            importlib.import_module(each.name)
    wall, cpu = time.perf_counter(), time.process_time()
    code = run(sys.argv[1:])
    cost = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # A document that was printed has no newline at its end.
    print("\n" + json.dumps({**cost, "peak": peak}))
    sys.exit(code)


if __name__ == "__main__":
    main()
