"""
What tests ask a registry, in few words.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ocikit import media
from ocikit._records import evolve
from ocikit.digest import Digest
from ocikit.http.message import Body, Headers, Request, Response, Send, body_of
from ocikit.testing.asking import descriptor

BASE = "http://registry.test"


def undated(response: Response) -> Response:
    """
    Give a response without the time at which it was made.
    """
    return evolve(response, headers=response.headers.without("Date"))


def ask(
    send: Send,
    method: str,
    path: str,
    data: bytes | Body = b"",
    headers: Mapping[str, str] | None = None,
    **more: str,
) -> Response:
    """
    Send a request; headers may be given by name, with underscores for dashes.
    """
    named = {name.replace("_", "-"): value for name, value in more.items()}
    return send(
        Request(
            method=method,
            url=BASE + path,
            headers=Headers({**(headers or {}), **named}),
            body=data if isinstance(data, Body) else body_of(data),
        )
    )


def code(response: Response) -> str:
    """
    Give the code of an error, whose body has to be as the specification says.
    """
    assert response.headers.get("Content-Type") == "application/json"
    body = json.loads(response.body.read())
    assert list(body) == ["errors"]
    codes = {problem["code"] for problem in body["errors"]}
    assert len(codes) == 1
    assert all(isinstance(problem["message"], str) for problem in body["errors"])
    return str(codes.pop())


def refused(response: Response) -> tuple[int, str]:
    """
    Give the status and the code of an error.
    """
    return response.status, code(response)


def digest(data: bytes, algorithm: str = "sha256") -> str:
    """
    Hash some bytes.
    """
    return str(Digest.of(data, algorithm))


def push_blob(send: Send, repository: str, data: bytes, algorithm: str = "sha256") -> str:
    """
    Push a blob in one request; gives its digest.
    """
    name = digest(data, algorithm)
    response = ask(send, "POST", f"/v2/{repository}/blobs/uploads/?digest={name}", data)
    assert response.status == 201, response.body.read()
    return name


def begin(send: Send, repository: str, query: str = "") -> str:
    """
    Begin an upload; gives its location.
    """
    response = ask(send, "POST", f"/v2/{repository}/blobs/uploads/{query}")
    assert response.status == 202, response.body.read()
    return response.headers.get("Location")


def image(*layers: bytes, **members: Any) -> bytes:
    """
    Write an image manifest; `None` for a member leaves it out.
    """
    value = {
        "schemaVersion": 2,
        "mediaType": media.OCI_MANIFEST,
        "config": descriptor(b"{}", media.OCI_CONFIG),
        "layers": [descriptor(layer, media.OCI_LAYER) for layer in layers],
        **members,
    }
    return _written(value)


def index(*children: bytes, **members: Any) -> bytes:
    """
    Write an index.
    """
    value = {
        "schemaVersion": 2,
        "mediaType": media.OCI_INDEX,
        "manifests": [descriptor(child, media.OCI_MANIFEST) for child in children],
        **members,
    }
    return _written(value)


def _written(value: dict[str, Any]) -> bytes:
    return json.dumps({k: v for k, v in value.items() if v is not None}).encode()


def put(
    send: Send, repository: str, reference: str, data: bytes, kind: str = media.OCI_MANIFEST
) -> Response:
    """
    Put a manifest under a tag or digest.
    """
    path = f"/v2/{repository}/manifests/{reference}"
    return ask(send, "PUT", path, data, Content_Type=kind)


def push_image(send: Send, repository: str, tag: str, *layers: bytes, **members: Any) -> bytes:
    """
    Push an image with all its blobs; gives its manifest.
    """
    for data in (*layers, b"{}"):
        push_blob(send, repository, data)
    raw = image(*layers, **members)
    response = put(send, repository, tag, raw)
    assert response.status == 201, response.body.read()
    return raw
