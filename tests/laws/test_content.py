"""
Laws of content: what was built is read, what was altered is not, equal is equal bytes.
"""

from __future__ import annotations

import gzip
import io
import itertools
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit import media
from ocikit._records import evolve
from ocikit.content.assemble import ManifestAmbiguous, Source, assemble
from ocikit.content.blob import of_bytes
from ocikit.content.build import build_layer
from ocikit.content.compression import (
    Compression,
    Gzip,
    Plain,
    Zstd,
    compressor,
    decompress,
    sniff,
)
from ocikit.content.image import Content, Image, Index, Loaded
from ocikit.content.spool import Spool
from ocikit.content.streams import BytesOpener, Opener, chunks
from ocikit.content.verify import VerifiedStream
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.gojson import dumps, loads
from ocikit.testing import strategies as oci

compressions: st.SearchStrategy[Compression] = st.one_of(
    st.builds(Gzip, st.integers(0, 3), st.sampled_from(["auto", "isal", "zlib-ng", "zlib"])),
    st.builds(Gzip, st.integers(4, 9), st.sampled_from(["auto", "zlib-ng", "zlib"])),
    st.builds(Zstd, st.integers(0, 19)),
    st.just(Plain()),
)
# Repeated, so that some of it compresses and some spans many reads.
contents = st.builds(lambda data, times: data * times, st.binary(max_size=50), st.integers(0, 300))
cuts = st.lists(st.integers(0, 15_000), max_size=5)
sizes = st.integers(1, 1 << 17)


def cut(data: bytes, at: list[int]) -> list[bytes]:
    """
    Cut content into pieces, empty ones too.
    """
    places = [0, *sorted(min(place, len(data)) for place in at), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(places)]


@given(contents, compressions, cuts, sizes)
def test_what_was_built_is_read(
    data: bytes, compression: Compression, at: list[int], size: int
) -> None:
    """
    By every compression, however it came and however it is read; and it says what it is.
    """
    layer = build_layer(cut(data, at), compression=compression)
    with layer.uncompressed() as stream:
        assert b"".join(chunks(stream, size)) == data
    assert layer.diff_id == Digest.of(data)
    with layer.blob.open() as stored:
        assert sniff(stored.read()) == compression.name or compression == Plain()


@given(contents, compressions, cuts, cuts)
def test_building_repeats(
    data: bytes, compression: Compression, one: list[int], other: list[int]
) -> None:
    """
    The same stream gives the same digest, however it was cut.
    """
    built = [build_layer(cut(data, at), compression=compression) for at in (one, other)]
    assert built[0] == built[1]
    assert built[0].descriptor == built[1].descriptor


@given(contents, cuts, st.integers(0, 20_000), sizes)
def test_spools_give_what_they_took(data: bytes, at: list[int], memory: int, size: int) -> None:
    """
    In memory or in a file, and as often as it is opened.
    """
    spool = Spool(memory)
    for part in cut(data, at):
        spool.write(part)
    opener = spool.opener()
    for _ in range(2):
        assert b"".join(chunks(opener.open(), size)) == data


packed = st.lists(
    st.one_of(
        contents.map(gzip.compress),
        contents.map(lambda data: _compress(Gzip(), data)),
        st.integers(0, 600).map(bytes),
    ),
    min_size=1,
    max_size=4,
)


def _compress(compression: Compression, data: bytes) -> bytes:
    running = compressor(compression)
    return running.compress(data) + running.flush()


@given(packed, sizes)
def test_members_are_read_like_gzip_reads_them(parts: list[bytes], size: int) -> None:
    """
    Members one after another, padded with zeros, by another implementation too.
    """
    data = _compress(Gzip(), b"first") + b"".join(parts)
    with decompress(io.BytesIO(data)) as stream:
        assert b"".join(chunks(stream, size)) == gzip.decompress(data)


edits = st.lists(st.tuples(st.integers(0, 20_000), st.binary(max_size=3)), max_size=3)


def altered(data: bytes, changes: list[tuple[int, bytes]], end: int) -> bytes:
    """
    Write over content, and cut or fill its end.
    """
    for at, new in changes:
        at %= len(data) + 1
        data = data[:at] + new + data[at + len(new) :]
    return data[: len(data) + end] if end < 0 else data + bytes(end)


