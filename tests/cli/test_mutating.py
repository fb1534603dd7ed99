"""
All options of `ocikit mutate` that are not crane's.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ocikit import media, mutate
from ocikit.content.compression import Zstd
from ocikit.content.image import Image, Index
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.spec.config import ConfigFile, Healthcheck
from ocikit.testing.building import archive
from ocikit.testing.building import image as made
from tests.cli.running import done, run
from tests.crane.filesystems import images
from tests.query.builders import attestation, index, listed

IMAGE = made(archive(("a", b"1"), "b"), archive(("a", b"2")), archive(("secret", b"s")))
SECOND = 10**9


@pytest.fixture
def app(host: str) -> str:
    """
    An image of three layers, in a registry.
    """
    flush(f"{host}/app:1", IMAGE)
    return f"{host}/app:1"


def changed(app: str, *argv: str | Path) -> Image:
    """
    Change the image elsewhere, and load it.
    """
    content = load(done("mutate", app, "-t", f"{app}-made", *argv).lines[0])
    assert isinstance(content, Image)
    return content


def config(app: str, *argv: str) -> ConfigFile:
    """
    Give the configuration of the changed image.
    """
    return changed(app, *argv).config_file


def test_layers_go(app: str) -> None:
    """
    By number from 1 or from the top, by what made them, by the files in them.
    """
    assert changed(app, "--remove-layer", "1") == mutate.remove_layers(IMAGE, 0)
    two = ("--remove-layer", "-1", "--remove-layer", "2")
    assert changed(app, *two) == mutate.remove_layers(IMAGE, 1, 2)
    assert changed(app, "--remove-layer-by", "step [12]") == mutate.remove_layers(IMAGE, 1, 2)
    gone = changed(app, "--remove-path", "secret", "--remove-path", "b*")
    assert gone == mutate.remove_paths(IMAGE, "secret", "b*")


@pytest.mark.parametrize(
    ("text", "start", "stop"),
    [("1:2", 0, 2), ("2:", 1, None), (":-2", 0, -1), ("-2:-1", -2, None), ("2:3", 1, 3)],
)
def test_layers_become_one(app: str, text: str, start: int, stop: int | None) -> None:
    """
    Some of them, both ends meant, or all.
    """
    assert changed(app, "--squash", text) == mutate.squash(IMAGE, start, stop)
    assert changed(app, "--flatten") == mutate.flatten(IMAGE)


def test_a_path_is_replaced(app: str, tmp_path: Path) -> None:
    """
    What goes goes before what comes: one run takes a file out of all layers and adds it.
    """
    (tmp_path / "new").mkdir()
    (tmp_path / "new/a").write_bytes(b"3")
    content = changed(app, "--remove-path", "a", "--append", tmp_path / "new")
    assert len(content.layers) == 4
    assert content.layers[:3] == mutate.remove_paths(IMAGE, "a").layers


def test_compression(app: str) -> None:
    """
    Layers of that compression stay as they are, unless the level is said.
    """
    zstd = changed(app, "--compression", "zstd:1")
    assert zstd == mutate.recompress(IMAGE, Zstd(1))
    assert changed(app, "--compression", "gzip") == IMAGE
    assert changed(app, "--compression", "gzip:9") != IMAGE


def test_types(app: str) -> None:
    """
    Docker's and back again.
    """
    docker = changed(app, "--to", "docker")
    assert docker == mutate.docker(IMAGE)
    assert changed(f"{app}-made", "--to", "oci") == IMAGE


def test_times(app: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    As text, as seconds, at most SOURCE_DATE_EPOCH, or none at all.
    """
    assert changed(app, "--time", "2026-01-31T12:00:00Z") == mutate.time(
        IMAGE, "2026-01-31T12:00:00Z"
    )
    assert changed(app, "--time", "1000") == mutate.time(IMAGE, 1000)
    assert changed(app, "--time", "-5", "--clamp") == mutate.time(IMAGE, -5, clamp=True)
    assert changed(app, "--canonical") == mutate.canonical(IMAGE)
    assert "SOURCE_DATE_EPOCH" in run("mutate", app, "--clamp").err
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "7")
    assert changed(app, "--clamp") == mutate.time(IMAGE, 7, clamp=True)


