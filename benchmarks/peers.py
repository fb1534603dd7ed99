"""
Programs that do a work with a Python peer, to be timed as whole processes.

`python -m benchmarks.peers TOOL WORK REFERENCE [FOLDER]`: TOOL is oras, dxf or docker (docker-py),
WORK one of pull, push, manifest, digest and ls, as far as the tool does it.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any


def _oras(reference: str) -> tuple[Any, Any]:
    from oras.client import OrasClient

    client = OrasClient(insecure=True)
    return client, client.get_container(reference)


def _oras_pull(reference: str, folder: str) -> None:
    client, container = _oras(reference)
    Path(folder).mkdir(parents=True, exist_ok=True)
    manifest = client.get_manifest(container)
    for entry in [manifest["config"], *manifest["layers"]]:
        target = str(Path(folder) / entry["digest"].partition(":")[2])
        client.download_blob(container, entry["digest"], target)


def _oras_push(reference: str, folder: str) -> None:
    client, container = _oras(reference)
    manifest, blobs = _layout(folder)
    for entry, path in blobs:
        answer = client.upload_blob(str(path), container, entry, do_chunked=True)
        answer.raise_for_status()
    client.upload_manifest(json.loads(manifest), container).raise_for_status()


def _oras_manifest(reference: str) -> None:
    client, container = _oras(reference)
    print(json.dumps(client.get_manifest(container)))


def _oras_ls(reference: str) -> None:
    client, container = _oras(reference)
    print("\n".join(client.get_tags(container)))


def _dxf(reference: str) -> tuple[Any, str]:
    from dxf import DXF

    host, _, rest = reference.partition("/")
    repository, _, tag = rest.partition(":")
    return DXF(host, repository, insecure=True), tag


def _dxf_pull(reference: str, folder: str) -> None:
    client, tag = _dxf(reference)
    Path(folder).mkdir(parents=True, exist_ok=True)
    for digest in client.get_alias(tag):
        with (Path(folder) / digest.partition(":")[2]).open("wb") as out:
            for chunk in client.pull_blob(digest):
                out.write(chunk)


def _dxf_push(reference: str, folder: str) -> None:
    client, tag = _dxf(reference)
    manifest, blobs = _layout(folder)
    for entry, path in blobs:
        client.push_blob(filename=str(path), digest=entry["digest"])
    client.set_manifest(tag, manifest)


def _dxf_manifest(reference: str) -> None:
    client, tag = _dxf(reference)
    print(client.get_manifest(tag))


def _dxf_digest(reference: str) -> None:
    client, tag = _dxf(reference)
    print(client.get_digest(tag))


def _dxf_ls(reference: str) -> None:
    client, _ = _dxf(reference)
    print("\n".join(client.list_aliases()))


def _docker_pull(reference: str) -> None:
    import docker

    repository, _, tag = reference.rpartition(":")
    docker.from_env().images.pull(repository, tag=tag)


def _docker_push(name: str, reference: str) -> None:
    import docker

    client: Any = docker.from_env()
    repository, _, tag = reference.rpartition(":")
    client.images.get(name).tag(repository, tag)
    for line in client.images.push(repository, tag=tag, stream=True, decode=True):
        if "error" in line:
            raise SystemExit(line["error"])


def _layout(folder: str) -> tuple[str, Iterator[tuple[dict[str, Any], Path]]]:
    # The manifest of a layout's only image, and its blobs in the order of a push.
    root = Path(folder)

    def path(entry: dict[str, Any]) -> Path:
        return root.joinpath("blobs", *entry["digest"].split(":"))

    index = json.loads((root / "index.json").read_text())
    text = path(index["manifests"][0]).read_text()
    manifest = json.loads(text)
    return text, ((entry, path(entry)) for entry in [*manifest["layers"], manifest["config"]])


WORKS: dict[tuple[str, str], Callable[..., None]] = {
    ("oras", "pull"): _oras_pull,
    ("oras", "push"): _oras_push,
    ("oras", "manifest"): _oras_manifest,
    ("oras", "ls"): _oras_ls,
    ("dxf", "pull"): _dxf_pull,
    ("dxf", "push"): _dxf_push,
    ("dxf", "manifest"): _dxf_manifest,
    ("dxf", "digest"): _dxf_digest,
    ("dxf", "ls"): _dxf_ls,
    ("docker", "pull"): _docker_pull,
    ("docker", "push"): _docker_push,
}


def main() -> None:
    """
    Run one work of one peer.
    """
    tool, work, *rest = sys.argv[1:]
    WORKS[tool, work](*rest)


if __name__ == "__main__":
    main()