@given(contents, st.sampled_from([Gzip(), Zstd()]), edits, st.integers(-40, 3))
def test_decompressing_is_total(
    data: bytes, compression: Compression, changes: list[tuple[int, bytes]], end: int
) -> None:
    """
    Of altered content comes content or `Corrupt`, and nothing else.
    """
    odd = altered(_compress(compression, data), changes, end)
    try:
        decompress(io.BytesIO(odd)).read()
    except Corrupt:
        assert odd != _compress(compression, data)


@given(contents, edits, st.integers(-3, 3), sizes)
def test_altered_content_does_not_pass(
    data: bytes, changes: list[tuple[int, bytes]], end: int, size: int
) -> None:
    """
    What is read to its end is what the digest names.
    """
    odd = altered(data, changes, end)
    stream = VerifiedStream(io.BytesIO(odd), Digest.of(data), len(data))
    try:
        read = b"".join(chunks(stream, size))
    except Corrupt:
        assert odd != data
    else:
        assert read == odd == data


def _source(content: Content) -> Source:
    blobs: dict[Digest, Opener] = {}
    children: dict[Digest, Content] = {}
    if isinstance(content, Image):
        blobs = {layer.digest: layer.blob.opener for layer in content.layers}
        blobs[content.config.digest] = content.config.opener
    if isinstance(content, Index):
        children = {child.descriptor.digest: child.content for child in content.children}
    return Source(
        blob=lambda descriptor: blobs[descriptor.digest],
        child=lambda descriptor: Loaded(content=children[descriptor.digest]),
    )


def _raw(content: Content) -> bytes:
    return content.document.raw if isinstance(content, Image | Index) else content.content


@given(oci.contents(depth=2))
def test_content_is_its_document(content: Content) -> None:
    """
    Assembled from its bytes it is equal, and equal all the way down.
    """
    again = assemble(_raw(content), content.descriptor, _source(content))
    assert again == content
    assert hash(again) == hash(content)
    if isinstance(content, Image) and isinstance(again, Image):
        assert again.config == content.config
        assert again.layers == content.layers
        assert [x.diff_id for x in again.layers] == [x.diff_id for x in content.layers]
    if isinstance(content, Index) and isinstance(again, Index):
        assert [x.content for x in again.children] == [x.content for x in content.children]


@given(oci.contents())
def test_content_pickles(content: Content) -> None:
    """
    With all that was found out about it, and without.
    """
    again = pickle.loads(pickle.dumps(content))
    assert again == content
    assert pickle.loads(pickle.dumps(again)) == content


@given(oci.contents(), oci.json_values(), st.data())
def test_assembling_is_total(content: Content, value: Any, data: st.DataObject) -> None:
    """
    Whatever a registry serves is content or an error of ours.
    """
    members = loads(_raw(content))
    name = data.draw(st.sampled_from([*members, "manifests", "Layers", "fsLayers", "config"]))
    raw = dumps({**members, name: value})
    kinds = st.sampled_from([content.media_type, media.OCI_INDEX, media.DOCKER_MANIFEST, "x/y"])
    descriptor = Descriptor(media_type=data.draw(kinds), digest=Digest.of(raw), size=len(raw))
    source = Source(blob=lambda _: BytesOpener(b""), child=lambda _: Loaded(content=content))
    try:
        made = assemble(raw, descriptor, source)
    except Corrupt:
        return
    assert made.digest == descriptor.digest


@given(oci.images(), st.sampled_from(["manifests", "fsLayers", "Manifests", "FSLAYERS"]))
def test_two_things_at_once_are_refused(image: Image, member: str) -> None:
    """
    A manifest that is an index to another reader is neither (CVE-2021-41190).
    """
    raw = dumps({**loads(image.document.raw), member: []})
    descriptor = evolve(image.descriptor, digest=Digest.of(raw), size=len(raw))
    with pytest.raises(ManifestAmbiguous, match=member):
        assemble(raw, descriptor, _source(image))


@given(st.binary(max_size=40), st.sampled_from(["sha256", "sha384", "sha512"]))
def test_blobs_are_equal_when_their_bytes_are(data: bytes, algorithm: str) -> None:
    """
    By digest, whatever they are called.
    """
    blob = of_bytes(data, "x/y", algorithm)
    assert blob == of_bytes(data, "other", algorithm)
    assert hash(blob) == hash(of_bytes(data, "other", algorithm))
    assert blob.open().read() == blob.content == data
