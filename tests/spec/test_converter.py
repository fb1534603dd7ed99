"""
Structuring: strict, keeping what is unknown, and telling where it went wrong.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ocikit._records import FrozenMap
from ocikit.digest import Digest
from ocikit.spec.api import Problems, TagList, TokenGrant
from ocikit.spec.config import ConfigFile
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.dockersave import SavedImage
from ocikit.spec.document import read
from ocikit.spec.gojson import JSONInvalid
from ocikit.spec.layout import LayoutMarker
from ocikit.spec.manifest import IndexManifest, Manifest

DIGEST = "sha256:" + "a" * 64
CONFIG: dict[str, Any] = {"mediaType": "x/y", "digest": DIGEST, "size": 2}


def parsed(kind: type[Any], value: Any) -> Any:
    """
    Read a value as a document of that kind.
    """
    return read(json.dumps(value).encode(), kind).value


@pytest.mark.parametrize(
    ("kind", "value", "problem"),
    [
        (Manifest, [], "$: expected object, got array"),
        (Manifest, None, "$: expected object, got null"),
        (Manifest, {}, "$.config: required member is missing"),
        (Manifest, {"config": None}, "$.config: required member is missing"),
        (
            Manifest,
            {"config": {**CONFIG, "size": "12"}},
            "$.config.size: expected integer, got str",
        ),
        (Manifest, {"config": {**CONFIG, "size": 1.5}}, "$.config.size: expected integer, got num"),
        (Manifest, {"config": {**CONFIG, "size": True}}, "$.config.size: expected integer, got bo"),
        (Manifest, {"config": {**CONFIG, "size": -1}}, "$.config.size: expected a size of 0 or"),
        (Manifest, {"config": {**CONFIG, "digest": 5}}, "$.config.digest: expected string, got i"),
        (Manifest, {"config": {**CONFIG, "digest": "x"}}, "$.config.digest: digest 'x': expected"),
        (Manifest, {"config": {**CONFIG, "data": "?"}}, "$.config.data: not base64"),
        (Manifest, {"config": CONFIG, "layers": {}}, "$.layers: expected array, got object"),
        (Manifest, {"config": CONFIG, "layers": [None]}, "$.layers[0]: expected object, got null"),
        (Manifest, {"config": CONFIG, "layers": [CONFIG, {}]}, "$.layers[1].mediaType: required"),
        (Manifest, {"config": CONFIG, "annotations": {"a": 1}}, "$.annotations.a: expected string"),
        (Manifest, {"config": CONFIG, "annotations": {"a b": 1}}, "$.annotations['a b']: expected"),
        (ConfigFile, {"config": {"Env": [1]}}, "$.config.Env[0]: expected string, got integer"),
        (ConfigFile, {"config": {"Volumes": []}}, "$.config.Volumes: expected object, got array"),
        (ConfigFile, {"rootfs": {"diff_ids": [7]}}, "$.rootfs.diff_ids[0]: expected string"),
        (ConfigFile, {"os.features": "x"}, "$['os.features']: expected array, got string"),
        (IndexManifest, {"manifests": [{"platform": []}]}, "$.manifests[0].platform: expected obj"),
        (SavedImage, {}, "$.Config: required member is missing"),
        (SavedImage, {"Config": "", "LayerSources": {"x": CONFIG}}, "digest 'x': expected"),
    ],
)
def test_problems_are_told_with_their_path(kind: type[Any], value: Any, problem: str) -> None:
    """
    In terms of the document, not of Python; nothing is taken for what it is not.
    """
    with pytest.raises(JSONInvalid) as caught:
        parsed(kind, value)
    assert problem in str(caught.value)


def test_all_problems_are_told() -> None:
    """
    Who mends a document need not run it again for each fault.
    """
    broken = {"config": {**CONFIG, "size": None}, "layers": [{**CONFIG, "size": "1"}, CONFIG, 3]}
    with pytest.raises(JSONInvalid) as caught:
        parsed(Manifest, broken)
    assert [path for path, _ in caught.value.problems] == [
        "$.config.size",
        "$.layers[0].size",
        "$.layers[2]",
    ]


@pytest.mark.parametrize(
    ("kind", "member"),
    [(Manifest, "Config"), (Manifest, "mediatype"), (ConfigFile, "OS"), (TagList, "Tags")],
)
def test_members_in_another_case_are_refused(kind: type[Any], member: str) -> None:
    """
    Go would read them as the member, and see another document under this digest.
    """
    with pytest.raises(JSONInvalid, match=f"member '{member}' is "):
        parsed(kind, {"config": CONFIG, member: {}} if kind is Manifest else {member: {}})


def test_members_that_fold_to_a_known_one_are_refused() -> None:
    """
    Go folds the long s and the Kelvin sign too.
    """
    with pytest.raises(JSONInvalid, match="is 'layers' to some readers"):
        parsed(Manifest, {"config": CONFIG, "layer\u017f": []})


def test_unknown_members_are_kept() -> None:
    """
    At every depth, whatever they hold.
    """
    value = {"config": {**CONFIG, "x": [None]}, "y": {"z": 1}, "layers": None}
    manifest = parsed(Manifest, value)
    assert manifest.extra == {"y": {"z": 1}}
    assert manifest.config.extra == {"x": [None]}
    assert manifest.layers == ()


def test_nulls_are_defaults() -> None:
    """
    Go writes null for a list that was never made, and reads it as none.
    """
    config = parsed(ConfigFile, {"rootfs": {"diff_ids": None}, "config": None, "history": None})
    assert config == ConfigFile()


def test_values_of_every_kind() -> None:
    """
    Bytes are base64, sets are objects, maps may have digests for keys.
    """
    assert parsed(Descriptor, {**CONFIG, "data": "e30="}).data == b"{}"
    config = parsed(ConfigFile, {"config": {"ExposedPorts": {"80/tcp": {}}}})
    assert config.config.exposed_ports == {"80/tcp"}
    saved = parsed(SavedImage, {"Config": "c", "LayerSources": {DIGEST: CONFIG}})
    key = Digest.parse(DIGEST)
    assert saved.layer_sources == {key: Descriptor(media_type="x/y", digest=key, size=2)}
    assert parsed(LayoutMarker, {"imageLayoutVersion": "1.0.0"}) == LayoutMarker()


def test_bodies_of_the_api() -> None:
    """
    Registries say more, and less, than the specification.
    """
    problems = parsed(Problems, {"errors": [{"code": "DENIED", "detail": [{"a": 1}]}]})
    assert problems.errors[0].detail == [{"a": 1}]
    assert parsed(TagList, {"name": "r", "tags": None, "child": ["a"]}).extra == FrozenMap(
        child=["a"]
    )
    grant = parsed(TokenGrant, {"access_token": "secret", "expires_in": 300})
    assert (grant.access_token, grant.expires_in) == ("secret", 300)
    assert "secret" not in repr(grant)


def test_errors_quote_little() -> None:
    """
    A megabyte of wrong digest is told by its beginning.
    """
    with pytest.raises(JSONInvalid) as caught:
        parsed(Descriptor, {**CONFIG, "digest": "x" * 10**6, "y" * 10**6: 0})
    assert len(str(caught.value)) < 1000
