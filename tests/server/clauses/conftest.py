"""
A registry for each clause: every storage, and every way to ask it, at least once.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TypeAlias
from uuid import uuid4

import pytest

from ocikit.http.message import Send
from ocikit.server.handler import registry
from ocikit.server.storage import Storage
from ocikit.server.web.serve import serve
from tests.server import fresh, storages
from tests.server.gateways import over_asgi, over_http, over_validator, over_wsgi

#: Which storage is asked in which way; real web servers keep theirs to themselves.
PAIRS = (
    ("disk", "call"),
    ("objects-folder", "socket"),
    ("objects", "wsgi"),
    ("disk-none", "validator"),
    ("memory", "asgi"),
    ("memory", "gunicorn"),
    ("memory", "uvicorn"),
    ("memory", "granian"),
)
_REAL = ("gunicorn", "uvicorn", "granian")

#: Serves the storage of a test, with switches if there are any.
Serving: TypeAlias = Callable[..., Send]


@pytest.fixture(
    params=[
        pytest.param(pair, id="-".join(pair), marks=[pytest.mark.real] * (pair[1] in _REAL))
        for pair in PAIRS
    ]
)
def serving(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Serving]:
    """
    Serve a storage that is empty, in one of many ways, as often as wanted.
    """
    kind, way = request.param
    if way in _REAL:
        host, name = request.getfixturevalue(way), uuid4().hex
        yield lambda **switches: over_http(
            host, (fresh.NAME, name), (fresh.SWITCHES, json.dumps(switches))
        )
        return
    with storages.opened(kind, tmp_path / "storage") as storage, ExitStack() as stack:
        yield lambda **switches: _asked(way, storage, stack, **switches)


def _asked(way: str, storage: Storage, stack: ExitStack, **switches: object) -> Send:
    handler = registry(storage, **switches)
    if way == "socket":
        return over_http(stack.enter_context(serve(handler)).host)
    ways = {"wsgi": over_wsgi, "validator": over_validator, "asgi": over_asgi}
    return ways[way](handler) if way in ways else handler


@pytest.fixture
def send(serving: Serving) -> Send:
    """
    A registry that is empty, with all that it can do.
    """
    return serving()
