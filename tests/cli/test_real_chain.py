"""
A whole Debian, and all that is odd, from place to place by command.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from ocikit import layout, mutate
from ocikit.content.image import Image
from ocikit.content.partial import image_of
from ocikit.crane.options import Options
from ocikit.crane.places import load
from ocikit.digest import Digest
from ocikit.files.layer import layer
from ocikit.spec.config import ConfigFile
from ocikit.testing.assertions import assert_same_files
from tests.cli.running import done
from tests.crane.test_matrix import CONTENTS
from tests.real.docker_registry import DockerRegistry
from tests.real.dockerd import Engine

pytestmark = pytest.mark.real


@pytest.fixture
def chain(docker_registry: DockerRegistry, tmp_path: Path) -> tuple[str, ...]:
    """
    A place of each kind that keeps digests, from a registry to a registry.
    """
    return (
        f"{docker_registry.host}/chain/{tmp_path.name}:first",
        f"oci:{tmp_path}/out:v1",
        f"dir:{tmp_path}/plain",
        f"oci-archive:{tmp_path}/oci.tar:v1",
        f"{docker_registry.host}/chain/{tmp_path.name}:last",
    )


def test_debian_through_every_place(
    rootfs: Path,
    chain: tuple[str, ...],
    dockerd: Engine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """
    By one digest up to the engine, which keeps the configuration; and every file comes
    back, and runs.
    """
    monkeypatch.setenv("DOCKER_HOST", f"unix://{dockerd.socket}")
    made = image_of(ConfigFile(os="linux", architecture="amd64"), [layer(rootfs, xattrs=True)])
    made = mutate.config(made, cmd=["cat", "/etc/debian_version"])
    layout.flush(tmp_path / "made", made)
    archive = f"docker-archive:{tmp_path}/docker.tar:registry.example/debian:1"
    engine, back = "docker-daemon:registry.example/debian:1", chain[-1]
    kept = (f"oci:{tmp_path}/made", *chain[:-1], archive)
    for source, target in pairwise(kept):
        done("copy", source, target)
        assert done("digest", target).lines == [str(made.digest)]
    ran = done("copy", archive, engine)
    assert "need not keep its media types, compression" in ran.err
    done("copy", engine, back)
    assert done("config", back).raw == made.config.open().read()
    assert dockerd.run("registry.example/debian:1") == (rootfs / "etc/debian_version").read_text()
    dockerd.cli("image", "rm", "registry.example/debian:1")
    last = load(back, Options())
    assert isinstance(last, Image)
    assert_same_files(made, last)
    done("validate", "--fast", back)


def _put(folder: Path, raw: bytes) -> Digest:
    digest = Digest.of(raw)
    (folder / "blobs/sha256" / digest.hex).write_bytes(raw)
    return digest


def _quirks() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "no media type", {"mediaType": None}
    yield "unknown members", {"x-unknown": {"b": 1, "a": [None, 1e3]}}
    yield "null layers", {"layers": None}
    yield "no layers", {"layers": []}
    yield "null annotations", {"annotations": None}
    yield "empty annotations", {"annotations": {}}


QUIRKS = dict(_quirks())


@pytest.mark.parametrize("quirk", QUIRKS)
def test_what_is_odd_arrives_as_it_is(tmp_path: Path, host: str, quirk: str) -> None:
    """
    Members and their spelling, in every place that keeps digests; also what is indented.
    """
    folder, image = tmp_path / "odd", CONTENTS["image"]
    assert isinstance(image, Image)
    layout.flush(folder, image)
    said = json.loads(image.document.raw) | QUIRKS[quirk]
    if said["mediaType"] is None:
        del said["mediaType"]
    raw = json.dumps(said, indent=3).encode()
    digest = _put(folder, raw)
    index = json.loads((folder / "index.json").read_bytes())
    index["manifests"] = [{"mediaType": image.media_type, "digest": str(digest), "size": len(raw)}]
    (folder / "index.json").write_text(json.dumps(index))
    _by_one_digest((f"oci:{folder}", *_chain(host, tmp_path)), digest, raw)


@pytest.mark.parametrize("what", CONTENTS)
def test_all_contents_by_one_digest(
    chain: tuple[str, ...], host: str, tmp_path: Path, what: str
) -> None:
    """
    Through a registry that others wrote, and back into one; foreign layers through ours,
    for the other would have to allow their URLs.
    """
    content = CONTENTS[what]
    layout.flush(tmp_path / "made", content, foreign=True)
    ours = (f"{host}/chain:1", *chain[1:-1], f"{host}/chain:2")
    places = ours if what == "foreign layer" else chain
    _by_one_digest((f"oci:{tmp_path}/made", *places), content.digest, None)


def _by_one_digest(places: tuple[str, ...], digest: Digest, raw: bytes | None) -> None:
    for source, target in pairwise(places):
        done("copy", "--allow-nondistributable-artifacts", source, target)
        assert done("digest", target).lines == [str(digest)]
        if raw is not None:
            assert done("manifest", target).raw == raw


def _chain(host: str, folder: Path) -> tuple[str, ...]:
    return (
        f"{host}/odd:1",
        f"oci:{folder}/out:v1",
        f"dir:{folder}/plain",
        f"oci-archive:{folder}/oci.tar:v1",
        f"docker-archive:{folder}/docker.tar:registry.example/odd:1",
        f"{host}/odd:2",
    )


def _blobs(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "blobs/sha256").iterdir())


@pytest.mark.parametrize("which", ["ours", "docker_registry"])
def test_what_refers_to_it_goes_there_and_back(
    which: str, host: str, docker_registry: DockerRegistry, tmp_path: Path
) -> None:
    """
    An index and what is about it: to a layout and to another repository, all by digest;
    also where referrers are listed under a tag.
    """
    there = f"{host if which == 'ours' else docker_registry.host}/refer/{tmp_path.name[-20:]}"
    layout.flush(tmp_path / "made", CONTENTS["index"])
    done("copy", f"oci:{tmp_path}/made", f"{there}:1")
    (tmp_path / "sbom").write_text("{}")
    first = done("attach", "--artifact-type", "example/sbom", f"{there}:1", tmp_path / "sbom")
    done("attach", "--artifact-type", "example/signature", first.lines[0])
    done("copy", "--with-referrers", f"{there}:1", f"oci:{tmp_path}/out:v1")
    done("copy", "--with-referrers", f"oci:{tmp_path}/out:v1", f"{there}-back:1")
    done("copy", "--with-referrers", f"{there}-back:1", f"oci:{tmp_path}/again:v1")
    assert _blobs(tmp_path / "again") == _blobs(tmp_path / "out")
    for name in (f"{there}:1", f"{there}-back:1"):
        (sbom,) = done("referrers", "--output", "json", name).objects
        assert sbom["digest"] == first.lines[0].partition("@")[2]
    (signature,) = done("referrers", "--output", "json", f"{there}-back@{sbom['digest']}").objects
    assert signature["artifactType"] == "example/signature"
