"""
Every place keeps the contract of places.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from hypothesis.strategies import SearchStrategy

from ocikit import layout, registry, tarball
from ocikit.content.image import Content, Image, Index
from ocikit.registry.client import Client
from ocikit.server.handler import registry as make_registry
from ocikit.testing import strategies as oci
from ocikit.testing.contracts import PlaceContract


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
    An OCI layout in a tar.
    """

    def flush(self, folder: Path, content: Content) -> None:
        assert isinstance(content, Image | Index)
        tarball.flush_oci(folder / "a.tar", content, reference="x")

    def load(self, folder: Path) -> Content:
        return tarball.load_oci(folder / "a.tar", "x")


class TestDockerArchive(PlaceContract):
    """
    An archive for `docker load`, which holds images alone.
    """

    contents: ClassVar[SearchStrategy[Content]] = oci.images()

    def flush(self, folder: Path, content: Content) -> None:
        assert isinstance(content, Image)
        tarball.flush(folder / "a.tar", content, reference="r.example/x:1")

    def load(self, folder: Path) -> Content:
        return tarball.load(folder / "a.tar", "r.example/x:1")


class TestRegistry(PlaceContract):
    """
    A registry in memory.
    """

    client: ClassVar[Client] = Client(send=make_registry())

    def flush(self, folder: Path, content: Content) -> None:
        name = _repository(folder)
        registry.flush(name, content, client=self.client, foreign=True)

    def load(self, folder: Path) -> Content:
        name = _repository(folder)
        return registry.load(name, client=self.client)


def _repository(folder: Path) -> str:
    # Each example has a folder of its own, and so a repository.
    return f"localhost/{folder.name.encode().hex()}:1"
