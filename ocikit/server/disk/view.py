"""
`index.json` of the repositories on disk: how other tools see what their files say.

It is made from the tags, and nothing is made from it. To write it anew for every tag
would make the thousandth push a thousand times as dear as the first, so that it is
written some time after a change, once for all changes of that time, and when the registry
is closed. What a process that was killed had no time for, the next one finds by the age
of the file.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from contextlib import suppress
from typing import Any, Final

from ocikit import media
from ocikit.digest import Digest
from ocikit.server.disk.holdings import Holdings, Kept
from ocikit.server.disk.places import MANIFESTS, TAGS, Folder
from ocikit.server.disk.system import Writer
from ocikit.spec.layout import REF_NAME

#: Seconds from a change until it is seen by other tools.
LATER: Final = 0.5
#: The most of all time that goes into it.
_SHARE: Final = 0.1


class View:
    """
    Writes what changed, later.
    """

    def __init__(self, writer: Writer, later: float = LATER) -> None:
        self._writer, self._later = writer, later
        self._lock = threading.Lock()
        self._changed: set[Holdings] = set()
        self._timer: threading.Timer | None = None

    def changed(self, held: Holdings) -> None:
        """
        Say that a repository has other tags or manifests.
        """
        with self._lock:
            self._changed.add(held)
            if self._timer is None:
                self._start(self._later)

    def flush(self) -> None:
        """
        Write all that changed, now.
        """
        with self._lock:
            changed, self._changed = self._changed, set()
        for held in changed:
            with suppress(OSError):
                # It is not what counts, and the next change or start makes it anew.
                self._write(held)

    def close(self) -> None:
        """
        Write all that changed, and end.
        """
        with self._lock:
            timer, self._timer = self._timer, None
        if timer is not None:
            timer.cancel()
        self.flush()

    def abandon(self) -> None:
        """
        End, and write nothing.
        """
        with self._lock:
            self._changed.clear()
        self.close()

    def _start(self, seconds: float) -> None:
        # A registry that nobody has any more is not kept for the sake of its view.
        self._timer = threading.Timer(seconds, _run, (weakref.ref(self),))
        self._timer.daemon = True
        self._timer.start()

    def run(self) -> None:
        """
        Write all that changed; and again if there was more meanwhile.
        """
        begun = time.monotonic()
        self.flush()
        spent = time.monotonic() - begun
        with self._lock:
            if self._timer is None:
                return
            self._timer = None
            if self._changed:
                self._start(max(self._later, spent / _SHARE))

    def _write(self, held: Holdings) -> None:
        with held.lock:
            held.load()
            tags, manifests = held.tags.targets(), dict(held.manifests)
        path = self._writer.prepare(index_of(tags, manifests))
        self._writer.system.replace(path, held.folder.index)


def _run(view: weakref.ref[View]) -> None:
    known = view()
    if known is not None:
        known.run()


def is_stale(folder: Folder) -> bool:
    """
    Tell whether the index of a repository may be older than its tags or its manifests.
    """
    try:
        made = os.stat(folder.index).st_mtime_ns
    except FileNotFoundError:
        return True
    names = [os.path.join(folder.path, MANIFESTS), os.path.join(folder.path, TAGS)]
    with suppress(FileNotFoundError):
        names += [entry.path for entry in os.scandir(names[0])]
    return any(_changed_at(name) >= made for name in names)


def _changed_at(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except FileNotFoundError:
        return 0


def index_of(tags: dict[str, Digest], manifests: dict[Digest, Kept]) -> bytes:
    """
    Write the index of a layout: an entry for each tag, and for what has none.

    >>> index_of({}, {})
    b'{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[]}'
    """
    from ocikit.spec.gojson import dumps

    named = [
        {**_entry(target, manifests[target]), "annotations": {REF_NAME: tag}}
        for tag, target in tags.items()
        if target in manifests
    ]
    rest = sorted(manifests.keys() - set(tags.values()), key=str)
    entries: list[Any] = [*named, *(_entry(digest, manifests[digest]) for digest in rest)]
    return dumps({"schemaVersion": 2, "mediaType": media.OCI_INDEX, "manifests": entries})


def _entry(digest: Digest, kept: Kept) -> dict[str, Any]:
    return {"mediaType": kept.media_type, "digest": str(digest), "size": kept.size}
