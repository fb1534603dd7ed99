"""
`ocikit export`.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from ocikit.content.image import Image, Index
from ocikit.registry.flush import flush
from ocikit.testing import building
from ocikit.testing.building import image as made
from tests.cli.running import done, run
from tests.tree.archives import by_tarfile

IMAGE = made(building.archive(("a", b"1"), "b"), building.archive(("a", b"2"), ".wh.b"))


@pytest.fixture
def pushed(host: str) -> str:
    """
    An image of two layers, in a registry.
    """
    flush(f"{host}/files:1", IMAGE)
    return f"{host}/files:1"


def test_to_stdout_and_to_a_file(pushed: str, tmp_path: Path) -> None:
    """
    Stdout unless there is a path; the same bytes.
    """
    ran = done("export", pushed)
    assert by_tarfile(ran.raw) == [("a", b"2")]
    assert done("export", pushed, "-").raw == ran.raw
    to_file = done("export", pushed, tmp_path / "a.tar")
    assert (tmp_path / "a.tar").read_bytes() == ran.raw
    assert to_file.raw == b""
    assert str(IMAGE.digest) in to_file.err


def test_from_any_place(pushed: str, tmp_path: Path) -> None:
    """
    A layout, an archive, and `-` for an archive of either kind on stdin.
    """
    raw = done("export", pushed).raw
    done("copy", pushed, f"oci:{tmp_path}/out:1")
    done("copy", pushed, f"oci-archive:{tmp_path}/oci.tar:1")
    done("pull", pushed, tmp_path / "a.tar")
    assert done("export", f"oci:{tmp_path}/out:1").raw == raw
    for archive in ("oci.tar", "a.tar"):
        assert done("export", "-", stdin=(tmp_path / archive).read_bytes()).raw == raw
    assert run("export", "-", stdin=b"no archive").code == 5


def test_of_an_index_one_platform(host: str, index: Index) -> None:
    """
    The preferred one, said on stderr, unless one is asked for.
    """
    ran = done("export", f"{host}/both:1")
    assert "took linux/amd64" in ran.err
    assert done("export", f"{host}/both:1", "--platform", "linux/arm64").raw != ran.raw


def test_json_tells_what_is_in_a_file(pushed: str, tmp_path: Path) -> None:
    """
    Results are objects where programs ask for them; stdout is only ever the tar.
    """
    (said,) = done("export", "--output", "json", pushed, tmp_path / "a.tar").objects
    assert (said["path"], said["digest"]) == (f"{tmp_path}/a.tar", str(IMAGE.digest))
    assert done("export", "--output", "json", pushed).raw == done("export", pushed).raw


@pytest.mark.parametrize("verb", ["export", "pull"])
def test_a_pipe_is_written_to_and_not_replaced(pushed: str, tmp_path: Path, verb: str) -> None:
    """
    Trap: what is no plain file, such as /dev/stdout, stays what it is.
    """
    pipe, held = tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: held.append(pipe.read_bytes()))
    reader.start()
    done(verb, pushed, pipe)
    reader.join()
    assert held == [done(verb, pushed, "-").raw]
    assert pipe.is_fifo()


def test_what_breaks_leaves_no_file(host: str, image: Image, tmp_path: Path) -> None:
    """
    A layer that is not what it should be is told, by code and text; a stream ends early.
    """
    place = f"oci:{tmp_path}/out:1"
    done("copy", f"{host}/app:1", place)
    layer = image.layers[0].digest
    path = tmp_path / "out/blobs" / layer.algorithm / layer.hex
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    for argv in ((place, tmp_path / "a.tar"), (place,)):
        ran = run("export", *argv)
        assert ran.code == 5
        assert "Error: " in ran.err
    assert not (tmp_path / "a.tar").exists()
    assert run("export", f"{host}/nope:1", tmp_path / "a.tar").code == 3
    assert run("export", f"{host}/app:1", tmp_path).code == 9
