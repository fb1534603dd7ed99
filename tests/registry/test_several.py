"""
Several things to several places, each piece once.
"""

from __future__ import annotations

import random
from collections import Counter

import pytest

from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.image import Content
from ocikit.content.partial import index_of
from ocikit.errors import Invalid
from ocikit.mutate.layers import append
from ocikit.name.faults import NameInvalid
from ocikit.progress import Event, Update
from ocikit.registry.flush import OtherDigest
from ocikit.registry.load import load
from ocikit.registry.several import flush_all
from ocikit.server.handler import registry
from ocikit.testing.wires import Recorder, client

BASE = synthetic.image(random.Random(1), layers=2, size=2 << 20)
ONE = append(BASE, synthetic.layer(random.Random(2)))
TWO = append(BASE, synthetic.layer(random.Random(3)))


def uploads(wire: Recorder) -> int:
    """
    How many blobs travelled.
    """
    return wire.kinds.count("PUT upload 201")


def test_what_they_share_travels_once() -> None:
    """
    In one repository it is there; in another of the registry it is mounted.
    """
    wire = Recorder(registry())
    one = client(wire)
    wanted = {"r.io/a:1": ONE, "r.io/a:2": TWO, "r.io/b:1": TWO}
    pinned = flush_all(wanted, client=one)
    assert [str(each.repository) for each in pinned] == ["r.io/a", "r.io/a", "r.io/b"]
    # Two layers of the base, two of their own, two configurations.
    assert uploads(wire) == 6
    mounted = [line for line in wire.lines if "from=a" in line and "/v2/b/" in line]
    assert len(mounted) == 4
    for name, content in wanted.items():
        assert load(name, client=one) == content


def test_tags_come_after_all_that_a_repository_gets() -> None:
    """
    Whoever sees the first tag may expect the second soon.
    """
    wire = Recorder(registry())
    flush_all({"r.io/a:1": ONE, "r.io/a:2": TWO, "r.io/a:3": TWO}, client=client(wire))
    puts = [line for line in wire.lines if line.startswith("PUT")]
    assert [line.split()[1] for line in puts[-3:]] == [
        f"/v2/a/manifests/{tag}" for tag in (1, 2, 3)
    ]


def test_an_index_and_its_child_may_both_be_wanted() -> None:
    """
    The child is put once, under its tag.
    """
    one = client(registry())
    index = index_of([ONE, TWO])
    wanted: dict[str, Content] = {"r.io/a:all": index, "r.io/a:one": ONE}
    flush_all(wanted, client=one)
    assert load("r.io/a:all", client=one) == index
    assert load("r.io/a:one", client=one) == ONE


def test_what_is_there_is_skipped() -> None:
    """
    A second time costs a request for each.
    """
    wire = Recorder(registry())
    one, wanted = client(wire), {"r.io/a:1": ONE, "r.io/b:1": TWO}
    flush_all(wanted, client=one)
    wire.clear()
    updates: list[Update] = []
    flush_all(wanted, client=one, report=updates.append)
    assert Counter(update.event for update in updates) == {Event.EXISTS: 2}
    assert wire.kinds == ["HEAD manifest 200"] * 2


def test_registries_do_not_mount_from_each_other() -> None:
    """
    Each gets its own.
    """
    wire = Recorder(registry())
    flush_all({"one.io/a:1": ONE, "two.io/b:1": ONE}, client=client(wire))
    assert not any("from=a" in request.url and "two.io" in request.url for request in wire.requests)


@pytest.mark.parametrize(
    ("name", "error"), [("r.io/A:1", NameInvalid), (f"r.io/a@{TWO.digest}", OtherDigest)]
)
def test_nothing_is_put_when_a_name_is_wrong(name: str, error: type[Invalid]) -> None:
    """
    All are read before the first byte moves.
    """
    wire = Recorder(registry())
    with pytest.raises(error):
        flush_all({"r.io/a:1": ONE, name: ONE}, client=client(wire))
    assert wire.requests == []


def test_a_blob_that_is_mounted_from_elsewhere_stays_so() -> None:
    """
    What is known to lie in the registry is taken from there.
    """
    wire = Recorder(registry())
    one = client(wire)
    flush_all({"r.io/base:1": BASE}, client=one)
    loaded = load("r.io/base:1", client=one)
    wire.clear()
    flush_all({"r.io/a:1": loaded, "r.io/b:1": evolve(loaded)}, client=one)
    assert uploads(wire) == 0
    assert sum("from=base" in line for line in wire.lines) == 2 * 3
