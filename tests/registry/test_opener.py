"""
Openers of what lies in a registry.
"""

from __future__ import annotations

import pickle
import random

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.blob import of_bytes
from ocikit.content.image import Index
from ocikit.http.credentials import Basic, Credentials, Resource
from ocikit.http.faults import BlobUnknown, ManifestUnknown
from ocikit.http.message import Request, Response
from ocikit.http.origin import URLInvalid
from ocikit.http.reach import PlaceForbidden
from ocikit.name.parse import parse_repository
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.registry.opener import RegistryChild, RegistryOpener, source
from ocikit.server.handler import registry
from ocikit.testing.wires import Recorder, answer, client

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


FOREIGN = of_bytes(b"licensed", media.DOCKER_FOREIGN_LAYER_GZIP)


class World:
    """
    A registry that lacks a layer, and servers that may have it.
    """

    def __init__(self, **answers: Response) -> None:
        self.answers = answers
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        host = request.url.split("/")[2]
        return self.answers.get(host.partition(".")[0]) or answer(404)

    def opener(self, *urls: str, foreign: bool = True, host: str = "r.io") -> RegistryOpener:
        """
        The layer, with these URLs.
        """
        one = evolve(client(self, keychain=lambda _: Basic("ada", "secret")), foreign=foreign)
        name = parse_repository(f"{host}/a")
        return RegistryOpener(one, name, FOREIGN.digest, FOREIGN.size, urls)

    @property
    def asked(self) -> list[str]:
        return [request.url for request in self.requests]


def test_a_foreign_layer_is_fetched_from_its_urls_in_turn() -> None:
    """
    The registry is asked first, and none of the others sees a credential.
    """
    world = World(b=answer(200, b"licensed"), r=answer(404))
    opener = world.opener("https://a.example/x", "https://b.example/y")
    assert opener.open().read() == b"licensed"
    assert world.asked[1:] == ["https://a.example/x", "https://b.example/y"]
    assert not any("Authorization" in request.headers for request in world.requests[1:])


def test_a_registry_that_has_it_is_asked_alone() -> None:
    """
    Some are allowed to.
    """
    world = World(r=answer(200, b"licensed"))
    assert world.opener("https://a.example/x").open().read() == b"licensed"
    assert len(world.asked) == 1


def test_urls_are_not_followed_unless_it_was_said() -> None:
    """
    A descriptor is written by who made the image: it could name any server.
    """
    world = World(a=answer(200, b"licensed"))
    with pytest.raises(BlobUnknown):
        world.opener("https://a.example/x", foreign=False).open()
    assert len(world.asked) == 1


@pytest.mark.parametrize(
    "url",
    [
        *("http://a.example/x", "https://169.254.169.254/latest", "https://0x7f.1/x"),
        *("file:///etc/passwd", "https://user:pass@a.example/x", "nonsense"),
    ],
)
def test_a_url_that_leads_inside_is_refused(url: str) -> None:
    """
    Nor is one without HTTPS taken when the registry is asked by it. What names lead to
    the network looks at, as for all places that a registry names.
    """
    world = World(a=answer(200, b"licensed"))
    with pytest.raises((PlaceForbidden, URLInvalid)):
        world.opener(url).open()
    assert len(world.asked) == 1


def test_nor_is_a_url_followed_that_redirects_inside() -> None:
    """
    Each step is held to the same rules.
    """
    world = World(a=answer(302, Location="https://169.254.169.254/x"))
    with pytest.raises(PlaceForbidden):
        world.opener("https://a.example/x").open()


def test_only_foreign_layers_have_urls_that_count() -> None:
    """
    On other descriptors they would lead readers away from the registry.
    """
    where = source(client(registry()), parse_repository("r.io/a"))
    for kind, kept in ((media.OCI_LAYER_GZIP, ()), (media.DOCKER_FOREIGN_LAYER, ("https://a/",))):
        descriptor = evolve(FOREIGN.descriptor, media_type=kind, urls=("https://a/",))
        opener = where.blob(descriptor)
        assert isinstance(opener, RegistryOpener)
        assert opener.urls == kept
