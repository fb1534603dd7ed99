"""
One entry of an index, as people ask for it.
"""

from __future__ import annotations

import pytest

from ocikit import media
from ocikit._records import FrozenMap
from ocikit.digest import Digest
from ocikit.platforms import parse
from ocikit.query.entries import FULL_NAME, EntryMissing, pick
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.layout import REF_NAME


def _entry(content: bytes, name: str = "", full: str = "", platform: str = "") -> Descriptor:
    said = {REF_NAME: name, FULL_NAME: full}
    return Descriptor(
        media_type=media.OCI_MANIFEST,
        digest=Digest.of(content),
        size=len(content),
        annotations=FrozenMap({key: value for key, value in said.items() if value}),
        platform=parse(platform) if platform else None,
    )


A, B, C = _entry(b"a", "a"), _entry(b"b", "b", "example.org/b:b"), _entry(b"c")


def test_by_name_full_name_and_digest() -> None:
    """
    The annotation of the specification goes before containerd's, and names before digests.
    """
    entries = (A, B, C)
    assert pick(entries, "x", "b") is B
    assert pick(entries, "x", "example.org/b:b") is B
    assert pick(entries, "x", str(C.digest)) is C
    odd = _entry(b"d", "example.org/b:b")
    assert pick((*entries, odd), "x", "example.org/b:b") is odd


def test_newest_of_a_name() -> None:
    """
    Writers that only append leave the newest last.
    """
    newer = _entry(b"newer", "a")
    assert pick((A, B, newer), "x", "a") is newer


def test_one_content_listed_twice_is_one() -> None:
    """
    Two names of one image leave nothing to choose.
    """
    assert pick((A, _entry(b"a", "other")), "x").digest == A.digest


def test_platform_chooses_of_several() -> None:
    """
    Some writers list each platform at the top, under one name or none.
    """
    for name in ("v1", ""):
        amd = _entry(b"amd", name, platform="linux/amd64")
        arm = _entry(b"arm", name, platform="linux/arm64")
        assert pick((amd, arm), "x", name or None, platform=parse("linux/arm64")) is arm
        assert pick((amd, arm), "x", name or None, platform=parse("linux/amd64")) is amd


@pytest.mark.parametrize("position", [-1, 3])
def test_positions_outside(position: int) -> None:
    """
    Positions are counted from 0, and not from the end.
    """
    with pytest.raises(EntryMissing, match=f"no entry @{position}; there is a"):
        pick((A, B, C), "x", position=position)


def test_long_lists_are_cut() -> None:
    """
    An error about a layout of a thousand tags stays readable.
    """
    entries = tuple(_entry(str(n).encode(), f"tag{n}") for n in range(1000))
    with pytest.raises(EntryMissing, match=r"tag19 \(@19\) and 980 more$"):
        pick(entries, "x")


def test_nothing_to_choose_from() -> None:
    """
    An empty layout says that it is.
    """
    with pytest.raises(EntryMissing, match="x: no entry; there is nothing"):
        pick((), "x")
