"""
Layers from archives that exist.
"""

from __future__ import annotations

import bz2
import gzip
import io
import tarfile
from pathlib import Path

import pytest

from ocikit import media
from ocikit.content.compression import CompressionInvalid, Gzip, Plain, Zstd, compressor
from ocikit.digest import Digest
from ocikit.files.layer import NotATar, tar_layer
from ocikit.files.opener import FileMissing, FileOpener

EMPTY = bytes(1024)


def _tar(format: int = tarfile.PAX_FORMAT) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        info = tarfile.TarInfo("ä/file")
        info.size = 2_000_000
        archive.addfile(info, io.BytesIO(b"content!" * 250_000))
    return out.getvalue()


def _zstd(data: bytes) -> bytes:
    running = compressor(Zstd())
    return running.compress(data) + running.flush()


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("compress", "kind"),
    [(gzip.compress, media.OCI_LAYER_GZIP), (_zstd, media.OCI_LAYER_ZSTD)],
)
def test_compressed_is_kept(stream: bool, compress: object, kind: str, tmp_path: Path) -> None:
    """
    What is compressed already is the layer, byte for byte, of a file without a copy.
    """
    assert callable(compress)
    tar, data = _tar(), compress(_tar())
    path = tmp_path / "layer"
    path.write_bytes(data)
    made = tar_layer(io.BytesIO(data) if stream else path, compression=Gzip(9))
    assert made.digest == Digest.of(data)
    assert (made.size, made.media_type) == (len(data), kind)
    assert made.diff_id == Digest.of(tar)
    assert made.blob.open().read() == data
    assert isinstance(made.blob.opener, FileOpener) is not stream


@pytest.mark.parametrize("stream", [True, False])
def test_plain_is_compressed_once(stream: bool, tmp_path: Path) -> None:
    """
    A tar is compressed as asked; the diff ID is that of the tar as it was.
    """
    path = tmp_path / "layer.tar"
    path.write_bytes(_tar())
    made = tar_layer(io.BytesIO(_tar()) if stream else path, docker=True)
    assert made.media_type == media.DOCKER_LAYER_GZIP
    assert gzip.decompress(made.blob.open().read()) == _tar()
    assert made.diff_id == Digest.of(_tar())
    plain = tar_layer(io.BytesIO(_tar()) if stream else path, compression=Plain())
    assert plain.digest == plain.diff_id == made.diff_id
    assert plain.media_type == media.OCI_LAYER


@pytest.mark.parametrize("tar", [_tar(tarfile.USTAR_FORMAT), _tar(tarfile.GNU_FORMAT), EMPTY])
def test_any_tar_is_one(tar: bytes) -> None:
    """
    Every dialect is taken, and an archive of nothing.
    """
    assert tar_layer(io.BytesIO(tar)).diff_id == Digest.of(tar)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x" * 511,
        b"#!/bin/sh\n" * 99,
        bz2.compress(_tar()),
        gzip.compress(b"x" * 999, mtime=0),
    ],
)
def test_what_is_no_tar_is_refused(data: bytes, tmp_path: Path) -> None:
    """
    A script, or an archive of another compression, would be an image that cannot start.
    """
    path = tmp_path / "layer"
    path.write_bytes(data)
    with pytest.raises(NotATar, match=str(path)):
        tar_layer(path)
    with pytest.raises(NotATar, match="the stream"):
        tar_layer(io.BytesIO(data))


def test_damaged_archives(tmp_path: Path) -> None:
    """
    A download that was cut off is told now, not by the engine that runs the image.
    """
    path = tmp_path / "layer.tar.gz"
    path.write_bytes(gzip.compress(_tar())[:-100])
    with pytest.raises(CompressionInvalid):
        tar_layer(path)
    with pytest.raises(FileMissing):
        tar_layer(tmp_path / "none")


def test_own_media_type() -> None:
    """
    Artifacts call their content what they like.
    """
    made = tar_layer(io.BytesIO(EMPTY), media_type="application/x-mine")
    assert made.media_type == "application/x-mine"
