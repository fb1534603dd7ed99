"""
Against docker-registry, which we did not write: in the open, with a password, with tokens.
"""

from __future__ import annotations

import io
import random
import time
from collections.abc import Callable

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.compression import Plain
from ocikit.content.empty import IMAGE as EMPTY
from ocikit.content.image import Child, Image, Index, Loaded
from ocikit.errors import Missing, Refused
from ocikit.http.credentials import Basic, Keychain, anonymous
from ocikit.http.faults import Unauthorized
from ocikit.name.parse import parse_reference
from ocikit.query.walk import walk
from ocikit.registry.client import Client
from ocikit.registry.clock import Clock
from ocikit.registry.delete import delete
from ocikit.registry.flush import flush
from ocikit.registry.head import head
from ocikit.registry.list import catalog, tags
from ocikit.registry.load import load
from ocikit.registry.settings import Settings
from ocikit.registry.upload import upload
from ocikit.spec.document import make
from ocikit.spec.manifest import IndexManifest
from tests.real.docker_registry import DockerRegistry
from tests.registry.sockets import breaking

pytestmark = pytest.mark.real

IMAGE = synthetic.image(random.Random(1), layers=3, size=3 << 20, docker=True)
INDEX = synthetic.index(random.Random(2), size=1000)
OPEN = Client(keychain=anonymous)


def knows(registry: DockerRegistry) -> Keychain:
    """
    Who may do everything there.
    """
    return lambda resource: Basic(registry.user, registry.password)


Asked = Callable[[], list[str]]


@pytest.fixture
def asked(docker_registry: DockerRegistry) -> Asked:
    """
    Tell what the registry was asked since the last time, digests and uploads left out.
    """
    seen = len(docker_registry.requests())

    def since() -> list[str]:
        nonlocal seen
        found = docker_registry.requests()[seen:]
        seen += len(found)
        return [f"{method} {_kind(target)} {status}" for method, target, status in found]

    return since


def _kind(target: str) -> str:
    path, _, query = target.partition("?")
    if "/uploads/" in path:
        return "mount" if "mount=" in query else "upload"
    return "blob" if "/blobs/" in path else "manifest" if "/manifests/" in path else path


def test_an_image_makes_the_round(docker_registry: DockerRegistry, asked: Asked) -> None:
    """
    What went in comes out; and no request is needless, counted by the registry.
    """
    name = f"{docker_registry.host}/round/image:1"
    pinned = flush(name, IMAGE, client=OPEN)
    first = asked()
    assert first.count("GET /v2/ 200") <= 1
    small, large = ["POST mount 202", "PUT upload 201"], ["HEAD blob 404", "POST upload 202"]
    wanted = ["HEAD manifest 404", *small, *[*large, "PUT upload 201"] * 3, "PUT manifest 201"]
    assert sorted(line for line in first if "/v2/ " not in line) == sorted(wanted)
    loaded = load(name, client=OPEN)
    assert asked() == ["GET manifest 200"]
    assert loaded == IMAGE
    assert [_bytes(found) for found in walk(loaded)] == [_bytes(found) for found in walk(IMAGE)]
    assert load(pinned, client=OPEN) == IMAGE
    assert head(name, client=OPEN) == IMAGE.descriptor
    asked()
    flush(name, IMAGE, client=OPEN)
    assert asked() == ["HEAD manifest 200"]


def _bytes(content: object) -> bytes:
    if isinstance(content, Image | Index):
        return content.document.raw
    assert hasattr(content, "open")
    with content.open() as stream:
        data: bytes = stream.read()
        return data


def test_indexes_in_indexes_make_the_round(docker_registry: DockerRegistry) -> None:
    """
    Children first, then those that list them, in parallel where they may be.
    """
    inner = (INDEX, EMPTY)
    manifest = IndexManifest(
        media_type=media.OCI_INDEX, manifests=tuple(c.descriptor for c in inner)
    )
    outer = Index(
        document=make(manifest, media.OCI_INDEX),
        children=tuple(Child(descriptor=c.descriptor, opener=Loaded(c)) for c in inner),
    )
    name = f"{docker_registry.host}/round/index:1"
    flush(name, outer, client=OPEN)
    loaded = load(name, client=OPEN)
    assert list(walk(loaded)) == list(walk(outer))
    chosen = load(name, client=OPEN, platform="linux/arm64")
    assert isinstance(chosen, Image)
    assert str(chosen.platform).startswith("linux/arm64")


def test_blobs_are_mounted(docker_registry: DockerRegistry, asked: Asked) -> None:
    """
    One request each, large or small; also from the repository itself.
    """
    host = docker_registry.host
    flush(f"{host}/mount/from:1", IMAGE, client=OPEN)
    loaded = load(f"{host}/mount/from:1", client=OPEN)
    asked()
    flush(f"{host}/mount/to:1", loaded, client=OPEN)
    assert asked() == ["HEAD manifest 404", *["POST mount 201"] * 4, "PUT manifest 201"]
    flush(f"{host}/mount/to:2", loaded, client=OPEN)
    assert asked() == ["HEAD manifest 404", *["POST mount 201"] * 4, "PUT manifest 201"]
    fresh = evolve(IMAGE)
    flush(f"{host}/mount/to:3", fresh, client=OPEN)
    found = asked()
    assert sorted(found[1:-1]) == sorted(["POST mount 201", *["HEAD blob 200"] * 3])


