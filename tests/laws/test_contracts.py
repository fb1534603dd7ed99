"""
Every place keeps the contract of places.
"""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import ClassVar, Final

import pytest
from hypothesis.strategies import SearchStrategy

from ocikit import layout, registry, tarball
from ocikit._records import evolve
from ocikit.content.blob import Blob
from ocikit.content.image import Content, Image, Index
from ocikit.content.streams import BytesOpener
from ocikit.digest import Digest
from ocikit.errors import Corrupt, Missing, Unreachable
from ocikit.http.message import Headers, Request, Response
from ocikit.registry.client import Client
from ocikit.server.handler import registry as make_registry
from ocikit.tarball.archive import ArchiveInvalid
from ocikit.testing import strategies as oci
from ocikit.testing.contracts import EVERYTHING, PlaceContract

#: What no registry has.
_NONE: Final = str(Digest.of(b"none"))


class TestLayout(PlaceContract):
    """
    An OCI layout, of which one entry is written.
    """

    def flush(self, folder: Path, content: Content) -> None:
        layout.flush(folder, content, reference="x", foreign=True, durable=False)

    def load(self, folder: Path) -> Content:
        return layout.load(folder, "x")


class TestPlainDirectory(PlaceContract):
    """
    A plain directory, as skopeo's `dir:` has them.
    """

    def flush(self, folder: Path, content: Content) -> None:
        layout.flush_plain(folder, content, foreign=True, durable=False)

    def load(self, folder: Path) -> Content:
        return layout.load_plain(folder)


class TestLinkedLayout(PlaceContract):
    """
    A layout whose blobs are second names of the files of another.
    """

    def flush(self, folder: Path, content: Content) -> None:
        layout.flush(folder / "a", content, reference="x", foreign=True, durable=False)
        back = layout.load(folder / "a", "x")
        layout.flush(folder / "b", back, reference="x", foreign=True, durable=False, link=True)

    def load(self, folder: Path) -> Content:
        return layout.load(folder / "b", "x")


class TestOCIArchive(PlaceContract):
    """
    An OCI layout in a tar, which is written anew each time.
    """

    holds = EVERYTHING - {"saves"}

    def flush(self, folder: Path, content: Content) -> None:
        assert isinstance(content, Image | Index)
        tarball.flush_oci(folder / "a.tar", content, reference="x")

    def load(self, folder: Path) -> Content:
        return tarball.load_oci(folder / "a.tar", "x")


class TestDockerArchive(PlaceContract):
    """
    An archive for `docker load`, which holds images alone: it has all that they need, or is
    none.
    """

    holds = EVERYTHING - {"indexes", "artifacts", "saves"}
    gone = (Missing, ArchiveInvalid)
    contents: ClassVar[SearchStrategy[Content]] = oci.images()

    def flush(self, folder: Path, content: Content) -> None:
        assert isinstance(content, Image)
        tarball.flush(folder / "a.tar", content, reference="r.example/x:1")

    def load(self, folder: Path) -> Content:
        return tarball.load(folder / "a.tar", "r.example/x:1")


class TestRegistry(PlaceContract):
    """
    A registry in memory. Its blobs are good: what is damaged is so on its way.
    """

    holds = EVERYTHING - {"pickles", "mends", "streams"}
    cut = (Corrupt, Unreachable)

    @pytest.fixture(autouse=True)
    def begin(self) -> None:
        """
        Begin with nothing.
        """
        self.bad: dict[str, bytes | None] = {}
        inner = make_registry()

        def send(request: Request) -> Response:
            named = request.url.rpartition("/")[2]
            if named in self.bad:
                # Who goes on in the middle is given the same bad bytes.
                kept = {name: text for name, text in request.headers if name != "Range"}
                request = evolve(request, headers=Headers(kept))
            response = inner(request)
            if request.method != "GET" or named not in self.bad or response.status != 200:
                return response
            response.body.close()
            data = self.bad[named]
            if data is None:
                return inner(evolve(request, url=request.url.replace(named, _NONE)))
            told = Headers({**dict(response.headers), "Content-Length": str(len(data))})
            return evolve(response, headers=told, body=BytesOpener(data).open())

        self.client = Client(send=send)

    def flush(self, folder: Path, content: Content) -> None:
        registry.flush(_repository(folder), content, client=self.client, foreign=True)

    def load(self, folder: Path) -> Content:
        return registry.load(_repository(folder), client=self.client)

    def damage(self, folder: Path, blob: Blob, data: bytes | None) -> None:
        self.bad[str(blob.digest)] = data


def _repository(folder: Path) -> str:
    # Each example has a folder of its own, and so a repository.
    return f"localhost/{hashlib.sha256(str(folder).encode()).hexdigest()}:1"
