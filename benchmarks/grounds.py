"""
Make a ground ready: inputs, registries that hold them, and room that is emptied.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Final

import attrs

from benchmarks import registries
from benchmarks.inputs import FULL, QUICK, make
from benchmarks.traffic import Traffic, counting
from benchmarks.works import Ground
from ocikit.content import synthetic
from ocikit.registry import flush, tag_all

_GIB: Final = 1 << 30
#: Tags of the repository that has many.
_TAGS: Final = 5000
#: What all works together take at most, twice over: memory is not only for them.
_ROOM: Final = {False: 14 * _GIB, True: 2 * _GIB}
_MEMORY: Final = Path("/dev/shm")


@attrs.frozen(kw_only=True)
class Stage:
    """
    A ground, where its blobs lie, and how it is cleared of what runs left.
    """

    ground: Ground
    place: str
    #: After a work: what was pushed.
    empty: Callable[[], None]


@contextlib.contextmanager
def stage(
    folder: Path | None, names: set[str], traffic: Traffic | None, *, quick: bool, serving: bool
) -> Iterator[Stage]:
    """
    Start registries, give the first the inputs of these names, and clean up at the end.

    When `serving` is measured, there are ours and crane's as well, with the same inputs.
    """
    with contextlib.ExitStack() as stack:
        place = _place(quick=quick)
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=place)))
        kept = (folder or work) / ("quick" if quick else "full")
        kept.mkdir(parents=True, exist_ok=True)
        inputs = make(kept, QUICK if quick else FULL)
        folders = (work / "one", work / "two")
        servers: dict[str, tuple[str, int]] = {}
        if traffic:
            hosts = [stack.enter_context(counting(each, traffic)) for each in folders]
        else:
            ran = [stack.enter_context(registries.docker_registry(each)) for each in folders]
            hosts = [served.host for served in ran]
            if serving:
                servers = _servers(stack, work, ran[0])
        sink = stack.enter_context(registries.sink()).host
        ground = Ground(
            registry=hosts[0],
            other=hosts[1],
            sink=sink,
            inputs=inputs,
            folder=work,
            servers=servers,
        )
        _fill(ground, names)
        held = [registries.blobs(each) for each in folders]

        def empty() -> None:
            for each, blobs in zip(folders, held, strict=True):
                registries.empty(each, blobs)
            shutil.rmtree(work / "ocikit" / "out", ignore_errors=True)

        said = "memory" if place == _MEMORY else "disk"
        yield Stage(ground=ground, place=said, empty=(lambda: None) if traffic else empty)


def _servers(
    stack: contextlib.ExitStack, work: Path, theirs: registries.Served
) -> dict[str, tuple[str, int]]:
    ran = {"ocikit": stack.enter_context(registries.our_registry(work / "ocikit"))}
    if shutil.which("crane"):
        ran["crane"] = stack.enter_context(registries.crane_registry(work / "crane"))
    ran["docker-registry"] = theirs
    return {tool: (served.host, served.pid) for tool, served in ran.items()}


def _place(*, quick: bool) -> Path | None:
    """
    Choose where blobs lie: in memory where there is room, so that no disk is measured.
    """
    room = _ROOM[quick]
    if not _MEMORY.is_dir() or shutil.disk_usage(_MEMORY).free < room:
        return None
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    for line in Path("/proc/meminfo").read_text().splitlines():
        if line.startswith("MemAvailable:"):
            free = int(line.split()[1]) << 10
    return _MEMORY if free >= room else None


def _fill(ground: Ground, names: set[str]) -> None:
    push = (sys.executable, "-m", "ocikit", "-q", "push")
    for name, layout in ground.inputs.items():
        if name in names and layout.is_dir():
            for host in {ground.registry, *_served(ground, name)}:
                argv = (*push, f"oci:{layout}:v", f"{host}/in/{name}:v")
                subprocess.run(argv, check=True, capture_output=True)
    first = flush(f"{ground.tagged}:0", synthetic.image(Random(1)))
    tag_all(first, [str(number) for number in range(1, _TAGS)])


def _served(ground: Ground, name: str) -> list[str]:
    """
    The registries that are measured by an input.
    """
    tools = {"small60": ("ocikit", "crane"), "big": ("ocikit",)}.get(name, ())
    return [host for tool, (host, _) in ground.servers.items() if tool in tools]
