"""
`--cache`, and `ocikit cache`: what was fetched once does not move again.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import attrs
import pytest

from ocikit import layout, registry
from ocikit.content import synthetic
from ocikit.content.image import Image, Index
from ocikit.server.handler import registry as make_registry
from ocikit.server.web.serve import serve
from ocikit.testing.wires import Recorder
from tests.cli.running import done, run


@attrs.define
class Logged:
    """
    A registry that keeps its log.
    """

    host: str
    wire: Recorder
    image: Image
    index: Index

    def moved(self) -> list[tuple[str, str]]:
        """
        Give what was fetched since the last time: method, and kind of thing.
        """
        seen = [(line.split()[0], line.split("/")[-2]) for line in self.wire.lines]
        self.wire.clear()
        return [each for each in seen if each[1] in ("manifests", "blobs")]


@pytest.fixture
def logged() -> Iterator[Logged]:
    """
    A registry with an image of two layers and an index.
    """
    wire = Recorder(make_registry())
    with serve(wire) as server:
        image, index = synthetic.image(Random(1), layers=2), synthetic.index(Random(2))
        registry.flush(f"{server.host}/app:1", image)
        registry.flush(f"{server.host}/both:1", index)
        wire.clear()
        yield Logged(server.host, wire, image, index)


@pytest.mark.parametrize("option", ["--cache", "-c", "--cache_path"])
def test_a_second_pull_moves_nothing(logged: Logged, tmp_path: Path, option: str) -> None:
    """
    By the registry's log: once three blobs and a manifest, then one HEAD.
    """
    for kind, target in (("tarball", "a.tar"), ("oci", "out")):
        done(
            *("pull", option, tmp_path / "cache", "--format", kind),
            *(f"{logged.host}/app:1", tmp_path / target),
        )
        if kind == "tarball":
            assert sorted(logged.moved()) == [
                *[("GET", "blobs")] * 3,
                ("GET", "manifests"),
                ("HEAD", "manifests"),
            ]
    assert logged.moved() == [("HEAD", "manifests")]
    assert layout.load(tmp_path / "out") == logged.image


def test_an_index_from_the_cache(
    logged: Logged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Children and all; the environment names the cache for every command.
    """
    monkeypatch.setenv("OCIKIT_CACHE", str(tmp_path / "cache"))
    done("copy", f"{logged.host}/both:1", f"oci:{tmp_path}/a:1")
    assert len(logged.moved()) == 2 + 2 + 4
    done("copy", f"{logged.host}/both:1", f"dir:{tmp_path}/b")
    done("config", f"{logged.host}/both:1", "--platform", "linux/arm64")
    assert logged.moved() == [("HEAD", "manifests")] * 2
    assert layout.load_plain(tmp_path / "b") == layout.load(tmp_path / "a") == logged.index


def test_a_tag_that_moved(logged: Logged, tmp_path: Path) -> None:
    """
    The cache knows digests; what a tag stands for is asked each time.
    """
    done("copy", "--cache", tmp_path / "cache", f"{logged.host}/app:1", f"oci:{tmp_path}/a:1")
    other = synthetic.image(Random(7))
    registry.flush(f"{logged.host}/app:1", other)
    done("copy", "--cache", tmp_path / "cache", f"{logged.host}/app:1", f"oci:{tmp_path}/a:2")
    assert layout.load(tmp_path / "a", "2") == other


def test_looking_at_it_and_clearing_it(
    logged: Logged, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    It tells what is there, deletes what was used longest ago, and then all.
    """
    assert run("cache", "info").code == 2
    folder = tmp_path / "cache"
    done("copy", "--cache", folder, f"{logged.host}/app:1", f"oci:{tmp_path}/a:1")
    assert done("cache", "info", "--cache", folder).lines[0].startswith(f"{folder}\t4 blobs\t")
    told = done("--output", "json", "cache", "info", "--cache", folder).objects
    assert {each["digest"] for each in told} >= {str(logged.image.digest)}
    monkeypatch.setenv("OCIKIT_CACHE", str(folder))
    largest = max(each["size"] for each in told)
    gone = done("cache", "prune", "--size", str(largest)).lines
    assert 0 < len(gone) < 4
    assert done("cache", "prune", "--check").lines == []
    assert len(done("cache", "clear").lines) == 4 - len(gone)
    assert done("cache", "info").lines[0].split("\t")[1] == "0 blobs"
    monkeypatch.setenv("OCIKIT_CACHE_SIZE", "lots")
    ran = run("cache", "info")
    assert ran.code == 2
    assert "OCIKIT_CACHE_SIZE: 'lots' is no size" in ran.err
