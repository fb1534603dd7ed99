"""
All that a client does, with every kind of registry that there is a profile of.
"""

from __future__ import annotations

import io
import random
from collections.abc import Iterator

import attrs
import pytest

from ocikit.content import synthetic
from ocikit.content.blob import Blob
from ocikit.content.compression import Plain
from ocikit.content.image import Content, Image, Index
from ocikit.crane.copying import copy, copy_repository
from ocikit.crane.options import Options
from ocikit.errors import Missing, Refused
from ocikit.http.credentials import Basic, anonymous
from ocikit.query.walk import walk
from ocikit.registry.attach import attach
from ocikit.registry.client import Client
from ocikit.registry.delete import delete
from ocikit.registry.flush import flush
from ocikit.registry.head import head
from ocikit.registry.list import catalog, tags
from ocikit.registry.load import load
from ocikit.registry.referrers import referrers
from ocikit.registry.settings import Settings
from ocikit.registry.tag import tag
from ocikit.registry.upload import upload
from ocikit.server.handler import registry
from ocikit.server.quirks.profiles import PROFILES, Profile
from ocikit.server.web.serve import serve
from ocikit.testing.time import VirtualTime
from ocikit.testing.wires import Recorder, client

CHANCE = random.Random(1)
IMAGE = synthetic.image(CHANCE, layers=2, size=3000)
#: Large enough to be asked for, and mounted from where it lies.
LARGE = synthetic.image(CHANCE, layers=1, size=2 << 20)
INDEX = synthetic.index(CHANCE, size=500)
ARTIFACT = synthetic.artifact(CHANCE, files=2)
CONTENTS: dict[str, Content] = {
    "image": IMAGE,
    "large": LARGE,
    "index": INDEX,
    "artifact": ARTIFACT,
}
USERS = {"me": "secret"}

#: Where manifests are deleted by other means, and where tags are not deleted alone.
NO_DELETE = frozenset({"docker_hub", "ghcr"})
NO_UNTAG = NO_DELETE | {"harbor", "distribution"}


@attrs.frozen(kw_only=True)
class Place:
    """
    A registry of some kind, and a client of it.
    """

    profile: Profile
    wire: Recorder
    client: Client
    host: str

    def name(self, text: str) -> str:
        """
        Name something in it.
        """
        return f"{self.host}/team/{text}"


def place_of(profile: Profile, settings: Settings | None = None) -> Place:
    """
    Make a registry in this process.
    """
    wire = Recorder(profile(registry(), USERS))
    made = client(wire, keychain=lambda resource: Basic("me", "secret"), settings=settings)
    return Place(profile=profile, wire=wire, client=made, host=profile.host)


@pytest.fixture(params=sorted(PROFILES))
def place(request: pytest.FixtureRequest) -> Place:
    """
    Each kind of registry, in this process.
    """
    return place_of(PROFILES[request.param])


@pytest.fixture(params=sorted(PROFILES))
def served(request: pytest.FixtureRequest) -> Iterator[Place]:
    """
    Each kind of registry, on a socket.
    """
    profile = PROFILES[request.param]
    with serve(profile(registry(), USERS)) as server:
        made = Client(keychain=lambda resource: Basic("me", "secret"), clock=VirtualTime().clock)
        wire = Recorder(registry())
        yield Place(profile=profile, wire=wire, client=made, host=server.host)


def whole(content: Content) -> list[bytes]:
    """
    Read all that content is made of.
    """
    return [_bytes(found) for found in walk(content)]


def _bytes(content: Content) -> bytes:
    return content.content if isinstance(content, Blob) else content.document.raw


@pytest.mark.parametrize("kind", sorted(CONTENTS))
def test_what_is_pushed_is_pulled(place: Place, kind: str) -> None:
    """
    By tag and by digest, each byte, and its descriptor by HEAD or without.
    """
    content, name = CONTENTS[kind], place.name("app:1")
    pinned = flush(name, content, client=place.client)
    loaded = load(name, client=place.client)
    assert loaded == content
    assert whole(loaded) == whole(content)
    assert load(pinned, client=place.client) == content
    assert head(name, client=place.client).digest == content.digest
    flush(name, content, client=place.client)
    assert load(name, client=place.client) == content


def test_on_a_socket(served: Place) -> None:
    """
    Nothing in a profile needs to be in this process.
    """
    for kind, content in CONTENTS.items():
        name = served.name(f"app:{kind}")
        flush(name, content, client=served.client)
        loaded = load(name, client=served.client)
        assert loaded == content
        assert whole(loaded) == whole(content)
    assert list(tags(served.name("app"), client=served.client)) == sorted(CONTENTS)


