"""
Clients without manners, and mirrors that lose something: a bug each.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final
from urllib.parse import urljoin

from hypothesis.strategies import SearchStrategy

from ocikit._records import evolve
from ocikit.content.assemble import Source, assemble
from ocikit.content.blob import Blob, of_bytes
from ocikit.content.image import Content, ContentOpener, Image
from ocikit.content.streams import BytesOpener, Opener
from ocikit.digest import Digest
from ocikit.errors import Unreachable
from ocikit.http.credentials import Basic
from ocikit.http.message import Request, Response, Send
from ocikit.registry.client import Client
from ocikit.registry.load import load
from ocikit.spec.descriptor import Descriptor
from ocikit.testing import strategies as oci
from ocikit.testing.asking import Asking
from ocikit.testing.corner import Corner
from ocikit.testing.manners import HOST, MannersContract
from ocikit.testing.mirrors import MirrorContract
from ocikit.testing.registries import TestRegistry
from ocikit.testing.time import VirtualTime
from tests.testing.mutants.found import Mutant, by_contract

_STEP: Final = 16


class Minding(MannersContract):
    """
    A client that has no bug.
    """

    contents: ClassVar[SearchStrategy[Content]] = oci.images(max_layers=2)

    def wrapped(self, send: Send) -> Send:
        """
        Put something between it and the registry.
        """
        return send

    def pull(self, send: Send, reference: str, login: Basic, time: VirtualTime) -> Content:
        known = Client(send=self.wrapped(send), keychain=lambda _: login, clock=time.clock, jobs=1)
        return load(reference, client=known)


class Forwards(Minding):
    """
    Follows whoever sends it elsewhere, with all that it says.
    """

    def wrapped(self, send: Send) -> Send:
        def follow(request: Request) -> Response:
            response = send(request)
            if response.status != 307:
                return response
            return send(evolve(request, url=response.headers.get("Location")))

        return follow


class Hasty(Minding):
    """
    Does not look how long it is to wait.
    """

    def wrapped(self, send: Send) -> Send:
        def deaf(request: Request) -> Response:
            response = send(request)
            return evolve(response, headers=response.headers.without("Retry-After"))

        return deaf


class Resumes(Minding):
    """
    Checks what came at once, and not what came in parts.
    """

    def pull(self, send: Send, reference: str, login: Basic, time: VirtualTime) -> Content:
        ask = Asking(send, f"http://{HOST}")
        response = ask("GET", "/v2/app/manifests/1", headers=Corner.accept)
        raw, kind = response.body.read(), response.headers.get("Content-Type")
        descriptor = Descriptor(media_type=kind, digest=Digest.of(raw), size=len(raw))
        found = assemble(raw, descriptor, Source(blob=lambda each: _read(ask, each), child=_none))
        assert isinstance(found, Image)
        # What it has read it takes for what it was to read.
        came = [of_bytes(_all(each.opener), each.media_type) for each in _blobs(found)]
        layers = (evolve(old, blob=new) for old, new in zip(found.layers, came[1:], strict=True))
        return evolve(found, config=came[0], layers=tuple(layers))


class TagsOnly(MirrorContract):
    """
    Copies what has a tag.
    """

    def mirror(self, source: TestRegistry, target: TestRegistry, names: Sequence[str]) -> None:
        for name in names:
            target.flush(name, source.load(name))


class ForOne(MirrorContract):
    """
    Copies what is for this machine.
    """

    holdings = oci.registries(referrers=False)

    def mirror(self, source: TestRegistry, target: TestRegistry, names: Sequence[str]) -> None:
        for name in names:
            content = source.load(name)
            found = [
                each.content
                for each in getattr(content, "children", ())
                if str(each.descriptor.platform) == "linux/amd64"
            ]
            target.flush(name, found[0] if found else content)


def _read(ask: Asking, descriptor: Descriptor) -> Opener:
    path, data = f"/v2/app/blobs/{descriptor.digest}", b""
    with ask("GET", path).body as body:
        try:
            while piece := body.read(_STEP):
                data += piece
        except Unreachable:
            rest = ask("GET", path, headers={"Range": f"bytes={len(data)}-"})
            with rest.body as more:
                return BytesOpener(data + more.read())
    if Digest.of(data) != descriptor.digest:
        raise Unreachable(urljoin(ask.base, path))
    return BytesOpener(data)


def _all(opener: Opener) -> bytes:
    with opener.open() as stream:
        return stream.read()


def _blobs(image: Image) -> list[Blob]:
    return [image.config, *(layer.blob for layer in image.layers)]


def _none(descriptor: Descriptor) -> ContentOpener:
    raise NotImplementedError


def _mutant(bug: str, kind: type[MannersContract], law: str, most: int) -> Mutant:
    return Mutant(bug, "`MannersContract`", by_contract(kind, law), most)


def _mirror(bug: str, kind: type[MirrorContract], most: int) -> Mutant:
    return Mutant(bug, "`MirrorContract`", by_contract(kind, "all_of_it_is_there"), most)


MUTANTS: Final = (
    _mutant("credentials to another host", Forwards, "strangers_hear_no_secret", 2),
    _mutant("Retry-After ignored", Hasty, "who_asks_for_patience_gets_it", 3),
    _mutant("resumed download not checked", Resumes, "what_came_in_parts_is_checked", 4),
    _mirror("referrers lost", TagsOnly, 4),
    _mirror("platforms lost", ForOne, 4),
)
