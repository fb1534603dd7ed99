"""
Blobs into files and streams, by the kernel and by a buffer.
"""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from ocikit._records import evolve
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.streams import BytesOpener
from ocikit.content.verify import DigestMismatch, SizeMismatch
from ocikit.errors import Corrupt
from ocikit.files.copy import pour, send
from ocikit.files.opener import FileOpener
from ocikit.progress import Update

SIZES = [0, 1, 1 << 18, (1 << 18) + 1, (9 << 20) + 7]


def _in_file(data: bytes, path: Path) -> Blob:
    path.write_bytes(b"before" + data + b"after")
    opener = FileOpener(path, 6, len(data))
    return evolve(of_bytes(data, "application/octet-stream"), opener=opener)


def _blob(kind: str, data: bytes, folder: Path) -> Blob:
    if kind == "file":
        return _in_file(data, folder / "source")
    return of_bytes(data, "application/octet-stream")


@pytest.mark.parametrize("kind", ["file", "memory"])
@pytest.mark.parametrize("size", SIZES)
def test_pour_at_an_offset(kind: str, size: int, tmp_path: Path) -> None:
    """
    All bytes arrive at their place and are reported, and none beside it is touched.
    """
    data = os.urandom(size)
    seen: list[Update] = []
    with (tmp_path / "target").open("w+b", buffering=0) as target:
        target.write(b"_" * (size + 20))
        pour(_blob(kind, data, tmp_path), target.fileno(), 10, report=seen.append)
    assert (tmp_path / "target").read_bytes() == b"_" * 10 + data + b"_" * 10
    assert sum(update.bytes for update in seen) == size


@pytest.mark.parametrize("kind", ["file", "memory"])
@pytest.mark.parametrize("size", SIZES)
def test_send_in_order(kind: str, size: int, tmp_path: Path) -> None:
    """
    A stream gets the same bytes.
    """
    data = os.urandom(size)
    sink = io.BytesIO()
    send(_blob(kind, data, tmp_path), sink)
    assert sink.getvalue() == data


class _Reluctant:
    def __init__(self) -> None:
        self.taken = b""

    def write(self, data: memoryview, /) -> int:
        self.taken += data[:7]
        return len(data[:7])


def test_send_to_a_sink_that_takes_little() -> None:
    """
    A raw file may take less than it is given.
    """
    sink = _Reluctant()
    send(of_bytes(b"0123456789" * 3, "text/plain"), sink)
    assert sink.taken == b"0123456789" * 3


def _lies(folder: Path) -> list[tuple[Blob, type[Corrupt]]]:
    truth = b"x" * 100_000
    blob = of_bytes(truth, "application/octet-stream")
    lies = {b"y" * 100_000: DigestMismatch, truth[:-1]: SizeMismatch, truth + b"x": SizeMismatch}
    found: list[tuple[Blob, type[Corrupt]]] = []
    for number, (data, error) in enumerate(lies.items()):
        path = folder / str(number)
        path.write_bytes(data)
        for opener in (BytesOpener(data), FileOpener(path), FileOpener(path, 0, len(data))):
            found.append((evolve(blob, opener=opener), error))
    return found


def test_lies_are_found(tmp_path: Path) -> None:
    """
    Altered, short and long content is told, whichever way it is copied.
    """
    for blob, error in _lies(tmp_path):
        with pytest.raises(error), (tmp_path / "t").open("w+b", buffering=0) as target:
            pour(blob, target.fileno())
        with pytest.raises(error):
            send(blob, io.BytesIO())


def test_inline_data_goes_before_the_file(tmp_path: Path) -> None:
    """
    A descriptor that has its content needs no file.
    """
    blob = of_bytes(b"inline", "text/plain")
    blob = Blob(
        descriptor=evolve(blob.descriptor, data=b"inline"), opener=FileOpener(tmp_path / "none")
    )
    with (tmp_path / "target").open("w+b", buffering=0) as target:
        pour(blob, target.fileno())
    assert (tmp_path / "target").read_bytes() == b"inline"


def test_where_the_kernel_cannot_copy(tmp_path: Path) -> None:
    """
    A target that only appends is refused by the kernel's copy, and not by the other.
    """
    blob = _in_file(b"hello", tmp_path / "source")
    with (tmp_path / "target").open("a+b", buffering=0) as target:
        pour(blob, target.fileno())
    assert (tmp_path / "target").read_bytes() == b"hello"
