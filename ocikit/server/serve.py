"""
A handler exposed on a socket: HTTP/1.1 with threads, for tests, pipelines and small teams.
"""

from __future__ import annotations

import selectors
import socket
import threading
import time
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from ocikit.http.message import Send
from ocikit.server.connection import Connection, Service
from ocikit.server.guard import Log, quiet
from ocikit.server.wire import Patience

if TYPE_CHECKING:
    import ssl

#: Seconds that requests under way have when the server closes.
GRACE: Final = 5.0
#: How many clients may wait to be let in.
_BACKLOG: Final = 1024


class Server:
    """
    A running server; closing it, or leaving its `with` block, stops it.
    """

    def __init__(self, listener: socket.socket, service: Service) -> None:
        self._listener, self._service = listener, service
        # What is written to one end wakes the thread that waits at the other.
        self._waker, self._woken = socket.socketpair()
        self._lock = threading.Lock()
        self._connections: dict[Connection, threading.Thread] = {}
        self._closing = False
        address = listener.getsockname()
        name = f"[{address[0]}]" if ":" in address[0] else address[0]
        #: "127.0.0.1:PORT", as references write it.
        self.host: str = f"{name}:{address[1]}"
        self.port: int = address[1]
        self._accepting = threading.Thread(target=self._accept, name=f"accept {self.host}")
        self._accepting.daemon = True
        self._accepting.start()

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
        with self._lock:
            again, self._closing = self._closing, True
        if again:
            return
        self._waker.send(b"x")
        self._accepting.join()
        with self._lock:
            running = dict(self._connections)
        for connection in running:
            connection.end()
        deadline = time.monotonic() + grace
        for connection, thread in running.items():
            thread.join(max(0.0, deadline - time.monotonic()))
            connection.abort()
            thread.join(1.0)
        self._waker.close()
        self._woken.close()

    def wait(self) -> None:
        """
        Wait until somebody closes it.
        """
        self._accepting.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _accept(self) -> None:
        with self._listener, selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            selector.register(self._woken, selectors.EVENT_READ)
            while not self._closing:
                selector.select()
                try:
                    wire, address = self._listener.accept()
                except BlockingIOError:
                    continue
                except OSError:
                    # Out of file descriptors: some will be given back.
                    time.sleep(0.05)
                    continue
                self._begin(wire, address)

    def _begin(self, wire: socket.socket, address: tuple[str, int]) -> None:
        connection = Connection(wire, address[0], self._service)
        thread = threading.Thread(target=self._run, args=(connection,), daemon=True)
        with self._lock:
            self._connections[connection] = thread
        try:
            thread.start()
        except RuntimeError:
            # No more threads: the client may come back.
            connection.abort()
            self._gone(connection)

    def _run(self, connection: Connection) -> None:
        try:
            connection.run()
        finally:
            self._gone(connection)

    def _gone(self, connection: Connection) -> None:
        with self._lock:
            self._connections.pop(connection, None)


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
    listener = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    # A client that goes away between select and accept must not hold us up.
    listener.setblocking(False)
    service = Service(handler=handler, tls=tls, log=log, patience=patience or Patience())
    return Server(listener, service)
