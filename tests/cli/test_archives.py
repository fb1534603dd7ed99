"""
Archives through commands: of every age, from stdin and to stdout, packed and not.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from ocikit import layout, media, tarball
from ocikit.content import synthetic
from ocikit.content.image import Content, Image, Index
from ocikit.registry.load import load
from tests.cli.running import done, run
from tests.tarball.archives import LAYERS, config_of, docker_20, saved, tar_of

KINDS = ("oci-archive", "docker-archive")


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("kind", KINDS)
def test_out_by_one_pipe_and_in_by_another(
    host: str, image: Image, kind: str, pack: Callable[[bytes], bytes]
) -> None:
    """
    The archive alone is on stdout, and the name of the result on stderr.
    """
    out = done("copy", f"{host}/app:1", f"{kind}:-")
    assert f"{kind}:-" in out.err
    back = done("copy", f"{kind}:-", f"{host}/back:1", stdin=pack(out.raw))
    assert back.lines == [f"{host}/back@{image.digest}"]
    assert load(f"{host}/back:1") == image


def test_an_index_by_pipe(host: str, index: Index) -> None:
    """
    An OCI archive holds it whole, or what a platform chooses of it.
    """
    piped = done("copy", f"{host}/both:1", "oci-archive:-:v1").raw
    assert done("digest", "oci-archive:-:v1", stdin=piped).lines == [str(index.digest)]
    one = done("copy", "--platform", "linux/amd64", "oci-archive:-", "oci-archive:-", stdin=piped)
    chosen = index.children[0].descriptor.digest
    assert done("digest", "oci-archive:-", stdin=one.raw).lines == [str(chosen)]


def test_json_is_not_among_the_archive(host: str, image: Image) -> None:
    """
    With `--output json`, too.
    """
    out = done("copy", "-q", "--output", "json", f"{host}/app:1", "oci-archive:-")
    assert json.loads(out.err)["target"] == "oci-archive:-"
    assert done("digest", "oci-archive:-", stdin=out.raw).lines == [str(image.digest)]


@pytest.mark.parametrize("kind", KINDS)
def test_commands_are_filters(host: str, image: Image, kind: str) -> None:
    """
    What is changed in place goes on by the pipe, under the name that it had.
    """
    piped = done("copy", f"{host}/app:1", f"{kind}:-:registry.example/app:1").raw
    changed = done("mutate", f"{kind}:-", "--env", "A=b", stdin=piped).raw
    place = f"{kind}:-:registry.example/app:1"
    assert "A=b" in json.loads(done("config", place, stdin=changed).raw)["config"]["Env"]


def test_a_file_may_have_that_name(
    host: str, image: Image, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Trap: it is `./-`.
    """
    monkeypatch.chdir(tmp_path)
    done("copy", f"{host}/app:1", "oci-archive:./-")
    assert done("digest", "oci-archive:./-").lines == [str(image.digest)]
    assert [path.name for path in tmp_path.iterdir()] == ["-"]


def test_a_dry_run_writes_nothing_to_the_pipe(host: str, image: Image) -> None:
    """
    It tells what would be written.
    """
    ran = done("copy", "--dry-run", f"{host}/app:1", "docker-archive:-")
    assert len(ran.lines) == 4 + 1 * ("tag" in ran.out)


def test_what_is_no_archive(host: str) -> None:
    """
    Nothing on stdin, or something else.
    """
    for garbage, told in ((b"", "stdin: nothing came"), (b"hello", "not a tar archive")):
        ran = run("copy", "oci-archive:-", f"{host}/x:1", stdin=garbage)
        assert ran.code == 5
        assert told in ran.err


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _kaniko(path: Path) -> Path:
    # As bazel's rules and kaniko write them: packed layers named by their digests, a
    # configuration without history, nobody's tag.
    layers = [gzip.compress(layer, mtime=0) for layer in LAYERS]
    names = [f"{_hash(layer)}.tar.gz" for layer in layers]
    config = config_of()
    image = {"Config": f"sha256:{_hash(config)}", "RepoTags": None, "Layers": names}
    return saved(path, [*zip(names, layers, strict=True), (image["Config"], config)], image)


def _podman(path: Path) -> Path:
    names = [f"{_hash(layer)}.tar" for layer in LAYERS]
    config = config_of()
    links = [(f"{at}/layer.tar", f"../{name}") for at, name in enumerate(names)]
    image = {
        "Config": f"{_hash(config)}.json",
        "RepoTags": ["localhost/app:1"],
        "Layers": names,
    }
    members = [*zip(names, LAYERS, strict=True), *links, (image["Config"], config)]
    return saved(path, members, image)


