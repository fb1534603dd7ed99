"""
What users see of the kit: each part has an example that runs, and strategies are alike.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st

from ocikit import media
from ocikit._records import EMPTY, FrozenMap
from ocikit.content import empty
from ocikit.content.blob import of_bytes
from ocikit.content.compression import Plain
from ocikit.content.image import Content, Image
from ocikit.content.layer import Layer
from ocikit.content.partial import image_of
from ocikit.digest import Digest
from ocikit.http.message import Request
from ocikit.mutate.pipeline import Pipeline
from ocikit.mutate.steps import ToOCI
from ocikit.platforms import parse
from ocikit.query.finding import Severity
from ocikit.query.validate import validate
from ocikit.spec.config import Config, ConfigFile
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.manifest import IndexManifest
from ocikit.testing import (
    assertions,
    building,
    helpers,
    holdings,
    laws,
    manners,
    mirrors,
    refusing,
    registry_laws,
    wires,
)
from ocikit.testing import strategies as oci
from ocikit.testing.holdings import Holdings

#: Whose every public function and class is for users.
MODULES = (
    *(assertions, building, helpers, holdings, laws, manners, mirrors, refusing),
    *(registry_laws, wires),
)
#: Not to be called for an example: what is raised, and what others are made by.
QUIET = {"Closed", "LawBroken", "Expect"}


def _faces() -> Iterator[Any]:
    for name in oci.__all__:
        yield pytest.param(getattr(oci, name), id=f"strategies.{name}")
    for name, method in vars(assertions.Expect).items():
        if not name.startswith("_") and inspect.isfunction(method):
            yield pytest.param(method, id=f"Expect.{name}")
    for module in MODULES:
        for name, part in vars(module).items():
            own = getattr(part, "__module__", "") == module.__name__
            if own and callable(part) and not name.startswith("_") and name not in QUIET:
                yield pytest.param(part, id=f"{module.__name__.rpartition('.')[2]}.{name}")


@pytest.mark.parametrize("part", [*_faces()])
def test_each_part_has_an_example(part: object) -> None:
    """
    In its docstring; that it runs is seen by pytest, which runs them all.
    """
    assert ">>>" in (inspect.getdoc(part) or "")


@pytest.mark.parametrize("name", oci.__all__)
def test_arguments_are_named(name: str) -> None:
    """
    So that more can come without breaking anybody; `histories` is of so many layers.
    """
    parameters = inspect.signature(getattr(oci, name)).parameters.values()
    places = [each.name for each in parameters if each.kind is not each.KEYWORD_ONLY]
    assert places == (["layers"] if name == "histories" else [])


#: What each strategy shrinks to, or what is true of that.
SMALLEST: dict[str, Any] = {
    "annotations": EMPTY,
    "artifacts": lambda made: made.manifest.subject is None,
    "blobs": lambda made: made.size == 0,
    "compressions": Plain(),
    "configs": ConfigFile(os="linux", architecture="amd64"),
    "contents": lambda made: not getattr(made, "layers", getattr(made, "children", ())),
    "descriptors": Descriptor(media_type="application/octet-stream", digest=Digest.of(b""), size=0),
    "digests": Digest.of(b""),
    "entries": ("a", b""),
    "extras": EMPTY,
    "fault_plans": (),
    "faults": lambda made: made.fits(Request(method="GET", url="http://r.io/v2/")),
    "file_entries": lambda made: (made.entry.name, made.content) == ("a", b""),
    "file_paths": "a",
    "hostile_layers": lambda made: made[1] == "path goes up",
    "hosts": "docker.io",
    "images": image_of(ConfigFile(os="linux", architecture="amd64"), []),
    "index_manifests": IndexManifest(media_type=media.OCI_INDEX),
    "indexes": empty.INDEX,
    "json_values": None,
    "layer_stacks": (),
    "layers": lambda made: made.diff_id == Digest.of(bytes(1024)),
    "malformed_references": ("", "empty"),
    "manifests": lambda made: (made.media_type, made.layers) == (media.OCI_MANIFEST, ()),
    "matches": lambda made: made(empty.IMAGE.descriptor),
    "media_types": "application/octet-stream",
    "paths": "0",
    "pipelines": Pipeline([]),
    "platforms": parse("linux/amd64"),
    "references": lambda made: str(made.repository) == "docker.io/library/0",
    "registries": Holdings(),
    "repositories": lambda made: str(made) == "docker.io/library/0",
    "run_configs": Config(),
    "steps": ToOCI(),
    "tags": lambda made: made in ("a", "latest"),
    "texts": "",
    "trees": (),
}
_ONCE = settings(
    database=None, phases=[Phase.generate, Phase.shrink], suppress_health_check=list(HealthCheck)
)


def test_what_all_shrink_to_is_known() -> None:
    """
    Of each strategy, but for `histories`, which needs to be told of how many layers.
    """
    assert set(SMALLEST) == set(oci.__all__) - {"histories"}


@pytest.mark.parametrize("name", SMALLEST)
def test_all_shrink_to_nothing_much(name: str) -> None:
    """
    What a failing test shows is not hidden behind what does not matter.
    """
    found = find(getattr(oci, name)(), lambda _: True, settings=_ONCE)
    expected = SMALLEST[name]
    assert expected(found) if inspect.isfunction(expected) else found == expected


#: Arguments that take a value or a strategy, by strategy.
EITHER: list[tuple[Callable[..., st.SearchStrategy[Any]], str, Any]] = [
    (oci.images, "docker", True),
    (oci.images, "platform", parse("linux/arm64")),
    (oci.images, "annotations", FrozenMap(a="b")),
    (oci.images, "config", ConfigFile(os="linux", architecture="arm64")),
    (oci.layers, "compression", Plain()),
    (oci.indexes, "annotations", FrozenMap(a="b")),
    (oci.artifacts, "artifact_type", "text/plain"),
    (oci.descriptors, "size", 7),
    (oci.configs, "platform", parse("linux/arm64")),
    (oci.manifests, "docker", True),
    (oci.index_manifests, "docker", True),
    (oci.repositories, "host", "ghcr.io"),
    (oci.file_entries, "path", "etc/passwd"),
    (oci.layer_stacks, "compression", Plain()),
    (oci.pipelines, "attestations", "keep"),
]


@pytest.mark.parametrize(
    ("strategy", "name", "value"), EITHER, ids=[f"{s.__name__}-{n}" for s, n, _ in EITHER]
)
def test_arguments_are_values_or_strategies(
    strategy: Callable[..., st.SearchStrategy[Any]], name: str, value: Any
) -> None:
    """
    A strategy of one value is that value.
    """
    found = [
        find(strategy(**{name: each}), lambda _: True, settings=_ONCE)
        for each in (value, st.just(value))
    ]
    assert found[0] == found[1]


@settings(max_examples=25)
@given(
    content=oci.images(layers=oci.layers(max_entries=1), max_layers=2)
    | oci.indexes(children=oci.images(max_layers=1))
    | oci.artifacts(files=st.just(of_bytes(b"x", "text/plain")))
)
def test_what_is_made_of_arguments_is_valid(content: Content) -> None:
    """
    As deep validation finds it.
    """
    assert not [each for each in validate(content) if each.severity is Severity.ERROR]


@settings(max_examples=25)
@given(made=oci.layer_stacks() | oci.hostile_layers())
def test_only_what_is_hostile_has_a_label(made: Any) -> None:
    """
    The label says what is wrong.
    """
    if made and isinstance(made[-1], str):
        assert isinstance(made[0], Layer)
        assert made[1]
    else:
        image: Image = image_of(ConfigFile(os="linux", architecture="amd64"), made)
        assert not [each for each in validate(image) if each.severity is Severity.ERROR]
