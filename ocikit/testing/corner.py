"""
One repository of a registry, asked by hand.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ocikit import media
from ocikit._records import evolve, record
from ocikit.content.streams import BytesOpener
from ocikit.http.message import Response
from ocikit.testing.asking import Asking, descriptor, image
from ocikit.testing.modelled import Place, named

__all__ = ["Corner", "named"]


@record
class Corner:
    """
    A repository, and how it is asked.

    >>> from ocikit.server.handler import registry
    >>> corner = Corner.of(Place(send=registry()))
    >>> corner.read("GET", f"blobs/{corner.push_blob(b'one')}")
    (200, b'one')
    """

    asking: Asking
    prefix: str
    name: str

    #: All types of manifests, as clients ask for them.
    accept = {  # noqa: RUF012 - never changed
        "Accept": ", ".join(
            (media.OCI_MANIFEST, media.OCI_INDEX, media.DOCKER_MANIFEST, media.DOCKER_MANIFEST_LIST)
        )
    }

    @staticmethod
    def of(place: Place, name: str = "here") -> Corner:
        """
        Give a repository of a registry.
        """
        return Corner(Asking(place.send, place.base), place.prefix, place.prefix + name)

    def other(self, name: str) -> Corner:
        """
        Give another repository of the same registry.
        """
        return Corner(self.asking, self.prefix, self.prefix + name)

    def ask(
        self, method: str, path: str, data: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Response:
        """
        Send a request to the registry, and take all of the answer.
        """
        response = self.asking(method, path, data, headers)
        with response.body as body:
            taken = BytesOpener(body.read())
        return evolve(response, body=taken.open())

    def __call__(
        self, method: str, path: str, data: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Response:
        """
        Send a request for something below the repository, and take all of the answer.
        """
        return self.ask(method, f"/v2/{self.name}/{path}", data, headers)

    def pages(self, path: str, member: str) -> Iterator[Any]:
        """
        List a member of what a path of the registry gives, page by page.
        """
        return self.asking.pages(path, member)

    def read(
        self, method: str, path: str, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        """
        Send a request, and give the status and the body.
        """
        return _read(self(method, path, headers=headers))

    def read_at(self, location: str) -> tuple[int, bytes]:
        """
        Read what is at a location, which may be a whole URL.
        """
        return _read(self.ask("GET", location, headers=self.accept))

    def codes(self, response: Response) -> set[str]:
        """
        Give the codes of an error, as the specification writes them.
        """
        body = _read(response)[1]
        return {str(each["code"]) for each in json.loads(body)["errors"]}

    def begin(self) -> str:
        """
        Begin an upload; gives its location.
        """
        response = self("POST", "blobs/uploads/")
        assert response.status == 202
        return response.headers.get("Location")

    def end(self, location: str, digest: str, data: bytes = b"") -> Response:
        """
        End an upload.
        """
        sign = "&" if "?" in location else "?"
        return self.ask("PUT", f"{location}{sign}digest={digest}", data)

    def upload(self, data: bytes, digest: str) -> Response:
        """
        Push bytes under a digest, which need not be theirs.
        """
        return self.end(self.begin(), digest, data)

    def push_blob(self, data: bytes) -> str:
        """
        Push a blob; gives its digest.
        """
        assert self.upload(data, named(data)).status == 201
        return named(data)

    def put(self, reference: str, raw: bytes, kind: str = media.OCI_MANIFEST) -> Response:
        """
        Put a manifest under a tag or digest.
        """
        return self("PUT", f"manifests/{reference}", raw, {"Content-Type": kind})

    def push_image(self, tag: str | None, *layers: bytes, subject: bytes | None = None) -> bytes:
        """
        Push an image with its blobs, under its digest when there is no tag; gives its manifest.
        """
        for data in (*layers, b"{}"):
            self.push_blob(data)
        raw = image([*layers], subject)
        assert self.put(named(raw) if tag is None else tag, raw).status == 201
        return raw

    def described(self, raw: bytes, kind: str = media.OCI_MANIFEST) -> dict[str, Any]:
        """
        Describe a manifest, as an index lists it.
        """
        return descriptor(raw, kind)


def _read(response: Response) -> tuple[int, bytes]:
    with response.body as body:
        return response.status, body.read()
