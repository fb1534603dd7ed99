"""
What would be done to a repository.
"""

from __future__ import annotations

import random

from ocikit.content import synthetic
from ocikit.name.parse import parse_reference
from ocikit.query.plan import plan
from ocikit.registry.flush import flush, plan_for
from ocikit.registry.load import load
from ocikit.registry.survey import survey
from ocikit.server.handler import registry
from ocikit.testing.wires import Recorder, client

IMAGE = synthetic.image(random.Random(1), layers=2, size=1000)
NAME = parse_reference("r.io/b:1")


def test_all_is_told_and_nothing_done() -> None:
    """
    Blobs are uploaded, or mounted, or there; the bytes are those that would move.
    """
    wire = Recorder(registry())
    one = client(wire)
    steps = survey(plan_for(IMAGE, NAME), NAME, client=one)
    assert [step.action for step in steps] == [*["upload"] * 3, "put", "tag"]
    sizes = [layer.size for layer in IMAGE.layers] + [IMAGE.config.size, IMAGE.size, 0]
    assert [step.bytes for step in steps] == sizes
    assert {request.method for request in wire.requests} <= {"GET", "HEAD"}
    flush("r.io/a:1", IMAGE, client=one)
    loaded = load("r.io/a:1", client=one)
    steps = survey(plan_for(loaded, NAME), NAME, client=one)
    assert [(step.action, step.bytes) for step in steps[:3]] == [("mount", 0)] * 3
    assert steps[0].name == "r.io/a"


def test_what_is_there_is_told() -> None:
    """
    A tag that names something else would be moved.
    """
    one = client(registry())
    flush(NAME, IMAGE, client=one)
    steps = survey(plan_for(IMAGE, NAME), NAME, client=one)
    assert {step.action for step in steps} == {"exists"}
    assert sum(step.bytes for step in steps) == 0
    other = synthetic.image(random.Random(2))
    assert survey(plan(other, "1"), NAME, client=one)[-1].action == "tag"
