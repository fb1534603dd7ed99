"""
`ocikit edit`: config, manifest, fs.
"""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from ocikit import layout
from ocikit.content.image import Image, Index
from ocikit.content.partial import index_of
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.testing.building import archive, directory
from ocikit.testing.building import image as made
from tests.cli.running import done, run
from tests.crane.filesystems import files, images, members
from tests.query.builders import attestation, index, listed

IMAGE = made(archive(directory("etc"), ("etc/motd", b"old\n")))
ARM = made(archive(("etc/motd", b"arm\n")), platform="linux/arm64")


@pytest.fixture
def app(host: str) -> str:
    """
    An image in a registry.
    """
    flush(f"{host}/app:1", IMAGE)
    return f"{host}/app:1"


@pytest.fixture
def both(host: str) -> str:
    """
    An index of two platforms, one with an attestation.
    """
    listing = index(listed(IMAGE, "linux/amd64"), listed(ARM, "linux/arm64"), attestation(ARM))
    flush(f"{host}/both:1", listing)
    return f"{host}/both:1"


def loaded(name: str) -> Image:
    """
    Load an image.
    """
    content = load(name)
    assert isinstance(content, Image)
    return content


def at_a_terminal(*argv: str, editor: Path) -> tuple[int, bytes]:
    """
    Run a command with a terminal at both ends; give its exit code and what is seen there.
    """
    ours, theirs = pty.openpty()
    environ = {**os.environ, "EDITOR": str(editor), "TERM": "xterm"}
    environ.pop("VISUAL", None)
    command = [sys.executable, "-m", "ocikit", *argv]
    with subprocess.Popen(
        command, stdin=theirs, stdout=theirs, stderr=theirs, env=environ
    ) as process:
        os.close(theirs)
        seen = bytearray()
        try:
            while data := os.read(ours, 1 << 16):
                seen += data
        except OSError:
            # The end of a terminal, as Linux tells it.
            pass
        code = process.wait(timeout=60)
    os.close(ours)
    return code, bytes(seen)


@pytest.fixture
def editor(tmp_path: Path) -> Path:
    """
    An editor that adds a line to a file, and keeps its name and what was in it.
    """
    path = tmp_path / "editor"
    path.write_text(
        f"#!/bin/sh\nbasename $1 >{tmp_path}/name; cat $1 >{tmp_path}/seen; echo more >>$1\n"
    )
    path.chmod(0o755)
    return path


def test_a_config_from_stdin(app: str, host: str) -> None:
    """
    Byte for byte, in place or elsewhere.
    """
    raw = json.dumps({**json.loads(IMAGE.config.content), "author": "me"}, indent=1).encode()
    name = done("edit", "config", app, "-t", f"{host}/app:2", stdin=raw).lines[0]
    assert loaded(name).config.content == raw
    assert loaded(app) == IMAGE
    done("edit", "config", app, stdin=raw)
    assert loaded(app) == loaded(name)


def test_nothing_is_written_when_nothing_changes(app: str, host: str) -> None:
    """
    It says where the unchanged is; no request but reading ones is made.
    """
    pinned = f"{host}/app@{IMAGE.digest}"
    for what, raw in (
        (("config",), IMAGE.config.content),
        (("manifest",), IMAGE.document.raw),
        (("fs", "-f", "/etc/motd"), b"old\n"),
    ):
        argv = ("-v", "edit", what[0], app, *what[1:], "-t", f"{host}/app:2")
        ran = done(*argv, stdin=raw)
        assert ran.lines == [pinned]
        assert "nothing changed" in ran.err
        assert "PUT" not in ran.err
    assert run("digest", f"{host}/app:2").code == 3


def test_a_manifest_from_stdin(app: str, host: str, tmp_path: Path) -> None:
    """
    Byte for byte, of any place; of what type, is said or told.
    """
    raw = json.dumps({**json.loads(IMAGE.document.raw), "annotations": {"a": "b"}}).encode()
    name = done("edit", "manifest", app, stdin=raw).lines[0]
    assert loaded(name).document.raw == raw
    docker = "application/vnd.docker.distribution.manifest.v2+json"
    plain = raw.replace(b'"mediaType": "application/vnd.oci.image.manifest.v1+json", ', b"")
    assert plain != raw
    name = done("edit", "manifest", app, "-m", docker, stdin=plain).lines[0]
    assert loaded(name).media_type == docker
    done("copy", app, f"oci:{tmp_path}/out:1")
    done("edit", "manifest", f"oci:{tmp_path}/out:1", "-t", f"oci:{tmp_path}/out:2", stdin=raw)
    content = layout.load(tmp_path / "out", "2")
    assert isinstance(content, Image)
    assert content.document.raw == raw


def test_nothing_is_no_document(app: str) -> None:
    """
    Where no terminal is, an editor is not opened; that is said when stdin has nothing.
    """
    ran = run("edit", "config", app, stdin=b"\n")
    assert (ran.code, "away from a terminal it is what comes on stdin" in ran.err) == (2, True)
    assert loaded(app) == IMAGE


