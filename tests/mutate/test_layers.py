"""
Layers on top of an image.
"""

from __future__ import annotations

import base64
import json

import pytest

from ocikit import media
from ocikit._records import evolve
from ocikit.content.blob import of_bytes
from ocikit.content.image import Image
from ocikit.content.layer import DiffIDsMissing, Layer
from ocikit.digest import Digest
from ocikit.mutate.changes import ConfigInvalid
from ocikit.mutate.layers import HistoryMismatch, append
from ocikit.query.validate import validate
from ocikit.spec.config import ConfigFile, History
from ocikit.spec.document import make, read
from ocikit.spec.manifest import Manifest
from tests.query.builders import artifact, image, layer, loaded, tar

#: The bytes of Go's empty image (go-containerregistry, pkg/v1/empty).
EMPTY_CONFIG = (
    b'{"architecture":"","created":"0001-01-01T00:00:00Z","os":"",'
    b'"rootfs":{"type":"layers","diff_ids":null},"config":{}}'
)


def empty() -> Image:
    """
    Give Go's empty image.
    """
    config = of_bytes(EMPTY_CONFIG, media.DOCKER_CONFIG)
    manifest = Manifest(media_type=media.DOCKER_MANIFEST, config=config.descriptor)
    return loaded(make(manifest).raw, media.DOCKER_MANIFEST, {str(config.digest): config.opener})


def test_documents_are_those_of_go() -> None:
    """
    The same edit of a document in Go's form gives Go's bytes, with its zero history.
    """
    top = layer("a", docker=True)
    made = append(empty(), top)
    assert made.config.content == (
        b'{"architecture":"","created":"0001-01-01T00:00:00Z",'
        b'"history":[{"created":"0001-01-01T00:00:00Z"}],"os":"",'
        b'"rootfs":{"type":"layers","diff_ids":["%s"]},"config":{}}' % str(top.diff_id).encode()
    )
    assert made.document.raw == (
        b'{"schemaVersion":2,'
        b'"mediaType":"application/vnd.docker.distribution.manifest.v2+json",'
        b'"config":{"mediaType":"application/vnd.docker.container.image.v1+json",'
        b'"size":%d,"digest":"%s"},'
        b'"layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip",'
        b'"size":%d,"digest":"%s"}]}'
        % (made.config.size, str(made.config.digest).encode(), top.size, str(top.digest).encode())
    )
    assert validate(made) == ()


def test_nothing_to_append_is_no_change() -> None:
    """
    Neither layer nor history: the image itself.
    """
    made = image("linux/amd64", layer("a"))
    assert append(made) is made
    assert append(made, history=()) is made


def test_layers_of_the_base_stay_closed() -> None:
    """
    Appending needs the configuration and no layer, new or old; origins stay for mounting.
    """
    made = append(image("linux/amd64", layer("a", closed=True)), layer("b", closed=True))
    assert [each.diff_id for each in made.layers] == [Digest.of(tar("a")), Digest.of(tar("b"))]
    assert made.config_file.rootfs.diff_ids == (Digest.of(tar("a")), Digest.of(tar("b")))


def test_a_diff_id_that_is_not_known_is_computed() -> None:
    """
    A layer of unknown diff ID is decompressed, for the configuration must list it.
    """
    made = append(image(), evolve(layer("b"), diff_id=None))
    assert made.config_file.rootfs.diff_ids == (Digest.of(tar("b")),)


def test_history_goes_with_layers() -> None:
    """
    One entry for all, or one for each with those of empty layers between.
    """
    one, two = layer("a"), layer("b")
    by = History(created_by="me")
    nothing = History(created_by="ENV A=1", empty_layer=True)
    assert append(image(), one, two, history=by).config_file.history == (by, by)
    assert append(image(), one, history=[nothing, by]).config_file.history == (nothing, by)
    assert append(image(), history=nothing).config_file.history == (nothing,)
    made = append(image(), one, created="2026-01-02T03:04:05Z", created_by="tar")
    assert made.config_file.history == (History(created="2026-01-02T03:04:05Z", created_by="tar"),)


@pytest.mark.parametrize("entries", [(), (History(), History()), History(empty_layer=True)])
def test_history_that_does_not_fit_is_refused(entries: History | tuple[History, ...]) -> None:
    """
    Trap: history that counts other layers than there are shifts all that follow.
    """
    with pytest.raises(HistoryMismatch, match="for 1 layer;"):
        append(image(), layer("a"), history=entries)
    with pytest.raises(HistoryMismatch):
        append(image(), history=History())


