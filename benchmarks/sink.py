"""
A registry that takes whatever is pushed, and keeps nothing: `python -m benchmarks.sink HOST:PORT`.

It checks nothing either, so that what is measured is the tool that pushes.
"""

from __future__ import annotations

import hashlib
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final
from urllib.parse import parse_qs, urlsplit

_BLOCK: Final = 1 << 20
#: The longest line that tells the size of a chunk.
_LINE: Final = 1 << 10


class _Sink(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self._answer(200 if self.path.rstrip("/") == "/v2" else 404)

    def do_HEAD(self) -> None:
        self._answer(404)

    def do_POST(self) -> None:
        self._drain()
        where = self.path.partition("?")[0].rstrip("/") + "/1"
        self._answer(202, {"Location": where, "Range": "0-0", "Docker-Upload-UUID": "1"})

    def do_PATCH(self) -> None:
        count, _ = self._drain()
        where = {"Location": self.path, "Docker-Upload-UUID": "1"}
        self._answer(202, {**where, "Range": f"0-{max(count - 1, 0)}"})

    def do_PUT(self) -> None:
        _, start = self._drain()
        asked = parse_qs(urlsplit(self.path).query).get("digest")
        # A manifest's digest is expected back; it is small, and all of it is in `start`.
        digest = asked[0] if asked else f"sha256:{hashlib.sha256(start).hexdigest()}"
        self._answer(201, {"Location": self.path, "Docker-Content-Digest": digest})

    def _answer(self, status: int, headers: dict[str, str] | None = None) -> None:
        self.send_response_only(status)
        for name, value in {**(headers or {}), "Content-Length": "0"}.items():
            self.send_header(name, value)
        self.end_headers()

    def _drain(self) -> tuple[int, bytes]:
        """
        Read the body; give its length, and the first block of it.
        """
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self._pass(int(self.headers.get("Content-Length", 0)))
        total, start = 0, b""
        while size := int(self.rfile.readline(_LINE).partition(b";")[0], 16):
            count, first = self._pass(size)
            total, start = total + count, start or first
            self.rfile.readline(_LINE)
        while self.rfile.readline(_LINE).strip():
            pass
        return total, start

    def _pass(self, size: int) -> tuple[int, bytes]:
        start = self.rfile.read(min(size, _BLOCK))
        buffer = memoryview(bytearray(min(size, _BLOCK)))
        left = size - len(start)
        while left:
            count = self.rfile.readinto(buffer[: min(left, _BLOCK)])
            if not count:
                raise ConnectionError("the client has gone")
            left -= count
        return size, start


def main() -> None:
    """
    Serve until the process is ended.
    """
    address, _, port = sys.argv[1].rpartition(":")
    with ThreadingHTTPServer((address, int(port)), _Sink) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
