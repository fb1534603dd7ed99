"""
Clients and keychains with a bug each.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urljoin

from hypothesis import strategies as st

from ocikit import auth, layout
from ocikit._records import evolve
from ocikit.auth.keys import registry_of
from ocikit.content.assemble import Source, assemble
from ocikit.content.blob import of_bytes
from ocikit.content.image import Content, ContentOpener, Image
from ocikit.content.streams import BytesOpener, Opener
from ocikit.digest import Digest
from ocikit.errors import Corrupt, Unreachable
from ocikit.http.credentials import Anonymous, Basic, Credentials, Keychain, Resource
from ocikit.http.message import Request, Response, Send
from ocikit.http.retry import Policy
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.registry.settings import DEFAULTS
from ocikit.server.faults.mishaps import Flip
from ocikit.server.handler import registry
from ocikit.spec.descriptor import Descriptor
from ocikit.testing import strategies as oci
from ocikit.testing.asking import Asking
from ocikit.testing.contracts_client import ClientContract
from ocikit.testing.contracts_keychain import KeychainContract
from ocikit.testing.time import VirtualTime
from tests.testing.mutants.found import Mutant, by_contract

_IMAGES: Final = oci.images(max_layers=2)


class Right(ClientContract):
    """
    A client that has no bug.
    """

    contents = _IMAGES

    def wrapped(self, send: Send) -> Send:
        """
        Put something between it and the registry.
        """
        return send

    def client(self, send: Send) -> Client:
        """
        Make the client.
        """
        return Client(send=self.wrapped(send), clock=VirtualTime().clock)

    def push(self, send: Send, reference: str, content: Content) -> None:
        flush(reference, content, client=self.client(send), foreign=True)

    def pull(self, send: Send, reference: str) -> Content:
        content = load(reference, client=self.client(send))
        with tempfile.TemporaryDirectory() as folder:
            layout.flush(folder, content, foreign=True, durable=False)
            here = Client(send=registry(), jobs=1)
            flush("here.test/app:1", layout.load(folder), client=here, foreign=True)
        return load("here.test/app:1", client=here)


class _ByHand(Right):
    """
    A client that pulls images with requests of its own.
    """

    def pull(self, send: Send, reference: str) -> Content:
        ask = Asking(send, "http://registry.test")
        raw = self.read(ask, "/v2/app/manifests/1")
        media_type = str(json.loads(raw)["mediaType"])
        descriptor = Descriptor(media_type=media_type, digest=Digest.of(raw), size=len(raw))
        source = Source(blob=lambda each: self.blob(ask, each), child=_none)
        return assemble(raw, descriptor, source)

    def read(self, ask: Asking, path: str) -> bytes:
        """
        Read what is at a path.
        """
        accept = {"Accept": "application/vnd.oci.image.manifest.v1+json, application/*"}
        response = ask("GET", path, headers=accept)
        with response.body as body:
            if response.status != 200:
                raise ConnectionError(response.status)
            return body.read()

    def blob(self, ask: Asking, descriptor: Descriptor) -> Opener:
        """
        Open a blob.
        """
        return BytesOpener(self.read(ask, f"/v2/app/blobs/{descriptor.digest}"))


def _none(descriptor: Descriptor) -> ContentOpener:
    raise NotImplementedError


class Unchecked(_ByHand):
    """
    Takes what comes for what was asked for.
    """

    errors = (Exception,)
    faults = st.tuples(oci.faults(befalls=st.just(Flip()), kinds=("blob",)))

    def pull(self, send: Send, reference: str) -> Content:
        found = super().pull(send, reference)
        assert isinstance(found, Image)
        layers = []
        for layer in found.layers:
            with layer.blob.opener.open() as stream:
                came = of_bytes(stream.read(), layer.media_type)
            layers.append(evolve(layer, blob=came))
        return evolve(found, layers=tuple(layers))


class Impatient(Right):
    """
    Takes the first no for an answer.
    """

    def client(self, send: Send) -> Client:
        return evolve(super().client(send), settings=evolve(DEFAULTS, retry=Policy(attempts=1)))


class AlwaysUploads(Right):
    """
    Never asks whether a blob is there.
    """

    def wrapped(self, send: Send) -> Send:
        def deaf(request: Request) -> Response:
            if request.method == "HEAD" and "/blobs/" in request.url:
                return send(evolve(request, url=request.url[:-1]))
            if request.method == "POST":
                return send(evolve(request, url=request.url.partition("?")[0]))
            return send(request)

        return deaf


class Hopeful(Right):
    """
    Takes an answer that did not come for a yes.
    """

    def push(self, send: Send, reference: str, content: Content) -> None:
        try:
            super().push(send, reference, content)
        except Corrupt:
            raise
        except self.errors:
            return


class Repeats(Right):
    """
    Begins an upload anew when the answer to its end is lost, and never asks what became of it.
    """

    def wrapped(self, send: Send) -> Send:
        def stubborn(request: Request) -> Response:
            try:
                return send(request)
            except Unreachable:
                at, _, query = request.url.partition("?")
                if request.method != "PUT" or "digest=" not in query:
                    raise
            begun = send(Request(method="POST", url=f"{at.rpartition('/')[0]}/"))
            location = str(begun.headers.get("Location"))
            return send(evolve(request, url=f"{urljoin(at, location)}?{query}"))

        return stubborn


class TagFirst(Right):
    """
    Puts the tag, and then what it needs.
    """

    def push(self, send: Send, reference: str, content: Content) -> None:
        assert isinstance(content, Image)
        ask = Asking(send, "http://registry.test")
        kind = {"Content-Type": content.media_type}
        ask("PUT", "/v2/app/manifests/1", content.document.raw, kind).body.close()
        super().push(send, f"registry.test/app@{content.digest}", content)


class ByPrefix(KeychainContract):
    """
    A keychain that takes a name that begins so for a part of it.
    """

    def keychain(self, folder: Path, entries: Mapping[str, Basic]) -> Keychain:
        def find(resource: Resource) -> Credentials:
            known = [key for key in entries if str(resource).startswith(key)]
            return entries[max(known, key=len)] if known else Anonymous()

        return find


class RegistryOnly(KeychainContract):
    """
    A keychain that does not look at paths.
    """

    def keychain(self, folder: Path, entries: Mapping[str, Basic]) -> Keychain:
        inner = auth.given(entries)
        return lambda resource: inner(registry_of(resource))


def _client(bug: str, kind: type[ClientContract], law: str, most: int) -> Mutant:
    return Mutant(bug, "`ClientContract`", by_contract(kind, law), most)


def _keychain(bug: str, kind: type[KeychainContract], most: int) -> Mutant:
    search = by_contract(kind, "the_most_specific_counts")
    return Mutant(bug, "`KeychainContract`", search, most)


MUTANTS: Final = (
    _client("digests of what is pulled unchecked", Unchecked, "faults_do_not_change_bytes", 3),
    _client("no second try", Impatient, "what_passes_is_got_through", 2),
    _client("uploads what is there", AlwaysUploads, "what_is_there_is_not_sent_again", 1),
    _client("a failed push ends well", Hopeful, "nothing_is_seen_of_a_push_that_failed", 3),
    _client("a blob is put again, not asked for", Repeats, "what_arrived_is_not_sent_again", 1),
    _client("tag before blobs", TagFirst, "what_is_pushed_can_be_pulled", 1),
    _keychain("credentials of a name that begins so", ByPrefix, 2),
    _keychain("credentials of a path unused", RegistryOnly, 2),
)
