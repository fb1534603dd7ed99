"""
Laws find changes that break them, with the smallest image that shows it.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import strategies as st

from ocikit import layout, mutate
from ocikit._records import FrozenMap, evolve
from ocikit.content import synthetic
from ocikit.content.image import Content, Image
from ocikit.content.partial import image_of
from ocikit.spec.config import ConfigFile
from ocikit.testing import laws
from ocikit.testing import strategies as oci
from ocikit.testing.laws import Change, Law, LawBroken

IMAGE = synthetic.image(random.Random(1), layers=2, size=100)
CHANCE = random.Random(2)


def hardened(image: Image) -> Image:
    """
    A change as it should be.
    """
    return mutate.config(image, user="65532")


@laws.hold(
    *(laws.deterministic, laws.idempotent, laws.pure, laws.lazy, laws.valid, laws.keeps_unknown),
    laws.preserves("platform", "layers", "env", "annotations"),
    laws.preserves_files(),
    laws.commutes(lambda image: mutate.labels(image, set={"a": "b"})),
)
def test_a_good_change_holds_all(image: Image) -> Image:
    """
    Every law, for every image.
    """
    return hardened(image)


def reading(image: Image) -> Image:
    """
    Looks at a file of the machine.
    """
    return mutate.labels(image, set={"x": Path("/etc/passwd").read_text()[:1]})


def opening(image: Image) -> Image:
    """
    Reads its layers, to no purpose.
    """
    for layer in image.layers:
        layer.blob.open().close()
    return image


def forgetting(image: Image) -> Image:
    """
    Writes the configuration anew.
    """
    config = evolve(image.config_file, extra=FrozenMap(), source=None)
    return evolve(image, config=image_of(config, image.layers).config)


BAD: list[tuple[Law, Change, str]] = [
    (
        laws.deterministic,
        lambda image: mutate.labels(image, set={"x": str(CHANCE.random())}),
        r"not deterministic:\nconfig > config\.Labels",
    ),
    (
        laws.idempotent,
        lambda image: mutate.append(image, synthetic.layer(random.Random(1), 1)),
        r"not idempotent:\n",
    ),
    (laws.pure, reading, "not pure: it opened a file /etc/passwd"),
    (laws.lazy, opening, "not lazy: it opened sha256:"),
    (laws.preserves("user"), hardened, "not preserving user: '' became '65532'"),
    (
        laws.commutes(lambda image: mutate.config(image, user="0")),
        hardened,
        r"not commuting:\nconfig > config\.User: \"65532\" \| \"0\"",
    ),
    (laws.undone_by(hardened), hardened, "not undone"),
]


@pytest.mark.parametrize(("law", "change", "told"), BAD)
def test_a_bad_change_is_found(law: Law, change: Change, told: str) -> None:
    """
    By the law that it breaks, which says what differs.
    """
    with pytest.raises(LawBroken, match=told):
        law(change, IMAGE)
    assert laws.broken(change, IMAGE, [law])


def test_files_that_change_are_found() -> None:
    """
    Unless they may.
    """
    more = synthetic.layer(random.Random(9), 5)

    def change(image: Image) -> Image:
        return mutate.append(image, more)

    with pytest.raises(LawBroken, match=r"not preserving files:\n.*random"):
        laws.preserves_files()(change, IMAGE)
    laws.preserves_files("random/**", "random")(change, IMAGE)


def test_documents_that_lie_are_found() -> None:
    """
    As deep validation finds them.
    """
    with pytest.raises(LawBroken, match="not valid: "):
        laws.valid(lambda image: evolve(image, layers=image.layers[:1]), IMAGE)


def test_what_is_lost_is_found() -> None:
    """
    Members of documents that nobody knows.
    """
    config = ConfigFile(os="linux", architecture="amd64", extra=FrozenMap(odd=1))
    with pytest.raises(LawBroken, match=r"config_file lost \['odd'\]"):
        laws.keeps_unknown(forgetting, image_of(config, ()))


def test_the_smallest_image_is_shown() -> None:
    """
    A change that collapses only images of several layers is found with two of them.
    """
    found: list[int] = []

    def check(change: Change, image: Image) -> None:
        if len(image.layers) > 1:
            found.append(len(image.layers))
        laws.preserves("layers")(change, image)

    def collapse(image: Image) -> Image:
        return image if len(image.layers) < 2 else mutate.remove_layers(image, 0)

    test: Callable[[], None] = laws.hold(check)(collapse)
    with pytest.raises(LawBroken):
        test()
    assert found[-1] == 2


def test_a_fact_that_is_none_is_told() -> None:
    """
    It would hold of every change.
    """
    with pytest.raises(AttributeError, match="'usr'"):
        laws.preserves("usr")(hardened, IMAGE)


def test_round_trips(tmp_path: Path) -> None:
    """
    Also of what one writes oneself.
    """

    def there(content: Content) -> Path:
        layout.flush(tmp_path, content, reference="x")
        return tmp_path

    laws.round_trip(there, lambda path: layout.load(path, "x"), contents=oci.contents())()
    other = laws.round_trip(there, lambda path: IMAGE, contents=st.just(hardened(IMAGE)))
    with pytest.raises(LawBroken, match="User"):
        other()
