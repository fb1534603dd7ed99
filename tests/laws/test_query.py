"""
Laws of questions about content.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit import platforms
from ocikit._records import evolve
from ocikit.content.blob import Blob
from ocikit.content.image import Content, Image, Index
from ocikit.content.streams import BytesOpener
from ocikit.digest import Digest
from ocikit.platforms import parse
from ocikit.query.finding import Severity
from ocikit.query.plan import PutBlob, PutManifest, plan
from ocikit.query.select import PlatformMissing, choose
from ocikit.query.validate import validate
from ocikit.query.walk import images as images_of
from ocikit.query.walk import walk
from ocikit.spec.attestation import is_attestation
from tests.laws.wild import images, indexes, wanted

content = images() | indexes()


@given(content)
def test_walks_find_everything_once(content: Content) -> None:
    """
    Each digest once, and each parent before what it refers to.
    """
    found = [each.digest for each in walk(content)]
    assert len(found) == len(set(found))
    place = {digest: position for position, digest in enumerate(found)}
    for each in walk(content):
        below: list[Digest] = []
        if isinstance(each, Image):
            below = [each.config.digest, *(layer.digest for layer in each.layers)]
        elif isinstance(each, Index):
            below = [child.descriptor.digest for child in each.children]
        assert set(below) <= place.keys()


@given(content, st.lists(st.sampled_from(["a", "b"]), max_size=2, unique=True))
def test_plans_are_walks_from_below(content: Content, tags: list[str]) -> None:
    """
    A plan has what a walk finds, each once, children before parents, tags last.
    """
    steps = plan(content, *tags, foreign=True).steps
    puts = [step for step in steps if isinstance(step, PutBlob | PutManifest)]
    digests = [s.blob.digest if isinstance(s, PutBlob) else s.content.digest for s in puts]
    assert sorted(map(str, digests)) == sorted(str(each.digest) for each in walk(content))
    done: set[Digest] = set()
    for step, digest in zip(puts, digests, strict=True):
        assert isinstance(step, PutBlob) or set(step.needs) <= done
        done.add(digest)
    assert [step for step in steps[len(puts) :] if isinstance(step, PutBlob)] == []


@given(indexes(), wanted)
def test_the_chosen_image_is_the_best(index: Index, text: str) -> None:
    """
    No other image of the index suits better, and none suits when none is chosen.
    """
    platform = parse(text)
    ranks = {
        image.digest: platforms.rank(image.platform, platform)
        for image in images_of(index)
        if image.platform is not None and not image.platform.unknown
    }
    suiting = [rank for rank in ranks.values() if rank is not None]
    if not suiting:
        with pytest.raises(PlatformMissing) as raised:
            choose(index, platform)
        offered = raised.value.offered
        assert [each for each in offered if platforms.rank(each, platform) is not None] == []
        return
    chosen = choose(index, platform)
    direct = [
        ranks[child.descriptor.digest]
        for child in index.children
        if isinstance(child.content, Image) and not is_attestation(child.descriptor)
    ]
    best = [rank for rank in direct if rank is not None] or suiting
    assert ranks[chosen.digest] == min(best)


@given(images(closed=False) | indexes(closed=False))
def test_what_is_whole_is_valid(content: Content) -> None:
    """
    Validation finds no error in content that has none.
    """
    assert [each for each in validate(content) if each.severity == Severity.ERROR] == []
    assert [each for each in validate(content, deep=False) if each.severity == "error"] == []


@given(images(closed=False), st.data())
def test_a_bit_that_flips_is_found(image: Image, data: st.DataObject) -> None:
    """
    Whatever byte of whatever blob becomes another, validation says where.
    """
    position = data.draw(st.integers(-1, len(image.layers) - 1))
    blob = image.config if position < 0 else image.layers[position].blob
    opener: Any = blob.opener
    at = data.draw(st.integers(0, len(opener.data) - 1))
    altered = bytearray(opener.data)
    altered[at] ^= data.draw(st.sampled_from([1, 128]))
    said = evolve(blob.descriptor, data=None)
    made = _with(image, position, Blob(descriptor=said, opener=BytesOpener(bytes(altered))))
    first = next((n for n, e in enumerate(image.layers, 1) if e.blob == blob), 0)
    where = f"layer {first}" if position >= 0 else "config"
    assert where in {each.where for each in validate(made) if each.severity == Severity.ERROR}


def _with(image: Image, position: int, blob: Blob) -> Image:
    if position < 0:
        return evolve(image, config=blob)
    # Blobs of one digest are read once: all that are equal are altered.
    layers = (evolve(e, blob=blob) if e.blob == blob else e for e in image.layers)
    return evolve(image, layers=tuple(layers))
