"""
How records look where code is tried out: nothing is opened for it.
"""

from __future__ import annotations

from random import Random
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis.vendor.pretty import pretty
from rich.console import Console
from rich.pretty import Pretty

from ocikit.content import synthetic
from ocikit.content.image import Content
from ocikit.content.partial import image_of
from ocikit.sizes import counted
from ocikit.spec.config import ConfigFile
from ocikit.spec.descriptor import Descriptor
from ocikit.testing import strategies as oci
from ocikit.testing.refusing import Refusing
from ocikit.testing.watch import deeds
from tests.query.builders import artifact, image, index, layer, listed


def _shown(record: Any) -> list[str]:
    console = Console(width=200, color_system=None)
    with console.capture() as captured:
        console.print(Pretty(record))
    return [record._repr_html_(), pretty(record), captured.get()]


@given(oci.contents(depth=2))
def test_any_content_is_shown(content: Content) -> None:
    """
    Law: the page is well-formed, texts have no control characters, digests are short.
    """
    page, *texts = _shown(content)
    assert ElementTree.fromstring(page).tag == "div"
    assert page.isprintable()
    for each in texts:
        assert content.digest.short() in each
        assert str(content.digest) not in each


def test_nothing_is_opened() -> None:
    """
    Trap: to print a record must not reach for a registry, nor for a file.
    """
    closed = image("linux/amd64", layer("a", closed=True))
    closed = closed.pipe(lambda each: each)
    assert isinstance(artifact().config.opener, Refusing)
    lazy = index(listed(closed, "linux/amd64"))
    child = lazy.children[0]
    assert not isinstance(child.opener, Refusing)
    with deeds() as done:
        for record in (closed, artifact(layer("b", closed=True)), closed.layers[0], _closed()):
            assert all(_shown(record))
    assert done == []


def _closed() -> Any:
    from ocikit._records import evolve

    made = synthetic.index(Random(1))
    children = tuple(evolve(each, opener=Refusing()) for each in made.children)
    return evolve(made, children=children)


def test_defaults_go_without_saying() -> None:
    """
    What a failing example of Hypothesis shows is what is special about it.
    """
    plain = Descriptor(media_type="text/plain", size=1, digest=image().digest)
    said = pretty(plain)
    assert said.startswith("Descriptor(media_type='text/plain',")
    assert "urls" not in said
    assert "annotations" not in said
    (child,) = index(listed(image(), "linux/arm64", note="x")).manifest.manifests
    assert "platform='linux/arm64'" in pretty(child)
    assert "'note': 'x'" in pretty(child)


def test_cycles_end() -> None:
    """
    Printers say when they are at a record for the second time.
    """

    class _Printer:
        said = ""

        def text(self, text: str) -> None:
            self.said += text

        def __getattr__(self, name: str) -> Any:
            raise AssertionError(name)

    printer: Any = _Printer()
    image()._repr_pretty_(printer, True)
    assert printer.said == "Image(...)"


@pytest.mark.parametrize("count", [0, 1, 200])
def test_layers_are_drawn_and_few_of_many(count: int) -> None:
    """
    Each begins where the last one ended; of very many the rest is one bar.
    """
    made = image_of(ConfigFile(), [synthetic.layer(Random(1), 10)] * count)
    page = ElementTree.fromstring(made._repr_html_())
    bars = [each for each in page.iter() if each.tag.endswith("rect")]
    assert len(bars) == min(count, 41)
    assert f"in {counted(count, 'layer')}" in made._repr_html_()
