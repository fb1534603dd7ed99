"""
Plans of faults as JSON.
"""

from __future__ import annotations

import pytest

from ocikit.server.faults.mishaps import Status
from ocikit.server.faults.plan import Fault, FaultInvalid
from ocikit.server.faults.written import faults_from_json, faults_to_json
from ocikit.server.quirks.uploads import MountNeedsSource, MountNever


@pytest.mark.parametrize(
    "text",
    [
        *("", "{}", "[1]", "[{}]", '[{"befalls": "doom"}]', '[{"befalls": "drop", "bytes": 1}]'),
        '[{"befalls": "drop", "after": "1"}]',
        '[{"befalls": "drop", "of": "both"}]',
        '[{"befalls": "status", "done": 1}]',
        '[{"befalls": "status", "status": true}]',
        '[{"befalls": "status", "headers": [["a"]]}]',
        '[{"befalls": "status", "headers": [["a", 1]]}]',
        '[{"befalls": "status", "headers": {"a": "b"}}]',
        '[{"befalls": "status", "every": 0}]',
        '[{"befalls": "status", "chance": null}]',
        '[{"befalls": ["status"]}]',
    ],
)
def test_plans_that_cannot_be_read(text: str) -> None:
    """
    What is wrong is told.
    """
    with pytest.raises(FaultInvalid, match="fault: "):
        faults_from_json(text)


def test_plans_in_json() -> None:
    """
    What is as by default is left out; a quirk has no name there.
    """
    busy = Fault(Status(status=429, headers=(("Retry-After", "1"),)), kind="blob", times=None)
    text = faults_to_json([busy, Fault(MountNever())])
    assert text == (
        '[{"befalls": "status", "status": 429, "headers": [["Retry-After", "1"]], '
        '"kind": "blob", "times": null}, {"befalls": "mount-refused"}]'
    )
    assert faults_from_json(text) == (busy, Fault(MountNever()))
    with pytest.raises(FaultInvalid, match="MountNeedsSource"):
        faults_to_json([Fault(MountNeedsSource())])