def test_tags_are_listed_and_deleted(docker_registry: DockerRegistry) -> None:
    """
    docker-registry 2.8 deletes by digest only, and says so.
    """
    repository = f"{docker_registry.host}/listed"
    for tag in ("1", "2", "latest"):
        pinned = flush(f"{repository}:{tag}", EMPTY, client=OPEN)
    assert sorted(tags(repository, client=OPEN)) == ["1", "2", "latest"]
    paged = Client(keychain=anonymous, settings=Settings(page_size=1))
    assert "listed" in list(catalog(docker_registry.host, client=paged))
    with pytest.raises(Refused):
        delete(f"{repository}:1", client=OPEN)
    delete(pinned, client=OPEN)
    with pytest.raises(Missing):
        load(f"{repository}:1", client=OPEN)


@pytest.mark.parametrize("chunk", [1 << 20, 16 << 20])
def test_a_stream_is_uploaded(docker_registry: DockerRegistry, chunk: int) -> None:
    """
    In chunks or whole, without its length or digest being known.
    """
    data = random.Random(chunk).randbytes(5 << 20)
    one = Client(keychain=anonymous, settings=Settings(chunk_size=chunk))
    layer = upload(
        f"{docker_registry.host}/streamed", io.BytesIO(data), client=one, compression=Plain()
    )
    assert layer.blob.open().read() == data


def test_referrers_are_listed_by_tag(docker_registry: DockerRegistry) -> None:
    """
    docker-registry 2.8 has no referrers API.
    """
    repository = f"{docker_registry.host}/referred"
    subject = flush(f"{repository}:1", EMPTY, client=OPEN)
    artifact = synthetic.artifact(random.Random(1), subject=EMPTY.descriptor)
    flush(f"{repository}:sbom", artifact, client=OPEN)
    listed = load(f"{repository}:sha256-{subject.digest.hex}", client=OPEN)
    assert isinstance(listed, Index)
    assert [child.content for child in listed.children] == [artifact]


def test_a_password_opens(docker_registry_basic: DockerRegistry) -> None:
    """
    The right one, beyond ASCII too; none, or another, does not.
    """
    registry = docker_registry_basic
    name = f"{registry.host}/locked:1"
    knowing = Client(keychain=knows(registry))
    flush(name, IMAGE, client=knowing)
    assert load(name, client=knowing) == IMAGE
    assert list(tags(f"{registry.host}/locked", client=knowing)) == ["1"]
    for keychain in (anonymous, lambda resource: Basic(registry.user, "wrong")):
        with pytest.raises(Unauthorized, match="log in"):
            load(name, client=Client(keychain=keychain))


def test_tokens_open(docker_registry_token: DockerRegistry) -> None:
    """
    One token for a push, one for a pull, one more for each repository mounted from.
    """
    registry = docker_registry_token
    assert registry.tokens is not None
    knowing = Client(keychain=knows(registry))
    registry.tokens.requests.clear()
    flush(f"{registry.host}/private/a:1", IMAGE, client=knowing)
    assert registry.tokens.scopes == ["repository:private/a:pull,push"]
    loaded = load(f"{registry.host}/private/a:1", client=knowing)
    assert loaded == IMAGE
    assert len(registry.tokens.requests) == 1
    flush(f"{registry.host}/private/b:1", loaded, client=knowing)
    assert load(f"{registry.host}/private/b:1", client=knowing) == IMAGE
    assert registry.tokens.requests[-1].scopes == (
        "repository:private/b:pull,push",
        "repository:private/a:pull",
    )
    assert list(catalog(registry.host, client=knowing))


def test_a_token_past_its_time_is_replaced(docker_registry_token: DockerRegistry) -> None:
    """
    The registry refuses it; another is asked for, and the request is sent again.
    """
    registry = docker_registry_token
    assert registry.tokens is not None
    knowing = Client(keychain=knows(registry), jobs=3)
    registry.tokens.stale = 1
    flush(f"{registry.host}/private/stale:1", INDEX, client=knowing)
    assert load(f"{registry.host}/private/stale:1", client=knowing) == INDEX


def test_anybody_may_have_what_is_public(docker_registry_token: DockerRegistry) -> None:
    """
    Without credentials a token is asked for too; it does not allow more than it should.
    """
    registry = docker_registry_token
    public, private = f"{registry.host}/public:1", f"{registry.host}/private/c:1"
    knowing = Client(keychain=knows(registry))
    for name in (public, private):
        flush(name, EMPTY, client=knowing)
    assert load(public, client=OPEN) == EMPTY
    for attempt in (
        lambda: load(private, client=OPEN),
        lambda: flush(parse_reference(public), IMAGE, client=OPEN),
    ):
        with pytest.raises(Refused):
            attempt()


@pytest.mark.parametrize("sent", [False, True], ids=["pull", "push"])
def test_a_line_that_breaks_again_and_again(docker_registry: DockerRegistry, sent: bool) -> None:
    """
    Every connection is reset after 4 MiB of a layer of 64. Nobody waits, for something
    always comes.
    """
    image = synthetic.image(random.Random(9 + sent), layers=1, size=64 << 20)
    straight = f"{docker_registry.host}/broken:{sent}"
    waits: list[float] = []
    clock = Clock(now=time.time, sleep=waits.append, random=random.Random(1))
    patient = evolve(OPEN, clock=clock)
    with breaking(docker_registry.host, 4 << 20, sent=sent) as host:
        bent = f"{host}/broken:{sent}"
        flush(bent if sent else straight, image, client=patient)
        loaded = load(straight if sent else bent, client=patient)
        assert isinstance(loaded, Image)
        with loaded.layers[0].blob.open() as stream:
            stream.drain()
    assert waits == []
