"""
Layouts, caches and sweeps of registries with a bug each, that machines find.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Final

from hypothesis.errors import HypothesisException

from ocikit._records import evolve
from ocikit.content.blob import Blob
from ocikit.content.image import Content
from ocikit.digest import Digest
from ocikit.errors import Missing
from ocikit.layout.index import entry, placed, update
from ocikit.layout.load import entries, load
from ocikit.server.garbage import collect
from ocikit.server.handler import registry
from ocikit.server.memory import Memory
from ocikit.testing.machines import (
    CachePlace,
    LayoutPlace,
    Place,
    cache_machine,
    cache_place,
    layout_machine,
    layout_place,
    registry_machine,
)
from ocikit.testing.modelled_layout import blobs_of
from ocikit.testing.time import VirtualTime
from tests.testing.mutants.found import (
    FAILURES,
    Found,
    Mutant,
    run_machine,
    said,
    steps_of,
)


def named_first(place: LayoutPlace) -> LayoutPlace:
    """
    Lists content, and then writes it.
    """

    def flush(content: Content, name: str) -> None:
        os.makedirs(place.folder / "blobs", exist_ok=True)
        update(str(place.folder), lambda old: placed(old, entry(content, name)), durable=False)
        place.flush(content, name)

    return evolve(place, flush=flush)


def shallow(place: LayoutPlace) -> LayoutPlace:
    """
    Takes for garbage what is two documents below an entry.
    """

    def gc(before: float | None) -> Iterable[Digest]:
        kept = set[Digest]()
        for each in entries(place.folder):
            kept.add(each.digest)
            with suppress(Missing):
                kept |= {part.digest for part in _parts(load(place.folder, str(each.digest)))}
        lost = [
            (digest, path)
            for digest, path in _blobs(place)
            if digest not in kept and (before is None or path.stat().st_mtime < before)
        ]
        for _, path in lost:
            path.unlink()
        return [digest for digest, _ in lost]

    return evolve(place, gc=gc)


def trusting(place: LayoutPlace) -> LayoutPlace:
    """
    Takes a file of the right name and size for the blob.
    """

    def flush(content: Content, name: str) -> None:
        before = {path: path.read_bytes() for _, path in _blobs(place)}
        place.flush(content, name)
        for path, data in before.items():
            if path.stat().st_size == len(data) and path.read_bytes() != data:
                path.write_bytes(data)

    return evolve(place, flush=flush)


def first_in(place: CachePlace) -> CachePlace:
    """
    Throws out what came first, however often it is used.
    """

    def read(blob: Blob) -> bytes:
        path = place.folder / blob.digest.algorithm / blob.digest.hex
        came = path.stat().st_mtime if path.exists() else None
        data = place.read(blob)
        if came is not None and path.exists():
            os.utime(path, (came, came))
        return data

    return evolve(place, read=read)


def unchecked(place: CachePlace) -> CachePlace:
    """
    Gives what is in its files for what it was.
    """

    def read(blob: Blob) -> bytes:
        path = place.folder / blob.digest.algorithm / blob.digest.hex
        if not path.exists():
            return place.read(blob)
        os.utime(path)
        return path.read_bytes()

    return evolve(place, read=read)


def hasty(send_of: Callable[[Memory], Any]) -> Place:
    """
    Removes at once what no manifest refers to, also amid a push.
    """
    time = VirtualTime()
    storage = Memory(time)

    def sweep() -> None:
        collect(storage, grace=-1, clock=time)

    return Place(send=send_of(storage), time=time, sweep=sweep)


def by_steps(make: Callable[[Callable[[], Any]], Any], open: Callable[[], Any], most: int) -> Any:
    """
    Search for steps after which a place is not what a dictionary is.
    """

    def search() -> Found | None:
        begun, first = 0, 0

        def counted() -> Any:
            nonlocal begun
            begun += 1
            return open()

        class Machine(make(counted)):  # type: ignore[misc]
            def teardown(self) -> None:
                nonlocal first
                error = sys.exception() if hasattr(sys, "exception") else sys.exc_info()[1]
                if isinstance(error, FAILURES) and not isinstance(error, HypothesisException):
                    first = first or begun
                super().teardown()

        error = run_machine(Machine, 6, most)
        return None if error is None else Found(first, tuple(steps_of(error)), said(error))

    return search


def _parts(content: Any) -> Iterable[Any]:
    manifest = content.manifest
    listed = getattr(manifest, "manifests", None)
    return (manifest.config, *manifest.layers) if listed is None else listed


def _blobs(place: LayoutPlace) -> list[tuple[Digest, Path]]:
    return [*blobs_of(place.folder / "blobs")]


def _layout(bug: str, change: Callable[[LayoutPlace], LayoutPlace], most: int) -> Mutant:
    def begin() -> LayoutPlace:
        folder = tempfile.mkdtemp()
        place = change(layout_place(f"{folder}/out"))
        return evolve(place, close=lambda: shutil.rmtree(folder))

    # What is looked for here needs no crash.
    search = by_steps(partial(layout_machine, crashes=False), begin, most)
    return Mutant(bug, "`layout_machine`", search, most)


def _cache(bug: str, change: Callable[[CachePlace], CachePlace], most: int) -> Mutant:
    def begin() -> CachePlace:
        folder = tempfile.mkdtemp()
        place = evolve(change(cache_place(f"{folder}/cache")), restart=None)
        return evolve(place, close=lambda: shutil.rmtree(folder))

    return Mutant(bug, "`cache_machine`", by_steps(cache_machine, begin, most), most)


MUTANTS: Final = (
    _layout("entry listed before its blobs are there", named_first, 1),
    _layout("garbage that an inner index needs", shallow, 2),
    _layout("file of the right size trusted", trusting, 3),
    _cache("first in, first out", first_in, 5),
    _cache("damaged file given out", unchecked, 3),
    Mutant(
        "garbage collected amid a push",
        "`registry_machine`",
        by_steps(registry_machine, lambda: hasty(registry), 2),
        2,
    ),
)
