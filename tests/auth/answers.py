"""
What the servers of clouds say, in tests.
"""

from __future__ import annotations

import json

from ocikit.content.streams import BytesOpener
from ocikit.http.message import Headers, Response


def answer(status: int, document: object, **headers: str) -> Response:
    """
    Answer with a document in JSON, or with a text.
    """
    plain = isinstance(document, str)
    body = str(document).encode() if plain else json.dumps(document).encode()
    kind = {"Content-Type": "text/plain" if plain else "application/json"}
    return Response(
        status=status,
        headers=Headers({**kind, "Content-Length": str(len(body)), **headers}),
        body=BytesOpener(body).open(),
    )
