"""
A registry that serves other bytes than it says, or bytes that say two things.

The numbers are those of a list of attacks on clients of registries.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ocikit import media
from ocikit.content import synthetic
from ocikit.content.assemble import MAX_PARTS, ManifestAmbiguous, TooManyParts
from ocikit.content.image import Image
from ocikit.content.verify import DigestMismatch, SizeMismatch
from ocikit.digest import Digest
from ocikit.errors import Corrupt, OciError
from ocikit.http.message import Request, Response, Send
from ocikit.layout.flush import flush as flush_layout
from ocikit.registry.faults import BlobTooShort
from ocikit.registry.flush import flush
from ocikit.registry.head import head
from ocikit.registry.load import load
from ocikit.server.handler import registry
from ocikit.spec.gojson import JSONInvalid
from ocikit.testing.wires import World, answer, client
from tests.registry.hosts import twisted, with_header, without, world_of

IMAGE = synthetic.image(Random(1), layers=2, size=3000)
OTHER = synthetic.image(Random(2), layers=2, size=3000)
NAME = "r.io/a:1"


def known(*images: Image) -> Send:
    """
    A registry that has images, as `a:1`, `a:2` and so on.
    """
    inner = registry()
    for number, image in enumerate(images, 1):
        flush(f"r.io/a:{number}", image, client=client(inner))
    return inner


def serving(raw: bytes, kind: str = media.OCI_MANIFEST, inner: Send | None = None) -> World:
    """
    A registry that has blobs as it should, and one manifest, whatever is asked for.
    """
    behind = inner or known(IMAGE)

    def front(request: Request) -> Response:
        if "/manifests/" not in request.url:
            return behind(request)
        body = b"" if request.method == "HEAD" else raw
        digest, length = str(Digest.of(raw)), str(len(raw))
        known = {"Docker_Content_Digest": digest, "Content_Length": length}
        return answer(200, body, Content_Type=kind, **known)

    return world_of({"r.io": front})


def changed(change: Callable[[Any], None]) -> bytes:
    """
    Give the image's manifest with something else in it.
    """
    document = json.loads(IMAGE.document.raw)
    change(document)
    return json.dumps(document).encode()


def pull(world: World, folder: Path) -> None:
    """
    Pull it all into a layout.
    """
    flush_layout(folder / "out", load(NAME, client=client(world)), reference="1")


def is_clean(folder: Path) -> bool:
    """
    Tell whether nothing can be found in the layout.
    """
    index = folder / "out/index.json"
    return not index.exists() or not json.loads(index.read_text())["manifests"]


def test_the_image_itself_is_pulled(tmp_path: Path) -> None:
    """
    The tests below would pass for a client that pulls nothing.
    """
    pull(serving(IMAGE.document.raw), tmp_path)
    assert not is_clean(tmp_path)


def test_s13_what_is_pinned_is_what_comes() -> None:
    """
    Other bytes, under a header that says they are the right ones.
    """

    def lying(request: Request, response: Response) -> Response:
        return with_header(response, "Docker-Content-Digest", str(IMAGE.digest))

    def swapped(request: Request) -> Response:
        url = request.url.replace(str(IMAGE.digest), str(OTHER.digest))
        return behind(Request(method=request.method, url=url, headers=request.headers))

    behind = known(IMAGE, OTHER)
    world = world_of({"r.io": twisted(swapped, lying)})
    with pytest.raises(DigestMismatch):
        load(f"r.io/a@{IMAGE.digest}", client=client(world))
    # What is not looked at cannot be known; it is looked at as soon as it is used.
    assert head(f"r.io/a@{IMAGE.digest}", client=client(world)).digest == IMAGE.digest


def test_s13b_a_tag_is_what_its_registry_says() -> None:
    """
    A bit flips on the way: the digest beside the bytes tells, and they are had again, by
    that digest; when those are wrong too there is no image.
    """
    broken = IMAGE.document.raw.replace(b"sha256:", b"sha256;", 1)

    def flipped(once: bool) -> World:
        inner, count = known(IMAGE), iter(range(100))

        def front(request: Request, response: Response) -> Response:
            if "/manifests/" in request.url and (not once or next(count) == 0):
                headers = dict(response.headers)
                return (
                    Response(
                        status=200,
                        headers=response.headers,
                        body=answer(200, broken).body,
                    )
                    if headers
                    else response
                )
            return response

        return world_of({"r.io": twisted(inner, front)})

    assert load(NAME, client=client(flipped(once=True))) == IMAGE
    with pytest.raises(Corrupt):
        load(NAME, client=client(flipped(once=False)))


def sized(part: Callable[[Any], dict[str, Any]], size: object) -> bytes:
    """
    Give the manifest with another size in one of its descriptors.
    """

    def change(document: Any) -> None:
        descriptor = part(document)
        descriptor["size"] = descriptor["size"] + size if isinstance(size, int) else size

    return changed(change)


def config(document: Any) -> Any:
    """
    The descriptor of its configuration.
    """
    return document["config"]


def layer(document: Any) -> Any:
    """
    That of its first layer.
    """
    return document["layers"][0]


@pytest.mark.parametrize(
    ("part", "size"),
    [(config, 7), (config, -7), (layer, -7), (layer, 7), (layer, 1 << 40)],
    ids=["S14", "S14 short", "S14b", "S14b long", "S14d"],
)
def test_s14_sizes_are_what_they_say(
    part: Callable[[Any], dict[str, Any]], size: int, tmp_path: Path
) -> None:
    """
    Seven bytes more or less, or more than any disk has; nothing is made room for that has
    not come, and nothing can be found of it.
    """
    with pytest.raises((SizeMismatch, BlobTooShort)):
        pull(serving(sized(part, size)), tmp_path)
    assert is_clean(tmp_path)


def test_s14c_sizes_are_sizes(tmp_path: Path) -> None:
    """
    -1, fractions, texts, truth values, and what no machine counts to.
    """
    for text in ("-1", "1.5", "1e400", '"5"', "true", "null", str(1 << 62), "1" + "0" * 30):
        raw = changed(lambda document: layer(document).update(size="SIZE"))
        raw = raw.replace(b'"SIZE"', text.encode())
        with pytest.raises(JSONInvalid):
            pull(serving(raw), tmp_path)
    assert is_clean(tmp_path)


MANIFESTS: list[Any] = [{"mediaType": media.OCI_MANIFEST, "digest": str(OTHER.digest), "size": 2}]


@pytest.mark.parametrize("kind", [media.OCI_MANIFEST, media.OCI_INDEX, media.DOCKER_MANIFEST])
@pytest.mark.parametrize("more", ["manifests", "Manifests", "fsLayers"])
def test_s15_one_document_is_one_thing(kind: str, more: str, tmp_path: Path) -> None:
    """
    CVE-2021-41190: an image and an index at once, in any spelling that a reader takes.
    """
    raw = changed(lambda document: document.update({more: MANIFESTS}))
    with pytest.raises((ManifestAmbiguous, JSONInvalid)):
        pull(serving(raw, kind), tmp_path)


def test_s15_no_member_comes_twice(tmp_path: Path) -> None:
    """
    Readers differ in which of them counts.
    """
    raw = IMAGE.document.raw.replace(b'"layers":', b'"layers":[],"layers":', 1)
    with pytest.raises(JSONInvalid, match="duplicate"):
        pull(serving(raw), tmp_path)


@pytest.mark.parametrize(
    "digest",
    [
        "sha256:../../../../pwned",
        "sha256:" + "../" * 21 + "x",
        "../../etc/passwd",
        "sha256:" + "A" * 64,
        "sha256:" + "a" * 63,
        "sha256:" + "a" * 64 + "/../x",
        "sha256:" + "a" * 64 + "?x=1",
        "",
    ],
)
def test_s16_a_digest_is_a_digest(digest: str, tmp_path: Path) -> None:
    """
    CVE-2024-3727: it becomes part of paths and URLs, and must not lead out of them.
    """
    raw = changed(lambda document: layer(document).update(digest=digest))
    world = serving(raw)
    with pytest.raises(JSONInvalid):
        pull(world, tmp_path)
    assert not any("/blobs/" in line for line in world.asked("r.io"))
    assert [*tmp_path.rglob("*pwned*")] == []


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha256+b64", "SHA256", "crc32"])
def test_s17_a_digest_is_of_an_algorithm_that_holds(algorithm: str, tmp_path: Path) -> None:
    """
    What is not verified is not skipped either.
    """
    raw = changed(lambda document: layer(document).update(digest=f"{algorithm}:{'a' * 32}"))
    with pytest.raises(Corrupt):
        pull(serving(raw), tmp_path)
    assert is_clean(tmp_path)


def test_s22_what_it_is_served_as_is_what_it_is(tmp_path: Path) -> None:
    """
    A manifest as an index, and the other way round.
    """
    index = synthetic.index(Random(3))
    cases = [(IMAGE.document.raw, media.OCI_INDEX), (index.document.raw, media.OCI_MANIFEST)]
    for raw, kind in cases:
        with pytest.raises((ManifestAmbiguous, JSONInvalid)):
            pull(serving(raw, kind), tmp_path)


def careless(request: Request, response: Response) -> Response:
    """
    Leave out what is not needed.
    """
    return without(response, "Content-Type")


def as_text(request: Request, response: Response) -> Response:
    """
    Serve everything as a page.
    """
    return with_header(response, "Content-Type", "text/html; charset=utf-8")


def unnamed(request: Request, response: Response) -> Response:
    """
    Say of nothing which digest it has.
    """
    return without(response, "Docker-Content-Digest")


def headless(request: Request, response: Response) -> Response:
    """
    Answer no HEAD.
    """
    return answer(404) if request.method == "HEAD" else response


@pytest.mark.parametrize("lax", [careless, as_text, unnamed, headless])
def test_s22_what_is_only_lax_is_taken(
    lax: Callable[[Request, Response], Response], tmp_path: Path
) -> None:
    """
    S22b to S22e: the bytes themselves say what they are, and prove it.
    """
    world = world_of({"r.io": twisted(known(IMAGE), lax)})
    assert load(NAME, client=client(world)) == IMAGE
    assert head(NAME, client=client(world)).digest == IMAGE.digest
    pull(world, tmp_path)


@pytest.mark.parametrize("kind", [media.OCI_MANIFEST, media.OCI_INDEX])
def test_parts_are_counted(kind: str) -> None:
    """
    No image has ten thousand layers, and no index as many children.
    """
    part = {"mediaType": media.OCI_LAYER, "digest": str(IMAGE.digest), "size": 1}
    document: dict[str, Any] = {"schemaVersion": 2, "mediaType": kind}
    if kind == media.OCI_INDEX:
        document["manifests"] = [part] * (MAX_PARTS + 1)
    else:
        document |= {"config": part, "layers": [part] * (MAX_PARTS + 1)}
    with pytest.raises(TooManyParts, match="10001 parts"):
        load(NAME, client=client(serving(json.dumps(document).encode(), kind)))


def test_a_blob_that_is_another_leaves_nothing(tmp_path: Path) -> None:
    """
    Each blob is another one: no byte of it can be found afterwards.
    """

    def swapped(request: Request, response: Response) -> Response:
        return answer(200, b"x" * 3000) if "/blobs/" in request.url else response

    world = world_of({"r.io": twisted(known(IMAGE), swapped)})
    with pytest.raises(OciError):
        pull(world, tmp_path)
    assert is_clean(tmp_path)
    blobs = tmp_path / "out/blobs/sha256"
    for blob in blobs.iterdir() if blobs.exists() else []:
        assert Digest.of(blob.read_bytes()).hex == blob.name