def test_times_are_checked() -> None:
    """
    Go refuses a configuration whose time is not RFC 3339.
    """
    with pytest.raises(ConfigInvalid, match="2026-01-31T12:00:00Z"):
        append(image(), layer("a"), created="yesterday")


@pytest.mark.parametrize(
    ("docker", "given", "listed"),
    [
        (True, media.OCI_LAYER_GZIP, media.DOCKER_LAYER_GZIP),
        (True, media.OCI_LAYER, media.DOCKER_LAYER),
        (True, media.OCI_LAYER_ZSTD, media.OCI_LAYER_ZSTD),
        (True, media.DOCKER_LAYER_ZSTD, media.DOCKER_LAYER_ZSTD),
        (True, media.OCI_FOREIGN_LAYER_GZIP, media.DOCKER_FOREIGN_LAYER_GZIP),
        (False, media.DOCKER_LAYER_GZIP, media.OCI_LAYER_GZIP),
        (False, media.DOCKER_LAYER_ZSTD, media.OCI_LAYER_ZSTD),
        (False, media.OCI_LAYER_ZSTD, media.OCI_LAYER_ZSTD),
        (False, "application/vnd.example", "application/vnd.example"),
        (True, "application/vnd.example", "application/vnd.example"),
    ],
)
def test_types_are_made_to_fit(docker: bool, given: str, listed: str) -> None:
    """
    Trap: Docker's layer types in an OCI manifest, and the other way round.
    """
    made = append(image(docker=docker), layer("a", media_type=given, closed=True))
    assert made.manifest.layers[0].media_type == listed
    assert made.layers[0].media_type == listed


def test_artifacts_keep_their_config() -> None:
    """
    An artifact has no diff IDs and no history: its config is not opened, nor touched.
    """
    blob = of_bytes(b"chart", "application/vnd.cncf.helm.chart.content.v1.tar+gzip")
    base = artifact()
    made = append(base, Layer(blob=blob, diff_id=blob.digest), history=History(author="me"))
    assert made.config is base.config
    assert made.manifest.layers == (blob.descriptor,)
    assert made.manifest.artifact_type == "application/vnd.example"


def test_subject_and_unknown_members_survive() -> None:
    """
    Trap: a later append would lose the subject, and what is not known.
    """
    members = {
        "subject": {"mediaType": media.OCI_MANIFEST, "size": 7, "digest": str(Digest.of(b"s"))},
        "annotations": {"z": "1", "a": "2"},
        "x-unknown": [1.5, None],
    }
    config = {"moby.buildkit": {"x": 1}, "config": {"Healthcheck": {"StartInterval": 5}}}
    made = append(image(config=config, manifest=members), layer("a"))
    assert json.loads(made.document.raw)["subject"] == members["subject"]
    assert list(json.loads(made.document.raw)["annotations"]) == ["z", "a"]
    assert made.document.raw.endswith(b'"x-unknown":[1.5,null]}')
    assert json.loads(made.config.content)["moby.buildkit"] == {"x": 1}
    assert b'"Healthcheck":{"StartInterval":5}' in made.config.content


def test_inline_config_is_renewed() -> None:
    """
    Trap: stale `data` in the descriptor would be used instead of the blob.
    """
    made = append(image(inline=True), layer("a"))
    inline = json.loads(made.document.raw)["config"]["data"]
    assert base64.b64decode(inline) == made.config.content
    assert validate(made) == ()


def test_duplicate_layers_are_kept() -> None:
    """
    Trap: the same layer twice is there twice.
    """
    twice = layer("a")
    made = append(image("linux/amd64", twice), twice, twice)
    assert made.config_file.rootfs.diff_ids == (twice.diff_id,) * 3
    assert validate(made) == ()


def test_a_config_that_does_not_fit_is_refused() -> None:
    """
    Diff IDs that are missing already would shift: better said now than built upon.
    """
    base = image("linux/amd64", layer("a"), config={"rootfs": {"type": "layers", "diff_ids": []}})
    with pytest.raises(DiffIDsMissing):
        append(base, layer("b"))


def test_the_digest_algorithm_is_kept() -> None:
    """
    What is named by sha512 stays so: the manifest and its configuration.
    """
    file = of_bytes(make(ConfigFile()).raw, media.OCI_CONFIG, "sha512")
    manifest = make(Manifest(media_type=media.OCI_MANIFEST, config=file.descriptor))
    base = loaded(manifest.raw, media.OCI_MANIFEST, {str(file.digest): file.opener}, "sha512")
    made = append(base, layer("a"))
    assert (made.digest.algorithm, made.config.digest.algorithm) == ("sha512", "sha512")
    assert read(made.config.content, ConfigFile).value.history == (History(),)