def _several(path: Path) -> Path:
    config, other = config_of(), config_of(LAYERS[:1])
    members = [("0/layer.tar", LAYERS[0]), ("1/layer.tar", LAYERS[1])]
    first = {"Config": "a.json", "RepoTags": ["a:1"], "Layers": ["0/layer.tar", "1/layer.tar"]}
    second = {"Config": "b.json", "RepoTags": ["b:1", "b:2"], "Layers": ["0/layer.tar"]}
    return saved(path, [*members, ("a.json", config), ("b.json", other)], first, second)


def _docker_25(path: Path) -> Path:
    tarball.flush(path, synthetic.image(Random(9), layers=2), reference="app:1")
    return path


AGES = {
    "kaniko": (_kaniko, "", 2),
    "podman": (_podman, "localhost/app:1", 2),
    "docker 20": (docker_20, "registry.example/b:2", 3),
    "docker 25": (_docker_25, "app:1", 2),
    "several, by tag": (_several, "b:2", 1),
    "several, by position": (_several, "@0", 2),
}


@pytest.mark.parametrize("way", ["file", "stdin", "gzip on stdin"])
@pytest.mark.parametrize("age", AGES)
def test_archives_of_every_age(host: str, tmp_path: Path, age: str, way: str) -> None:
    """
    They go to a registry, out of a file and by a pipe, and all their content is there.
    """
    make, name, count = AGES[age]
    path = make(tmp_path / "a.tar")
    entry = f":{name}" if name else ""
    data = path.read_bytes()
    if way == "file":
        done("copy", f"docker-archive:{path}{entry}", f"{host}/aged:1")
    else:
        piped = gzip.compress(data) if way.startswith("gzip") else data
        done("copy", f"docker-archive:-{entry}", f"{host}/aged:1", stdin=piped)
    done("validate", f"{host}/aged:1")
    found = load(f"{host}/aged:1")
    assert isinstance(found, Image)
    assert len(found.layers) == count
    for layer in found.layers:
        with layer.uncompressed() as stream:
            assert stream.read(1)


@pytest.mark.parametrize("age", ["kaniko", "podman", "docker 20", "docker 25"])
def test_push_takes_the_only_image(host: str, tmp_path: Path, age: str) -> None:
    """
    Whatever it is called there; by `-` as well as by a path, to the same digest.
    """
    path = AGES[age][0](tmp_path / "a.tar")
    data = path.read_bytes()
    by_path = done("push", path, f"{host}/a:1").lines[0].partition("@")[2]
    by_pipe = done("push", "-", f"{host}/b:1", stdin=data).lines[0].partition("@")[2]
    by_place = done("push", "docker-archive:-", f"{host}/c:1", stdin=data).lines[0]
    assert by_path == by_pipe == by_place.partition("@")[2]


@pytest.mark.parametrize(
    ("argv", "kind"),
    [
        ("append -b PLACE -f LAYER", "gzip"),
        ("mutate PLACE -l a=b", "gzip"),
        ("mutate PLACE --compression none", "none"),
        ("mutate PLACE --repo", "gzip"),
        ("convert PLACE --to oci", "gzip"),
        ("convert PLACE --compression zstd", "zstd"),
        ("flatten PLACE", "gzip"),
        ("edit fs PLACE -f motd", "gzip"),
        ("index append -m PLACE", "gzip"),
    ],
)
def test_what_is_made_of_unpacked_layers_is_packed(
    host: str, tmp_path: Path, argv: str, kind: str
) -> None:
    """
    Not only copies: whatever is made of an engine's image goes to a registry compressed, and
    elsewhere as it lies.
    """
    (tmp_path / "layer.tar").write_bytes(tar_of(("added", b"x")))
    place = f"docker-archive:{docker_20(tmp_path / 'a.tar')}:registry.example/b:2"
    words = argv.replace("PLACE", place).replace("LAYER", str(tmp_path / "layer.tar")).split()
    if words[-1] == "--repo":
        (name,) = done(*words, f"{host}/packed").lines
    else:
        (name,) = done(*words, "-t", f"{host}/packed:1", stdin=b"hello").lines
        done(*words, "-t", f"oci:{tmp_path}/out:1", stdin=b"hello")
        found = layout.load(tmp_path / "out", "1")
        assert {"gzip": "none"}.get(kind, kind) in _kinds(found)
    assert _kinds(load(name)) == {kind}


def _kinds(content: Content) -> set[str | None]:
    if isinstance(content, Index):
        (content,) = (child.content for child in content.children)
    assert isinstance(content, Image)
    return {media.compression_of(layer.media_type) for layer in content.layers}


def test_an_empty_tar_is_no_archive(host: str) -> None:
    """
    A tar of other things is told what it lacks.
    """
    ran = run("copy", "docker-archive:-", f"{host}/x:1", stdin=tar_of(("a", b"x")))
    assert ran.code == 5
    assert "manifest.json" in ran.err
