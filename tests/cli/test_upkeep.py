"""
`ocikit registry gc` and `ocikit registry fsck`.
"""

from __future__ import annotations

from pathlib import Path

from ocikit.server.disk.storage import Disk
from ocikit.server.handler import registry
from tests.cli.running import done, run
from tests.server.samples import digest, push_blob, push_image


def test_gc_lists_what_it_removes(tmp_path: Path) -> None:
    """
    What is young is left alone, unless it is said that nobody pushes.
    """
    with Disk(tmp_path / "all", "none") as disk:
        push_image(registry(disk), "a", "t", b"layer")
        stray = push_blob(registry(disk), "a", b"stray")
    assert done("registry", "gc", tmp_path / "all").lines == []
    argv = ("registry", "gc", tmp_path / "all", "--grace", "0")
    assert done(*argv, "--dry-run").lines == [f"blob a {stray} 5"]
    ran = done(*argv, "--output", "json")
    assert [each["kind"] for each in ran.objects] == ["blob", "content"]
    assert "freed 5 bytes" in ran.err
    with Disk(tmp_path / "all", "none") as disk:
        assert run("registry", "gc", tmp_path / "all").code == 6
    assert disk.blob("a", next(iter(disk.contents("a"))).digest) is not None


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
