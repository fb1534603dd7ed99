"""
Validation finds everything that is wrong.
"""

from __future__ import annotations

import io
import tarfile

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content.blob import of_bytes
from ocikit.content.image import Child, Content, Image, Loaded
from ocikit.content.layer import Layer
from ocikit.content.streams import BytesOpener
from ocikit.digest import Digest
from ocikit.query.finding import Finding, Severity
from ocikit.query.validate import validate
from ocikit.spec.descriptor import Descriptor
from ocikit.testing.refusing import Lost, Refusing
from tests.query.builders import (
    REFERENCE_DIGEST,
    REFERENCE_TYPE,
    artifact,
    attestation,
    image,
    index,
    layer,
    listed,
    pack,
    tar,
)


def errors(content: Content) -> list[str]:
    """
    Give what is wrong, as text.
    """
    return [str(each) for each in validate(content) if each.severity == Severity.ERROR]


def holding(data: bytes, compression: str = "none") -> Image:
    """
    Make an image of one layer that holds this data, tar or not.
    """
    kind = media.layer_type(compression)
    made = Layer(blob=of_bytes(pack(data, compression), kind), diff_id=Digest.of(data))
    return image("linux/amd64", made)


def reopened(made: Image, data: bytes) -> Image:
    """
    Let the bytes of the image's first layer be others.
    """
    first = made.layers[0]
    blob = evolve(first.blob, opener=BytesOpener(data))
    return evolve(made, layers=(evolve(first, blob=blob), *made.layers[1:]))


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
@pytest.mark.parametrize("docker", [False, True])
def test_what_is_right_is_accepted(compression: str, docker: bool) -> None:
    """
    Trap: uncompressed and zstd layers are as good as those in gzip.
    """
    layers = [layer("a", "b/c", compression=compression, docker=docker), layer(docker=docker)]
    assert validate(image("linux/amd64", *layers, docker=docker)) == ()


def test_a_zstd_layer_of_oci_goes_with_dockers_manifest() -> None:
    """
    The field lists it so; any other mixture is a warning.
    """
    assert validate(image("linux/amd64", layer("a", compression="zstd"), docker=True)) == ()
    mixed = image("linux/amd64", layer("a", docker=True), layer("b"))
    (found,) = validate(mixed)
    assert (found.severity, found.where) == (Severity.WARNING, "layer 1")


def test_artifacts_are_read_but_not_as_images() -> None:
    """
    What is neither layer nor configuration is only compared with its digest.
    """
    blob = of_bytes(b"no tar", "application/vnd.example+gzip")
    made = artifact(Layer(blob=blob, diff_id=blob.digest))
    right = evolve(made, config=of_bytes(b"{}", media.OCI_EMPTY))
    assert validate(right) == ()
    wrong = evolve(right, config=evolve(right.config, opener=BytesOpener(b"[]")))
    assert len(errors(wrong)) == 1


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "0 of the"),
        (pack(tar("other"), "gzip"), "bytes it should have"),
        (None, "hashes to"),
    ],
)
def test_other_bytes_are_found(data: bytes | None, message: str) -> None:
    """
    Too short, too long or altered: the digest is what counts, once.
    """
    made = image("linux/amd64", layer("a"))
    right = made.layers[0].blob.content
    changed = bytes([*right[:-1], right[-1] ^ 1]) if data is None else data
    (found,) = errors(reopened(made, changed))
    assert found.startswith("error: layer 1: ")
    assert message in found


def test_a_blob_longer_by_one_byte_is_found() -> None:
    """
    Trap: reading on after the surplus byte would find a digest that fits.
    """
    made = image("linux/amd64", layer("a", compression="none"))
    longer = made.layers[0].blob.content + b"\0"
    assert "more than the" in "".join(errors(reopened(made, longer)))


def test_wrong_diff_ids_are_found() -> None:
    """
    The configuration says what a layer uncompresses to.
    """
    assert validate(holding(tar("a"), "zstd")) == ()
    other = image("linux/amd64", evolve(layer("a"), diff_id=Digest.of(b"other")))
    assert "but the config lists diff ID" in "".join(errors(other))


def test_diff_ids_of_other_algorithms_are_computed() -> None:
    """
    Trap: a sha512 diff ID is not compared with a sha256.
    """
    made = evolve(layer("a"), diff_id=Digest.of(tar("a"), "sha512"))
    assert validate(image("linux/amd64", made)) == ()


