"""
Ours keep the laws of registries, of clients' manners and of mirrors; so do others.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from typing import ClassVar
from uuid import uuid4

import pytest
from hypothesis import given, settings

from ocikit import crane, layout
from ocikit.content.image import Content
from ocikit.crane.options import Options
from ocikit.http.credentials import Basic
from ocikit.http.message import Request, Response, Send
from ocikit.registry.client import Client
from ocikit.registry.load import load
from ocikit.registry.transport import network
from ocikit.server.handler import registry
from ocikit.testing import strategies as oci
from ocikit.testing.holdings import Holdings
from ocikit.testing.manners import MannersContract
from ocikit.testing.mirrors import MirrorContract
from ocikit.testing.modelled import Place
from ocikit.testing.registries import TestRegistry
from ocikit.testing.registry_laws import RegistryLaws
from ocikit.testing.time import VirtualTime
from tests.real.docker_registry import DockerRegistry


class TestRegistryInMemory(RegistryLaws):
    """
    Ours, with pages as small as they are asked for.
    """

    def open(self) -> Place:
        return Place(send=registry())


@pytest.mark.real
class TestDockerRegistry(RegistryLaws):
    """
    Distribution 2.8, which has no list of referrers.
    """

    known_differences: ClassVar[dict[str, str]] = dict.fromkeys(
        ["test_referrers_are_filtered_by_what_they_are", "test_referrers_are_those_that_are_there"],
        "it has no list of referrers, and clients keep one under a tag",
    )

    @pytest.fixture(autouse=True)
    def running(self, docker_registry: DockerRegistry) -> None:
        """
        Have the one of this run.
        """
        self.base = f"http://{docker_registry.host}"
        self.send = network()

    def open(self) -> Place:
        return Place(send=self.send, base=self.base, prefix=f"l{uuid4().hex}/", strict=False)


class TestManners(MannersContract):
    """
    Our client, which keeps what it pulls, and so asks again for what came wrong.
    """

    @pytest.fixture(autouse=True)
    def folder(self) -> Iterator[None]:
        """
        Have a folder for all that is pulled, which may be read later.
        """
        with tempfile.TemporaryDirectory() as self.pulled:
            yield

    def pull(self, send: Send, reference: str, login: Basic, time: VirtualTime) -> Content:
        client = Client(send=send, keychain=lambda _: login, clock=time.clock, jobs=1)
        content, folder = load(reference, client=client), tempfile.mkdtemp(dir=self.pulled)
        layout.flush(folder, content, foreign=True, durable=False)
        return layout.load(folder)


class TestMirror(MirrorContract):
    """
    Tags that are copied one by one, with what refers to them.
    """

    def mirror(self, source: TestRegistry, target: TestRegistry, names: Sequence[str]) -> None:
        def both(request: Request) -> Response:
            there = source if f"//{source.host}/" in request.url else target
            return there.send(request)

        options = Options(client=Client(send=both, jobs=1))
        for name in names:
            crane.copy(source.name(name), target.name(name), options, referrers=True)


# Whole pushes, pulls and mirrors, some of them by a socket: some examples tell as much as many.
for _kind in (TestDockerRegistry, TestManners, TestMirror):
    for _name in [name for name in vars(_kind) if name.startswith("test_")]:
        if _name not in _kind.known_differences:
            setattr(_kind, _name, settings(max_examples=20)(getattr(_kind, _name)))


@settings(max_examples=20)
@given(held=oci.registries())
def test_what_a_registry_lacks_is_told(held: Holdings) -> None:
    """
    By its name; all of it in one that holds nothing.
    """
    names = [name for name, _ in held]
    if names:
        with pytest.raises(AssertionError, match=f"^{names[0]} is not there"):
            held.assert_in(TestRegistry())
    else:
        held.assert_in(TestRegistry())
