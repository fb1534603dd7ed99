"""
The repositories of a registry on disk.
"""

from __future__ import annotations

import bisect
import os
import threading
from collections.abc import Iterator

from ocikit.server.disk.content import Content
from ocikit.server.disk.holdings import Holdings
from ocikit.server.disk.places import BLOBS, TAGS, Places
from ocikit.server.disk.system import Writer
from ocikit.server.disk.view import index_of
from ocikit.spec.document import make
from ocikit.spec.layout import LayoutMarker


class Known:
    """
    All repositories, in order, and which of them have a folder.
    """

    def __init__(self, places: Places, content: Content, writer: Writer) -> None:
        self._places, self._content, self._writer = places, content, writer
        self._lock = threading.Lock()
        self._held: dict[str, Holdings] = {}
        self._names: list[str] = []

    def read(self) -> list[Holdings]:
        """
        Find them all on the disk.
        """
        names = sorted(self._places.repositories())
        held = {name: Holdings(name, self._places.repository(name)) for name in names}
        for each in held.values():
            each.made = True
        with self._lock:
            self._held, self._names = held, names
        return list(held.values())

    def __getitem__(self, name: str) -> Holdings:
        return self._held[name]

    def find(self, name: str) -> Holdings | None:
        """
        Find a repository, with what its files say.
        """
        held = self._held.get(name)
        if held is not None:
            held.load()
        return held

    def after(self, last: str) -> Iterator[Holdings]:
        """
        Give the repositories whose names come after `last`, in ASCII order.
        """
        with self._lock:
            names = self._names[bisect.bisect_right(self._names, last) :]
        return map(self._held.__getitem__, names)

    def made(self, name: str) -> Holdings:
        """
        Give a repository, and make its folder when there is none.
        """
        with self._lock:
            held = self._held.get(name)
            if held is None:
                held = Holdings(name, self._places.repository(name))
                self._held[name] = held
                bisect.insort(self._names, name)
        if not held.made:
            with held.lock:
                self._make(held)
        return held

    def _make(self, held: Holdings) -> None:
        if held.made:
            return
        for part in (BLOBS, TAGS):
            self._content.make_folder(os.path.join(held.folder.path, part))
        self._content.put(self._writer.prepare(index_of({}, {})), held.folder.index)
        # It is a layout from now on.
        self._content.put(self._writer.prepare(make(LayoutMarker()).raw), held.folder.marker)
        held.made = True
