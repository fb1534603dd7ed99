"""
A handler exposed on a socket: HTTP/1.1 with threads, for tests, pipelines and small teams.
"""

from __future__ import annotations

import socket
import sys
import threading
from contextlib import suppress
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from ocikit.http.message import Send
from ocikit.server.web.connection import Connection, Service
from ocikit.server.web.guard import Log, quiet
from ocikit.server.web.lead import Lead
from ocikit.server.web.waiting import Waiting
from ocikit.server.web.wire import Patience
from ocikit.server.web.workers import Workers

if TYPE_CHECKING:
    import ssl

#: Seconds that requests under way have when the server closes.
GRACE: Final = 5.0
#: Seconds more for what was broken off.
_PARTING: Final = 1.0
#: How many clients may wait to be let in.
_BACKLOG: Final = 1024


class Server:
    """
    A running server; closing it, or leaving its `with` block, stops it.

    Connections that wait for a request wait in one thread; only those with a request
    under way that takes long have one each.
    """

    def __init__(self, listener: socket.socket, service: Service) -> None:
        self._listener, self._service = listener, service
        # What is written to one end wakes the thread that waits at the other.
        self._waker, self._woken = socket.socketpair()
        self._waker.setblocking(False)
        self._done = threading.Condition()
        self._running: set[Connection] = set()
        self._closing = False
        address = listener.getsockname()
        name = f"[{address[0]}]" if ":" in address[0] else address[0]
        #: "127.0.0.1:PORT", as references write it.
        self.host: str = f"{name}:{address[1]}"
        self.port: int = address[1]
        self._workers = Workers(f"request {self.host}")
        self._waiting = Waiting(listener, self._woken, service, self._answer)
        self._lead = Lead(self._workers.run, self._waiting.run, self._release)
        self._workers.run(self._lead.run)

    @property
    def url(self) -> str:
        """
        Where it answers, as "http://127.0.0.1:PORT".
        """
        return f"{'http' if self._service.tls is None else 'https'}://{self.host}"

    def close(self, grace: float = GRACE) -> None:
        """
        Stop: let nobody in, end idle connections, and wait for requests under way.

        What is not done after `grace` seconds is broken off. To close again is nothing.
        """
        with self._done:
            again, self._closing = self._closing, True
        if again:
            return
        self._waiting.stop()
        self._wake()
        self._waiting.ended.wait()
        self._waiting.close()
        with self._done:
            for connection in self._running:
                connection.end()
            self._done.wait_for(self._is_idle, grace)
            for connection in self._running:
                connection.abort()
            self._done.wait_for(self._is_idle, _PARTING)
        self._workers.close()
        self._waker.close()
        self._woken.close()

    def wait(self, seconds: float | None = None) -> bool:
        """
        Wait until somebody closes it, or for so many seconds; whether it is closed.
        """
        return self._waiting.ended.wait(seconds)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _is_idle(self) -> bool:
        return not self._running

    def _wake(self) -> None:
        # When it is full, whoever waits is awake.
        with suppress(BlockingIOError):
            self._waker.send(b"x")

    def _answer(self, connection: Connection) -> bool:
        self._lead.begin(connection)
        keep = self._run(connection)
        leads = self._lead.end(connection)
        if not leads:
            self._end(connection, keep=keep)
        elif not keep:
            self._waiting.drop(connection)
        return leads

    def _run(self, connection: Connection) -> bool:
        try:
            return connection.run(self._lead.leave)
        except BaseException:
            # As if the thread had been for this connection alone: others go on.
            failure = (*sys.exc_info(), threading.current_thread())
            threading.excepthook(threading.ExceptHookArgs(failure))
            return False

    def _release(self, connection: Connection) -> None:
        connection.settle()
        self._waiting.release(connection)
        with self._done:
            self._running.add(connection)

    def _end(self, connection: Connection, *, keep: bool) -> None:
        with self._done:
            keep = keep and not self._closing
            if keep:
                self._waiting.give(connection)
                self._wake()
            self._running.discard(connection)
            self._done.notify_all()
        if not keep:
            connection.close()


def _said(error: OSError) -> str:
    return (error.strerror or str(error)).partition(" (while ")[0]


def serve(
    handler: Send,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    tls: ssl.SSLContext | None = None,
    log: Log = quiet,
    patience: Patience | None = None,
) -> Server:
    """
    Serve a handler until the server is closed; port 0 is any that is free.

    Raises:
        OSError: the address cannot be listened on.

    >>> from ocikit.server.handler import registry
    >>> with serve(registry()) as server:
    ...     server.url.startswith("http://127.0.0.1:")
    True
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        # It is told with the address as Python has it, or with none.
        raise type(error)(error.errno, _said(error), f"{host}:{port}") from None
    # A client that goes away between select and accept must not hold us up.
    listener.setblocking(False)
    service = Service(handler=handler, tls=tls, log=log, patience=patience or Patience())
    return Server(listener, service)
