"""
`kill -9` under eight writers, again and again: what was acknowledged is there.
"""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import pytest

from ocikit import layout
from ocikit.content.image import Image
from ocikit.server.disk.fsck import fsck
from ocikit.server.disk.storage import Disk
from ocikit.server.handler import registry
from tests.server.killed import Writer, kill_amid
from tests.server.samples import ask

#: The long form is asked for by OCIKIT_KILLS=25.
ROUNDS = int(os.environ.get("OCIKIT_KILLS", "4"))


@pytest.mark.parametrize("durability", ["full", "none"])
def test_nothing_acknowledged_is_lost(tmp_path: Path, durability: str) -> None:
    """
    Blobs, manifests, tags and what came of uploads; and whatever is there is whole.
    """
    path, random = tmp_path / "all", Random(durability)
    # Two share a repository, and all share their config.
    writers = [Writer(f"team{n // 2}/app", f"Tag{n}", Random(n)) for n in range(8)]
    for _ in range(ROUNDS):
        kill_amid(path, durability, writers, random.uniform(0.1, 0.5))
        found = [each for each in fsck(path) if each.kind != "index-stale"]
        assert found == []
        with Disk(path, "none") as disk:
            for writer in writers:
                _check(disk, writer)
        for writer in writers:
            for tag in writer.tags:
                assert isinstance(layout.load(path / writer.name, tag), Image)
    blobs, manifests = (
        sum(len(getattr(each, kind)) for each in writers) for kind in ("blobs", "manifests")
    )
    print(f"{durability}: {ROUNDS} kills, {blobs} blobs and {manifests} manifests acknowledged")
    assert blobs
    assert manifests


def _check(disk: Disk, writer: Writer) -> None:
    send = registry(disk)
    for named, data in writer.blobs.items():
        response = ask(send, "GET", f"/v2/{writer.name}/blobs/{named}")
        assert (response.status, response.body.read()) == (200, data)
    for named, raw in writer.manifests.items():
        response = ask(send, "GET", f"/v2/{writer.name}/manifests/{named}")
        assert (response.status, response.body.read()) == (200, raw)
    for tag, named in writer.tags.items():
        response = ask(send, "HEAD", f"/v2/{writer.name}/manifests/{tag}")
        assert response.headers.get("Docker-Content-Digest") in (named, writer.asked.get(tag))
    for location, (size, data) in writer.uploads.items():
        stands = int(ask(send, "GET", location).headers.get("Range").partition("-")[2]) + 1
        assert size <= stands <= len(data)
        response = ask(send, "PATCH", location, data[stands:], Content_Range=_rest(stands, data))
        assert response.status == (202 if stands < len(data) else 400)
    writer.uploads.clear()
    writer.asked.clear()
    for tag in writer.tags:
        response = ask(send, "HEAD", f"/v2/{writer.name}/manifests/{tag}")
        writer.tags[tag] = response.headers.get("Docker-Content-Digest")


def _rest(stands: int, data: bytes) -> str:
    return f"{stands}-{len(data) - 1}"
