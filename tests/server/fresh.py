"""
What real web servers serve in tests: a storage of its own for each name in a header.
"""

from __future__ import annotations

import json

from ocikit.http.message import Request, Response
from ocikit.server.handler import registry
from ocikit.server.memory import Memory
from ocikit.server.web.asgi import asgi
from ocikit.server.web.wsgi import wsgi

#: Says which registry a request is for, and what is switched on or off, as JSON.
NAME, SWITCHES = "X-Registry", "X-Switches"

_STORAGES: dict[str, Memory] = {}


def _send(request: Request) -> Response:
    storage = _STORAGES.setdefault(request.headers.get(NAME), Memory())
    switches = json.loads(request.headers.get(SWITCHES) or "{}")
    return registry(storage, **switches)(request)


wsgi_application = wsgi(_send)
asgi_application = asgi(_send)
