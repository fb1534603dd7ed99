"""
Programs that do a work with a Python peer, to be timed as whole processes.

`python -m benchmarks.peers oras pull HOST/REPOSITORY:TAG FOLDER`
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path


def _oras_pull(reference: str, folder: str) -> None:
    from oras.client import OrasClient

    client = OrasClient(insecure=True)
    Path(folder).mkdir(parents=True, exist_ok=True)
    container = client.get_container(reference)
    manifest = client.get_manifest(container)
    for entry in [manifest["config"], *manifest["layers"]]:
        target = str(Path(folder) / entry["digest"].partition(":")[2])
        client.download_blob(container, entry["digest"], target)


def _dxf_pull(reference: str, folder: str) -> None:
    from typing import Any

    from dxf import DXF

    host, _, rest = reference.partition("/")
    repository, _, tag = rest.rpartition(":")
    Path(folder).mkdir(parents=True, exist_ok=True)
    client: Any = DXF(host, repository, insecure=True)
    for digest in client.get_alias(tag):
        with (Path(folder) / digest.partition(":")[2]).open("wb") as out:
            for chunk in client.pull_blob(digest):
                out.write(chunk)


WORKS: dict[tuple[str, str], Callable[[str, str], None]] = {
    ("oras", "pull"): _oras_pull,
    ("dxf", "pull"): _dxf_pull,
}


def main() -> None:
    """
    Run one work of one peer.
    """
    tool, work, reference, folder = sys.argv[1:]
    WORKS[tool, work](reference, folder)


if __name__ == "__main__":
    main()
