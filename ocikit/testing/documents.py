"""
Strategies of names and documents: what descriptors, manifests and configurations say.
"""

import functools
from collections.abc import Sequence
from typing import Any, Final, TypeAlias, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ocikit import media
from ocikit._records import EMPTY, JSON, FrozenMap
from ocikit.content import empty
from ocikit.digest import Digest
from ocikit.platforms import Platform, parse
from ocikit.spec.config import ZERO_TIME, Config, ConfigFile, Healthcheck, History, RootFS
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.gojson import Number
from ocikit.spec.manifest import IndexManifest, Manifest

T = TypeVar("T")

#: A value, or a strategy of values: what every parameter here takes.
Given: TypeAlias = T | SearchStrategy[T]

_PLATFORMS: Final = tuple(
    parse(text)
    for text in (
        "linux/amd64",
        "linux/arm64",
        "linux/arm/v7",
        "linux/s390x",
        "windows/amd64:10.0.20348.2113",
        "linux/amd64/v3",
    )
)
_MEDIA_TYPES: Final = (
    "application/octet-stream",
    media.OCI_LAYER_GZIP,
    media.OCI_LAYER,
    media.OCI_LAYER_ZSTD,
    media.DOCKER_LAYER_GZIP,
    media.OCI_CONFIG,
    media.OCI_MANIFEST,
    media.OCI_INDEX,
    "text/plain",
)
# Pairs are drawn in one go: examples are many, and each draw has its price.
_ANNOTATIONS: Final = (
    ("key", ""),
    ("org.opencontainers.image.title", "app"),
    ("org.opencontainers.image.description", "<a&b> é \u2028 \U0001f40b"),
    ("com.example.control", '\x00\x1f\n\\"'),
    ("Ünïcode", "x"),
)
_FILE_SETTINGS: Final = (
    ("author", "A. <a@example.com>"),
    ("created", "1970-01-01T00:00:00Z"),
    ("created", "2024-02-29T12:34:56.789012345+01:00"),
    ("docker_version", "1.0"),
)
_RUN_SETTINGS: Final = (
    ("user", "1000:1000"),
    ("cmd", ("sh", "-c", "a && b")),
    ("entrypoint", ("/app/run",)),
    ("env", ("A=b", "PATH=/bin", "EMPTY=")),
    ("env", ("A=é",)),
    ("labels", FrozenMap(_ANNOTATIONS)),
    ("labels", FrozenMap(a="b")),
    ("working_dir", "/app"),
    ("volumes", frozenset(["/data"])),
    ("exposed_ports", frozenset(["80/tcp", "53/udp"])),
    ("stop_signal", "SIGINT"),
    ("shell", ("cmd", "/S")),
    ("healthcheck", Healthcheck(test=("CMD", "true"), interval=10**10)),
)
#: After how many layers there is a step that made none.
_STEPS: Final = ((), (0,), (1,), (0, 0, 2))


def given(value: Any) -> SearchStrategy[Any]:
    """
    Take a strategy as it is and anything else as the only value.

    >>> from hypothesis import find
    >>> find(given("a"), lambda text: True), find(given(st.booleans()), lambda each: each)
    ('a', True)
    """
    return value if isinstance(value, SearchStrategy) else st.just(value)


def texts(*, max_size: int = 8) -> SearchStrategy[str]:
    """
    Texts of any script, as JSON can say them.

    >>> from hypothesis import find
    >>> find(texts(), lambda text: len(text) == 2)
    '00'
    """
    return st.text(max_size=max_size)


def digests(*, algorithms: Sequence[str] = ("sha256",)) -> SearchStrategy[Digest]:
    """
    Digests of small contents; they shrink to that of nothing.

    >>> from hypothesis import find
    >>> find(digests(algorithms=["sha512"]), lambda digest: True) == Digest.of(b"", "sha512")
    True
    """
    return st.builds(Digest.of, st.binary(max_size=8), st.sampled_from(algorithms))


def media_types() -> SearchStrategy[str]:
    """
    Media types, those of images and others.

    >>> from hypothesis import find
    >>> find(media_types(), lambda text: "index" in text)
    'application/vnd.oci.image.index.v1+json'
    """
    return st.sampled_from(_MEDIA_TYPES)


def _some(pairs: Sequence[tuple[str, Any]], max_size: int) -> SearchStrategy[dict[str, Any]]:
    return st.lists(st.sampled_from(pairs), max_size=max_size).map(dict)


def annotations(*, max_size: int = 2) -> SearchStrategy[FrozenMap[str, str]]:
    """
    Annotations and labels, with all that JSON must escape.

    >>> from hypothesis import find
    >>> find(annotations(), lambda annotations: len(annotations) == 1)
    FrozenMap({'key': ''})
    """
    return _some(_ANNOTATIONS, max_size).map(FrozenMap)


def json_values(*, max_leaves: int = 4) -> SearchStrategy[JSON]:
    """
    JSON values as they are read: numbers that are not integers keep their text.

    >>> from hypothesis import find
    >>> find(json_values(), lambda value: isinstance(value, list))
    []
    """
    numbers = st.sampled_from(["1.50", "1e400", "-0.0", "0.1", "1E-7"]).map(Number)
    leaves = st.none() | st.booleans() | st.integers() | numbers | texts()
    return st.recursive(
        leaves,
        lambda below: st.lists(below, max_size=3) | st.dictionaries(texts(), below, max_size=3),
        max_leaves=max_leaves,
    )


