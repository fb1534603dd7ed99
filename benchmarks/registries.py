"""
Debian's docker-registry, started on a free port of loopback.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def registry(folder: Path) -> Iterator[str]:
    """
    Serve a registry that keeps its blobs in `folder`; give its address.
    """
    folder.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{probe.getsockname()[1]}"
    config = folder / "config.yml"
    config.write_text(
        "version: 0.1\n"
        "log: {accesslog: {disabled: true}, level: error}\n"
        f"storage: {{filesystem: {{rootdirectory: {folder / 'root'}}}}}\n"
        f'http: {{addr: "{host}"}}\n'
    )
    command = ("docker-registry", "serve", str(config))
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=quiet, stderr=quiet)
    try:
        _wait(host)
        yield host
    finally:
        process.terminate()
        process.wait()


def _wait(host: str) -> None:
    address, port = host.split(":")
    for _ in range(200):
        with contextlib.suppress(OSError), socket.create_connection((address, int(port)), 1):
            return
        time.sleep(0.05)
    raise RuntimeError(f"docker-registry did not come up at {host}")
