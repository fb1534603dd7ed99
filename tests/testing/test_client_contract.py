"""
Clients keep the contract of clients.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import pytest

from ocikit import layout
from ocikit.content.image import Content
from ocikit.http.message import Send
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.testing.contracts_client import ClientContract
from ocikit.testing.time import VirtualTime


class TestOurs(ClientContract):
    """
    Ours, which keeps what it pulls: who only opens a blob is told of a lie, and asks again.
    """

    @pytest.fixture(autouse=True)
    def folder(self) -> Iterator[None]:
        """
        Have a folder for all that is pulled, which may be read later.
        """
        with tempfile.TemporaryDirectory() as self.pulled:
            yield

    def push(self, send: Send, reference: str, content: Content) -> None:
        # Threads take longer to begin than what they would do here.
        client = Client(send=send, clock=VirtualTime().clock, jobs=1)
        flush(reference, content, client=client, foreign=True)

    def pull(self, send: Send, reference: str) -> Content:
        client = Client(send=send, clock=VirtualTime().clock, jobs=1)
        content, folder = load(reference, client=client), tempfile.mkdtemp(dir=self.pulled)
        layout.flush(folder, content, foreign=True, durable=False)
        return layout.load(folder)