def test_health(app: str) -> None:
    """
    Part by part, in both forms; turned off, and removed again.
    """
    parts = ("--health-interval", "1m30s", "--health-timeout", "5s", "--health-retries", "3")
    check = config(app, "--healthcheck", "curl -f localhost, ok", *parts).config.healthcheck
    assert check == Healthcheck(
        test=("CMD-SHELL", "curl -f localhost, ok"),
        interval=90 * SECOND,
        timeout=5 * SECOND,
        retries=3,
    )
    argv = ("--healthcheck", '["/bin/check", "-x"]', "--health-retries", "0")
    done("mutate", app, "--healthcheck", "x", "--health-retries", "3")
    check = config(app, *argv, "--health-start-period", "1s").config.healthcheck
    assert check == Healthcheck(test=("CMD", "/bin/check", "-x"), start_period=SECOND)
    assert config(app, "--healthcheck", "none").config.healthcheck == Healthcheck(
        test=("NONE",), retries=3
    )
    assert config(app, "--healthcheck", "").config.healthcheck is None
    start = config(app, "--health-start-interval", "2s").config.healthcheck
    assert start == Healthcheck(test=("CMD-SHELL", "x"), retries=3, start_interval=2 * SECOND)


def test_ports_and_volumes_come_and_go(app: str) -> None:
    """
    Singly, or all at once, or both.
    """
    done("mutate", app, "--exposed-ports", "80/tcp,81/tcp", "--volumes", "/data")
    said = config(app, "--remove-port", "80/tcp", "--add-port", "53/udp", "--add-volume", "/x")
    assert said.config.exposed_ports == frozenset(["81/tcp", "53/udp"])
    assert said.config.volumes == frozenset(["/data", "/x"])
    said = config(app, "--volumes", "/y,/z", "--remove-volume", "/y")
    assert said.config.volumes == frozenset(["/z"])


def test_shell_and_onbuild(app: str) -> None:
    """
    Words, and lines with commas of their own; '' removes.
    """
    argv = ("--shell", '["/bin/bash", "-c"]', "--onbuild", "COPY a, /b", "--onbuild", "RUN x")
    said = config(app, *argv).config
    assert (said.shell, said.on_build) == (("/bin/bash", "-c"), ("COPY a, /b", "RUN x"))
    said = config(f"{app}-made", "--shell", "", "--onbuild", "", "--entrypoint", "").config
    assert (said.shell, said.on_build, said.entrypoint) == ((), (), ())


def test_history(app: str) -> None:
    """
    Entries by number from 1 or from the last; '' removes a member.
    """
    argv = ("--history", "1:created_by=make: all=1", "--history", "-1:created_by=")
    entries = config(app, *argv).history
    assert [entry.created_by for entry in entries] == ["make: all=1", "step 1", ""]


def test_what_an_artifact_is(app: str) -> None:
    """
    What it is about, and of what kind; of the manifest that is named.
    """
    content = changed(app, "--subject", app, "--artifact-type", "application/vnd.example")
    assert content.manifest.subject == IMAGE.descriptor
    assert content.manifest.artifact_type == "application/vnd.example"
    assert changed(f"{app}-made", "--subject", "", "--artifact-type", "") == IMAGE


RECIPES: dict[str, Any] = {
    "r.toml": '[[steps]]\nset-env.set.MODE = "prod"\n[[steps]]\nappend.layers = ["new", {layer}]\n',
    "r.json": '{"steps": [{"set-env": {"set": {"MODE": "prod"}}},'
    ' {"append": {"layers": ["new", {"path": "new", "into": "/opt"}]}}]}',
}


@pytest.mark.parametrize("name", RECIPES)
def test_pipelines(app: str, tmp_path: Path, name: str) -> None:
    """
    A recipe is done first; its layers are found beside it.
    """
    (tmp_path / "new").mkdir()
    (tmp_path / "new/x").write_bytes(b"x")
    text = RECIPES[name].replace("{layer}", '{ path = "new", into = "/opt" }')
    (tmp_path / name).write_text(text)
    content = changed(app, "--pipeline", tmp_path / name, "-e", "MODE=test")
    assert content.config_file.config.env == ("MODE=test",)
    assert len(content.layers) == 5
    ran = done("mutate", app, "-t", f"{app}-2", "--pipeline", "-", stdin=b'{"steps": []}')
    assert load(ran.lines[0]) == IMAGE


