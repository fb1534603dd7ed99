"""
Entries put in, replaced and described anew.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from ocikit import layout, platforms
from ocikit.content import synthetic
from ocikit.content.image import Image
from ocikit.layout.index import EntryNameInvalid
from ocikit.query.entries import EntryMissing
from ocikit.spec import match
from ocikit.spec.layout import REF_NAME


def test_append(tmp_path: Path, image: Image) -> None:
    """
    With a platform, a name and annotations; the same is not listed twice.
    """
    arm = platforms.parse("linux/arm64")
    said = {"tested": "yes"}
    made = layout.append(tmp_path, image, reference="v1", platform=arm, annotations=said)
    again = layout.append(tmp_path, image, reference="v1", platform=arm, annotations=said)
    assert layout.entries(tmp_path) == (made,) == (again,)
    assert made.platform == arm
    assert made.annotations == {"tested": "yes", REF_NAME: "v1"}
    assert layout.append(tmp_path, synthetic.image(Random(2))).platform == image.platform
    with pytest.raises(EntryNameInvalid):
        layout.append(tmp_path, image, reference="")


def test_replace(tmp_path: Path, image: Image) -> None:
    """
    Where the first that matches was, with its name; all that match go; none is the end.
    """
    first, second, third = (synthetic.image(Random(seed)) for seed in (2, 3, 4))
    for name, content in (("a", first), ("b", second), ("c", first)):
        layout.flush(tmp_path, content, reference=name)
    meant = match.WithDigest(frozenset({first.digest}))
    made = layout.replace(tmp_path, image, meant)
    assert made.annotations == {REF_NAME: "a"}
    assert [entry.digest for entry in layout.entries(tmp_path)] == [image.digest, second.digest]
    layout.replace(tmp_path, third, meant)
    assert layout.entries(tmp_path)[-1].digest == third.digest
    assert [each.digest for each in layout.discard(tmp_path, lambda _: True)] == [
        image.digest,
        second.digest,
        third.digest,
    ]
    assert layout.entries(tmp_path) == ()


def test_annotate(tmp_path: Path, image: Image) -> None:
    """
    Of one entry, by name or position, its name too; others stay.
    """
    layout.flush(tmp_path, image, reference="v1")
    layout.flush(tmp_path, synthetic.image(Random(2)), reference="v2")
    assert layout.annotate(tmp_path, "v1", set={"a": "b"}).annotations["a"] == "b"
    layout.annotate(tmp_path, position=0, set={REF_NAME: "v3"}, remove=["a"])
    assert [dict(entry.annotations) for entry in layout.entries(tmp_path)] == [
        {REF_NAME: "v3"},
        {REF_NAME: "v2"},
    ]
    assert layout.load(tmp_path, "v3") == image
    with pytest.raises(EntryMissing):
        layout.annotate(tmp_path, "v1", set={"a": "b"})