@pytest.mark.parametrize("compression", ["gzip", "zstd"])
def test_broken_compression_is_found(compression: str) -> None:
    """
    A blob that is what its digest says may still not be readable.
    """
    kind = media.layer_type(compression)
    data = pack(tar("a"), compression)[:-9]
    made = Layer(blob=of_bytes(data, kind), diff_id=Digest.of(tar("a")))
    (found,) = errors(image("linux/amd64", made))
    assert "ends too early" in found


def test_type_and_bytes_may_differ() -> None:
    """
    Runtimes look at the bytes: a wrong name is a warning.
    """
    data = pack(tar("a"), "zstd")
    made = Layer(blob=of_bytes(data, media.OCI_LAYER_GZIP), diff_id=Digest.of(tar("a")))
    (found,) = validate(image("linux/amd64", made))
    assert found.severity == Severity.WARNING
    assert "promises compression 'gzip', its bytes are 'zstd'" in found.message


def test_what_is_no_tar_is_found() -> None:
    """
    From the first byte, in the middle, and cut short; an empty stream is an empty layer.
    """
    archive = tar("a", "b")
    broken = archive[:1024] + b"x" * 512 + archive[1536:]
    assert "its tar cannot be read" in "".join(errors(holding(b"not a tar" * 100)))
    assert "member 1 at byte 1024: there is no header" in "".join(errors(holding(broken)))
    assert "it was cut short" in "".join(errors(holding(archive[:512])))
    assert errors(holding(b"")) == []
    assert errors(holding(bytes(1024))) == []
    assert errors(holding(archive[:2048])) == []


def test_more_after_the_end_is_a_warning() -> None:
    """
    Readers differ in whether they look behind the end of an archive.
    """
    (found,) = validate(holding(tar("a") + tar("b")))
    assert (found.severity, found.message) == (
        Severity.WARNING,
        "there is more after the end of its tar",
    )


def test_large_entries_are_skipped_over() -> None:
    """
    Files larger than what is read at a time do not confuse the reader.
    """
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w") as archive:
        for name in ("a", "b"):
            entry = tarfile.TarInfo(name)
            entry.size = 3 << 20
            archive.addfile(entry, io.BytesIO(bytes(entry.size)))
    assert validate(holding(held.getvalue(), "gzip")) == ()


def test_config_is_compared_with_manifest() -> None:
    """
    Type of root file system, number of layers, number of entries of history.
    """
    made = image(
        config={
            "rootfs": {"type": "other", "diff_ids": [str(Digest.of(b""))]},
            "history": [{"created": "x"}, {"empty_layer": True}],
        }
    )
    found = validate(made)
    assert [each.severity for each in found] == ["error", "error", "warning"]
    assert {each.where for each in found} == {"config"}


def test_all_problems_of_a_config_are_told() -> None:
    """
    Not the first only, and the layers are looked at all the same.
    """
    made = image(
        "linux/amd64", layer("a"), config={"os": 1, "config": {"Env": [2]}, "created": None}
    )
    assert [each.split(": ", 2)[2].split(":")[0] for each in errors(made)] == [
        "config $.os",
        "config $.config.Env[0]",
    ]


def test_manifests_are_looked_at() -> None:
    """
    Another schema version, another type, blobs that are not those that are listed.
    """
    made = image("linux/amd64", layer("a"), manifest={"schemaVersion": 3})
    assert errors(made) == ["error: schemaVersion is 3; it should be 2"]
    other = evolve(made.document, media_type=media.DOCKER_MANIFEST)
    assert any("goes as" in each for each in errors(evolve(made, document=other)))
    assert any("blobs are not" in each for each in errors(evolve(made, layers=())))
    broken = evolve(made.document, raw=b'{"config": 1}')
    assert "manifest $.config: expected object" in "".join(errors(evolve(made, document=broken)))


def test_what_cannot_be_opened_hides_nothing() -> None:
    """
    A lost layer is one finding; the next layer and the next child are looked at.
    """
    made = image("linux/amd64", layer("a"), layer("b"))
    lost = evolve(made.layers[0], blob=evolve(made.layers[0].blob, opener=Lost()))
    first = evolve(made, layers=(lost, made.layers[1]))
    gone = Child(descriptor=listed(image(), "linux/s390x").descriptor, opener=Lost())
    among = index(listed(first, "linux/amd64"), gone, listed(image("linux/arm"), "linux/arm64"))
    assert [each.split(": ")[1] for each in errors(among)] == [
        "linux/amd64 > layer 1",
        "linux/s390x",
        "linux/arm64",
    ]


