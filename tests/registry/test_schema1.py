"""
Manifests of schema 1: opaque values that copy.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ocikit import media
from ocikit.content import synthetic
from ocikit.content.blob import Blob
from ocikit.content.verify import DigestMismatch
from ocikit.digest import Digest
from ocikit.http.credentials import anonymous
from ocikit.http.message import Request, Response
from ocikit.query.plan import PutBlob, PutManifest, plan
from ocikit.registry.client import Client
from ocikit.registry.flush import OtherDigest, flush
from ocikit.registry.load import load
from ocikit.registry.schema1 import SizeUnknown, identity
from ocikit.server.handler import registry
from ocikit.tarball.flush import flush as flush_archive
from ocikit.testing.wires import Script, answer, client
from tests.real.docker_registry import DockerRegistry, started
from tests.real.process import Command
from tests.spec.test_schema1 import PAYLOAD, SUM, signed

KNOWN = str(Digest.of(PAYLOAD))


Serve = Callable[[Request], Response]


def served(raw: bytes = b"", digest: str = KNOWN) -> Serve:
    """
    The signed manifest, under the digest of what was signed.
    """
    kind = media.DOCKER_SCHEMA1_SIGNED
    return lambda request: answer(
        200, raw or signed(), Content_Type=kind, Docker_Content_Digest=digest
    )


def loaded(*steps: Serve | Response, name: str = "r.io/a:1") -> Blob:
    """
    What a registry gives that answers so; manifests twice, for what is old may be meant.
    """
    asked = ([step] if isinstance(step, Response) else [step, step] for step in steps)
    content = load(name, client=client(Script([step for steps in asked for step in steps])))
    assert isinstance(content, Blob)
    return content


@pytest.mark.parametrize("name", ["r.io/a:1", f"r.io/a@{KNOWN}"])
def test_it_is_known_by_what_was_signed(name: str) -> None:
    """
    Its bytes stay as they are.
    """
    blob = loaded(served(), name=name)
    assert blob.content == signed()
    assert str(identity(blob)) == KNOWN


def test_what_was_altered_is_refused() -> None:
    """
    The digest beside it is of other bytes, each time.
    """
    bad = signed().replace(b'"schemaVersion": 1', b'"schemaVersion": 3')
    assert loaded(served(bad), served()).content == signed()
    with pytest.raises(DigestMismatch):
        loaded(*[served(bad) for _ in range(3)])
    with pytest.raises(DigestMismatch):
        loaded(*[served(b'{"signatures":') for _ in range(3)])


def test_its_layers_are_planned_before_it() -> None:
    """
    Their sizes are nowhere but in the registry, which is asked.
    """
    steps = plan(loaded(served(), answer(200, Content_Length="7"))).steps
    assert [type(step) for step in steps] == [PutBlob, PutManifest]
    put, manifest = steps
    assert isinstance(put, PutBlob)
    assert isinstance(manifest, PutManifest)
    assert (str(put.blob.digest), put.blob.size) == (SUM, 7)
    assert [str(need) for need in manifest.needs] == [SUM]


def test_a_registry_that_says_no_size_is_told_of() -> None:
    """
    Nobody could tell a cut layer from a whole one.
    """
    blob = loaded(served(), Response(status=200))
    with pytest.raises(SizeUnknown, match=SUM):
        plan(blob)


def test_it_is_put_under_no_other_digest() -> None:
    """
    That of what was signed is its own.
    """
    blob = loaded(served())
    with pytest.raises(OtherDigest):
        flush(f"r.io/a@{SUM}", blob, client=client(registry()))


@pytest.fixture(scope="module")
def old_registry() -> Iterator[DockerRegistry]:
    """
    A registry that still takes them.
    """
    with started(auth="compatibility: {schema1: {enabled: true}}") as running:
        yield running


@pytest.mark.real
def test_it_copies(old_registry: DockerRegistry, skopeo: Command, tmp_path: Path) -> None:
    """
    skopeo makes one, and reads the copy; layers go along.
    """
    image = synthetic.image(random.Random(1), layers=2, size=1000, docker=True)
    flush_archive(tmp_path / "a.tar", image, reference="a:1")
    old, new = f"{old_registry.host}/old:1", f"{old_registry.host}/new:1"
    plain = ("copy", "--dest-tls-verify=false", "--src-tls-verify=false")
    skopeo(*plain, "--format", "v2s1", f"docker-archive:{tmp_path}/a.tar", f"docker://{old}")
    one = Client(keychain=anonymous)
    content = load(old, client=one)
    assert isinstance(content, Blob)
    assert content.media_type == media.DOCKER_SCHEMA1_SIGNED
    pinned = flush(new, content, client=one)
    copied = load(pinned, client=one)
    # A registry keeps what was signed, and signs it itself when it is asked for it.
    assert identity(copied) == identity(content) == pinned.digest
    skopeo(*plain, f"docker://{new}", f"dir:{tmp_path}/dir")
