"""
What real web servers serve in tests: a registry of its own for each name in a header.
"""

from __future__ import annotations

from ocikit.http.message import Request, Response
from ocikit.server.handler import RegistryHandler, registry
from ocikit.server.web.asgi import asgi
from ocikit.server.web.wsgi import wsgi

#: Says which registry a request is for.
NAME = "X-Registry"

_REGISTRIES: dict[str, RegistryHandler] = {}


def _send(request: Request) -> Response:
    name = request.headers.get(NAME)
    return _REGISTRIES.setdefault(name, registry())(request)


wsgi_application = wsgi(_send)
asgi_application = asgi(_send)
