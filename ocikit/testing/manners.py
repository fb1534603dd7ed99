"""
What holds of clients beside the bytes: secrets stay with whom they are for, who asks for
patience gets it, and what came in parts is checked as a whole.

    class TestMyTool(MannersContract):
        def pull(self, send, reference, login, time):
            return my_tool.pull(reference, send=send, user=login.username, ...)

The registry is in this process, and no time passes.
"""

from __future__ import annotations

import abc
from typing import ClassVar, Final
from urllib.parse import urlsplit

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ocikit.content.image import Content
from ocikit.errors import OciError
from ocikit.http.credentials import Basic
from ocikit.http.message import Request, Response, Send
from ocikit.server.auth.basic import basic_auth
from ocikit.server.faults.mishaps import Drop, Flip, Status
from ocikit.server.faults.plan import Fault
from ocikit.testing.contents import contents
from ocikit.testing.contract import Contract
from ocikit.testing.contracts import all_bytes
from ocikit.testing.registries import TestRegistry
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import World, answer

HOST: Final = "registry.test"
NAME: Final = f"{HOST}/app:1"
LOGIN: Final = Basic("ada", "s3cr3t")
#: Not the registry, however near their names are.
_STRANGERS: Final = (
    *("cdn.example", "registry.test.example", "xregistry.test", "test", f"{HOST}:5000"),
    "cdn.registry.test",
)
_REFUSALS: Final = (429, 503)


class MannersContract(Contract):
    """
    A client minds whom it talks to, and what it is asked.

    >>> from ocikit.http.credentials import Keychain
    >>> from ocikit.registry import Client, load
    >>> class TestOurs(MannersContract):
    ...     def pull(self, send, reference, login, time):
    ...         known = Client(send=send, keychain=lambda _: login, clock=time.clock, jobs=1)
    ...         return load(reference, client=known)
    >>> TestOurs().test_strangers_hear_no_secret()
    """

    #: What can be pulled.
    contents: ClassVar[SearchStrategy[Content]] = contents()
    #: How a client says that it could not.
    errors: ClassVar[tuple[type[Exception], ...]] = (OciError,)

    @abc.abstractmethod
    def pull(self, send: Send, reference: str, login: Basic, time: VirtualTime) -> Content:
        """
        Pull content with credentials, waiting by a clock; its blobs may be read later.

        Args:
            send: whatever is asked, of whichever host, goes by this.
            reference: what to pull.
            login: for the registry of the reference, and nobody else.
            time: how it waits.
        """

    def law_strangers_hear_no_secret(self, data: st.DataObject) -> None:
        """
        A registry may send clients elsewhere for blobs; they go there without credentials.
        """
        content, registry = data.draw(self.contents), TestRegistry(HOST)
        stranger = data.draw(st.sampled_from(_STRANGERS), "sent to")
        registry.flush("app:1", content)
        guarded = basic_auth(registry.send, {LOGIN.username: LOGIN.password})
        world = World({HOST: _moving(guarded, stranger), stranger: registry.send})
        found = self.pull(world, NAME, LOGIN, VirtualTime())
        assert all_bytes(found) == all_bytes(content)
        assert not world.told(stranger), f"{stranger} was told {world.told(stranger)}"

    def law_who_asks_for_patience_gets_it(self, data: st.DataObject) -> None:
        """
        After a 429 or 503 with Retry-After nothing is asked before that time has passed.
        """
        content, time = data.draw(self.contents), VirtualTime()
        status, wait = (
            data.draw(st.sampled_from(_REFUSALS), "answer"),
            data.draw(st.integers(1, 60), "Retry-After"),
        )
        registry, asked = TestRegistry(HOST, time=time), list[float]()
        registry.flush("app:1", content)
        registry.forget()
        busy = Status(status=status, headers=(("Retry-After", str(wait)),))

        def watched(request: Request) -> Response:
            asked.append(time.now)
            return registry.send(request)

        with registry.faults(Fault(busy, method="GET")):
            try:
                all_bytes(self.pull(watched, NAME, LOGIN, time))
            except self.errors:
                return
        refused = [each.status for each in registry.requests].index(status)
        for at in asked[refused + 1 : refused + 2]:
            waited = at - asked[refused]
            assert waited >= wait, f"asked again after {waited} s, and not {wait}"

    def law_what_came_in_parts_is_checked(self, data: st.DataObject) -> None:
        """
        A download that broke and went on gives the right bytes, or it is an error.
        """
        content, registry = data.draw(self.contents), TestRegistry(HOST)
        registry.flush("app:1", content)
        broken = Fault(
            Drop(after=data.draw(st.integers(1, 600), "broken after")), method="GET", kind="blob"
        )
        flipped = Fault(
            Flip(at=data.draw(st.floats(0, 1), "flipped at")), method="GET", kind="blob", skip=1
        )
        with registry.faults(broken, flipped):
            try:
                found = all_bytes(self.pull(registry.send, NAME, LOGIN, VirtualTime()))
            except self.errors:
                return
        assert found == all_bytes(content)


def _moving(send: Send, stranger: str) -> Send:
    """
    Let a registry send who reads a blob to another host.
    """

    def moved(request: Request) -> Response:
        response = send(request)
        parts = urlsplit(request.url)
        if request.method != "GET" or "/blobs/" not in parts.path or response.status != 200:
            return response
        response.body.close()
        return answer(307, Location=parts._replace(netloc=stranger).geturl())

    return moved
