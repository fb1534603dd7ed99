"""
Places that a registry sends readers to: storage, under addresses that are signed for a while.
"""

from __future__ import annotations

from typing import Final

import attrs

from ocikit.errors import Unreachable
from ocikit.http.message import Request, Response, Send
from ocikit.http.redact import redact_url

#: What storages say to a signature that is past its time: Google's 400, others 401 or 403.
_REFUSED: Final = frozenset({400, 401, 403, 410})


@attrs.frozen(kw_only=True)
class AddressRefused(Unreachable):
    """
    The place that a registry sent us to does not take the address that it gave.
    """

    url: str = attrs.field(converter=redact_url)
    status: int

    def __str__(self) -> str:
        return (
            f"{self.url}: answers {self.status} to the address that the registry gave; "
            "it may be past its time, or clocks differ"
        )


def elsewhere(send: Send) -> Send:
    """
    Tell of a refused address as of a line that broke: the registry will give another.

    Addresses of storage are used once and never kept, so that what is asked again is
    asked of the registry.
    """

    def asked(request: Request) -> Response:
        response = send(request)
        if response.status not in _REFUSED:
            return response
        response.body.close()
        raise AddressRefused(url=request.url, status=response.status)

    return asked
