"""
The outgoing half of a connection: responses, by the shortest way their bodies have.
"""

from __future__ import annotations

import io
import socket
import time
from collections.abc import Callable
from typing import Final

from ocikit.content.streams import CHUNK, Stream
from ocikit.files.opener import FileWindow
from ocikit.http.message import Response
from ocikit.server.web.guard import phrase, safe_headers
from ocikit.server.web.wire import is_waiting

#: Bodies up to this size leave in one packet with their headers.
_SMALL: Final = 16 << 10


class BodyShort(ConnectionError):
    """
    A body ended before its Content-Length; only a broken connection says so.
    """


def send(
    wire: socket.socket,
    response: Response,
    wait: Callable[[], None],
    *,
    method: str,
    minor: int,
    keep: bool,
) -> int:
    """
    Send a response and close its body; gives how many bytes of the body went out.

    `wait` is called before the client is waited for: what is small needs no wait, as a rule.

    Raises:
        OSError: the client is gone, or does not read.
    """
    with response.body as body:
        status, length = response.status, _length(response)
        bare = method == "HEAD" or status in (204, 304)
        chunked = length is None and not bare and minor > 0
        head = _head(response, length, chunked=chunked, keep=keep)
        if bare:
            _send_now(wire, head, wait)
            return 0
        if length is not None and length <= _SMALL and isinstance(body, io.BytesIO | FileWindow):
            _send_now(wire, head + _whole(body, length), wait)
            return length
        wait()
        wire.sendall(head)
        if chunked or length is None:
            return _send_chunks(wire, body, chunked)
        if isinstance(body, io.BytesIO):
            _send_all(wire, memoryview(_whole(body, length)))
            return length
        if isinstance(body, FileWindow) and body.tell() == 0 and body.size == length:
            return _send_file(wire, body)
        return _send_stream(wire, body, length)


def _length(response: Response) -> int | None:
    text = response.headers.get("Content-Length")
    if text:
        return int(text)
    body = response.body
    if not isinstance(body, io.BytesIO):
        return None
    begin, end = body.tell(), body.seek(0, io.SEEK_END)
    body.seek(begin)
    return end - begin


_DATES: list[tuple[int, str]] = [(0, "")]


def _date() -> str:
    second, text = _DATES[0]
    now = int(time.time())
    if now != second:
        from email.utils import formatdate

        text = f"Date: {formatdate(now, usegmt=True)}\r\n"
        _DATES[0] = now, text
    return text


def _head(response: Response, length: int | None, *, chunked: bool, keep: bool) -> bytes:
    status, headers = response.status, response.headers
    text = f"HTTP/1.1 {status} {phrase(status)}\r\n{_date()}"
    for name, value in safe_headers(response):
        text += f"{name}: {value}\r\n"
    if length is not None and status not in (204, 304) and "Content-Length" not in headers:
        text += f"Content-Length: {length}\r\n"
    if chunked:
        text += "Transfer-Encoding: chunked\r\n"
    return (text + ("\r\n" if keep else "Connection: close\r\n\r\n")).encode("latin-1")


def _whole(body: io.BytesIO | FileWindow, length: int) -> bytes:
    # Of what is in memory this is no copy; a view of its buffer would make one.
    data = body.read()
    if len(data) != length:
        raise BodyShort(f"the body has {len(data)} of {length} bytes")
    return data


def _send_now(wire: socket.socket, data: bytes, wait: Callable[[], None]) -> None:
    try:
        sent = wire.send(data)
    except OSError as error:
        if not is_waiting(error):
            raise
        sent = 0
    if sent < len(data):
        wait()
        wire.sendall(data[sent:])


def _send_all(wire: socket.socket, view: memoryview) -> None:
    # Not sendall: its timeout is for the whole, however large that is.
    while view:
        view = view[wire.send(view[: 4 * CHUNK]) :]


def _send_file(wire: socket.socket, body: FileWindow) -> int:
    file = io.FileIO(body.fileno(), closefd=False)
    with file:
        sent = wire.sendfile(file, body.start, body.size) if body.size else 0
    if sent != body.size:
        raise BodyShort(f"the body ended after {sent} of {body.size} bytes")
    return sent


def _send_stream(wire: socket.socket, body: Stream, length: int) -> int:
    buffer = memoryview(bytearray(min(CHUNK, length)))
    left = length
    while left:
        count = body.readinto(buffer[:left])
        if not count:
            raise BodyShort(f"the body ended after {length - left} of {length} bytes")
        _send_all(wire, buffer[:count])
        left -= count
    return length


def _send_chunks(wire: socket.socket, body: Stream, chunked: bool) -> int:
    buffer, sent = memoryview(bytearray(CHUNK)), 0
    while count := body.readinto(buffer):
        if chunked:
            wire.sendall(b"%x\r\n" % count)
        _send_all(wire, buffer[:count])
        if chunked:
            wire.sendall(b"\r\n")
        sent += count
    if chunked:
        wire.sendall(b"0\r\n\r\n")
    return sent
