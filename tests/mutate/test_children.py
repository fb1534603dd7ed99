"""
Every image of an index, and children that come and go.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ocikit import media
from ocikit._records import EMPTY, FrozenMap, evolve
from ocikit.content.blob import of_bytes
from ocikit.content.image import Child, Image, Index, Loaded
from ocikit.digest import Digest
from ocikit.mutate import members
from ocikit.mutate.attestations import Attestations
from ocikit.mutate.children import ChildMissing, add, child, keep, map_images, remove, replace
from ocikit.mutate.settings import config, platform
from ocikit.platforms import Platform, parse
from ocikit.query.match import annotation
from ocikit.query.match import platform as on
from ocikit.query.validate import validate
from ocikit.spec.attestation import is_attestation
from ocikit.testing.refusing import Refusing
from tests.query.builders import (
    REFERENCE_DIGEST,
    artifact,
    attestation,
    image,
    index,
    layer,
    listed,
)

AMD64, ARM64 = image("linux/amd64", layer("a")), image("linux/arm64", layer("a"))


def signed(made: Image) -> Image:
    """
    Change an image.
    """
    return members.annotations(made, {"by": "me"})


def platforms_of(made: Index) -> list[str]:
    """
    List the platforms of an index.
    """
    return [str(each.platform or "") for each in made.manifest.manifests]


def test_every_image_is_changed_and_nothing_else() -> None:
    """
    Nested ones too; blobs, artifacts and attestations stay as they were.
    """
    blob = of_bytes(b"x", "text/plain")
    inner = index(listed(ARM64, "linux/arm64"), annotations={"in": "1"})
    kept = [listed(blob), listed(artifact())]
    among = index(listed(AMD64, "linux/amd64"), listed(inner), *kept, x=1)
    made = map_images(among, signed)
    first, nested = made.children[0].content, made.children[1].content
    assert first == signed(AMD64)
    assert isinstance(nested, Index)
    assert nested.children[0].content == signed(ARM64)
    assert nested.manifest.annotations == {"in": "1"}
    assert made.children[2:] == among.children[2:]
    assert made.document.raw.endswith(b',"x":1}')
    assert among.children[0].content == AMD64


def test_descriptors_keep_what_they_say() -> None:
    """
    Trap: annotations, URLs, unknown members and their order are the index's own.
    """
    said: dict[str, Any] = {
        "digest": str(AMD64.digest),
        "x-unknown": {"b": 1, "a": 2},
        "urls": ["https://example.com"],
        "platform": {"os": "linux", "architecture": "amd64", "features": ["sse4"], "y": 1},
        "annotations": {"z": "1", "a": "2"},
        "size": AMD64.size,
        "mediaType": AMD64.media_type,
    }
    base = index(listed(AMD64), manifests=[said])
    base = evolve(base, children=tuple(evolve(e, opener=Loaded(AMD64)) for e in base.children))
    made = map_images(base, signed)
    new = signed(AMD64)
    assert json.loads(made.document.raw)["manifests"] == [
        {**said, "digest": str(new.digest), "size": new.size}
    ]
    assert list(json.loads(made.document.raw)["manifests"][0]) == list(said)
    moved = map_images(base, lambda each: platform(each, "linux/arm64"))
    assert json.loads(moved.document.raw)["manifests"][0]["platform"] == {
        **said["platform"],
        "architecture": "arm64",
    }


def test_platforms_change_only_with_the_image_s_own() -> None:
    """
    Trap: an index may know more of a platform than the configuration does.
    """
    among = index(listed(ARM64, "linux/arm64/v8"), listed(AMD64))
    same = map_images(among, lambda each: config(each, user="me"))
    assert platforms_of(same) == ["linux/arm64/v8", ""]
    moved = map_images(among, lambda each: platform(each, "linux/arm/v6"))
    assert platforms_of(moved) == ["linux/arm/v6", "linux/arm/v6"]
    none = map_images(among, lambda each: platform(each, Platform()))
    assert platforms_of(none) == ["", ""]
    assert validate(moved) == ()


def test_inline_children_are_renewed() -> None:
    """
    Trap: `data` of a descriptor repeats the manifest; stale it would be used instead.
    """
    inline = listed(AMD64, "linux/amd64")
    inline = evolve(inline, descriptor=evolve(inline.descriptor, data=AMD64.document.raw))
    made = map_images(index(inline), signed)
    assert made.manifest.manifests[0].data == signed(AMD64).document.raw


def test_artifact_types_of_descriptors_follow() -> None:
    """
    A descriptor that says a kind of artifact says the new one; others begin to say none.
    """
    chart = listed(image(manifest={"artifactType": "a/b"}), "linux/amd64")
    chart = evolve(chart, descriptor=evolve(chart.descriptor, artifact_type="a/b"))
    made = replace(index(chart), chart.descriptor.digest, artifact())
    assert made.manifest.manifests[0].artifact_type == "application/vnd.example"
    assert map_images(index(chart), signed).manifest.manifests[0].artifact_type == "a/b"


def test_only_what_is_selected_is_loaded() -> None:
    """
    A selection by descriptor costs nothing for those that it leaves out.
    """
    closed = Child(descriptor=listed(ARM64, "linux/arm64").descriptor, opener=Refusing())
    among = index(listed(AMD64, "linux/amd64"), closed)
    made = map_images(among, signed, on("linux/amd64"))
    assert made.children[0].content == signed(AMD64)
    assert made.children[1] is among.children[1]
    assert map_images(among, signed, on("linux/s390x")) is among


def test_the_same_images_give_the_same_index() -> None:
    """
    Nothing changed is the index itself, however deep.
    """
    among = index(listed(AMD64), listed(index(listed(ARM64))), attestation(AMD64))
    assert map_images(among, lambda each: each) is among


@pytest.mark.parametrize("how", ["relink", "keep", "drop"])
def test_attestations_are_never_orphaned_silently(how: Attestations) -> None:
    """
    Trap: a changed image has another digest than its attestation names.
    """
    among = index(
        listed(AMD64, "linux/amd64"),
        listed(ARM64, "linux/arm64"),
        attestation(AMD64),
        attestation(ARM64),
    )
    made = map_images(among, signed, on("linux/amd64"), attestations=how)
    names = [
        each.annotations[REFERENCE_DIGEST]
        for each in made.manifest.manifests
        if is_attestation(each)
    ]
    new = {"relink": [signed(AMD64).digest], "keep": [AMD64.digest], "drop": []}[how]
    assert names == [str(each) for each in (*new, ARM64.digest)]
    assert len(validate(made)) == (1 if how == "keep" else 0)


def test_attestations_outside_follow_images_within() -> None:
    """
    What an outer index attests of an image of an inner one is linked anew too.
    """
    among = index(attestation(AMD64), listed(index(listed(AMD64, "linux/amd64"))))
    made = map_images(among, signed)
    about = made.manifest.manifests[0].annotations[REFERENCE_DIGEST]
    assert about == str(signed(AMD64).digest)


def test_entries_name_what_they_list() -> None:
    """
    An image is listed for its own platform, an artifact with its type, a blob as it is.
    """
    assert child(ARM64).descriptor.platform == parse("linux/arm64")
    assert child(ARM64, platform=parse("linux/arm64/v8")).descriptor.platform == parse(
        "linux/arm64/v8"
    )
    assert child(artifact()).descriptor.artifact_type == "application/vnd.example"
    assert child(artifact()).descriptor.platform is None
    assert child(index()).descriptor == index().descriptor
    noted = child(of_bytes(b"x", "text/plain"), annotations={"a": "1"}).descriptor
    assert noted.annotations == FrozenMap(a="1")


def test_documents_are_those_of_go() -> None:
    """
    An index grows as crane's does: entries at the end, members in Go's order.
    """
    made = add(index(), AMD64, child(artifact()))
    assert made.document.raw == (
        b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json",'
        b'"manifests":[{"mediaType":"application/vnd.oci.image.manifest.v1+json",'
        b'"size":%d,"digest":"%s","platform":{"architecture":"amd64","os":"linux"}},'
        b'{"mediaType":"application/vnd.oci.image.manifest.v1+json",'
        b'"size":%d,"digest":"%s","artifactType":"application/vnd.example"}]}'
        % (
            AMD64.size,
            str(AMD64.digest).encode(),
            artifact().size,
            str(artifact().digest).encode(),
        )
    )
    assert add(made) is made
    assert remove(made, lambda _: True) == index()


def test_children_are_replaced_where_they_are() -> None:
    """
    The place and what the descriptor says stay; the attestation follows.
    """
    among = index(listed(AMD64, "linux/amd64", note="x"), listed(ARM64), attestation(AMD64))
    made = replace(among, AMD64.digest, signed(AMD64))
    assert made == map_images(among, signed, on("linux/amd64"))
    assert replace(made, signed(AMD64).digest, AMD64) == among
    assert replace(among, AMD64.digest, AMD64) is among
    assert len(replace(among, AMD64.digest, ARM64, attestations="drop").children) == 2
    with pytest.raises(ChildMissing, match="has no child"):
        replace(among, Digest.of(b"other"), AMD64)


def test_what_is_kept_or_removed_takes_its_attestations_along() -> None:
    """
    Trap: an attestation whose image is gone is about nothing. Nothing is loaded.
    """
    about = [attestation(AMD64), attestation(ARM64)]
    among = index(listed(AMD64, "linux/amd64"), listed(ARM64, "linux/arm64"), *about)
    closed = evolve(
        among, children=tuple(evolve(each, opener=Refusing()) for each in among.children)
    )
    amd64 = keep(closed, on("linux/amd64"))
    assert [each.digest for each in amd64.manifest.manifests] == [
        AMD64.digest,
        about[0].descriptor.digest,
    ]
    assert remove(closed, on("linux/arm64")) == amd64
    bare = remove(closed, annotation("vnd.docker.reference.type"))
    assert platforms_of(bare) == ["linux/amd64", "linux/arm64"]
    assert keep(bare, on("linux")) is bare
    gone = remove(closed, on("linux"))
    assert gone.document.raw.endswith(b'"manifests":[]}')


def test_attestations_of_what_is_elsewhere_are_judged_themselves() -> None:
    """
    One that was about nothing already is kept or removed like any other child.
    """
    among = index(listed(AMD64, "linux/amd64"), attestation(ARM64))
    assert len(keep(among, on("linux")).children) == 1
    assert len(remove(among, on("linux")).children) == 1


def test_replaced_content_of_other_kinds_is_listed_as_such() -> None:
    """
    A blob has no manifest to repeat in `data`; an index none of an image's platforms.
    """
    inline = listed(AMD64, "linux/amd64")
    inline = evolve(inline, descriptor=evolve(inline.descriptor, data=AMD64.document.raw))
    blob = of_bytes(b"x", "text/plain")
    (said,) = replace(index(inline), AMD64.digest, blob).manifest.manifests
    assert (said.data, said.media_type, said.annotations) == (None, "text/plain", EMPTY)
    (said,) = replace(index(inline), AMD64.digest, index()).manifest.manifests
    assert said.data == index().document.raw
    assert said.media_type == media.OCI_INDEX