def extras(*, max_size: int = 2) -> SearchStrategy[FrozenMap[str, JSON]]:
    """
    Members that no specification knows.

    >>> from hypothesis import find
    >>> find(extras(), lambda extra: len(extra) == 1)
    FrozenMap({'x-vendor': None})
    """
    names = st.sampled_from(["x-vendor", "Ünknown", "com.example"])
    drawn: SearchStrategy[dict[str, JSON]] = st.dictionaries(
        names, json_values(), max_size=max_size
    )
    return drawn.map(FrozenMap)


def platforms() -> SearchStrategy[Platform]:
    """
    Platforms that images are made for; they shrink to linux/amd64.

    >>> from hypothesis import find
    >>> str(find(platforms(), lambda platform: True))
    'linux/amd64'
    """
    return st.sampled_from(_PLATFORMS)


def descriptors(
    *,
    media_type: Given[str] = media_types(),
    digest: Given[Digest] = digests(),
    size: Given[int] = st.integers(0, 1 << 40),
    annotations: Given[FrozenMap[str, str]] = annotations(max_size=1),
    platform: Given[Platform | None] = st.none() | platforms(),
    extra: Given[FrozenMap[str, JSON]] = EMPTY,
) -> SearchStrategy[Descriptor]:
    """
    Descriptors, of content that need not exist.

    >>> from hypothesis import find
    >>> find(descriptors(size=7), lambda descriptor: True).size
    7
    """
    return st.builds(
        Descriptor,
        media_type=given(media_type),
        digest=given(digest),
        size=given(size),
        urls=st.sampled_from([(), ("https://example.com/blob?a&b",)]),
        artifact_type=st.sampled_from(["", "application/vnd.example"]),
        annotations=given(annotations),
        platform=given(platform),
        extra=given(extra),
    )


def configs(
    *,
    platform: Given[Platform] = platforms(),
    diff_ids: Given[tuple[Digest, ...]] = (),
    history: Given[tuple[History, ...]] = (),
    config: Given[Config] | None = None,
    extra: Given[FrozenMap[str, JSON]] = EMPTY,
) -> SearchStrategy[ConfigFile]:
    """
    Image configurations; give `diff_ids` and `history` to have them of something.

    >>> from hypothesis import find
    >>> find(configs(), lambda config: config.author).author
    'A. <a@example.com>'
    """

    def build(platform: Platform, settings: dict[str, Any], **fields: Any) -> ConfigFile:
        return ConfigFile(
            architecture=platform.architecture,
            os=platform.os,
            os_version=platform.os_version,
            os_features=platform.os_features,
            variant=platform.variant,
            **settings,
            **fields,
        )

    return st.builds(
        build,
        given(platform),
        _some(_FILE_SETTINGS, 1),
        rootfs=given(diff_ids).map(lambda diff_ids: RootFS(diff_ids=diff_ids)),
        history=given(history),
        config=run_configs() if config is None else given(config),
        extra=given(extra),
    )


def run_configs(*, max_size: int = 3) -> SearchStrategy[Config]:
    """
    What containers are run with: a few settings that are not their defaults.

    >>> from hypothesis import find
    >>> find(run_configs(), lambda config: config.entrypoint).entrypoint
    ('/app/run',)
    """
    return _some(_RUN_SETTINGS, max_size).map(lambda drawn: Config(**drawn))


@functools.cache
def histories(layers: int) -> SearchStrategy[tuple[History, ...]]:
    """
    Histories of so many layers, and of steps between them that made none.

    >>> from hypothesis import find
    >>> len(find(histories(2), lambda history: True))
    2
    """
    return st.sampled_from([_history(layers, steps) for steps in _STEPS])


def _history(layers: int, steps: tuple[int, ...]) -> tuple[History, ...]:
    made = [History(created_by=f"COPY {number} /", created=ZERO_TIME) for number in range(layers)]
    for after in steps:
        made.insert(after, History(created_by="ENV A=b", empty_layer=True))
    return tuple(made)


def manifests(
    *,
    docker: Given[bool] = st.booleans(),
    max_layers: int = 4,
    subject: Given[Descriptor | None] = st.none(),
    extra: Given[FrozenMap[str, JSON]] = EMPTY,
) -> SearchStrategy[Manifest]:
    """
    Image manifests of one family, of content that need not exist.

    >>> from hypothesis import find
    >>> find(manifests(docker=True), lambda manifest: True).media_type
    'application/vnd.docker.distribution.manifest.v2+json'
    """

    def build(docker: bool, layers: list[Descriptor], **fields: Any) -> Manifest:
        convert = media.to_docker if docker else media.to_oci
        return Manifest(
            media_type=convert(media.OCI_MANIFEST),
            config=Descriptor(
                media_type=convert(media.OCI_CONFIG), digest=empty.BLOB.digest, size=2
            ),
            layers=tuple(layers),
            **fields,
        )

    return st.builds(
        build,
        given(docker),
        st.lists(descriptors(), max_size=max_layers),
        annotations=annotations(max_size=2),
        subject=given(subject),
        extra=given(extra),
    )


def index_manifests(
    *,
    docker: Given[bool] = st.booleans(),
    max_children: int = 3,
    extra: Given[FrozenMap[str, JSON]] = EMPTY,
) -> SearchStrategy[IndexManifest]:
    """
    Indexes and manifest lists as documents, of content that need not exist.

    >>> from hypothesis import find
    >>> find(index_manifests(docker=False), lambda index: True).manifests
    ()
    """
    kinds = st.sampled_from([media.OCI_MANIFEST, media.DOCKER_MANIFEST, media.OCI_INDEX])
    children = st.lists(descriptors(media_type=kinds), max_size=max_children)
    return st.builds(
        IndexManifest,
        media_type=given(docker).map(
            lambda docker: media.DOCKER_MANIFEST_LIST if docker else media.OCI_INDEX
        ),
        manifests=children.map(tuple),
        annotations=annotations(max_size=2),
        extra=given(extra),
    )
