"""
Requests to a registry by hand, and documents as bytes: for tests that must not trust a client.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urljoin

from ocikit import media
from ocikit._records import record
from ocikit.digest import Digest
from ocikit.http.message import Headers, Request, Response, Send, body_of


@record
class Asking:
    """
    A registry, by its `Send` and the URL of its root.

    >>> from ocikit.server.handler import registry
    >>> Asking(registry(), "http://registry.test")("GET", "/v2/").status
    200
    """

    send: Send
    base: str

    def __call__(
        self, method: str, path: str, data: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Response:
        """
        Send a request; the path may be a whole URL, as locations are.
        """
        return self.send(
            Request(
                method=method,
                url=urljoin(self.base, path),
                headers=Headers(headers or {}),
                body=body_of(data),
            )
        )

    def read(self, method: str, path: str) -> tuple[int, bytes]:
        """
        Send a request, and give the status and the body.
        """
        response = self(method, path)
        with response.body as body:
            return response.status, body.read()

    def pages(self, path: str, member: str) -> Iterator[Any]:
        """
        List a member of what a path gives, page by page.
        """
        while path:
            response = self("GET", path)
            with response.body as body:
                data = body.read()
            assert response.status == 200, data
            yield from json.loads(data)[member] or ()
            link = response.headers.get("Link")
            path = link.partition("<")[2].partition(">")[0]


def descriptor(data: bytes, media_type: str, algorithm: str = "sha256") -> dict[str, Any]:
    """
    Describe some bytes.

    >>> descriptor(b"{}", "application/json")["size"]
    2
    """
    named = str(Digest.of(data, algorithm))
    return {"mediaType": media_type, "digest": named, "size": len(data)}


def image(layers: list[bytes], subject: bytes | None = None) -> bytes:
    """
    Write the manifest of an image whose configuration is `{}`.

    >>> json.loads(image([b"one"]))["layers"][0]["size"]
    3
    """
    value = {
        "schemaVersion": 2,
        "mediaType": media.OCI_MANIFEST,
        "config": descriptor(b"{}", media.OCI_CONFIG),
        "layers": [descriptor(layer, media.OCI_LAYER) for layer in layers],
    }
    if subject is not None:
        value["subject"] = descriptor(subject, media.OCI_MANIFEST)
    return json.dumps(value).encode()


def artifact(kind: str, subject: bytes, **more: Any) -> bytes:
    """
    Write the manifest of an artifact of no bytes, about a subject; `more` are further members.

    >>> json.loads(artifact("text/plain", b"subject"))["subject"]["size"]
    7
    """
    value = {
        "schemaVersion": 2,
        "mediaType": media.OCI_MANIFEST,
        "artifactType": kind,
        "config": descriptor(b"{}", media.OCI_EMPTY),
        "layers": [descriptor(b"{}", media.OCI_EMPTY)],
        "subject": descriptor(subject, media.OCI_MANIFEST),
        **more,
    }
    return json.dumps(value).encode()


def index(children: list[dict[str, Any]]) -> bytes:
    """
    Write an index.

    >>> json.loads(index([descriptor(image([]), media.OCI_MANIFEST)]))["mediaType"]
    'application/vnd.oci.image.index.v1+json'
    """
    value = {"schemaVersion": 2, "mediaType": media.OCI_INDEX, "manifests": children}
    return json.dumps(value).encode()
