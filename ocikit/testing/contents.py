"""
Strategies of real content: every digest, size and diff ID is of bytes that are there.
"""

import functools
import io
import tarfile
from typing import Final, TypeAlias

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ocikit._records import FrozenMap, evolve
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.build import build_layer
from ocikit.content.compression import Compression, Gzip, Plain, Zstd
from ocikit.content.image import Content, Image, Index
from ocikit.content.layer import Layer
from ocikit.content.partial import artifact, image_of, index_of
from ocikit.platforms import Platform
from ocikit.spec.config import ConfigFile
from ocikit.spec.descriptor import Descriptor
from ocikit.testing.documents import (
    Given,
    annotations,
    configs,
    descriptors,
    given,
    histories,
    platforms,
)

_COMPRESSIONS: Final = (Gzip(), Plain(), Zstd())

#: What an entry of a layer is: its path, and what is there: the content of a file, the
#: target of a link, or nothing for a folder.
Entry: TypeAlias = tuple[str, bytes | str | None]

#: Few paths, so that layers meet: what one writes another changes or removes.
ENTRIES: Final[tuple[Entry, ...]] = (
    *((path, b"") for path in ("a", "app/run", "app/lib/b", "etc/passwd", "é")),
    *((path, b"other") for path in ("a", "app/run", "app/lib/b", "etc/passwd")),
    ("app/large", b"content\n" * 1000),
    *((path, None) for path in ("app", "app/lib", "etc", "empty")),
    *(("bin", target) for target in ("app", "../etc/passwd", "/nowhere")),
    ("app/link", "run"),
)
WHITEOUTS: Final[tuple[Entry, ...]] = (
    *((path, b"") for path in (".wh.a", "app/lib/.wh.b", "etc/.wh.passwd", ".wh.bin")),
    ("app/.wh..wh..opq", b""),
)


def blobs(*, max_size: int = 32) -> SearchStrategy[Blob]:
    """
    Files of an artifact.

    >>> from hypothesis import find
    >>> find(blobs(), lambda blob: True).size
    0
    """
    kinds = st.sampled_from(["application/octet-stream", "text/plain"])
    return st.builds(of_bytes, st.binary(max_size=max_size), kinds)


def entries(*, whiteouts: bool = True) -> SearchStrategy[Entry]:
    """
    Entries of layers: small files, folders, links; whiteouts of what others write.

    >>> from hypothesis import find
    >>> find(entries(whiteouts=False), lambda entry: entry[1] is None)
    ('app', None)
    """
    return st.sampled_from(ENTRIES + WHITEOUTS if whiteouts else ENTRIES)


def layers(
    *,
    max_entries: int = 3,
    whiteouts: bool = True,
    compression: Given[Compression] = st.sampled_from(_COMPRESSIONS),
    docker: Given[bool] = False,
) -> SearchStrategy[Layer]:
    """
    Layers that are tar archives of a few entries, each path once.

    >>> from hypothesis import find
    >>> made = find(layers(compression=Plain()), lambda layer: True)
    >>> made.media_type, made.blob.size
    ('application/vnd.oci.image.layer.v1.tar', 1024)
    """
    drawn = st.lists(entries(whiteouts=whiteouts), max_size=max_entries)
    return st.builds(_layer, drawn.map(_unique), given(compression), given(docker))


def _unique(entries: list[Entry]) -> tuple[Entry, ...]:
    return tuple(dict(entries).items())


# The same layers come again and again while an example shrinks.
@functools.lru_cache(maxsize=4096)
def _layer(entries: tuple[Entry, ...], compression: Compression, docker: bool) -> Layer:
    return build_layer([archive(entries)], compression=compression, docker=docker)


def archive(entries: tuple[Entry, ...]) -> bytes:
    """
    Write a tar archive of entries, the same bytes for the same entries.

    >>> len(archive((("a", b"x"), ("bin", "a"))))
    2560
    """
    buffer = io.BytesIO()
    for path, what in entries:
        info = tarfile.TarInfo(path)
        body = what if isinstance(what, bytes) else b""
        info.size = len(body)
        if what is None:
            info.type, info.mode = tarfile.DIRTYPE, 0o755
        elif isinstance(what, str):
            info.type, info.linkname = tarfile.SYMTYPE, what
        buffer.write(info.tobuf(tarfile.PAX_FORMAT))
        buffer.write(body + bytes(-len(body) % tarfile.BLOCKSIZE))
    return buffer.getvalue() + bytes(2 * tarfile.BLOCKSIZE)


