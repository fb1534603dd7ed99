"""
What holds of whatever pulls from and pushes to registries: subclass the contract.

    class TestMyTool(ClientContract):
        def push(self, send, reference, content):
            my_tool.push(reference, content, send=send)

        def pull(self, send, reference):
            return my_tool.pull(reference, send=send)

Registries are in this process, faults are drawn, and no time passes.
"""

from __future__ import annotations

import abc
import contextlib
from collections import Counter
from typing import ClassVar, Final

from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ocikit._regex import regex
from ocikit.content.build import build_layer
from ocikit.content.image import Content
from ocikit.content.partial import image_of
from ocikit.errors import OciError
from ocikit.http.message import Send
from ocikit.registry.load import load
from ocikit.server.faults.mishaps import AnswerLost
from ocikit.server.faults.plan import Fault
from ocikit.spec.config import ConfigFile
from ocikit.testing.contents import ENTRIES, archive, contents
from ocikit.testing.contract import Contract, share
from ocikit.testing.contracts import all_bytes
from ocikit.testing.faults import fault_plans
from ocikit.testing.registries import TestRegistry

NAME = "registry.test/app:1"
#: An answer to who puts a blob.
_LOST: Final = st.builds(
    Fault,
    st.just(AnswerLost()),
    method=st.sampled_from(("PUT", "POST")),
    kind=st.sampled_from(("upload", "uploads")),
    skip=st.integers(0, 2),
)
#: The digest of a blob that is put, and of none that is mounted.
_DIGEST: Final = regex(r"/blobs/uploads/.*[?&]digest=([^&]+)")


class ClientContract(Contract):
    """
    What is pulled is what was pushed, or an error says why not.
    """

    #: What can be pushed.
    contents: ClassVar[SearchStrategy[Content]] = contents()
    #: How a client says that it could not.
    errors: ClassVar[tuple[type[Exception], ...]] = (OciError,)
    #: What goes wrong, for laws that allow a client to give up.
    faults: ClassVar[SearchStrategy[tuple[Fault, ...]]] = fault_plans()
    #: What goes wrong and passes: a client is to get through, also when bytes come that are
    #: not those; so `pull` gives what was fetched and checked. None for one that need not.
    passing: ClassVar[SearchStrategy[tuple[Fault, ...]] | None] = fault_plans(recoverable=True)

    @abc.abstractmethod
    def push(self, send: Send, reference: str, content: Content) -> None:
        """
        Push content to a registry.
        """

    @abc.abstractmethod
    def pull(self, send: Send, reference: str) -> Content:
        """
        Pull content; its blobs may be read later.
        """

    def law_what_is_pushed_can_be_pulled(self, data: st.DataObject) -> None:
        """
        To the byte, and another client sees the same.
        """
        content, registry = data.draw(self.contents), TestRegistry()
        self.push(registry.send, NAME, content)
        expected = all_bytes(content)
        for found in (self.pull(registry.send, NAME), _seen(registry)):
            assert found == content
            assert all_bytes(found) == expected

    @share(2)
    def law_what_is_there_is_not_sent_again(self, data: st.DataObject) -> None:
        """
        Of a push that comes again, no blob is uploaded.
        """
        content, registry = data.draw(self.contents), TestRegistry()
        registry.flush("app:0", content)
        registry.forget()
        self.push(registry.send, NAME, content)
        sent = [each for each in registry.requests if each.method in ("PUT", "PATCH")]
        assert not [str(each) for each in sent if "/blobs/" in each.target]

    def law_what_arrived_is_not_sent_again(self, data: st.DataObject) -> None:
        """
        Who is not told that a blob has arrived asks whether it has, and puts it once.
        """
        content, registry = data.draw(self.contents), TestRegistry()
        with registry.faults(data.draw(_LOST)), contextlib.suppress(*self.errors):
            self.push(registry.send, NAME, content)
        # What is lost is the answer: what was asked is done.
        done = [each for each in registry.requests if each.status in (201, None)]
        put = [query for each in done for query in _DIGEST.findall(each.target)]
        assert not [digest for digest, count in Counter(put).items() if count > 1]

    def law_faults_do_not_change_bytes(self, data: st.DataObject) -> None:
        """
        Whatever befalls a pull, what it gives is right, or it is an error.
        """
        content, plan = data.draw(self.contents), data.draw(self.faults)
        registry = TestRegistry()
        registry.flush("app:1", content)
        with registry.faults(*plan):
            try:
                found = self.pull(registry.send, NAME)
                read = all_bytes(found)
            except self.errors:
                return
        assert found == content
        assert read == all_bytes(content)

    def law_nothing_is_seen_of_a_push_that_failed(self, data: st.DataObject) -> None:
        """
        Whatever befalls a push, its tag shows what was there before, or all that is new.
        """
        old, new = data.draw(self.contents), data.draw(self.contents)
        plan, registry = data.draw(self.faults), TestRegistry()
        registry.flush("app:1", old)
        ended = True
        with registry.faults(*plan):
            try:
                self.push(registry.send, NAME, new)
            except self.errors:
                ended = False
        found = _seen(registry)
        assert found == new or (not ended and found == old)
        assert all_bytes(found) == all_bytes(new if found == new else old)

    def law_what_passes_is_got_through(self, data: st.DataObject) -> None:
        """
        Faults that a patient client recovers from do not end a push or a pull.
        """
        assume(self.passing is not None)
        assert self.passing is not None
        content, registry = data.draw(self.contents), TestRegistry()
        with registry.faults(*data.draw(self.passing)):
            self.push(registry.send, NAME, content)
        with registry.faults(*data.draw(self.passing)):
            found = self.pull(registry.send, NAME)
            assert all_bytes(found) == all_bytes(content)
        assert found == content

    def test_tags_are_last(self) -> None:
        """
        A tag is put when all that it needs is there, so that nobody sees a part.
        """
        layers = [build_layer([archive((entry,))]) for entry in ENTRIES[:3]]
        registry = TestRegistry()
        self.push(registry.send, NAME, image_of(ConfigFile(), layers))
        asked = [each for each in registry.requests if each.method in ("PUT", "POST", "PATCH")]
        assert asked[-1].target.endswith("/manifests/1")


def _seen(registry: TestRegistry) -> Content:
    return load(registry.name("app:1"), client=registry.client)
