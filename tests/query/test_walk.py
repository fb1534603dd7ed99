"""
Walks over content.
"""

from __future__ import annotations

import pytest

from ocikit.content.blob import of_bytes
from ocikit.query.walk import NestedTooDeeply, images, walk
from tests.query.builders import image, index, listed


def test_each_digest_is_found_once_parents_first() -> None:
    """
    What is shared is found where it is met first.
    """
    one, two = image("linux/amd64"), image("linux/arm64")
    inner = index(listed(one), listed(two))
    blob = of_bytes(b"x", "text/plain")
    outer = index(listed(one), listed(inner), listed(blob), listed(blob))
    assert list(walk(outer)) == [outer, one, one.config, inner, two, two.config, blob]
    assert list(images(outer)) == [one, two]


def test_depth_is_bounded() -> None:
    """
    Eight indexes within one another are walked; nine are refused.
    """
    nest = index()
    for _ in range(7):
        nest = index(listed(nest))
    assert len(list(walk(nest))) == 8
    with pytest.raises(NestedTooDeeply, match="deeper than 8"):
        list(walk(index(listed(nest))))
