"""
Layers held to their diff IDs.
"""

from __future__ import annotations

import attrs
import pytest

from ocikit.content.blob import of_bytes
from ocikit.content.layer import Layer
from ocikit.digest import Digest
from ocikit.errors import Corrupt
from ocikit.tree.checked import Checked, DiffIDMismatch, checked
from tests.tree.archives import END, file

TAR = file("a", b"1") + END
RIGHT = Layer(blob=of_bytes(TAR, "application/vnd.oci.image.layer.v1.tar"), diff_id=Digest.of(TAR))
WRONG = attrs.evolve(RIGHT, diff_id=Digest.of(b"other"))


@pytest.mark.parametrize("size", [-1, 1, 512, 1 << 20])
def test_the_right_stream_passes(size: int) -> None:
    """
    However it is read, to its end or not.
    """
    for times in (0, 1, 3000):
        with checked([RIGHT])[0].uncompressed() as stream:
            parts = [stream.read(size) for _ in range(times)]
        assert TAR.startswith(b"".join(parts))


def test_another_stream_is_told() -> None:
    """
    Also when reading stopped where the archive ends, or before anything was read.
    """
    told = pytest.raises(DiffIDMismatch, match="put together wrongly")
    with told as caught, Checked(WRONG).uncompressed() as stream:
        assert stream.readinto(bytearray(10)) == 10
    assert isinstance(caught.value, Corrupt)
    assert (caught.value.layer, caught.value.actual) == (RIGHT.digest, RIGHT.diff_id)


def test_what_went_wrong_first_is_told() -> None:
    """
    After an exception nothing more is read.
    """
    with pytest.raises(KeyError), Checked(WRONG).uncompressed():
        raise KeyError


def test_without_a_diff_id_there_is_nothing_to_compare() -> None:
    """
    It would be computed from the same bytes.
    """
    alone = attrs.evolve(RIGHT, diff_id=None)
    with Checked(alone).uncompressed() as stream:
        assert stream.read() == TAR


def test_the_same_blob_of_another_diff_id_is_another() -> None:
    """
    Trap: two images may list the same blob, and one of them rightly.
    """
    assert checked([RIGHT]) == checked([RIGHT])
    assert len({*checked([RIGHT]), *checked([WRONG])}) == 2
