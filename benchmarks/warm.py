"""
One command in an interpreter that is warm: `python -m benchmarks.warm ARGV... --then-- ARGV...`.

As from Python code that goes on. The first command is the same verb on a tiny image, and is
not counted; the second is. Warm is the code: modules, compiled hooks and patterns. Nothing
else is: each command makes a client of its own, and the first calls registries by another
name of the same host, so that the second has no connection, no credential, no answer and no
blob from it.

What takes a few milliseconds is called as a function, for Python code parses no command
line; the rest is run as the command. The last line on stdout has the figures.
"""

from __future__ import annotations

import gc
import importlib
import json
import pkgutil
import resource
import sys
import time
from collections.abc import Callable
from typing import Final

import ocikit
from ocikit import crane
from ocikit.cli.program import run
from ocikit.crane import Options
from ocikit.registry import Client
from ocikit.registry.transport import network

#: Between the two commands.
THEN: Final = "--then--"


#: What is done as a function, to the last byte.
_FUNCTIONS: Final[dict[str, Callable[[str, Options], object]]] = {
    "digest": crane.digest,
    "manifest": crane.manifest,
    "config": lambda place, options: crane.config(place, options).content,
    "ls": lambda repository, options: list(crane.ls(repository, options)),
}


def _do(argv: list[str]) -> int:
    verb, *names = argv
    if verb not in _FUNCTIONS or len(names) > 1:
        return run(argv)
    # Connections are kept for clients that are equal: no other has this `send`.
    _FUNCTIONS[verb](names[0], Options(client=Client(send=network())))
    return 0


def main() -> None:
    """
    Run one command to be warm, run another, and print what that cost.
    """
    for each in pkgutil.walk_packages(ocikit.__path__, "ocikit."):
        if not each.name.startswith(("ocikit.testing", "ocikit.server", "ocikit.__main__")):
            importlib.import_module(each.name)
    at = sys.argv.index(THEN)
    if code := _do(sys.argv[1:at]):
        sys.exit(code)
    # What the first left is not to be collected on the second's time.
    gc.collect()
    wall, cpu = time.perf_counter(), time.process_time()
    code = _do(sys.argv[at + 1 :])
    cost = {"wall": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    # A document that was printed has no newline at its end.
    print("\n" + json.dumps({**cost, "peak": peak}))
    sys.exit(code)


if __name__ == "__main__":
    main()
