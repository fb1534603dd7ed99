"""
Clients keep the contract of clients.
"""

from __future__ import annotations

import tempfile

from ocikit import layout
from ocikit.content.image import Content
from ocikit.http.message import Send
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.server.handler import registry
from ocikit.testing.contracts_client import ClientContract
from ocikit.testing.time import VirtualTime


class TestOurs(ClientContract):
    """
    Ours, which keeps what it pulls: who only opens a blob is told of a lie, and asks again.
    """

    def push(self, send: Send, reference: str, content: Content) -> None:
        client = Client(send=send, clock=VirtualTime().clock)
        flush(reference, content, client=client, foreign=True)

    def pull(self, send: Send, reference: str) -> Content:
        content = load(reference, client=Client(send=send, clock=VirtualTime().clock))
        with tempfile.TemporaryDirectory() as folder:
            layout.flush(folder, content, foreign=True, durable=False)
            # Another place, in memory, outlives the folder.
            here = Client(send=registry())
            flush("here.test/app:1", layout.load(folder), client=here, foreign=True)
        return load("here.test/app:1", client=here)
