"""
Assertions of images say what is wrong, and where.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import pytest

from ocikit import mutate
from ocikit.content import compression, synthetic
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.content.partial import image_of
from ocikit.spec.config import ConfigFile
from ocikit.testing.assertions import (
    Expect,
    assert_image,
    assert_same_files,
    assert_same_image,
)
from ocikit.testing.building import file, layer, link
from ocikit.testing.hidden import hidden_files, hidden_secrets

CONFIG = ConfigFile(os="linux", architecture="amd64")


def image(*layers: Layer, **config: Any) -> Image:
    """
    Make an image for linux/amd64.
    """
    made = image_of(CONFIG, layers)
    return mutate.config(made, **config) if config else made


GOOD = image(
    layer(
        file("app/run", b"run", mode=0o755), ("etc/motd", b"hello"), compression=compression.DEFAULT
    ),
    user="65532:65532",
    entrypoint=["/app/run"],
    cmd=["--fast"],
)
KEY = b"-----BEGIN OPENSSH PRIVATE KEY-----\nx"


def test_a_good_image_holds_all() -> None:
    """
    Links of a chain give the chain.
    """
    good = mutate.labels(GOOD, set={"a": "b"})
    made = (
        assert_image(good)
        .runs_as_nonroot()
        .has_no_setuid()
        .has_no_world_writable()
        .contains("app/run", "/etc/*")
        .lacks("**/*.pyc")
        .hides_no_secrets()
        .smaller_than("2kB")
        .has_layers(at_most=1)
        .is_for("linux/amd64")
        .has_label("a")
        .has_label("a", "b")
        .starts("/app/run")
        .is_valid()
    )
    assert made == Expect(good)


BAD: list[tuple[Image, Callable[[Expect], Expect], str]] = [
    (image(), lambda it: it.runs_as_nonroot(), "runs as nobody in particular, which is root"),
    (image(user="0:1"), lambda it: it.runs_as_nonroot(), "runs as 0:1, which is root"),
    (
        image(layer(file("bin/su", b"", mode=0o4755))),
        lambda it: it.has_no_setuid("usr/**"),
        r"set-user-ID.*: bin/su \(4755\)",
    ),
    (
        image(layer(file("etc/x", b"", mode=0o666))),
        lambda it: it.has_no_world_writable(),
        r"writable by everybody: etc/x \(0666\)",
    ),
    (GOOD, lambda it: it.contains("app/run", "app/stop", "*.txt"), r"has no app/stop, \*\.txt"),
    (GOOD, lambda it: it.lacks("etc/*"), "has etc/motd"),
    (
        image(layer(file("root/.ssh/id_rsa", b"", mode=0o600)), layer("root/.ssh/.wh.id_rsa")),
        lambda it: it.hides_no_secrets(),
        r"hides .* layer 1 > root/\.ssh/id_rsa \(0 bytes\)",
    ),
    (GOOD, lambda it: it.smaller_than("0.3kB"), "bytes, which is not less than 0.3kB"),
    (GOOD, lambda it: it.has_layers(at_most=0), "1 layers, more than 0"),
    (GOOD, lambda it: it.is_for("linux/arm64"), "is for linux/amd64, not for linux/arm64"),
    (GOOD, lambda it: it.has_label("a"), "no label 'a'"),
    (mutate.labels(GOOD, set={"a": "b"}), lambda it: it.has_label("a", "c"), "a='b', not 'c'"),
    (GOOD, lambda it: it.starts("/app/stop"), r"starts \['/app/run', '--fast'\]"),
    (image(entrypoint=["/nowhere"]), lambda it: it.starts(), "/nowhere, which is not there"),
]


@pytest.mark.parametrize(("made", "expect", "told"), BAD)
def test_a_bad_image_is_told(made: Image, expect: Callable[[Expect], Expect], told: str) -> None:
    """
    The failure names the file, the member or the number.
    """
    with pytest.raises(AssertionError, match=told):
        expect(assert_image(made))


def test_exceptions_may_be_made() -> None:
    """
    By globs.
    """
    made = image(layer(file("bin/su", b"", mode=0o4755), file("etc/x", b"", mode=0o666)))
    assert_image(made).has_no_setuid("bin/su").has_no_world_writable("etc/**")


def test_secrets_are_told_by_their_looks_too() -> None:
    """
    Wherever they lay; and what was replaced is as bad as what was removed.
    """
    below = layer(
        file("a", KEY, mode=0o600),
        file("b", b"fine", mode=0o600),
        file("c", KEY, mode=0o600),
        file("d", KEY, mode=0o6),
    )
    above = layer(".wh.a", file("b", b"new", mode=0o600), file("d", b"new", mode=0o600))
    found = [(each.layer, each.path) for each in hidden_secrets(image(below, above))]
    assert found == [(1, "a"), (1, "d")]
    assert [each.path for each in hidden_files(image(below, above))] == ["a", "b", "d"]
    with pytest.raises(AssertionError, match=r"layer 1 > a .*layer 1 > d"):
        assert_image(image(below, above)).hides_no_secrets("**/id_rsa")
    assert_image(image(below, above)).hides_no_secrets("a", "d")


def test_a_name_that_is_gone_hides_nothing_while_another_is_there() -> None:
    """
    A file of two names is seen as long as one of them is.
    """
    made = image(layer(("key.pem", KEY), link("other", "key.pem")), layer(".wh.key.pem"))
    assert hidden_files(made) == ()


def test_same_images_and_files() -> None:
    """
    Bytes in one case, what containers see in the other.
    """
    assert_same_image(GOOD, GOOD)
    assert_same_files(GOOD, mutate.flatten(GOOD))
    other = mutate.append(GOOD, layer(file("etc/motd", b"hello", mode=0o600)))
    with pytest.raises(AssertionError, match=r"content differs:\n.*history"):
        assert_same_image(GOOD, other)
    with pytest.raises(AssertionError, match=r"files differ:\n.*etc/motd"):
        assert_same_files(GOOD, other)
    assert_same_files(GOOD, other, besides=("etc/motd",))
    index = synthetic.index(random.Random(1), size=10)
    with pytest.raises(AssertionError, match="content differs"):
        assert_same_image(index, GOOD)
