"""
One connection of a server: requests in, responses out, until somebody has enough.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from ocikit._records import record
from ocikit.http.message import Body, Request, Response, Send
from ocikit.server.answers import RequestRefused, refuse
from ocikit.server.web.bodies import IncomingBody, incoming
from ocikit.server.web.body import OnceOpener
from ocikit.server.web.guard import Exchange, Log, answer
from ocikit.server.web.reply import send
from ocikit.server.web.wire import Head, Patience, Wire

if TYPE_CHECKING:
    import ssl

#: What is left of a body that nobody wanted is read up to this many bytes, and for so
#: many seconds: else the client would not see the response for the broken connection.
_MOST_DRAINED: Final = 64 << 20
_DRAINING: Final = 2.0
#: Seconds that a thread of its own waits for the next request, before the connection waits
#: with others that have none; and those after which it waits for none.
_LINGER: Final = 0.05
_STAY: Final = 0.5
#: What is answered without a wait, as a rule: the rest brings bodies, and changes a storage.
_READS: Final = frozenset({"GET", "HEAD"})


@record(kw_only=True)
class Service:
    """
    What all connections of a server have in common.
    """

    handler: Send
    tls: ssl.SSLContext | None
    log: Log
    patience: Patience


#: Lets another thread wait for those connections that this one does not run.
Leave: TypeAlias = "Callable[[Connection], None]"


def _stay(connection: Connection) -> None:
    pass


class Connection:
    """
    A client's connection: it waits with others, and is run by the thread that waits, or by
    one of its own where that takes long.
    """

    def __init__(self, wire: socket.socket, peer: str, service: Service) -> None:
        self._socket, self._peer, self._service = wire, peer, service
        self._lock = threading.Lock()
        self._busy = False
        self._ending = False
        self._leave: Leave = _stay
        self._lingers_until = 0.0
        self._shaken = service.tls is None
        #: What is waited for: `selectors.EVENT_READ`, or EVENT_WRITE amid a handshake.
        self.events: int = selectors.EVENT_READ
        wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if service.tls is not None:
            self._socket = service.tls.wrap_socket(
                wire, server_side=True, do_handshake_on_connect=False
            )
        self._handshake_due = time.monotonic() + service.patience.head
        self._wire = Wire(self._socket, service.patience)

    @property
    def wire(self) -> socket.socket:
        """
        What is waited at.
        """
        return self._socket

    @property
    def due(self) -> float:
        """
        When there has been enough waiting, by `time.monotonic`.
        """
        return self._wire.due if self._shaken else self._handshake_due

    def poll(self) -> bool:
        """
        Read on without waiting; whether there is something to run.

        Raises:
            OSError: the client is gone.
        """
        return (self._shaken or self._shake()) and self._wire.wait(0)

    def run(self, leave: Leave) -> bool:
        """
        Answer requests until no more came: True, and it may wait with others.

        False when the client or the server has enough. `leave` is called before what may
        take long.
        """
        self._leave = leave
        try:
            while self._next(self._wire):
                self._wire.rest()
                if not self._goes_on():
                    return True
        except OSError:
            # The client is gone, or as good as gone: there is nobody to tell.
            pass
        finally:
            self._lingers_until = 0.0
        return False

    def settle(self) -> None:
        """
        From now on a thread is there for it alone, and waits with it for a while.
        """
        self._lingers_until = time.monotonic() + _STAY

    def close(self) -> None:
        """
        Give the socket back.
        """
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

    def _shake(self) -> bool:
        import ssl

        wire = cast("ssl.SSLSocket", self._socket)
        wire.settimeout(0.0)
        try:
            wire.do_handshake()
        except ssl.SSLWantReadError:
            self.events = selectors.EVENT_READ
            return False
        except ssl.SSLWantWriteError:
            self.events = selectors.EVENT_WRITE
            return False
        self.events, self._shaken = selectors.EVENT_READ, True
        self._wire.rest()
        return True

    def _goes_on(self) -> bool:
        if time.monotonic() < self._lingers_until:
            return self._wire.wait(_LINGER)
        # What lies at the socket wakes who waits there; what TLS has read of it does not.
        return self._wire.is_whole() if self._service.tls is None else self._wire.wait(0)

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
        if head.method not in _READS:
            self._leave(self)
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
        return send(self._socket, response, self._wait, method=method, minor=minor, keep=keep)

    def _wait(self) -> None:
        """
        Wait for the client from now on.
        """
        self._leave(self)
        self._socket.settimeout(self._service.patience.body)

    def _request(self, head: Head, body: IncomingBody) -> Request:
        url = head.target
        if url.startswith("/"):
            scheme = "http" if self._service.tls is None else "https"
            url = f"{scheme}://{head.headers.get('Host') or 'localhost'}{url}"
        opener = OnceOpener(body)
        return Request(
            method=head.method,
            url=url,
            headers=head.headers,
            body=Body(opener=opener, length=head.length),
        )

    def _ask(self) -> None:
        self._wait()
        self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _hang_up(self) -> None:
        """
        Read on for a while, so that the client can still read the response.
        """
        self._leave(self)
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