def test_a_pipeline_over_an_index(host: str, tmp_path: Path) -> None:
    """
    It chooses for itself which images it is for, and what becomes of attestations.
    """
    arm = made(archive("x"), platform="linux/arm64")
    both = index(listed(IMAGE, "linux/amd64"), listed(arm, "linux/arm64"), attestation(IMAGE))
    flush(f"{host}/both:1", both)
    base = f"{host}/base:1"
    flush(base, made(archive("base")))
    recipe = {
        "select": {"platform": "linux/amd64"},
        "attestations": "drop",
        "steps": [{"flatten": {}}],
    }
    (tmp_path / "r").write_text(json.dumps(recipe))
    argv = ("mutate", f"{host}/both:1", "--pipeline", tmp_path / "r", "-t", f"{host}/both:2")
    content = load(done(*argv).lines[0])
    assert images(content) == [mutate.flatten(IMAGE), arm]
    content = load(done(*argv, "--attestations", "keep").lines[0])
    assert isinstance(content, Index)
    assert len(content.children) == 3


def test_types_of_an_index_settle_attestations(host: str) -> None:
    """
    As is wanted, though all that changes is what things are called.
    """
    flush(f"{host}/both:1", index(listed(IMAGE, "linux/amd64"), attestation(IMAGE)))
    argv = ("mutate", f"{host}/both:1", "--to", "docker", "-t", f"{host}/both:2")
    content = load(done(*argv, "--attestations", "drop").lines[0])
    assert isinstance(content, Index)
    assert content.media_type == media.DOCKER_MANIFEST_LIST
    assert images(content) == [mutate.docker(IMAGE)]
    assert "attestations (1)" in done(*argv).err


@pytest.mark.parametrize(
    ("argv", "code", "said"),
    [
        (["--remove-layer", "4"], 2, "has 3 layers"),
        (["--remove-layer", "0"], 2, "begins with 1"),
        (["--remove-layer-by", "nope"], 3, "nope"),
        (["--remove-layer-by", "("], 2, "("),
        (["--remove-path", "/"], 2, "pattern"),
        (["--squash", "2"], 2, "A:B"),
        (["--compression", "xz"], 2, "gzip"),
        (["--time", "yesterday"], 2, "2026-01-31T12:00:00Z"),
        (["--history", "created_by=x"], 2, "N:created_by"),
        (["--history", "9:created_by=x"], 3, "no entry"),
        (["--history", "1:nope=x"], 2, "nope"),
        (["--health-interval", "soon"], 2, "1m30s"),
        (["--subject", "HOST/nope:1"], 3, "nope"),
        (["--pipeline", "nope.toml"], 3, "nope.toml"),
        (["--pipeline", "FILE"], 2, "flaten"),
        (["--pipeline", "LAYER"], 2, "path"),
        (["--pipeline", "MODE"], 2, "are texts"),
        (["--pipeline", "BYTES"], 2, "recipe"),
    ],
)
def test_what_cannot_be(
    app: str, host: str, tmp_path: Path, argv: list[str], code: int, said: str
) -> None:
    """
    It is told, with how to write it; the image stays.
    """
    (tmp_path / "FILE").write_text("[[steps]]\nflaten = {}\n")
    (tmp_path / "LAYER").write_text("[[steps]]\nappend.layers = [{ into = '/' }]\n")
    (tmp_path / "MODE").write_text("[[steps]]\nappend.layers = [{ path = 'x', mode = 755 }]\n")
    (tmp_path / "BYTES").write_bytes(b"\xff\xfe")
    given = [str(tmp_path / text) if text.isupper() else text for text in argv]
    ran = run("mutate", app, *(text.replace("HOST", host) for text in given))
    assert (ran.code, said in ran.err) == (code, True), ran.err
    assert load(app) == IMAGE


def test_help_has_sections() -> None:
    """
    So many options are found under what they change.
    """
    lines = done("mutate", "--help").lines
    heads = [line for line in lines if line.endswith(":") and not line.startswith(" ")]
    assert heads[0] == "What containers run with:"
    assert heads[-1] == "Options:"
    assert len(heads) == 7
