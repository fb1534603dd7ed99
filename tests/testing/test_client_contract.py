"""
Clients keep the contract of clients.
"""

from __future__ import annotations

from ocikit.content.image import Content
from ocikit.http.message import Send
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.testing.contracts_client import ClientContract
from ocikit.testing.time import VirtualTime


class TestOurs(ClientContract):
    """
    Ours.
    """

    def push(self, send: Send, reference: str, content: Content) -> None:
        client = Client(send=send, clock=VirtualTime().clock)
        flush(reference, content, client=client, foreign=True)

    def pull(self, send: Send, reference: str) -> Content:
        return load(reference, client=Client(send=send, clock=VirtualTime().clock))
