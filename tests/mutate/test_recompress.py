"""
Layers compressed otherwise.
"""

from __future__ import annotations

import pytest

from ocikit import media
from ocikit._records import FrozenMap, evolve
from ocikit.content.compression import Compression, Gzip, Plain, Zstd, sniff
from ocikit.mutate.children import map_images
from ocikit.mutate.recompress import recompress
from ocikit.query.validate import validate
from ocikit.testing import building
from ocikit.tree.checked import DiffIDMismatch
from tests.mutate.stacked import stacked, uncompressed
from tests.query.builders import artifact, image, index, layer, listed

ARCHIVES = (building.archive(("a", b"1" * 5000)), building.archive("b"))


@pytest.mark.parametrize("docker", [True, False])
@pytest.mark.parametrize("compression", [Gzip(9, "zlib"), Zstd(1), Plain()])
def test_only_the_outside_changes(compression: Compression, docker: bool) -> None:
    """
    The configuration, and with it every diff ID, is the same; types fit the bytes.
    """
    for before in (Gzip(), Zstd(), Plain()):
        base = stacked(*ARCHIVES, compression=before, docker=docker)
        made = recompress(base, compression, force=True)
        assert made.config.digest == base.config.digest
        assert uncompressed(made) == [*ARCHIVES]
        for each in made.layers:
            with each.blob.open() as stream:
                assert sniff(stream.read(4)) == compression.name
                stream.drain()
            assert media.compression_of(each.media_type) == compression.name
        assert [each for each in validate(made) if each.severity != "note"] == []


def test_what_has_the_compression_stays() -> None:
    """
    At whatever level, unless it is forced; there and back are the same bytes.
    """
    base = stacked(*ARCHIVES)
    assert recompress(base, Gzip(9)) is base
    assert recompress(base, Gzip(), force=True) is base
    assert recompress(base, Gzip(9, "zlib"), force=True) != base
    assert recompress(recompress(base, Zstd()), Gzip()) == base
    mixed = image("linux/amd64", layer("a"), layer("b", compression="zstd"))
    made = recompress(mixed, Gzip())
    assert made.layers[0] == mixed.layers[0]
    assert made.layers[1].media_type == media.OCI_LAYER_GZIP


@pytest.mark.parametrize(
    ("docker", "kind"), [(True, media.DOCKER_LAYER_GZIP), (False, media.OCI_LAYER_GZIP)]
)
def test_families_stay(docker: bool, kind: str) -> None:
    """
    Zstd goes under OCI's name in both, and comes back in that of the image.
    """
    base = stacked(*ARCHIVES, docker=docker)
    there = recompress(base, Zstd())
    assert {each.media_type for each in there.layers} == {media.OCI_LAYER_ZSTD}
    assert {each.media_type for each in recompress(there, Gzip()).layers} == {kind}
    assert recompress(there, Gzip()) == base


def test_descriptors_say_what_is_still_true() -> None:
    """
    Trap: an index of zstd:chunked, or where else the old bytes are.
    """
    one = layer("a", compression="zstd")
    said = {
        "mediaType": media.OCI_LAYER_ZSTD,
        "digest": str(one.digest),
        "size": one.size,
        "urls": ["https://example.com"],
        "annotations": {
            "io.github.containers.zstd-chunked.manifest-checksum": "x",
            "io.containers.zstd-chunked.manifest-position": "1:2:3:4",
            "mine": "1",
        },
        "x": 1,
    }
    made = recompress(image("linux/amd64", one, manifest={"layers": [said]}), Gzip())
    (new,) = made.manifest.layers
    assert (new.urls, new.annotations, new.extra) == ((), FrozenMap(mine="1"), FrozenMap(x=1))


def test_what_is_not_ours_stays_closed() -> None:
    """
    Foreign layers, and what is no layer of files.
    """
    foreign = layer("a", media_type=media.OCI_FOREIGN_LAYER_GZIP, closed=True)
    blob = layer("b", media_type="text/plain", closed=True)
    base = image("linux/amd64", foreign, blob)
    assert recompress(base, Zstd()) is base
    assert recompress(image(), Zstd()) == image()


def test_artifacts_have_layers_too() -> None:
    """
    Their configuration is theirs, and they list no diff IDs.
    """
    made = recompress(artifact(evolve(layer("a"), diff_id=None)), Zstd())
    assert made.layers[0].media_type == media.OCI_LAYER_ZSTD
    assert made.layers[0].diff_id == layer("a").diff_id


def test_other_layers_than_those_of_the_configuration_are_refused() -> None:
    """
    They would get a right digest.
    """
    lying = evolve(layer("a"), diff_id=layer("b").diff_id)
    with pytest.raises(DiffIDMismatch):
        recompress(image("linux/amd64", lying), Zstd())


def test_every_image_of_an_index_is_recompressed() -> None:
    """
    With its platform as it was.
    """
    among = index(listed(stacked(*ARCHIVES), "linux/amd64/v2"), listed(stacked(ARCHIVES[0])))
    made = map_images(among, lambda each: recompress(each, Zstd()))
    assert [str(each.platform or "") for each in made.manifest.manifests] == ["linux/amd64/v2", ""]
    assert validate(made) == ()
