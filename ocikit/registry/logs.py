"""
Python's logs: ours have requests redacted, under the name `ocikit`.

What urllib3 logs of our requests is kept out: it shows whole URLs, with what is signed or
secret in them. What it logs of other people's requests stays.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

from ocikit.http.logged import exchange_line
from ocikit.http.message import Request, Response, Send

_LOG: Final = logging.getLogger("ocikit")

#: For `unlogged`.
URLLIB3: Final = ("urllib3.connection", "urllib3.connectionpool", "urllib3.poolmanager")


def debugged(send: Send, now: Callable[[], float]) -> Send:
    """
    Log each request and what came of it, at the level DEBUG.
    """

    def told(request: Request) -> Response:
        if not _LOG.isEnabledFor(logging.DEBUG):
            return send(request)
        since = now()
        try:
            response = send(request)
        except Exception as error:
            _LOG.debug(exchange_line(request, type(error).__name__, now() - since))
            raise
        _LOG.debug(exchange_line(request, str(response.status), now() - since))
        return response

    return told
