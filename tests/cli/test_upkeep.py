"""
`ocikit registry gc` and `ocikit registry fsck`.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ocikit.server.disk.storage import Disk
from ocikit.server.garbage import GRACE
from ocikit.server.handler import registry
from tests.cli.running import done, run, start
from tests.server.gateways import over_http
from tests.server.samples import ask, digest, push_blob, push_image


def test_gc_lists_what_it_removes(tmp_path: Path) -> None:
    """
    What is young is left alone, unless it is said that nobody pushes.
    """
    with Disk(tmp_path / "all", "none") as disk:
        push_image(registry(disk), "a", "t", b"layer")
        stray = push_blob(registry(disk), "a", b"stray")
    assert done("registry", "gc", tmp_path / "all").lines == []
    argv = ("registry", "gc", tmp_path / "all", "--older-than", "0")
    assert done(*argv, "--dry-run").lines == [f"blob a {stray} 5"]
    ran = done(*argv, "--output", "json")
    assert [each["kind"] for each in ran.objects] == ["blob", "content"]
    assert "freed 5 bytes" in ran.err
    with Disk(tmp_path / "all", "none") as disk:
        assert run("registry", "gc", tmp_path / "all").code == 6
    assert disk.blob("a", next(iter(disk.contents("a"))).digest) is not None


def _aged(folder: Path) -> None:
    """
    Make all content one that nobody has found for longer than an hour.
    """
    old = time.time() - 2 * GRACE
    for path in folder.rglob("blobs/*/*"):
        os.utime(path, (old, old), follow_symlinks=False)


@contextmanager
def _collecting(folder: Path, *argv: str) -> Generator[tuple[str, subprocess.Popen[bytes]]]:
    """
    Serve a folder whose garbage is collected; gives the address, and ends it in any case.
    """
    _aged(folder)
    with start("registry", "serve", "--disk", folder, "--gc-every", "0.05", *argv) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().decode().strip(), process
        finally:
            process.send_signal(signal.SIGTERM)


@pytest.mark.parametrize("log", ["text", "json"])
def test_garbage_is_collected_while_a_folder_is_served(tmp_path: Path, log: str) -> None:
    """
    What nobody refers to goes and is told with -v; what a tag leads to stays, and requests
    are answered all the while.
    """
    folder = tmp_path / "all"
    with Disk(folder, "none") as disk:
        raw = push_image(registry(disk), "a", "t", b"layer")
        stray = push_blob(registry(disk), "a", b"stray")
    with _collecting(folder, "-v", "--log", log) as (host, process):
        assert process.stderr is not None
        told = [process.stderr.readline().decode() for _ in range(2)]
        assert done("digest", f"{host}/a:t").lines == [digest(raw)]
        assert ask(over_http(host), "GET", f"/v2/a/blobs/{stray}").status == 404
    if log == "json":
        removed = [json.loads(line)["removed"] for line in told]
        assert [(each["kind"], each["digest"]) for each in removed] == [
            ("blob", stray),
            ("content", stray),
        ]
    else:
        assert told == [f"gc: removed blob a {stray} 5\n", f"gc: removed content - {stray} 5\n"]


def test_a_collection_that_fails_is_told(tmp_path: Path) -> None:
    """
    A manifest that is damaged keeps all of its repository, and the registry is served on.
    """
    folder = tmp_path / "all"
    with Disk(folder, "none") as disk:
        raw = push_image(registry(disk), "a", "t", b"layer")
        stray = push_blob(registry(disk), "a", b"stray")
    damaged = folder / "a/blobs/sha256" / digest(raw)[7:]
    damaged.chmod(0o644)
    damaged.write_bytes(b"x" * len(raw))
    with _collecting(folder) as (host, process):
        assert process.stderr is not None
        assert digest(raw)[7:] in process.stderr.readline().decode()
        assert ask(over_http(host), "GET", f"/v2/a/blobs/{stray}").body.read() == b"stray"


def test_fsck_lists_what_is_wrong(tmp_path: Path) -> None:
    """
    It exits with 1 when something is, and was not put right.
    """
    with Disk(tmp_path / "all", "none") as disk:
        push_image(registry(disk), "a", "t", b"layer")
    argv = ("registry", "fsck", tmp_path / "all")
    assert done(*argv).lines == []
    (tmp_path / "all/a/_manifests/sha256" / digest(b"none")[7:]).write_bytes(b"")
    ran = run(*argv)
    assert ran.code == 1
    assert ran.out.startswith("record-useless a/_manifests/sha256/")
    assert done(*argv, "--repair").out.endswith("(repaired)\n")
    assert done(*argv).lines == []
