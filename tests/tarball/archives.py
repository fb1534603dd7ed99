"""
Archives as other tools write them, made member by member.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any


def tar_of(*members: tuple[str, bytes] | tuple[str, str]) -> bytes:
    """
    Make a tar: bytes are a file, text is the target of a symbolic link.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in members:
            info = tarfile.TarInfo(name)
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                tar.addfile(info)
            else:
                info.size = len(content)
                tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


LAYERS = (tar_of(("etc/one", b"1")), tar_of(("etc/two", b"22")))


def config_of(layers: Sequence[bytes] = LAYERS, **more: Any) -> bytes:
    """
    Make a configuration with the diff IDs of uncompressed layers.
    """
    diff_ids = [f"sha256:{hashlib.sha256(layer).hexdigest()}" for layer in layers]
    rootfs = {"type": "layers", "diff_ids": diff_ids}
    return json.dumps({"os": "linux", "architecture": "amd64", "rootfs": rootfs, **more}).encode()


def saved(
    path: Path,
    members: Sequence[Any],
    *images: dict[str, Any],
    zipped: bool = False,
) -> Path:
    """
    Write an archive with its `manifest.json`.
    """
    manifest = ("manifest.json", json.dumps(list(images)).encode())
    data = tar_of(*members, manifest)
    path.write_bytes(gzip.compress(data) if zipped else data)
    return path


def docker_20(path: Path, *, zipped: bool = False) -> Path:
    """
    Write an archive as Docker 20.10 does: a folder a layer, the second a link.
    """
    config = config_of((*LAYERS, LAYERS[0]))
    members: list[tuple[str, bytes] | tuple[str, str]] = [
        ("aa/layer.tar", LAYERS[0]),
        ("bb/layer.tar", LAYERS[1]),
        ("cc/layer.tar", "../aa/layer.tar"),
        ("cfg.json", config),
    ]
    image = {
        "Config": "cfg.json",
        "RepoTags": ["busybox:1", "registry.example/b:2"],
        "Layers": ["aa/layer.tar", "bb/layer.tar", "cc/layer.tar"],
    }
    return saved(path, members, image, zipped=zipped)
