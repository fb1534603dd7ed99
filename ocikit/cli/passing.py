"""
A proxy of another registry, which is asked as a person's other commands ask it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ocikit._records import evolve
from ocikit.http.message import Request, Response, Send

if TYPE_CHECKING:
    from ocikit.registry.client import Client
    from ocikit.server.handler import RegistryHandler
    from ocikit.server.storage import Storage


def passing(place: str, storage: Storage) -> RegistryHandler:
    """
    Make a registry that passes on what `REGISTRY[/PREFIX]` holds, and keeps it.

    Raises:
        NameInvalid: the place cannot be read.
        UsageError: options about registries make no sense.
    """
    from ocikit.cli.setup import client
    from ocikit.server.upstream.proxy import proxy

    scheme, slashes, rest = place.partition("://")
    host, _, prefix = (rest if slashes else scheme).rstrip("/").partition("/")
    start = f"{prefix}/" if prefix else ""
    return proxy(upstream(host, client()), storage, rename=lambda name: f"{start}{name}")


def upstream(host: str, client: Client) -> Send:
    """
    Ask a registry for whatever repository a request names, with a person's credentials.
    """
    from ocikit.name.parse import parse_repository
    from ocikit.registry.session import reach
    from ocikit.server.route import find, split

    # So that what is wrong with it is said before anybody asks.
    parse_repository(f"{host}/a")

    def send(request: Request) -> Response:
        path, query = split(request.url)
        asked = find(path).repository
        # Docker's registry has names of one part below `library/`.
        repository = parse_repository(f"{host}/{asked}")
        access = reach(client, repository)
        target = path.replace(f"/v2/{asked}/", f"/v2/{repository.path}/", 1)
        url = f"{access.base}{target}?{query}" if query else f"{access.base}{target}"
        return access.send(evolve(request, url=url))

    return send
