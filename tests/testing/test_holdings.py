"""
Whole registries that are generated can be had.
"""

from __future__ import annotations

from hypothesis import Phase, find, given, settings

from ocikit.content.image import Image
from ocikit.registry.referrers import referrers
from ocikit.testing import strategies as oci
from ocikit.testing.holdings import Holdings
from ocikit.testing.registries import TestRegistry


@given(oci.registries())
def test_what_they_hold_is_there(held: Holdings) -> None:
    """
    Under its names, and listed by what it is about.
    """
    registry = TestRegistry()
    held.flush(registry)
    for name, content in held:
        assert registry.load(name) == content
    tagged = {name for name, _ in held if "@" not in name}
    assert set(registry.tags) == tagged
    for name, holding in held.repositories.items():
        for artifact in holding.referrers:
            assert artifact.manifest.subject is not None
            subject = f"{name}@{artifact.manifest.subject.digest}"
            listed = referrers(registry.name(subject), client=registry.client)
            assert artifact.digest in {each.digest for each in listed}


def test_they_shrink_to_nothing() -> None:
    """
    And to the one that matters.
    """
    once = settings(database=None, phases=[Phase.generate, Phase.shrink], max_examples=500)
    assert find(oci.registries(), lambda _: True, settings=once) == Holdings()
    found = find(oci.registries(), _has_referrer, settings=once)
    ((_, holding),) = found.repositories.items()
    assert len(holding.referrers) == 1


def _has_referrer(held: Holdings) -> bool:
    return any(isinstance(each, Image) and "@" in name for name, each in held)
