"""
In sync with a registry that we did not write: docker-registry to ours on disk, and back.
"""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from ocikit import layout
from ocikit.bulk.sync import summary, sync
from ocikit.bulk.sync_file import read_sync
from ocikit.content import synthetic
from ocikit.content.image import Content
from ocikit.content.partial import artifact
from ocikit.crane.options import Options
from ocikit.registry import flush, load, referrers, tags
from ocikit.server.disk.storage import Disk
from ocikit.server.handler import registry
from ocikit.server.web.serve import serve
from tests.real.docker_registry import DockerRegistry

pytestmark = pytest.mark.real


def test_there_and_back(docker_registry: DockerRegistry, tmp_path: Path) -> None:
    """
    Images, an index and a signature come back as they were, and into a layout; what is no longer
    wanted goes, and nothing is written when all is the same.
    """
    host = docker_registry.host
    image, index = synthetic.image(random.Random(1)), synthetic.index(random.Random(2))
    note = artifact("text/plain", subject=image.descriptor)
    contents: dict[str, Content] = {"1.0.0": image, "1.1.0": index, "latest": index}
    for name, content in contents.items():
        flush(f"{host}/sync/from:{name}", content)
    flush(f"{host}/sync/from@{note.digest}", note)
    flush(f"{host}/sync/back:1.0.9", image)
    with Disk(tmp_path / "disk") as disk, serve(registry(disk)) as ours:
        out = read_sync(f"""
        [[sync]]
        repository = "{host}/sync/from"
        targets = "{ours.host}/mirror"
        referrers = true
        """)
        back = read_sync(f"""
        [[sync]]
        repository = "{ours.host}/mirror"
        targets = ["{host}/sync/back", "oci:{tmp_path}/out"]
        tags.semver = "^1"
        referrers = true
        delete = true
        """)
        state = tmp_path / "state"
        assert str(summary(sync(out, Options(), state=state))).startswith("2 copied, 1 tagged")
        done = str(summary(sync(back, Options(), state=state)))
        assert done.startswith("4 copied, 1 deleted")
        assert set(tags(f"{host}/sync/back")) >= {"1.0.0", "1.1.0"}
        assert "1.0.9" not in set(tags(f"{host}/sync/back"))
        assert load(f"{host}/sync/back:1.0.0") == image
        assert load(f"{host}/sync/back:1.1.0") == index
        found = referrers(f"{host}/sync/back@{image.digest}")
        assert [each.digest for each in found] == [note.digest]
        assert layout.load(tmp_path / "out", "1.1.0") == index
        seen = len(docker_registry.requests())
        for file, count in ((out, 3), (back, 4)):
            again = str(summary(sync(file, Options(), state=state)))
            assert again == f"{count} the same"
        asked = {method for method, _, _ in docker_registry.requests()[seen:]}
        assert asked <= {"GET", "HEAD"}