def test_foreign_layers_may_be_elsewhere() -> None:
    """
    A layer that is not to be distributed is noted; that it is not here is no error.
    """
    made = layer("a", media_type=media.OCI_FOREIGN_LAYER_GZIP)
    lost = evolve(made, blob=evolve(made.blob, opener=Lost()))
    here = image("linux/amd64", made)
    assert [each.severity for each in validate(here)] == ["note"]
    assert [each.severity for each in validate(image("linux/amd64", lost))] == ["note", "note"]
    shallow = validate(here, deep=False, exists=lambda said: not media.is_foreign(said.media_type))
    assert [each.severity for each in shallow] == ["note", "note"]


@pytest.mark.parametrize(
    ("listed_for", "made_for", "right"),
    [
        ("linux/arm64/v8", "linux/arm64", True),
        ("linux/arm/v6", "linux/arm", True),
        ("linux/arm/v6", "linux/arm/v7", False),
        ("linux/amd64", "linux/arm64", False),
        ("windows/amd64:10.0.1", "windows/amd64", True),
        ("unknown/unknown", "linux/amd64", True),
    ],
)
def test_platforms_of_children_are_compared(listed_for: str, made_for: str, right: bool) -> None:
    """
    An index may know more of a platform than a configuration does, but nothing else.
    """
    among = index(listed(image(made_for), listed_for))
    assert (errors(among) == []) is right


def test_indexes_are_read_to_their_leaves() -> None:
    """
    Indexes within, attestations and blobs are all looked at; dangling ones are told.
    """
    amd64 = image("linux/amd64", layer("a"))
    blob = of_bytes(b"x", "text/plain")
    among = index(listed(amd64, "linux/amd64"), attestation(amd64), listed(index(listed(blob))))
    (note,) = validate(among)
    assert note == Finding(
        Severity.NOTE, "child 3 > child 1", "text/plain is no image and no index"
    )
    about = {REFERENCE_TYPE: "attestation-manifest", REFERENCE_DIGEST: str(Digest.of(b"gone"))}
    (found,) = validate(index(listed(amd64, "unknown/unknown", **about)))
    assert found.severity == Severity.WARNING
    assert "which is not listed" in found.message


def test_children_that_came_out_otherwise_are_found() -> None:
    """
    What an index lists is what must come; its own list must be that of its document.
    """
    one, other = image("linux/amd64"), image("linux/arm64")
    swapped = Child(descriptor=listed(one, "linux/arm64").descriptor, opener=Loaded(other))
    assert any("came where" in each for each in errors(index(swapped)))
    among = index(listed(one, "linux/amd64"))
    assert "its children are not those" in "".join(errors(evolve(among, children=())))
    deep = index()
    for _ in range(9):
        deep = index(listed(deep))
    assert "more than 8 indexes" in "".join(errors(deep))


def test_shared_layers_are_read_once() -> None:
    """
    A base that all children share is told of at each, and read at the first.
    """
    opened = []

    class Counting:
        def open(self) -> io.BytesIO:
            opened.append(1)
            return io.BytesIO(b"lost")

    base = layer("a")
    counted = evolve(base, blob=evolve(base.blob, opener=Counting()))
    children = [
        listed(image(each, counted), each) for each in ("linux/amd64", "linux/arm64", "linux/386")
    ]
    assert len(errors(index(*children))) == 3
    assert len(opened) == 1


def test_shallow_validation_opens_nothing() -> None:
    """
    Without `deep` only documents that are here are read, and existence is asked for.
    """
    made = image("linux/amd64", layer("a", closed=True))
    closed = evolve(made, config=evolve(made.config, opener=Refusing()))
    assert validate(closed, deep=False) == ()
    asked: list[Descriptor] = []

    def exists(descriptor: Descriptor) -> bool:
        asked.append(descriptor)
        return descriptor.digest != made.layers[0].digest

    gone = Child(descriptor=listed(image("linux/arm64")).descriptor, opener=Refusing())
    found = validate(index(listed(closed, "linux/amd64")), deep=False, exists=exists)
    assert [each.where for each in found] == ["linux/amd64 > layer 1"]
    assert len(asked) == 3
    (missing,) = validate(index(gone), deep=False, exists=lambda said: False)
    assert missing.message.endswith("is not there")
