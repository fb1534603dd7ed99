"""
The main job on real input: a Debian root filesystem, from a folder to a running container.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from ocikit import daemon, files, layout, mutate, registry, tarball
from ocikit.content.blob import of_bytes
from ocikit.content.image import Image, Index
from ocikit.content.partial import image_of, index_of
from ocikit.query.select import choose
from ocikit.query.validate import validate
from ocikit.spec.config import ConfigFile
from ocikit.spec.document import Document
from ocikit.spec.manifest import Manifest
from tests.real.docker_registry import DockerRegistry
from tests.real.dockerd import Engine
from tests.real.process import Command

pytestmark = pytest.mark.real


def ocikit(*argv: str) -> str:
    """
    Run a command as a user does, and give what it prints on stdout.
    """
    command = [sys.executable, "-m", "ocikit", *argv]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def debian(rootfs: Path) -> Image:
    """
    An image whose one layer is the whole root filesystem.
    """
    config = ConfigFile(os="linux", architecture="amd64")
    image = image_of(config, [files.layer(rootfs, epoch=1_700_000_000)])
    return mutate.config(image, cmd=["/bin/cat", "/etc/debian_version"])


@pytest.fixture(scope="module")
def pushed(debian: Image, docker_registry: DockerRegistry) -> str:
    """
    That image in a registry that we did not write.
    """
    name = f"{docker_registry.host}/walk/debian:12"
    registry.flush(name, debian)
    return name


def test_the_layer_is_the_same_each_time(rootfs: Path, debian: Image) -> None:
    """
    The same folder gives the same layer, to the bit.
    """
    again = files.layer(rootfs, epoch=1_700_000_000)
    assert again.digest == debian.layers[0].digest
    assert again.diff_id == debian.layers[0].diff_id


def test_it_comes_back_from_a_registry(
    tmp_path: Path, debian: Image, pushed: str, skopeo: Command
) -> None:
    """
    Skopeo and ocikit both pull what was pushed, with its digest.
    """
    assert registry.load(pushed) == debian
    copy = ("--insecure-policy", "copy", "-q", "--src-tls-verify=false")
    skopeo(*copy, f"docker://{pushed}", f"oci:{tmp_path}/theirs:12")
    assert layout.load(tmp_path / "theirs", "12") == debian
    ocikit("pull", "--format", "oci", pushed, str(tmp_path / "ours"))
    back = layout.load(tmp_path / "ours")
    assert back == debian
    assert [finding for finding in validate(back) if finding.severity == "error"] == []


def test_files_agree_with_umoci_s(
    tmp_path: Path, rootfs: Path, debian: Image, umoci: Command
) -> None:
    """
    Unpacked by umoci, the layer is the folder again: names, kinds, modes, links, bytes.
    """
    layout.flush(tmp_path / "layout", debian, reference="12")
    umoci("unpack", "--image", f"{tmp_path}/layout:12", str(tmp_path / "bundle"))
    assert listing(tmp_path / "bundle/rootfs") == listing(rootfs)


@pytest.mark.parametrize("kind", ["oci", "oci-archive", "docker-archive", "legacy"])
def test_others_read_whatever_we_write(
    tmp_path: Path, debian: Image, pushed: str, skopeo: Command, umoci: Command, kind: str
) -> None:
    """
    skopeo copies every layout and archive we write, and umoci reads what it made of it.

    The files are those that umoci finds above: the uncompressed layer has one digest.
    """
    ours = tmp_path / "ours"
    if kind == "legacy":
        ocikit("pull", "--format", "legacy", pushed, str(ours))
        kind = "docker-archive"
    else:
        name = pushed if kind == "docker-archive" else "12"
        ocikit("copy", pushed, f"{kind}:{ours}:{name}")
    source = f"{kind}:{ours}" + (":12" if kind.startswith("oci") else "")
    skopeo("copy", "-q", source, f"oci:{tmp_path}/theirs:12")
    assert "LAYER" in umoci("stat", "--image", f"{tmp_path}/theirs:12")
    theirs = layout.load(tmp_path / "theirs", "12")
    assert isinstance(theirs, Image)
    assert theirs.layers[0].diff_id == debian.layers[0].diff_id
    if kind.startswith("oci"):
        assert theirs == debian


def listing(root: Path) -> list[str]:
    """
    List a tree: kind, mode, owner, size of files, links' targets, names by inode.
    """
    wanted = "%y %m %U %G %n %l %p\n"
    argv = ["find", ".", "-mindepth", "1", "-printf", wanted]
    found = subprocess.run(argv, cwd=root, capture_output=True, text=True, check=True)
    return sorted(found.stdout.splitlines())


def test_changed_in_python_and_by_command_it_runs(
    tmp_path: Path, pushed: str, docker_registry: DockerRegistry, dockerd: Engine, podman: Engine
) -> None:
    """
    Appended to in Python, reconfigured by command, it runs in both engines and prints.
    """
    host = docker_registry.host
    (tmp_path / "hello").write_text("#!/bin/sh\necho $GREETING from $(cat /etc/debian_version)\n")
    (tmp_path / "hello").chmod(0o755)
    base = registry.load(pushed)
    assert isinstance(base, Image)
    image = mutate.append(base, files.layer(tmp_path / "hello", into="/usr/local/bin"))
    registry.flush(f"{host}/walk/hello:1", image)
    name = ocikit(
        *("mutate", "-e", "GREETING=hello", "--entrypoint", "/usr/local/bin/hello"),
        *("-l", "walk=1", "-t", f"{host}/walk/hello:2", f"{host}/walk/hello:1"),
    ).strip()
    made = registry.load(name)
    assert isinstance(made, Image)
    assert [each.digest for each in made.layers] == [each.digest for each in image.layers]
    for engine in (dockerd, podman):
        there = "registry.example/walk/hello:2"
        daemon.flush(there, made, engine=daemon.Engine(f"unix://{engine.socket}"))
        assert engine.run(there).startswith("hello from 12")


def test_python_and_commands_make_the_same(
    tmp_path: Path, pushed: str, docker_registry: DockerRegistry
) -> None:
    """
    Whichever way an image is appended to and reconfigured, its digest is one.
    """
    host = docker_registry.host
    (tmp_path / "app").mkdir()
    (tmp_path / "app/run").write_text("#!/bin/sh\necho hello\n")
    base = registry.load(pushed)
    assert isinstance(base, Image)
    image = mutate.append(base, files.layer(tmp_path / "app", into="/srv", owner=(0, 0)))
    image = mutate.config(image, entrypoint=["/srv/run"], cmd=None, labels={"walk": "2"})
    folder = ("-f", str(tmp_path / "app"), "--into", "/srv", "--owner", "0:0")
    name = ocikit("append", "-b", pushed, *folder, "-t", f"{host}/walk/same:1").strip()
    name = ocikit("mutate", name, "--entrypoint", "/srv/run", "-l", "walk=2").strip()
    assert registry.load(name) == image


def test_two_platforms_go_all_the_way_round(
    tmp_path: Path, debian: Image, docker_registry: DockerRegistry
) -> None:
    """
    registry -> layout -> registry -> archive of one platform: every digest stays.
    """
    host = docker_registry.host
    other = mutate.platform(debian, "linux/arm64")
    index = index_of([debian, other])
    registry.flush(f"{host}/walk/both:1", index)
    ocikit("copy", f"{host}/walk/both:1", f"oci:{tmp_path}/layout:both")
    loaded = layout.load(tmp_path / "layout", "both")
    assert loaded == index
    ocikit("copy", f"oci:{tmp_path}/layout:both", f"{host}/walk/again:1")
    assert registry.load(f"{host}/walk/again:1") == index
    archive = str(tmp_path / "arm.tar")
    ocikit("pull", "--platform", "linux/aarch64", f"{host}/walk/again:1", archive)
    assert tarball.load(archive) == other
    assert isinstance(loaded, Index)
    assert choose(loaded, tarball.load(archive).platform or pytest.fail("no platform")) == other


def odd_image() -> Image:
    """
    An image whose documents have what we do not know, oddly written.
    """
    config = of_bytes(
        '{ "os": "linux",\n "x-größe": [1.50, null, {"ü": "<&>"}], "architecture": "amd64",'
        ' "config": null, "rootfs": {"diff_ids": [], "type": "layers", "y": {}},'
        ' "history": [] }'.encode(),
        "application/vnd.oci.image.config.v1+json",
    )
    described = {
        "size": config.size,
        "vnd.example/é": True,
        "digest": str(config.digest),
        "mediaType": config.media_type,
        "urls": None,
    }
    raw = json.dumps(
        {
            "x-first": 1e300,
            "layers": [],
            "config": described,
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.manifest.v1+json",
            "annotations": {"b": "ß", "a": ""},
        },
        ensure_ascii=False,
        indent="\t",
    ).encode()
    kind = "application/vnd.oci.image.manifest.v1+json"
    document = Document(raw=raw, kind=Manifest, media_type=kind)
    return Image(document=document, config=config, layers=())


def test_odd_documents_survive_byte_for_byte(
    tmp_path: Path, docker_registry: DockerRegistry
) -> None:
    """
    Unknown members, odd order, nulls and non-ASCII text survive push, copy and pull.
    """
    host, image = docker_registry.host, odd_image()
    registry.flush(f"{host}/walk/odd:1", image)
    ocikit("copy", f"{host}/walk/odd:1", f"{host}/walk/copied:1")
    ocikit("pull", "--format", "oci", f"{host}/walk/copied:1", str(tmp_path / "layout"))
    ocikit("push", str(tmp_path / "layout"), f"{host}/walk/pushed:1")
    for back in (layout.load(tmp_path / "layout"), registry.load(f"{host}/walk/pushed:1")):
        assert isinstance(back, Image)
        assert back.document.raw == image.document.raw
        assert back.config.content == image.config.content


def test_a_change_touches_nothing_else(docker_registry: DockerRegistry) -> None:
    """
    A label set by command changes that one member of the config; the rest is as it was.
    """
    name = f"{docker_registry.host}/walk/odd:1"
    registry.flush(name, odd_image())
    changed = registry.load(ocikit("mutate", "-l", "a=b", name).strip())
    assert isinstance(changed, Image)
    before, after = json.loads(odd_image().config.content), json.loads(changed.config.content)
    assert after.pop("config") == {"Labels": {"a": "b"}}
    assert before.pop("config") is None
    assert list(after.items()) == list(before.items())
    assert b"1.50" in changed.config.content


def test_what_others_write_is_read(
    tmp_path: Path, debian: Image, skopeo: Command, umoci: Command
) -> None:
    """
    A layout that umoci repacked is read, and copied back by skopeo has our digests.
    """
    layout.flush(tmp_path / "layout", debian, reference="12")
    umoci("config", "--image", f"{tmp_path}/layout:12", "--tag", "umoci", "--config.user", "7")
    theirs = layout.load(tmp_path / "layout", "umoci")
    assert isinstance(theirs, Image)
    assert theirs.config_file.config.user == "7"
    assert theirs.layers[0].diff_id == debian.layers[0].diff_id
    skopeo(
        *("--insecure-policy", "copy", "-q", f"oci:{tmp_path}/layout:umoci"),
        f"oci-archive:{tmp_path}/a.tar:u",
    )
    assert tarball.load_oci(tmp_path / "a.tar", "u") == theirs
