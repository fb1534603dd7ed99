"""
The works of registries: a blob out and in, and many small questions; and what is done in
one process only.

The tools are servers here. A client that does nothing else asks each of them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Final

from benchmarks.measure import Contender
from benchmarks.works import Ground, Work

_ASKING: Final = (sys.executable, "-m", "benchmarks.asking")
#: Small requests of one run; the slowest server has a tenth of them.
_TIMES: Final = 10_000


def _blob(layout: Path) -> tuple[str, Path]:
    """
    The first layer of a layout's image: its digest and its file.
    """

    def path(digest: str) -> Path:
        return layout.joinpath("blobs", *digest.split(":"))

    index = json.loads((layout / "index.json").read_text())
    manifest = json.loads(path(index["manifests"][0]["digest"]).read_text())
    digest = manifest["layers"][0]["digest"]
    return digest, path(digest)


def _of_blobs(ground: Ground) -> dict[str, tuple[str, int]]:
    # Crane's registry has an upload in memory, several times over: 4 GiB for one.
    return {tool: place for tool, place in ground.servers.items() if tool != "crane"}


def serve_get(ground: Ground, name: str) -> list[Contender]:
    """
    Serve one large blob.
    """
    digest, _ = _blob(ground.inputs[name])

    def contender(tool: str, host: str, pid: int) -> Contender:
        argv = (*_ASKING, str(pid), "get", f"{host}/in/{name}", digest)
        return Contender(tool=tool, argv=lambda: argv, inside=True)

    return [contender(tool, *place) for tool, place in _of_blobs(ground).items()]


def serve_put(ground: Ground, name: str) -> list[Contender]:
    """
    Take one large blob.
    """
    digest, path = _blob(ground.inputs[name])

    def contender(tool: str, host: str, pid: int) -> Contender:
        argv = (*_ASKING, str(pid), "put")
        return Contender(
            tool=tool,
            argv=lambda: (*argv, ground.target(host).removesuffix(":v"), str(path), digest),
            inside=True,
        )

    return [contender(tool, *place) for tool, place in _of_blobs(ground).items()]


def serve_head(ground: Ground, name: str) -> list[Contender]:
    """
    Answer many questions for a tag, over eight connections.
    """

    def contender(tool: str, host: str, pid: int) -> Contender:
        part = 10 if tool == "docker-registry" else 1
        argv = (*_ASKING, str(pid), "head", f"{host}/in/{name}", "v", str(_TIMES // part))
        note = f"{_TIMES // part} requests, times {part}" if part > 1 else ""
        return Contender(tool=tool, argv=lambda: argv, inside=True, times=part, note=note)

    return [contender(tool, *place) for tool, place in ground.servers.items()]


def _inside(work: str) -> Work:
    def contenders(ground: Ground, name: str) -> list[Contender]:
        argv = (sys.executable, "-m", "benchmarks.inside", work, name)
        return [Contender(tool="warm", argv=lambda: argv, inside=True)]

    return contenders


#: Work to its inputs and to its contenders.
WORKS: dict[str, tuple[tuple[str, ...], Work]] = {
    "serve-get": (("big",), serve_get),
    "serve-put": (("big",), serve_put),
    "serve-head": (("small60",), serve_head),
    "ask": (("head",), _inside("ask")),
    "generate": (("images",), _inside("generate")),
    "parse": (("12", "100"), _inside("parse")),
}
