"""
The registry as a whole: what any request gets.
"""

from __future__ import annotations

import pytest

from ocikit.http.message import Request
from ocikit.server.handler import registry

BASE = "http://localhost:5000"


@pytest.mark.parametrize("path", ["/v2/", "/v2"])
def test_says_that_it_is_a_registry(path: str) -> None:
    """
    distribution-spec, "Determining Support": 200 OK means that this is implemented.
    """
    response = registry()(Request(method="GET", url=BASE + path))
    assert response.status == 200
    assert response.headers.get("Docker-Distribution-API-Version") == "registry/2.0"
