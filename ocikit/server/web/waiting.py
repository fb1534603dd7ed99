"""
Where connections wait that have nothing to do: one thread for all of them.

It is not always the same one, see `lead`.

Heads of requests, and TLS handshakes, are read here as they drip in: a thousand clients
that say nothing, or little, cost a thousand sockets and no more.
"""

from __future__ import annotations

import queue
import selectors
import socket
import threading
import time
from collections.abc import Callable
from typing import Final

from ocikit.server.web.connection import Connection, Service

#: Seconds between two looks at who has waited too long; less where patience is short.
_LOOK: Final = 1.0
#: How many clients are let in before those that are in get their turn.
_AT_ONCE: Final = 64


class Waiting:
    """
    Lets clients in, and has each answered when it has a request.

    Args:
        listener: lets clients in; it does not block.
        woken: something can be read here when somebody has called `give` or `stop`.
        service: what connections have in common.
        answer: runs a connection that has something to run; whether this thread goes on
            waiting, or another does.
    """

    def __init__(
        self,
        listener: socket.socket,
        woken: socket.socket,
        service: Service,
        answer: Callable[[Connection], bool],
    ) -> None:
        self._listener, self._woken, self._service, self._answer = listener, woken, service, answer
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)
        self._selector.register(woken, selectors.EVENT_READ)
        self._given: queue.SimpleQueue[Connection] = queue.SimpleQueue()
        #: In the order in which they came.
        self._connections: dict[Connection, None] = {}
        patience = service.patience
        self._look = min(_LOOK, patience.idle / 2, patience.head / 2)
        self._looked = time.monotonic()
        self._stopping = False
        #: Set when nobody waits any more, and nobody will.
        self.ended = threading.Event()

    def give(self, connection: Connection) -> None:
        """
        Let a connection wait; from any thread, which has to wake this one then.
        """
        self._given.put(connection)

    def stop(self) -> None:
        """
        Let `run` end once it is woken.
        """
        self._stopping = True

    def run(self) -> None:
        """
        Wait, until it is stopped or another thread waits.
        """
        leads = True
        try:
            while leads and not self._stopping:
                leads = self._turn()
        finally:
            # Also when it fails: clients that nobody will answer are not let in.
            if leads:
                self._listener.close()
                self.ended.set()

    def release(self, connection: Connection) -> None:
        """
        Let go of a connection that has a thread of its own now.
        """
        del self._connections[connection]
        self._selector.unregister(connection.wire)

    def drop(self, connection: Connection) -> None:
        """
        End a connection.
        """
        self.release(connection)
        connection.close()

    def close(self) -> None:
        """
        End the connections that wait; `run` has ended.
        """
        self._take()
        for connection in list(self._connections):
            self.drop(connection)
        self._selector.close()

    def _turn(self) -> bool:
        for key, _ in self._selector.select(self._look if self._connections else None):
            # What else has come is found again by the thread that waits then.
            if not self._serve(key):
                return False
        now = time.monotonic()
        if now - self._looked >= self._look:
            self._looked = now
            self._send_off(now)
        return True

    def _serve(self, key: selectors.SelectorKey) -> bool:
        if key.fileobj is self._listener:
            self._accept()
        elif key.fileobj is self._woken:
            self._woken.recv(4096)
            self._take()
        else:
            connection: Connection = key.data
            return connection not in self._connections or self._poll(connection)
        return True

    def _accept(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                wire, address = self._listener.accept()
            except BlockingIOError:
                return
            except OSError:
                self._spare()
                return
            try:
                self._add(Connection(wire, address[0], self._service))
            except OSError:
                # The client is gone already.
                wire.close()

    def _spare(self) -> None:
        # Out of file descriptors: who has waited longest makes room, or some end.
        longest = min(self._connections, key=lambda each: each.due, default=None)
        if longest is None:
            time.sleep(0.05)
        else:
            self.drop(longest)

    def _take(self) -> None:
        while not self._given.empty():
            self._add(self._given.get())

    def _add(self, connection: Connection) -> None:
        self._selector.register(connection.wire, connection.events, connection)
        self._connections[connection] = None

    def _poll(self, connection: Connection) -> bool:
        before = connection.events
        try:
            ready = connection.poll()
        except OSError:
            self.drop(connection)
            return True
        if connection.events != before:
            self._selector.modify(connection.wire, connection.events, connection)
        return not ready or self._answer(connection)

    def _send_off(self, now: float) -> None:
        for connection in [each for each in self._connections if each.due <= now]:
            self.drop(connection)
