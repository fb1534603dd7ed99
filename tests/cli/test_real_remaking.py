"""
Images that commands made, as engines and other tools take them.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ocikit.testing import building
from tests.cli.running import done, run
from tests.files.places import as_layer, seen
from tests.files.test_real_extract import CHANGES
from tests.real.docker_registry import DockerRegistry
from tests.real.dockerd import Engine
from tests.real.process import Command

pytestmark = pytest.mark.real

RUN = ("--entrypoint", "/bin/busybox", "--set-platform", "linux/amd64")


@pytest.fixture
def repository(docker_registry: DockerRegistry) -> str:
    """
    Where images go.
    """
    return f"{docker_registry.host}/cli/remaking"


@pytest.fixture
def app(repository: str, busybox_layer_tree: Path) -> str:
    """
    An image on a base, both in a registry, that says which system it is on.
    """
    for version in ("1", "2"):
        base = f"{repository}-os:{version}"
        argv = ("append", "-f", busybox_layer_tree, "--owner", "0:0", "--oci-empty-base")
        done(
            *argv,
            "-f",
            "-",
            "-t",
            base,
            stdin=building.archive(("etc/release", f"os {version}\n".encode())),
        )
        done("mutate", base, *RUN, "--cmd", "cat,/etc/release,/etc/app")
    tag = f"{repository}:1"
    app = building.archive(("etc/app", b"app\n"), ("etc/gone", b"x"))
    named = ("--set-base-image-annotations", "-t", tag)
    done("append", "-b", f"{repository}-os:1", "-f", "-", *named, stdin=app)
    return tag


def runs(engine: Engine, image: str, tmp_path: Path, *argv: str) -> str:
    """
    Let an engine load an image and run it.
    """
    archive = tmp_path / "run.tar"
    done("pull", image, archive)
    engine.cli("load", "--input", archive)
    try:
        return engine.run(image, *argv)
    finally:
        engine.cli("image", "rm", image)


def test_what_is_rebased_runs_on_the_new_base(
    dockerd: Engine, docker_registry: DockerRegistry, app: str, repository: str, tmp_path: Path
) -> None:
    """
    Found by annotations; no layer is uploaded, for all are mounted.
    """
    assert runs(dockerd, app, tmp_path) == "os 1\napp\n"
    done("copy", f"{repository}-os:2", f"{repository}-os:1")
    before = len(docker_registry.requests())
    done("rebase", app)
    asked = docker_registry.requests()[before:]
    layers = [each["digest"] for each in json.loads(done("manifest", app).raw)["layers"]]
    moved = [target for method, target, _ in asked if method in ("PUT", "PATCH", "GET")]
    assert [target for target in moved for digest in layers if digest in target] == []
    assert runs(dockerd, app, tmp_path) == "os 2\napp\n"


def test_what_is_flattened_runs(dockerd: Engine, app: str, tmp_path: Path) -> None:
    """
    One layer, with all that there was.
    """
    done("edit", "fs", app, "-f", "etc/app", stdin=b"edited\n")
    done("mutate", app, "--remove-path", "etc/gone", "--healthcheck", "true")
    done("flatten", app)
    assert len(json.loads(done("manifest", app).raw)["layers"]) == 1
    assert runs(dockerd, app, tmp_path) == "os 1\nedited\n"
    assert "gone" not in runs(dockerd, app, tmp_path, "ls", "/etc")


def test_an_engine_imports_what_is_exported(dockerd: Engine, app: str, tmp_path: Path) -> None:
    """
    `ocikit export IMAGE | docker import -`.
    """
    name = "registry.example/exported:1"
    dockerd.cli("import", "-", name, stdin=done("export", app).raw)
    assert dockerd.run(name, "/bin/busybox", "cat", "/etc/app") == "app\n"
    dockerd.cli("image", "rm", name)


def test_others_read_every_remade_image(
    skopeo: Command, umoci: Command, app: str, tmp_path: Path
) -> None:
    """
    skopeo and umoci take what was squashed, converted, recompressed and edited.
    """
    place = f"oci:{tmp_path}/out"
    for name, argv in {
        "squashed": ("--squash", "2:", "--canonical"),
        "plain": ("--compression", "none"),
        "shorter": ("--remove-layer", "-1"),
    }.items():
        done("mutate", app, *argv, "-t", f"{place}:{name}")
        assert done("validate", f"{place}:{name}").lines == [f"PASS: {place}:{name}"]
        skopeo("copy", "-q", f"{place}:{name}", f"oci:{tmp_path}/theirs:{name}")
    for name in ("squashed", "plain"):
        umoci("unpack", "--image", f"{tmp_path}/out:{name}", tmp_path / name)
        assert (tmp_path / name / "rootfs/etc/app").read_bytes() == b"app\n"
    docker = done("mutate", app, "--to", "docker", "-t", f"{app}-docker").lines[0]
    skopeo("copy", "-q", "--src-tls-verify=false", f"docker://{docker}", f"dir:{tmp_path}/docker")
    assert run("diff", "--files-only", app, f"{place}:squashed", "--ignore", "times").code == 0


def test_export_is_what_umoci_unpacks(umoci: Command, rootfs: Path, tmp_path: Path) -> None:
    """
    A whole Debian under a layer of changes, exported and unpacked by GNU tar.
    """
    changes = tmp_path / "changes.tar"
    changes.write_bytes(as_layer(CHANGES).blob.content)
    place = f"oci:{tmp_path}/out:1"
    done("append", "--oci-empty-base", "--xattrs", "-f", rootfs, "-f", changes, "-t", place)
    done("mutate", place, "--set-platform", "linux/amd64")
    umoci("unpack", "--image", f"{tmp_path}/out:1", tmp_path / "bundle")
    done("export", place, tmp_path / "root.tar")
    ours = tmp_path / "ours"
    ours.mkdir()
    subprocess.run(
        ["tar", "-xpf", tmp_path / "root.tar", "-C", ours, "--numeric-owner", "--xattrs"],
        check=True,
    )
    theirs, found = seen(tmp_path / "bundle/rootfs"), seen(ours)
    # Times of folders that no layer speaks of.
    for path in (".", "srv", "srv/lib"):
        theirs.pop(path), found.pop(path)
    assert {path for path in found if found[path] != theirs.get(path)} == set()
    assert theirs.keys() == found.keys()
