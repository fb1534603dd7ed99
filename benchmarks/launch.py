"""
Run one command and print what it cost; a small process of its own.

The kernel counts a new process's peak memory from what its parent had when it was
forked: started from a large one, every command would seem as large as that.
"""

import json
import os
import sys
import time


def main() -> None:
    """
    Run `argv[2:]` with its output in the file `argv[1]`, and print the figures as JSON.
    """
    log, *argv = sys.argv[1:]
    # Installed programs have their bytecode; a checkout's is written in the first round.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    ]
    started = time.perf_counter()
    # Without a copy of this process's memory: that is time as well.
    child = os.posix_spawnp(argv[0], argv, os.environ, file_actions=actions)
    _, status, usage = os.wait4(child, 0)
    wall = time.perf_counter() - started
    # The kernel gives KiB, but for macOS, where it gives bytes.
    peak = usage.ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)
    cpu = usage.ru_utime + usage.ru_stime
    code = os.waitstatus_to_exitcode(status)
    print(json.dumps({"code": code, "wall": wall, "cpu": cpu, "peak": peak}))


if __name__ == "__main__":
    main()
