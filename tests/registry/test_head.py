"""
What a reference names.
"""

from __future__ import annotations

import pytest

from ocikit.content.empty import IMAGE
from ocikit.http.faults import ManifestUnknown
from ocikit.registry.flush import flush
from ocikit.registry.head import head
from ocikit.server.handler import registry
from ocikit.testing.wires import Recorder, client


def test_costs_one_request() -> None:
    """
    `/v2/` is not asked before.
    """
    wire = Recorder(registry())
    flush("r.io/a:1", IMAGE, client=client(wire))
    wire.clear()
    assert head("r.io/a:1", client=client(wire)) == IMAGE.descriptor
    assert wire.lines == ["HEAD /v2/a/manifests/1 200"]


def test_what_is_not_there_is_missed() -> None:
    """
    It is asked for by GET too, for only then there are words.
    """
    with pytest.raises(ManifestUnknown, match="MANIFEST_UNKNOWN"):
        head("r.io/a:1", client=client(registry()))
