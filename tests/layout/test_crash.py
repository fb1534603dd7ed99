"""
Layouts when something fails: the source, the disk, the process, or the peace.
"""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

import pytest

from ocikit import layout
from ocikit._records import evolve, record
from ocikit.content import synthetic
from ocikit.content.image import Image, Index
from ocikit.content.streams import BytesOpener, Stream
from ocikit.content.verify import DigestMismatch, SizeMismatch
from ocikit.errors import Unreachable
from ocikit.files.opener import FileOpener
from ocikit.layout.store import blob_path
from ocikit.progress import Event, Update
from tests.layout.names import TOP, blob_names, names


@record
class _Fails:
    """
    Gives half of some bytes, and then raises.
    """

    data: bytes
    error: BaseException

    def open(self) -> Stream:
        stream = BytesOpener(self.data[: len(self.data) // 2]).open()
        return _FailingStream(stream, self.error)  # type: ignore[return-value]


class _FailingStream:
    def __init__(self, stream: Stream, error: BaseException) -> None:
        self._stream = stream
        self._error = error

    def readinto(self, buffer: memoryview) -> int:
        count = self._stream.readinto(buffer)
        if not count:
            raise self._error
        return count

    def close(self) -> None:
        self._stream.close()


def _with_layer(image: Image, opener: Any) -> Image:
    last = image.layers[-1]
    broken = evolve(last, blob=evolve(last.blob, opener=opener))
    return evolve(image, layers=(*image.layers[:-1], broken))


@pytest.mark.parametrize("old", [True, False])
@pytest.mark.parametrize(
    "error", [Unreachable("cable"), OSError(errno.ENOSPC, "full"), KeyboardInterrupt()]
)
def test_failure_midway(tmp_path: Path, image: Image, error: BaseException, old: bool) -> None:
    """
    The network, the disk or the person fails: the layout is what it was before.
    """
    if old:
        layout.flush(tmp_path, synthetic.image(Random(7)), reference="v1")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    data = image.layers[-1].blob.open().read()
    with pytest.raises(type(error)):
        layout.flush(tmp_path, _with_layer(image, _Fails(data, error)), reference="v1")
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    good = {tmp_path / name for name in blob_names(image.layers[0].digest)}
    assert set(after) - set(before) <= good | {tmp_path / "oci-layout"}
    assert before.items() <= after.items()
    layout.flush(tmp_path, image, reference="v1")
    assert layout.load(tmp_path) == image


@pytest.mark.parametrize("on_disk", [True, False])
@pytest.mark.parametrize(
    ("change", "error"),
    [
        (lambda data: data[:-1], SizeMismatch),
        (lambda data: data + b"x", SizeMismatch),
        (lambda data: b"?" + data[1:], DigestMismatch),
    ],
)
def test_lies_leave_nothing_behind(
    tmp_path: Path, image: Image, change: Any, error: type[Exception], on_disk: bool
) -> None:
    """
    Short, long and altered content is refused, and no entry names the image.
    """
    lie = change(image.layers[-1].blob.open().read())
    (tmp_path / "lie").write_bytes(lie)
    opener = FileOpener(tmp_path / "lie") if on_disk else BytesOpener(lie)
    with pytest.raises(error):
        layout.flush(tmp_path / "out", _with_layer(image, opener))
    assert names(tmp_path / "out") == {"oci-layout", *blob_names(image.layers[0].digest)}


_KILLED = """
import os, sys
from random import Random
from ocikit import layout
from ocikit.content import synthetic
from ocikit.progress import Event
count = int(sys.argv[2])
def report(update):
    global count
    if update.event in (Event.MOVED, Event.DONE, Event.TAGGED):
        count -= 1
        if count == 0:
            os.kill(os.getpid(), 9)
layout.flush(sys.argv[1], synthetic.index(Random(1)), reference='v1', report=report)
"""


@pytest.mark.parametrize("moment", [1, 2, 5, 9, 11])
def test_killed_at_any_moment(tmp_path: Path, image: Image, moment: int) -> None:
    """
    `kill -9` between any two steps: the old entry is there, and the next run finishes.
    """
    layout.flush(tmp_path, image, reference="old")
    argv = [sys.executable, "-c", _KILLED, str(tmp_path), str(moment)]
    assert subprocess.run(argv).returncode == -signal.SIGKILL
    assert layout.load(tmp_path, "old") == image
    index = synthetic.index(Random(1))
    layout.flush(tmp_path, index, reference="v1")
    found = layout.load(tmp_path, "v1")
    assert isinstance(found, Index)
    assert found == index
    # What the killed writer left is swept by the next one, who finds himself alone.
    assert not [name for name in names(tmp_path) if name.endswith(".part")]


def test_disk_full_for_real(tmp_path: Path, image: Image) -> None:
    """
    The kernel stops the writing of a blob: the layout stays as it was.
    """
    layout.flush(tmp_path, image, reference="old")
    before = names(tmp_path)
    code = (
        "import resource, signal, sys\n"
        "from random import Random\n"
        "from ocikit import layout\nfrom ocikit.content import synthetic\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000))\n"
        "layout.flush(sys.argv[1], synthetic.image(Random(2), size=50_000))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, tmp_path], capture_output=True)
    assert b"File too large" in done.stderr
    assert names(tmp_path) == before


def test_sixteen_processes_lose_nothing(tmp_path: Path) -> None:
    """
    Each flushes images of its own and one that all have; every entry is there after.
    """
    code = (
        "import sys\nfrom random import Random\n"
        "from ocikit import layout\nfrom ocikit.content import synthetic\n"
        "for n in range(4):\n"
        "    image = synthetic.image(Random(f'{sys.argv[2]}-{n}'))\n"
        "    layout.flush(sys.argv[1], image, reference=f'{sys.argv[2]}-{n}', durable=False)\n"
        "    layout.flush(sys.argv[1], synthetic.image(Random('shared')), reference='shared',\n"
        "                 durable=False)\n"
    )
    argv = [sys.executable, "-c", code, str(tmp_path)]
    running = [subprocess.Popen([*argv, str(worker)]) for worker in range(16)]
    assert [process.wait() for process in running] == [0] * 16
    for worker in range(16):
        for n in range(4):
            found = layout.load(tmp_path, f"{worker}-{n}")
            assert found == synthetic.image(Random(f"{worker}-{n}"))
    assert layout.load(tmp_path, "shared") == synthetic.image(Random("shared"))
    assert len(layout.entries(tmp_path)) == 65
    assert all(len(Path(name).name) == 64 for name in names(tmp_path) - TOP)


def test_temporary_files_of_living_writers_stay(tmp_path: Path, image: Image) -> None:
    """
    Another flush does not sweep while one is under way.
    """
    layout.flush(tmp_path, image)
    started = synthetic.image(Random(3), layers=1)

    def report(update: Update) -> None:
        if update.event is Event.MOVED and update.digest == started.layers[0].digest:
            layout.flush(tmp_path, synthetic.image(Random(4)), reference="other")

    layout.flush(tmp_path, started, reference="mine", report=report)
    assert layout.load(tmp_path, "mine") == started
    assert os.path.exists(blob_path(os.fspath(tmp_path), started.layers[0].digest))
