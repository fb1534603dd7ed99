"""
State machines: a place and a plain dictionary, given the same to do, never disagree.

    TestMyRegistry = registry_machine(lambda: Place(send=my_registry())).TestCase
    TestMyLayout = layout_machine(lambda: layout_place(new_folder())).TestCase
    TestMyCache = cache_machine(lambda: cache_place(new_folder())).TestCase

Each is made by a function of how the place is opened. A machine restarts what it tests,
lets faults befall it, and turns its clock, as far as the place says how.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from ocikit.errors import OciError
from ocikit.http.message import Middleware, Response
from ocikit.server.faults.mishaps import AnswerLost, Drop, Status
from ocikit.server.faults.plan import Fault, faulty
from ocikit.testing.asking import Asking
from ocikit.testing.machines_cache import CachePlace, cache_machine, cache_place
from ocikit.testing.machines_layout import layout_machine
from ocikit.testing.machines_registry import BLOBS, NAMES, PICKS, TAGS, Requests, picked
from ocikit.testing.modelled import Place, named
from ocikit.testing.modelled_layout import LayoutPlace, layout_place

__all__ = [
    "CachePlace",
    "LayoutPlace",
    "Place",
    "RegistryMachine",
    "cache_machine",
    "cache_place",
    "layout_machine",
    "layout_place",
    "registry_machine",
]

#: What befalls a request: it is refused, it breaks off, or it is done and nobody is told.
_MISHAPS: Final[tuple[Middleware, ...]] = (
    *(Status(status=503), Status(status=503, done=True), AnswerLost()),
    *(Drop(of="request", after=0), Drop(of="request", after=2), Drop(of="response", after=0)),
)
MISHAPS: Final = st.sampled_from(_MISHAPS)
#: How long somebody waits, in seconds.
WAITS: Final = st.sampled_from([1.0, 100.0])


def registry_machine(open: Callable[[], Place], *, faults: bool = True) -> type[Requests]:
    """
    Make a state machine for a registry; its `TestCase` is a test.

    It pushes, mounts, tags, deletes, collects garbage, kills and lists, breaks requests off
    and loses answers, and after each step compares all that is there with a plain
    dictionary.

    Args:
        open: gives the registry, which holds nothing yet, anew for each run.
        faults: whether requests break off, and time passes; without, less is tried, and
            what is found is smaller.

    >>> from ocikit.server.handler import registry
    >>> machine = registry_machine(lambda: Place(send=registry()))
    >>> TestMyRegistry = machine.TestCase
    """

    if not faults:

        class Plain(Requests):
            opening = staticmethod(open)

        return Plain

    class Machine(RegistryMachine):
        opening = staticmethod(open)

    return Machine


class RegistryMachine(Requests):
    """
    The rules; `registry_machine` makes one for a registry.
    """

    @precondition(lambda self: self.place.strict)
    @rule(name=NAMES, data=BLOBS, befalls=MISHAPS, skip=st.integers(0, 1))
    def push_blob_amid_faults(self, name: str, data: bytes, befalls: Middleware, skip: int) -> None:
        """
        Push a blob in two requests, one of which goes wrong: it is there whole, or as it was.
        """
        ask, digest, held = self._befallen(befalls, skip), named(data), self.held(name)
        with contextlib.suppress(OciError):
            location = ask("POST", f"{self.path(name)}/blobs/uploads/").headers.get("Location", "")
            if location:
                sign = "&" if "?" in location else "?"
                ask("PUT", f"{location}{sign}digest={digest}", data).body.close()
        status, found = self.ask.read("GET", f"{self.path(name)}/blobs/{digest}")
        assert (status, found) == (200, data) or (status == 404 and digest not in held.blobs)
        if status == 200:
            held.blobs[digest] = data

    @precondition(lambda self: self.place.strict and self.all_of("manifests"))
    @rule(pick=PICKS, tag=TAGS, befalls=MISHAPS)
    def tag_amid_faults(self, pick: int, tag: str, befalls: Middleware) -> None:
        """
        Push a manifest by a tag, and something goes wrong: the tag is moved, or as it was.
        """
        name, digest = picked(self.all_of("manifests"), pick)
        held = self.held(name)
        raw, kind, about = held.manifests[digest]
        path, headers = f"{self.path(name)}/manifests/{tag}", {"Content-Type": kind}
        with contextlib.suppress(OciError):
            self._befallen(befalls)("PUT", path, raw, headers).body.close()
        found = self._tagged(path)
        if found == named(raw) and not self.lacks(name, raw):
            held.needed[found] = held.needed[digest]
            held.manifests[found] = (raw, kind, about)
            held.tags[tag] = found
        assert found == held.tags.get(tag, "")

    @precondition(lambda self: self.place.strict and self.all_of("blobs"))
    @rule(pick=PICKS, befalls=MISHAPS)
    def delete_blob_amid_faults(self, pick: int, befalls: Middleware) -> None:
        """
        Delete a blob, and something goes wrong: it is there whole, or gone.
        """
        name, digest = picked(self.all_of("blobs"), pick)
        path = f"{self.path(name)}/blobs/{digest}"
        with contextlib.suppress(OciError):
            self._befallen(befalls)("DELETE", path).body.close()
        status, found = self.ask.read("GET", path)
        assert status == 404 or (status, found) == (200, self.held(name).blobs[digest])
        if status == 404:
            del self.held(name).blobs[digest]

    @precondition(lambda self: self.place.time is not None)
    @rule(seconds=WAITS)
    def wait(self, seconds: float) -> None:
        """
        Let time pass: less than any push may take.
        """
        assert self.place.time is not None
        self.place.time.sleep(seconds)

    @precondition(lambda self: self.place.sweep is not None)
    @rule()
    def sweep(self) -> None:
        """
        Remove garbage while pushes go on: nothing goes that somebody asked for just now.
        """
        assert self.place.sweep is not None
        self.place.sweep()

    @precondition(lambda self: None not in (self.place.time, self.place.sweep, self.place.expires))
    @rule()
    def expire(self) -> None:
        """
        Let so much time pass that nobody goes on with any upload, and remove garbage.
        """
        assert self.place.time is not None
        assert self.place.expires is not None
        assert self.place.sweep is not None
        self.place.time.sleep(self.place.expires + 1)
        self.place.sweep()
        for held in self.model.values():
            held.collect()
        for location, _, _ in self.uploads.values():
            assert self.ask("GET", location).status == 404
        self.uploads = {}

    def _befallen(self, befalls: Middleware, skip: int = 0) -> Asking:
        """
        Ask so that one request, after some, meets with a mishap.
        """
        sleep = (lambda _: None) if self.place.time is None else self.place.time.sleep
        send = faulty(self.ask.send, Fault(befalls, skip=skip), sleep=sleep)
        return Asking(send, self.place.base)

    def _tagged(self, path: str) -> str:
        response: Response = self.ask("HEAD", path, headers={"Accept": "*/*"})
        assert response.status in (200, 404)
        return response.headers.get("Docker-Content-Digest", "") if response.status == 200 else ""
