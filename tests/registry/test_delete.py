"""
Delete from a registry.
"""

from __future__ import annotations

import pytest

from ocikit.content.empty import IMAGE
from ocikit.errors import Missing, Refused
from ocikit.registry.delete import delete
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.server.handler import registry
from tests.registry.wires import Recorder, answer, client, script


def test_a_tag_goes_alone() -> None:
    """
    One request; the manifest stays.
    """
    wire = Recorder(registry())
    pinned = flush("r.io/a:1", IMAGE, client=client(wire))
    wire.clear()
    delete("r.io/a:1", client=client(wire))
    assert wire.lines == ["DELETE /v2/a/manifests/1 202"]
    with pytest.raises(Missing):
        load("r.io/a:1", client=client(wire))
    assert load(pinned, client=client(wire)) == IMAGE


def test_a_manifest_goes_by_its_digest() -> None:
    """
    And all its tags with it.
    """
    wire = Recorder(registry())
    pinned = flush("r.io/a:1", IMAGE, client=client(wire))
    delete(pinned, client=client(wire))
    with pytest.raises(Missing):
        load("r.io/a:1", client=client(wire))


def test_what_is_not_there_is_missed() -> None:
    """
    Deleting twice is told.
    """
    with pytest.raises(Missing):
        delete("r.io/a:1", client=client(registry()))


def test_a_registry_may_not_delete() -> None:
    """
    Many have it switched off.
    """
    with pytest.raises(Refused, match="405"):
        delete("r.io/a:1", client=client(script(answer(405))))


def test_asks_for_the_right_to_delete() -> None:
    """
    A token to pull and push does not do.
    """
    wire = script(
        answer(401, WWW_Authenticate='Bearer realm="https://r.io/t"'),
        answer(200, b'{"token":"t"}'),
        answer(202),
    )
    delete("r.io/a:1", client=client(wire))
    assert wire.requests[1].url.endswith("scope=repository:a:pull,push,delete")
