"""
Ask a registry over bare sockets, so that it is the registry that is timed.

`python -m benchmarks.asking PID get HOST/REPOSITORY DIGEST`, `... put HOST/REPOSITORY FILE DIGEST`
and `... head HOST/REPOSITORY TAG TIMES`. The last line on stdout has the figures; those of
processor and memory are the server's, whose process is PID.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

_BLOCK: Final = 1 << 20
#: Connections by which small requests come.
_AT_ONCE: Final = 8
_MANIFESTS: Final = "application/vnd.oci.image.manifest.v1+json"


class _Line:
    """
    A connection that is kept, and what its answers said.
    """

    def __init__(self, host: str) -> None:
        address, _, port = host.partition(":")
        self._host = host
        self._socket = socket.create_connection((address, int(port)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray(_BLOCK)

    def ask(self, method: str, target: str, length: int = 0, fields: str = "") -> None:
        size = "" if method in {"GET", "HEAD"} else f"Content-Length: {length}\r\n"
        head = f"{method} {target} HTTP/1.1\r\nHost: {self._host}\r\n{size}{fields}\r\n"
        self._socket.sendall(head.encode())

    def send(self, path: Path) -> None:
        with path.open("rb") as file:
            self._socket.sendfile(file)

    def answer(self, *, body: bool = True) -> dict[str, str]:
        """
        Read one answer, and let go of its body.
        """
        data = bytearray()
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._buffer[: self._more()]
        status, *lines = data[:end].decode("latin-1").split("\r\n")
        if status.split()[1][0] != "2":
            raise RuntimeError(f"{self._host} answered {status}")
        pairs = (line.partition(":") for line in lines)
        fields = {name.lower(): value.strip() for name, _, value in pairs}
        left = int(fields.get("content-length", 0)) - (len(data) - end - 4) if body else 0
        while left > 0:
            left -= self._more()
        return fields

    def _more(self) -> int:
        count = self._socket.recv_into(self._buffer)
        if not count:
            raise ConnectionError(f"{self._host} has gone")
        return count


def _get(where: str, digest: str) -> None:
    host, _, repository = where.partition("/")
    line = _Line(host)
    line.ask("GET", f"/v2/{repository}/blobs/{digest}")
    line.answer()


def _put(where: str, file: str, digest: str) -> None:
    host, _, repository = where.partition("/")
    line, path = _Line(host), Path(file)
    line.ask("POST", f"/v2/{repository}/blobs/uploads/")
    place = _target(line.answer()["location"])
    stream = "Content-Type: application/octet-stream\r\n"
    line.ask("PATCH", place, path.stat().st_size, stream)
    line.send(path)
    place = _target(line.answer()["location"])
    line.ask("PUT", f"{place}{'&' if '?' in place else '?'}digest={digest}")
    line.answer()


def _target(location: str) -> str:
    # Without a scheme and host, where one has them.
    return location if location.startswith("/") else "/" + location.split("/", 3)[3]


def _head(where: str, tag: str, times: str) -> None:
    host, _, repository = where.partition("/")
    target, accept = f"/v2/{repository}/manifests/{tag}", f"Accept: {_MANIFESTS}\r\n"
    lines = [_Line(host) for _ in range(_AT_ONCE)]
    for _ in range(int(times) // _AT_ONCE):
        for line in lines:
            line.ask("HEAD", target, fields=accept)
        for line in lines:
            line.answer(body=False)


WORKS: Final[dict[str, Callable[..., None]]] = {"get": _get, "put": _put, "head": _head}


def _spent(pid: str) -> tuple[float, float]:
    """
    Seconds of processor, and MiB of memory at most, of a process so far.
    """
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    cpu = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
    for text in Path(f"/proc/{pid}/status").read_text().splitlines():
        if text.startswith("VmHWM:"):
            return cpu, int(text.split()[1]) / 1024
    return cpu, 0.0


def main() -> None:
    """
    Ask, and print what it cost.
    """
    pid, work, *rest = sys.argv[1:]
    before, _ = _spent(pid)
    wall = time.perf_counter()
    WORKS[work](*rest)
    wall = time.perf_counter() - wall
    after, peak = _spent(pid)
    print(json.dumps({"wall": wall, "cpu": after - before, "peak": peak}))


if __name__ == "__main__":
    main()
