"""
A registry's folder that was damaged, and what `fsck` makes of it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ocikit import media
from ocikit.server.disk.fsck import fsck
from ocikit.server.disk.lock import FolderInUse, NotARegistry
from ocikit.server.disk.storage import Disk
from ocikit.server.handler import registry
from ocikit.testing.asking import descriptor
from tests.server.samples import ask, digest, index, push_blob, push_image, put

LAYER = b"layer" * 1000


def _file(data: bytes) -> str:
    return digest(data).replace(":", "/")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """
    A registry of two repositories, with an index and a signature.
    """
    path = tmp_path / "all"
    with Disk(path, "none") as disk:
        send = registry(disk)
        raw = push_image(send, "a", "t", LAYER)
        put(send, "a", "multi", index(raw), media.OCI_INDEX)
        about = descriptor(raw, media.OCI_MANIFEST)
        push_image(send, "a", "signature", b"signed", subject=about)
        push_image(send, "b/c", "T", LAYER)
    return path


def _manifest(folder: Path) -> bytes:
    with Disk(folder, "none") as disk:
        return ask(registry(disk), "GET", "/v2/a/manifests/t").body.read()


def _overwrite(path: Path, data: bytes) -> None:
    # In place, as a disk does that forgets: all names of the file have it.
    with path.open("r+b") as file:
        file.write(data)


def test_nothing_is_wrong_with_what_we_made(folder: Path) -> None:
    """
    Neither after a registry was closed, nor when one is looked at twice.
    """
    assert fsck(folder) == fsck(folder, repair=True) == ()


def test_damaged_content_is_set_aside(folder: Path) -> None:
    """
    It is gone from all that held it; pushed again it is whole for all that push it.
    """
    shared = folder / "_blobs" / _file(LAYER)
    _overwrite(shared, b"L")
    kinds = [each.kind for each in fsck(folder)]
    assert kinds == ["content-damaged"]
    done = fsck(folder, repair=True)
    assert [(each.kind, each.repository, each.repaired) for each in done] == [
        ("content-damaged", "", True),
        ("blob-missing", "a", False),
        ("blob-missing", "b/c", False),
    ]
    assert len(list((folder / "_damaged").iterdir())) == 1
    with Disk(folder, "none") as disk:
        for name in ("a", "b/c"):
            push_blob(registry(disk), name, LAYER)
    assert fsck(folder) == ()


def test_a_push_mends_what_is_damaged(folder: Path) -> None:
    """
    Who pushes the right bytes mends them for every repository.
    """
    _overwrite(folder / "_blobs" / _file(LAYER), b"L")
    with Disk(folder, "none") as disk:
        send = registry(disk)
        push_blob(send, "new", LAYER)
        for name in ("a", "b/c", "new"):
            path = f"/v2/{name}/blobs/{digest(LAYER)}"
            assert ask(send, "GET", path).body.read() == LAYER
    assert fsck(folder) == ()


@pytest.mark.parametrize(
    ("harm", "kinds"),
    [
        (lambda f, raw: os.unlink(f / "a/_manifests" / _file(raw)), ["record-missing"]),
        (lambda f, raw: _overwrite(f / "a/_manifests" / _file(raw), b"?"), ["record-damaged"]),
        (lambda f, raw: os.unlink(f / "a/index.json"), ["index-stale"]),
        (lambda f, raw: (f / "a/index.json").write_bytes(b"{}"), ["index-stale"]),
        (lambda f, raw: os.unlink(f / "_blobs" / _file(LAYER)), ["content-unshared"] * 2),
        (lambda f, raw: (f / "a/_tags/none").write_bytes(b""), ["tag-damaged"]),
        (
            lambda f, raw: (f / "a/_tags/none").write_text(f"{digest(b'none')}\n"),
            ["tag-dangling"],
        ),
    ],
)
def test_what_follows_from_other_files_is_made_anew(
    folder: Path, harm: Callable[[Path, bytes], None], kinds: list[str]
) -> None:
    """
    Then all is as it was, referrers included.
    """
    raw = _manifest(folder)
    harm(folder, raw)
    found = [each.kind for each in fsck(folder)]
    assert [kind for kind in found if kind != "index-stale"] == [
        kind for kind in kinds if kind != "index-stale"
    ]
    assert all(each.repaired for each in fsck(folder, repair=True))
    assert fsck(folder) == ()
    assert _manifest(folder) == raw
    with Disk(folder, "none") as disk:
        listed = ask(registry(disk), "GET", f"/v2/a/referrers/{digest(raw)}").body.read()
        assert listed.count(b'"digest"') == 1
        tags = ask(registry(disk), "GET", "/v2/a/tags/list").body.read()
        assert tags == b'{"name":"a","tags":["multi","signature","t"]}'


def test_a_folder_that_is_served_is_refused(folder: Path) -> None:
    """
    What changes meanwhile would look damaged.
    """
    with Disk(folder, "none"), pytest.raises(FolderInUse):
        fsck(folder)
    fsck(folder)


def test_a_folder_of_something_else_is_refused(tmp_path: Path) -> None:
    """
    Nothing is put among a person's files.
    """
    (tmp_path / "thesis.tex").write_text("")
    for use in (fsck, Disk):
        with pytest.raises(NotARegistry):
            use(tmp_path)
    assert os.listdir(tmp_path) == ["thesis.tex"]
