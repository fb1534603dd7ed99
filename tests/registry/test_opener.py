"""
Openers of what lies in a registry.
"""

from __future__ import annotations

import pickle
import random

import pytest

from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.image import Index
from ocikit.http.credentials import Basic, Credentials, Resource
from ocikit.http.faults import BlobUnknown, ManifestUnknown
from ocikit.name.parse import parse_repository
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.registry.opener import RegistryChild, RegistryOpener, source
from ocikit.server.handler import registry
from tests.registry.wires import Recorder, client

INDEX = synthetic.index(random.Random(1), size=10)
HERE = parse_repository("r.io/a")


def secretive(resource: Resource) -> Credentials:
    """
    A keychain that knows something.
    """
    return Basic("me", "secret")


def test_opens_again_and_again() -> None:
    """
    That is what retries, and several sinks, need.
    """
    one = client(registry())
    flush("r.io/a:1", INDEX, client=one)
    image = INDEX.children[0].content
    assert not isinstance(image, Index)
    layer = image.layers[0].blob  # type: ignore[union-attr]
    opener = RegistryOpener(one, HERE, layer.digest)
    for _ in range(2):
        with opener.open() as stream:
            assert stream.read() == layer.open().read()


def test_a_child_is_one_request() -> None:
    """
    And its own content is opened from the same repository.
    """
    wire = Recorder(registry())
    flush("r.io/a:1", INDEX, client=client(wire))
    wire.clear()
    child = RegistryChild(client(wire), HERE, INDEX.children[0].descriptor)
    assert child.open() == INDEX.children[0].content
    assert len(wire.requests) == 1


def test_what_is_not_there_is_missed() -> None:
    """
    Sparse indexes list what the registry never had.
    """
    one, listed = client(registry()), INDEX.children[0].descriptor
    with pytest.raises(BlobUnknown):
        source(one, HERE).blob(listed).open()
    with pytest.raises(ManifestUnknown):
        source(one, HERE).child(listed).open()


def test_they_are_recipes() -> None:
    """
    They print, compare and pickle; neither a socket nor a secret is in them.
    """
    known = Client(keychain=secretive)
    for opener in (
        RegistryOpener(known, HERE, INDEX.digest, 5),
        RegistryChild(known, HERE, INDEX.descriptor),
    ):
        assert pickle.loads(pickle.dumps(opener)) == opener
        assert opener == evolve(opener)
        assert hash(opener) == hash(evolve(opener))
        assert "secret" not in repr(opener) + repr(pickle.dumps(opener)).replace("secretive", "")
