"""
Pipelines for everybody's tests: any image takes them, and is good afterwards.
"""

from __future__ import annotations

from functools import partial
from operator import is_

from hypothesis import Phase, find, given, settings

from ocikit.content.image import Image, Index
from ocikit.mutate import steps as known
from ocikit.mutate.pipeline import Pipeline
from ocikit.query.finding import Severity
from ocikit.query.validate import validate
from ocikit.testing import strategies as oci
from ocikit.testing.pipelines import NOT_FOR_ALL


@given(oci.images() | oci.indexes(), oci.pipelines())
def test_what_was_good_stays_good(content: Image | Index, pipeline: Pipeline) -> None:
    """
    No pipeline is refused, and none breaks what it changes.
    """
    made = pipeline(content)
    assert [each for each in validate(made) if each.severity == Severity.ERROR] == []


def test_they_shrink_to_nothing() -> None:
    """
    What fails whatever is done fails with no step.
    """
    once = settings(database=None, phases=[Phase.generate, Phase.shrink], max_examples=100)
    assert find(oci.pipelines(), lambda _: True, settings=once) == Pipeline([])
    one = find(oci.pipelines(), lambda made: bool(made.steps), settings=once)
    assert one == Pipeline([known.ToOCI()])


def test_there_are_steps_of_every_kind() -> None:
    """
    But for those that are not for every image.
    """
    all_of_them = {getattr(known, name) for name in known.__all__}
    once = settings(database=None, phases=[Phase.generate], max_examples=500)
    for kind in all_of_them - NOT_FOR_ALL:
        found = find(oci.steps().map(type), partial(is_, kind), settings=once)
        assert found is kind