def images(
    *,
    layers: SearchStrategy[Layer] | None = None,
    max_layers: int = 4,
    config: Given[ConfigFile] | None = None,
    platform: Given[Platform] = platforms(),
    docker: Given[bool] = st.booleans(),
    annotations: Given[FrozenMap[str, str]] = annotations(max_size=1),
    subject: Given[Descriptor | None] = None,
) -> SearchStrategy[Image]:
    """
    Images whose documents agree with their layers; they shrink to one of no layers.

    Args:
        layers: strategy of its layers; when None, of its family and any compression.
        max_layers: how many at most.
        config: its configuration; diff IDs and history become those of the layers.
        platform: of that configuration, unless `config` is given.
        docker: whether it is an image in Docker's media types.
        annotations: of the manifest.
        subject: of the manifest.

    >>> from hypothesis import find
    >>> made = find(images(docker=False), lambda image: len(image.layers) == 1)
    >>> len(made.config_file.history), str(made.platform)
    (1, 'linux/amd64')
    """
    flavours = given(docker)
    stacks = [
        st.lists(_of_flavour(docker) if layers is None else layers, max_size=max_layers)
        for docker in (False, True)
    ]
    configured = configs(platform=platform) if config is None else given(config)
    annotated, about = given(annotations), given(subject)

    @st.composite
    def image(draw: DrawFn) -> Image:
        docker = draw(flavours)
        stack = draw(stacks[docker])
        history = draw(histories(len(stack)))
        return image_of(
            evolve(draw(configured), history=history),
            stack,
            docker=docker,
            annotations=draw(annotated),
            subject=draw(about),
        )

    return image()


@functools.cache
def _of_flavour(docker: bool) -> SearchStrategy[Layer]:
    # Docker's own tools know no zstd layers of Docker's media type.
    known = _COMPRESSIONS[:2] if docker else _COMPRESSIONS
    return layers(docker=docker, compression=st.sampled_from(known))


def artifacts(
    *,
    artifact_type: Given[str] = st.sampled_from(["application/vnd.example", "text/plain"]),
    files: SearchStrategy[Blob] = blobs(),
    max_files: int = 2,
    annotations: Given[FrozenMap[str, str]] = annotations(max_size=1),
    subject: Given[Descriptor | None] = st.none() | descriptors(platform=None),
) -> SearchStrategy[Image]:
    """
    Artifacts: signatures, SBOMs and the like, about something or not.

    >>> from hypothesis import find
    >>> made = find(artifacts(artifact_type="text/plain", subject=None), lambda image: True)
    >>> made.manifest.artifact_type, made.manifest.subject
    ('text/plain', None)
    """
    return st.builds(
        artifact,
        given(artifact_type),
        st.lists(files, max_size=max_files),
        annotations=given(annotations),
        subject=given(subject),
    )


def indexes(
    *,
    depth: int = 1,
    children: SearchStrategy[Content] | None = None,
    max_children: int = 3,
    docker: Given[bool] = st.booleans(),
    annotations: Given[FrozenMap[str, str]] = annotations(max_size=1),
) -> SearchStrategy[Index]:
    """
    Indexes of images and artifacts; up to `depth` of them inside one another.

    >>> from hypothesis import find
    >>> small = indexes(children=images(max_layers=0))
    >>> len(find(small, lambda index: len(index.children) > 1).children)
    2
    """
    if children is None:
        below: SearchStrategy[Content] = images(max_layers=2) | artifacts()
        children = below if depth <= 1 else below | indexes(depth=depth - 1, max_children=2)
    return st.builds(
        index_of,
        st.lists(children, max_size=max_children),
        docker=given(docker),
        annotations=given(annotations),
    )


def contents(*, depth: int = 1) -> SearchStrategy[Content]:
    """
    Whatever can be pushed: images, artifacts, indexes; they shrink to one that holds nothing.

    >>> from hypothesis import find
    >>> find(contents(), lambda content: isinstance(content, Index)).children
    ()
    """
    return images() | artifacts() | indexes(depth=depth)
