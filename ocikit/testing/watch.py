"""
What a function does beside giving a result: files, sockets, processes, and blobs it opens.
"""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, Final

import attrs

from ocikit._records import evolve, record
from ocikit.content.image import Image
from ocikit.content.streams import Opener, Stream

#: What Python tells of that touches the world (PEP 578), and how it is called here.
_EVENTS: Final = {
    "open": "opened a file",
    "os.listdir": "listed a folder",
    "os.scandir": "listed a folder",
    "os.mkdir": "made a folder",
    "os.remove": "removed a file",
    "os.rename": "renamed a file",
    "os.putenv": "changed the environment",
    "shutil.rmtree": "removed a folder",
    "socket.connect": "connected to",
    "socket.getaddrinfo": "looked up",
    "socket.bind": "listened at",
    "subprocess.Popen": "started",
    "os.system": "started",
}
_CODE: Final = (".py", ".pyc", ".so", ".pyd")

#: The lists of who watches; hooks cannot be taken away again, so there is one for all.
_watching: list[list[str]] = []
_hooked: list[bool] = []


def _hook(event: str, args: tuple[Any, ...]) -> None:
    if not _watching or event not in _EVENTS:
        return
    what = str(args[0]) if args else ""
    # What is imported late is no deed of the function.
    if event in ("open", "os.listdir", "os.scandir") and (
        what.endswith(_CODE) or "__pycache__" in what or "site-packages" in what
    ):
        return
    for told in _watching:
        told.append(f"{_EVENTS[event]} {what}".rstrip())


@contextmanager
def deeds() -> Generator[list[str]]:
    """
    Note what is done to the world within a `with` block, in any thread.

    >>> with deeds() as told:
    ...     _ = open("/dev/null").close()
    >>> told
    ['opened a file /dev/null']
    """
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked.append(True)
    told: list[str] = []
    _watching.append(told)
    try:
        yield told
    finally:
        _watching[:] = [each for each in _watching if each is not told]


@attrs.define(eq=False)
class Opened:
    """
    The blobs that were opened, in their order, by digest.
    """

    digests: list[str] = attrs.field(factory=list)


@record
class WatchedOpener:
    """
    An opener that tells when it is used.
    """

    inner: Opener
    digest: str
    opened: Opened = attrs.field(repr=False)

    def open(self) -> Stream:
        """
        Tell, and open.
        """
        self.opened.digests.append(self.digest)
        return self.inner.open()


def watched(image: Image) -> tuple[Image, Opened]:
    """
    Give an image that tells which of its layers are opened.

    Its configuration may be read: it is small, and says what the image is.

    >>> from ocikit.testing import building
    >>> image, opened = watched(building.image(building.layer("a")))
    >>> _ = image.layers[0].blob.open().read()
    >>> len(opened.digests)
    1
    """
    opened = Opened()
    layers = tuple(
        evolve(
            layer,
            blob=evolve(
                layer.blob,
                descriptor=evolve(layer.descriptor, data=None),
                opener=WatchedOpener(layer.blob.opener, str(layer.digest), opened),
            ),
        )
        for layer in image.layers
    )
    return evolve(image, layers=layers), opened
