"""
Answers that are read whole, so that one that breaks off is asked for again.
"""

from __future__ import annotations

from ocikit._records import evolve
from ocikit.content.streams import CHUNK, BytesOpener
from ocikit.http.message import Request, Response, Send


def whole(send: Send, limit: int) -> Send:
    """
    Let bodies come into memory before they are handed out: for documents, not for blobs.

    What breaks while a body is read is raised where a request that breaks is, and what
    sends that again then does. At most one byte more than `limit` is read, by which who
    bounds it sees that there is more. The bodies of errors are left as they are: their
    status says enough.
    """

    def asked(request: Request) -> Response:
        response = send(request)
        if response.status >= 300:
            return response
        data, left = bytearray(), limit + 1
        with response:
            while left and (part := response.body.read(min(left, CHUNK))):
                data += part
                left -= len(part)
        return evolve(response, body=BytesOpener(bytes(data)).open())

    return asked