def test_copies_within_and_across(place: Place) -> None:
    """
    Whether blobs are mounted or not, and by whichever token.
    """
    options = Options(client=place.client)
    for kind, content in CONTENTS.items():
        flush(place.name(f"from:{kind}"), content, client=place.client)
        copy(place.name(f"from:{kind}"), place.name(f"to:{kind}"), options)
        assert load(place.name(f"to:{kind}"), client=place.client) == content
    other = client(registry())
    for kind, content in CONTENTS.items():
        flush(f"r.io/a:{kind}", load(place.name(f"to:{kind}"), client=place.client), client=other)
        back = load(f"r.io/a:{kind}", client=other)
        flush(place.name(f"back:{kind}"), back, client=place.client)
        assert whole(load(place.name(f"back:{kind}"), client=place.client)) == whole(content)


def test_a_repository_is_copied_tag_by_tag(place: Place) -> None:
    """
    Whatever else is among its tags.
    """
    for kind, content in CONTENTS.items():
        flush(place.name(f"from:{kind}"), content, client=place.client)
    copied = copy_repository(place.name("from"), place.name("to"), Options(client=place.client))
    assert len(list(copied)) == len(CONTENTS)
    assert list(tags(place.name("to"), client=place.client)) == sorted(CONTENTS)


@pytest.mark.parametrize("chunk", [64 << 10, 4 << 20, 16 << 20])
def test_streams_are_uploaded(place: Place, chunk: int) -> None:
    """
    In chunks of a size that the registry takes.
    """
    data = random.Random(chunk).randbytes(5 << 20)
    one = place_of(place.profile, Settings(chunk_size=chunk))
    layer = upload(one.name("streamed"), io.BytesIO(data), client=one.client, compression=Plain())
    assert layer.blob.content == data


@pytest.mark.parametrize("size", [0, 2, 1000])
def test_tags_are_listed_page_by_page(place: Place, size: int) -> None:
    """
    However many are asked for at once, and however many come; nothing else is a tag.
    """
    one = place_of(place.profile, Settings(page_size=size))
    for number in range(5):
        flush(one.name(f"app:{number}"), IMAGE, client=one.client)
    tag(one.name("app:0"), "5", client=one.client)
    flush(one.name("app:index"), INDEX, client=one.client)
    assert list(tags(one.name("app"), client=one.client)) == [*map(str, range(6)), "index"]
    flush(one.name("other:1"), IMAGE, client=one.client)
    assert list(catalog(one.host, client=one.client)) == ["team/app", "team/other"]


def test_what_is_not_there(place: Place) -> None:
    """
    It is told as missing, however the registry puts it.
    """
    flush(place.name("app:1"), IMAGE, client=place.client)
    for name in (place.name("app:2"), place.name(f"app@{INDEX.digest}"), place.name("none:1")):
        with pytest.raises((Missing, Refused)):
            load(name, client=place.client)


def test_deleted(place: Place) -> None:
    """
    By digest, and by tag alone, where the registry does that; else it is told.
    """
    pinned = flush(place.name("app:1"), IMAGE, client=place.client)
    flush(place.name("app:2"), INDEX, client=place.client)
    if place.profile.name in NO_UNTAG:
        with pytest.raises(Refused):
            delete(place.name("app:2"), client=place.client)
        assert load(place.name("app:2"), client=place.client) == INDEX
    else:
        delete(place.name("app:2"), client=place.client)
        with pytest.raises((Missing, Refused)):
            load(place.name("app:2"), client=place.client)
    if place.profile.name in NO_DELETE:
        with pytest.raises(Refused):
            delete(pinned, client=place.client)
        assert load(pinned, client=place.client) == IMAGE
    else:
        delete(pinned, client=place.client)
        with pytest.raises((Missing, Refused)):
            load(pinned, client=place.client)


def test_referrers(place: Place) -> None:
    """
    By the registry's own list, or by the tag that clients keep.
    """
    name = place.name("app:1")
    flush(name, IMAGE, client=place.client)
    note = synthetic.artifact(random.Random(4), subject=IMAGE.descriptor)
    assert list(referrers(name, client=place.client)) == []
    attach(name, note, client=place.client)
    found = list(referrers(name, client=place.client))
    assert [each.digest for each in found] == [note.digest]
    assert load(name, client=place.client) == IMAGE


def test_who_does_not_know_the_password(place: Place) -> None:
    """
    Others neither push nor pull.
    """
    flush(place.name("app:1"), IMAGE, client=place.client)
    for keychain in (anonymous, lambda resource: Basic("me", "wrong")):
        stranger = client(place.wire, keychain=keychain)
        with pytest.raises(Refused):
            load(place.name("app:1"), client=stranger)
        with pytest.raises(Refused):
            flush(place.name("app:2"), IMAGE, client=stranger)


def test_anybody_may_use_one_without_users() -> None:
    """
    A token is wanted all the same, and given to everybody.
    """
    for name, profile in PROFILES.items():
        one = client(profile(registry()))
        flush(f"{profile.host}/team/{name}:1", INDEX, client=one)
        loaded = load(f"{profile.host}/team/{name}:1", client=one)
        assert isinstance(loaded, Index)
        assert all(isinstance(child.content, Image) for child in loaded.children)
