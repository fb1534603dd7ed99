"""
Images upon other images.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit._records import evolve
from ocikit.content.stack import NotBasedOn, above
from tests.query.builders import artifact, image, layer

A, B, C = (layer(name, closed=True) for name in "abc")


def test_what_is_on_top_is_told_without_opening_a_layer() -> None:
    """
    All of it when the base has no layers, nothing when it is the image itself.
    """
    made = image("linux/amd64", A, B, C)
    assert above(made, image("linux/amd64", A)) == made.layers[1:]
    assert above(made, image()) == made.layers
    assert above(made, made) == ()


def test_recompressed_layers_are_the_same() -> None:
    """
    Trap: engines compress anew what they push; the diff ID is still that of the base.
    """
    made = image("linux/amd64", layer("a", compression="zstd", closed=True), B)
    assert above(made, image("linux/amd64", A)) == made.layers[1:]


def test_layers_without_diff_ids_are_the_same_by_digest_only() -> None:
    """
    Those of artifacts are not opened to find out.
    """
    assert above(artifact(A, B), artifact(A)) == (B,)
    with pytest.raises(NotBasedOn):
        above(artifact(evolve(A, diff_id=None)), image("linux/amd64", B))


@pytest.mark.parametrize(("layers", "number"), [((B, A), 0), ((A, C), 1), ((A,), 1), ((), 0)])
def test_other_layers_are_told(layers: tuple[object, ...], number: int) -> None:
    """
    The first one that differs, or is not there.
    """
    made, base = image("linux/amd64", *layers), image("linux/amd64", A, B)  # type: ignore[arg-type]
    with pytest.raises(
        NotBasedOn, match=f"is not based on {base.digest}: its layer {number} is"
    ) as it:
        above(made, base)
    assert it.value.layer == number
    assert it.value.expected == base.layers[number].digest
    assert pickle.loads(pickle.dumps(it.value)) == it.value