def test_what_is_wrong_with_a_manifest(app: str) -> None:
    """
    It is refused; or told, where it can be so for a while.
    """
    ran = run("edit", "manifest", app, stdin=b"{")
    assert (ran.code, "refused" in ran.err) == (2, True)
    said = json.loads(IMAGE.document.raw)
    said["layers"][0]["digest"] = "sha256:" + "0" * 64
    ran = run("edit", "manifest", app, stdin=json.dumps(said).encode())
    assert (ran.code, "layers[0]: sha256:000" in ran.err) == (2, True)
    said["layers"] = []
    assert (
        "0 layers; edit the config, too"
        in done("edit", "manifest", app, stdin=json.dumps(said).encode()).err
    )


def test_one_platform_of_an_index(both: str) -> None:
    """
    Trap: the index stays one; without a platform it is asked for.
    """
    raw = ARM.config.content.replace(b'"config":{', b'"config":{"User":"me"')
    assert run("edit", "config", both, stdin=raw).code == 2
    ran = done("edit", "config", both, "--platform", "linux/arm64", stdin=raw)
    assert "attestations (1)" in ran.err
    amd, arm = images(load(both))[:2]
    assert amd == IMAGE
    assert arm.config.content == raw
    platform = ("--platform", "linux/amd64")
    edited = json.dumps({**json.loads(IMAGE.document.raw), "annotations": {"a": "b"}}).encode()
    done("edit", "manifest", both, *platform, "--attestations", "drop", stdin=edited)
    assert images(load(both))[0].document.raw == edited


def test_the_manifest_of_an_index(both: str) -> None:
    """
    Without a platform it is the index itself that is edited.
    """
    said = json.loads(done("manifest", both).raw)
    said["manifests"] = said["manifests"][1:2]
    done("edit", "manifest", both, stdin=json.dumps(said).encode())
    assert images(load(both)) == [ARM]
    raw = json.dumps(json.loads(index_of([ARM]).document.raw)).encode()
    ran = run("edit", "manifest", both, "--platform", "linux/arm64", stdin=raw)
    assert (ran.code, "stay one" in ran.err) == (2, True)


def test_a_file_from_stdin(app: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    Trap: `/etc/motd` and `etc/motd` are one file; it is new at the given time.
    """
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1000")
    done("edit", "fs", app, "-f", "/etc/motd", stdin=b"new")
    done("edit", "fs", app, "--filename", "etc/motd", "--mode", "600", stdin=b"newer")
    content = loaded(app)
    assert files(content) == {"etc/": b"", "etc/motd": b"newer"}
    (entry, _), *_ = members(content)
    assert (entry.mode, entry.mtime_ns) == (0o600, 1000 * 10**9)
    history = content.config_file.history[-1]
    assert history.created == "1970-01-01T00:16:40Z"
    assert history.created_by == "ocikit edit fs -f etc/motd"


def test_a_new_file_says_so(app: str) -> None:
    """
    Trap: it is not to be run by everybody, unless that is wanted.
    """
    ran = done("edit", "fs", app, "-f", "run", stdin=b"#!/bin/sh")
    assert "run: is new; mode 0644, owner 0:0" in ran.err
    argv = ("--mode", "0755", "--owner", "7", "-f", "go")
    assert "mode 0755, owner 7:7" in done("edit", "fs", app, *argv, stdin=b"").err
    assert run("edit", "fs", app, "-f", "x", "--mode", "rwx", stdin=b"").code == 2
    assert run("edit", "fs", app, "-f", "etc", stdin=b"").code == 2


def test_a_file_of_every_image(both: str) -> None:
    """
    One stdin serves all images of an index, or the one that is named.
    """
    done("edit", "fs", both, "-f", "etc/motd", "--attestations", "drop", stdin=b"same")
    content = load(both)
    assert [files(each)["etc/motd"] for each in images(content)] == [b"same"] * 2
    assert isinstance(content, Index)
    assert len(content.children) == 2
    done("edit", "fs", both, "-f", "x", "--platform", "linux/arm64", stdin=b"1")
    assert ["x" in files(each) for each in images(load(both))] == [False, True]


def test_a_person_at_a_terminal(app: str, editor: Path, tmp_path: Path) -> None:
    """
    What there is is given to the editor, under its own name, and what is left is taken.
    """
    code, seen = at_a_terminal("edit", "fs", app, "-f", "/etc/motd", editor=editor)
    assert code == 0, seen
    assert files(loaded(app))["etc/motd"] == b"old\nmore\n"
    assert (tmp_path / "name").read_text() == "motd\n"
    assert (tmp_path / "seen").read_text() == "old\n"
    code, seen = at_a_terminal("edit", "config", app, editor=editor)
    assert (code, b"refused" in seen) == (2, True)
    assert (tmp_path / "name").read_text() == "config.json\n"


def test_an_editor_that_fails(app: str, editor: Path) -> None:
    """
    Then nothing is written; nor where there is none.
    """
    editor.write_text("#!/bin/sh\necho x >$1; exit 3\n")
    code, seen = at_a_terminal("edit", "manifest", app, editor=editor)
    assert (code, b"ended with 3" in seen) == (2, True)
    code, seen = at_a_terminal("edit", "manifest", app, editor=editor / "nope")
    assert (code, b"set VISUAL or EDITOR" in seen) == (2, True)
    assert loaded(app) == IMAGE
