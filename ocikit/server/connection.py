"""
One connection of a server: requests in, responses out, until somebody has enough.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from ocikit._records import record
from ocikit.http.message import Body, Request, Response, Send
from ocikit.server.answers import RequestRefused, refuse
from ocikit.server.bodies import IncomingBody, IncomingOpener, incoming
from ocikit.server.guard import Exchange, Log, answer
from ocikit.server.reply import send
from ocikit.server.wire import Head, Patience, Wire

if TYPE_CHECKING:
    import ssl

#: What is left of a body that nobody wanted is read up to this many bytes, and for so
#: many seconds: else the client would not see the response for the broken connection.
_MOST_DRAINED: Final = 64 << 20
_DRAINING: Final = 2.0


@record(kw_only=True)
class Service:
    """
    What all connections of a server have in common.
    """

    handler: Send
    tls: ssl.SSLContext | None
    log: Log
    patience: Patience


class Connection:
    """
    A client's connection, run by a thread of its own.
    """

    def __init__(self, wire: socket.socket, peer: str, service: Service) -> None:
        self._socket, self._peer, self._service = wire, peer, service
        self._lock = threading.Lock()
        self._busy = False
        self._ending = False

    def run(self) -> None:
        """
        Answer requests until the client or the server has enough.
        """
        try:
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._service.tls is not None:
                self._socket.settimeout(self._service.patience.head)
                self._wrap(self._service.tls).do_handshake()
            wire = Wire(self._socket, self._service.patience)
            while self._next(wire):
                pass
        except OSError:
            # The client is gone, or as good as gone: there is nobody to tell.
            pass
        finally:
            self._socket.close()

    def end(self) -> None:
        """
        End the connection when the request under way is done; at once if there is none.
        """
        with self._lock:
            self._ending = True
            if not self._busy:
                self.abort()

    def abort(self) -> None:
        """
        End the connection at once.
        """
        with suppress(OSError):
            # The socket below TLS: another thread may be amid a read.
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def _wrap(self, tls: ssl.SSLContext) -> ssl.SSLSocket:
        # Not while somebody ends the connection: he must find one of the two sockets.
        with self._lock:
            wrapped = tls.wrap_socket(self._socket, server_side=True, do_handshake_on_connect=False)
            self._socket = wrapped
        return wrapped

    def _next(self, wire: Wire) -> bool:
        try:
            head = wire.head()
        except RequestRefused as refusal:
            self._refuse(refusal)
            return False
        if head is None or not self._set_busy(True):
            return False
        keep = self._answer(wire, head)
        return self._set_busy(False) and keep

    def _set_busy(self, busy: bool) -> bool:
        with self._lock:
            self._busy = busy
            return not self._ending

    def _refuse(self, refusal: RequestRefused) -> None:
        self._send(refuse(refusal), "", 1, keep=False)
        self._log("", "", refusal.status)
        self._hang_up()

    def _answer(self, wire: Wire, head: Head) -> bool:
        begun, body = time.monotonic(), incoming(wire, head, self._ask)
        status, sent, keep = 0, 0, False
        failure: BaseException | None
        try:
            response, failure = answer(self._service.handler, self._request(head, body))
            if isinstance(failure, ConnectionError):
                raise failure
            # What the handler did not read of the body is in the way of the next request.
            keep = head.keeps and body.ended and not self._ending
            status = response.status
            sent = self._send(response, head.method, head.minor, keep=keep)
        except (OSError, ValueError) as error:
            failure, keep = error, False
        seconds = time.monotonic() - begun
        self._log(head.method, head.target, status, body.seen, sent, seconds, failure)
        if not body.ended and failure is None:
            self._hang_up()
        return keep

    def _log(
        self,
        method: str,
        target: str,
        status: int,
        received: int = 0,
        sent: int = 0,
        seconds: float = 0.0,
        failure: BaseException | None = None,
    ) -> None:
        exchange = Exchange(
            peer=self._peer,
            method=method,
            target=target,
            status=status,
            received=received,
            sent=sent,
            seconds=seconds,
            failure=failure,
        )
        self._service.log(exchange)

    def _send(self, response: Response, method: str, minor: int, *, keep: bool) -> int:
        self._socket.settimeout(self._service.patience.body)
        return send(self._socket, response, method=method, minor=minor, keep=keep)

    def _request(self, head: Head, body: IncomingBody) -> Request:
        url = head.target
        if url.startswith("/"):
            scheme = "http" if self._service.tls is None else "https"
            url = f"{scheme}://{head.headers.get('Host') or 'localhost'}{url}"
        opener = IncomingOpener(body)
        return Request(
            method=head.method,
            url=url,
            headers=head.headers,
            body=Body(opener=opener, length=head.length),
        )

    def _ask(self) -> None:
        self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _hang_up(self) -> None:
        """
        Read on for a while, so that the client can still read the response.
        """
        with suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_WR)
            deadline = time.monotonic() + _DRAINING
            buffer, seen = bytearray(1 << 20), 0
            while seen < _MOST_DRAINED and (left := deadline - time.monotonic()) > 0:
                self._socket.settimeout(left)
                count = self._socket.recv_into(buffer)
                if not count:
                    return
                seen += count
