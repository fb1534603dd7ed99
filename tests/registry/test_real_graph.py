"""
What belongs to images, against docker-registry, which lists no referrers itself.
"""

from __future__ import annotations

import io
import random
from concurrent.futures import ThreadPoolExecutor

import pytest

from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.partial import artifact
from ocikit.crane.copying import copy
from ocikit.crane.options import Options
from ocikit.errors import Missing
from ocikit.http.credentials import Basic, anonymous
from ocikit.http.faults import BlobUnknown
from ocikit.name.parse import parse_reference
from ocikit.name.records import Tag
from ocikit.registry.attach import attach
from ocikit.registry.blob import blob, put
from ocikit.registry.client import Client
from ocikit.registry.delete import TagsStay, delete, delete_blob, untag
from ocikit.registry.flush import flush
from ocikit.registry.head import head, heads
from ocikit.registry.load import load
from ocikit.registry.referrers import referrers
from ocikit.registry.several import flush_all
from ocikit.registry.tag import tag
from ocikit.spec.descriptor import Descriptor
from tests.real.docker_registry import DockerRegistry

pytestmark = pytest.mark.real

IMAGE = synthetic.image(random.Random(11), layers=2, size=2000)
OPEN = Client(keychain=anonymous)


def test_many_attach_at_once(docker_registry: DockerRegistry) -> None:
    """
    The list under the tag is written by all of them, and loses nothing.
    """
    name = f"{docker_registry.host}/graph/many:1"
    flush(name, IMAGE, client=OPEN)
    made = [artifact(f"example/a{number}") for number in range(8)]
    with ThreadPoolExecutor(4) as pool:
        put_there = list(pool.map(lambda each: attach(name, each, client=OPEN), made))
    found = {each.digest for each in referrers(name, client=OPEN)}
    assert found == {each.digest for each in put_there}
    assert len(list(referrers(name, artifact_type="example/a3", client=OPEN))) == 1
    delete(put_there[0], client=OPEN)
    assert {each.digest for each in referrers(name, client=OPEN)} == found - {put_there[0].digest}


def test_a_copy_takes_along_what_belongs_to_it(docker_registry: DockerRegistry) -> None:
    """
    Signatures of signatures, and cosign's tags.
    """
    host = docker_registry.host
    name, options = f"{host}/graph/from:1", Options(client=OPEN)
    flush(name, IMAGE, client=OPEN)
    sbom = attach(name, artifact("example/sbom"), client=OPEN)
    attach(sbom, artifact("example/signature"), client=OPEN)
    flush(f"{host}/graph/from:sha256-{IMAGE.digest.hex}.sig", artifact("example/c"), client=OPEN)
    copy(name, f"{host}/graph/to:1", options, referrers=True)
    found = list(referrers(f"{host}/graph/to:1", client=OPEN))
    assert [each.digest for each in found] == [sbom.digest]
    nested = list(referrers(f"{host}/graph/to@{sbom.digest}", client=OPEN))
    assert [each.artifact_type for each in nested] == ["example/signature"]
    assert head(f"{host}/graph/to:sha256-{IMAGE.digest.hex}.sig", client=OPEN)


def test_a_tag_is_swapped_out(docker_registry: DockerRegistry) -> None:
    """
    docker-registry 2.8 deletes by digest only; its other tags stay.
    """
    host = docker_registry.host
    gone = parse_reference(f"{host}/graph/tags:1")
    assert isinstance(gone, Tag)
    flush_all({str(gone): IMAGE, f"{host}/graph/tags:2": IMAGE}, client=OPEN)
    with pytest.raises(TagsStay):
        delete(gone, client=OPEN)
    untag(gone, client=OPEN)
    with pytest.raises(Missing):
        head(gone, client=OPEN)
    assert load(f"{host}/graph/tags:2", client=OPEN) == IMAGE


def test_blobs_are_put_got_and_deleted(docker_registry: DockerRegistry) -> None:
    """
    In one pass, in chunks.
    """
    data = random.Random(12).randbytes(9 << 20)
    name = put(f"{docker_registry.host}/graph/blobs", io.BytesIO(data), client=OPEN)
    with blob(name, client=OPEN).open() as stream:
        assert stream.read() == data
    delete_blob(name, client=OPEN)
    with pytest.raises(BlobUnknown):
        blob(name, client=OPEN)


def test_several_repositories_share_blobs(docker_registry: DockerRegistry) -> None:
    """
    One upload each, and mounts; told by the registry's log.
    """
    host, seen = docker_registry.host, len(docker_registry.requests())
    names = [f"{host}/graph/several{number}:1" for number in range(3)]
    image = synthetic.image(random.Random(13), layers=3, size=2 << 20)
    flush_all(dict.fromkeys(names, image), client=OPEN)
    asked = docker_registry.requests()[seen:]
    ended = [target for method, target, _ in asked if method == "PUT" and "/uploads/" in target]
    assert len(ended) == 4
    mounted = [target for _, target, status in asked if "from=" in target and status == 201]
    assert len(mounted) == 2 * 4
    for name in names:
        assert load(name, client=OPEN) == image


def test_many_tags_cost_one_token(docker_registry_token: DockerRegistry) -> None:
    """
    Nothing is proved again for each request, over however many lines.
    """
    registry = docker_registry_token
    assert registry.tokens is not None
    knowing = Client(keychain=lambda resource: Basic(registry.user, registry.password), jobs=8)
    name = f"{registry.host}/private/many:1"
    flush(name, IMAGE, client=knowing)
    for number in range(60):
        tag(name, f"t{number}", client=knowing)
    fresh = evolve(knowing, jobs=6)
    registry.tokens.requests.clear()
    names = [f"{registry.host}/private/many:t{number}" for number in range(60)]
    found = [each for _, each in heads(names, client=fresh)]
    assert all(isinstance(each, Descriptor) for each in found)
    assert len(registry.tokens.requests) == 1
