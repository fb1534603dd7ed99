"""
Laws of what is kept in sync: what is wanted is there, once is enough, and whatever ends a run in
the middle, the next one ends well.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ocikit.content.image import Content
from ocikit.http.message import Request
from ocikit.query.tagged import TagFilter, covers, select
from ocikit.server.faults.plan import Fault, faulty
from ocikit.testing.strategies import fault_plans
from tests.bulk.engines import Killed
from tests.bulk.syncing import IMAGES, INDEX, Here, Mirrors

CONTENTS = (*IMAGES, INDEX)
TAGS = ["1.0.0", "1.1.0", "2.0.0", "latest", "x"]

#: A run is hundreds of requests.
FEWER = settings(max_examples=settings().max_examples // 4)

repositories = st.dictionaries(st.sampled_from(TAGS), st.sampled_from(CONTENTS), max_size=5)
filters: Any = st.fixed_dictionaries(
    {},
    optional={
        "include": st.sampled_from([["*"], ["1.*"], ["latest", "x"]]),
        "exclude": st.sampled_from([["x"], ["2*"]]),
        "semver": st.sampled_from(["*", "^1"]),
        "newest": st.integers(1, 2),
        "keep": st.just(["latest"]),
    },
)


def text_of(filter: dict[str, Any], more: str = "") -> str:
    """
    Write a file of one entry with a filter.
    """
    said = "".join(f"tags.{name} = {value!r}\n" for name, value in filter.items())
    return f'[[sync]]\nrepository = "s.io/app"\ntargets = "t.io/mirror"\n{said}{more}'


def meant(filter: dict[str, Any]) -> TagFilter:
    """
    Give a filter as a record.
    """
    fields: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in filter.items()
    }
    return TagFilter(**fields)


@contextmanager
def state(kept: bool = True) -> Iterator[Path | None]:
    """
    Give a place for a state, or none.
    """
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder) / "state" if kept else None


@FEWER
@given(repositories, repositories, filters, st.booleans(), st.booleans())
def test_what_is_wanted_is_there_and_once_is_enough(
    source: dict[str, Any], target: dict[str, Any], filter: dict[str, Any], delete: bool, kept: bool
) -> None:
    """
    Every tag that is selected names the source's digest at the target; what the filter is not about
    is as it was, and what it is about is gone or as it was. A second run changes nothing, and
    asks at most one HEAD a tag when the first is remembered.
    """
    mirrors = Mirrors()
    mirrors.put({"s.io/app:zero": IMAGES[0], **{f"s.io/app:{t}": c for t, c in source.items()}})
    mirrors.put({f"t.io/mirror:{tag}": content for tag, content in target.items()})
    text, there = text_of(filter, f"delete = {str(delete).lower()}"), mirrors.tags()
    names = [*source, "zero"]
    chosen = select(meant(filter), names)
    wanted = {tag: str({**source, "zero": IMAGES[0]}[tag].digest) for tag in chosen}
    with state(kept) as path:
        mirrors.run(text, state=path, force_delete=True)
        gone = set(covers(meant(filter), there)) - set(wanted) if delete else set()
        assert mirrors.tags() == {k: v for k, v in there.items() if k not in gone} | wanted
        again = mirrors.run(text, state=path)
        assert mirrors.writes == 0
        assert {result.outcome for result in again} <= {"same"}
        # Beside the lists of tags; where one tag is wanted, it is asked for in place of a list.
        assert mirrors.count("HEAD", "GET") <= len(wanted) * (1 if kept else 2) + 2


WHOLE: dict[str, Content] = {
    "s.io/app:1.0.0": IMAGES[0],
    "s.io/app:1.1.0": IMAGES[1],
    "s.io/app:2.0.0": IMAGES[2],
    "s.io/app:latest": INDEX,
    "s.io/app:x": INDEX,
}
#: More requests than these no run makes.
MOST = 90


@FEWER
@given(st.integers(0, MOST), st.booleans(), st.booleans())
def test_a_run_that_was_killed_is_gone_on_with(at: int, kept: bool, lost: bool) -> None:
    """
    Killed at any request, before or after it was heard: a tag that is there is whole, and the
    next run comes to the same end.
    """
    mirrors = Mirrors()
    mirrors.put({**WHOLE, "t.io/mirror:old": IMAGES[1], "t.io/mirror:1.0.0": IMAGES[2]})
    left = [at]

    def die(request: Request) -> None:
        left[0] -= 1
        if left[0] < 0:
            if lost:
                mirrors.world(request)
            raise Killed

    text = text_of({}, "delete = true")
    expected = {name.partition(":")[2]: str(content.digest) for name, content in WHOLE.items()}
    with state(kept) as path:
        mirrors.before = die
        with suppress(Killed):
            mirrors.run(text, state=path, executor=Here())
        there = mirrors.tags()
        assert set(there) >= {"1.0.0"}
        assert all(mirrors.target.tagged("mirror", tag) is not None for tag in there)
        mirrors.before = lambda _: None
        mirrors.run(text, state=path)
        assert mirrors.tags() == expected
        assert {result.outcome for result in mirrors.run(text, state=path)} == {"same"}
        assert mirrors.writes == 0


@FEWER
@given(fault_plans(), st.booleans())
def test_what_failed_is_done_by_the_next_run(plan: tuple[Fault, ...], kept: bool) -> None:
    """
    Whatever befalls a run, it tells of each tag, names nothing wrong, and the next comes to the
    same end.
    """
    mirrors = Mirrors()
    mirrors.put(WHOLE)
    expected = {name.partition(":")[2]: str(content.digest) for name, content in WHOLE.items()}
    good, sleep = mirrors.world.servers, mirrors.time.sleep
    with state(kept) as path:
        bad = {host: faulty(send, *plan, sleep=sleep) for host, send in good.items()}
        mirrors.world.servers = bad
        results = mirrors.run(state=path)
        for result in results:
            assert (result.outcome == "failed") == (result.error is not None)
        assert mirrors.tags().items() <= expected.items()
        mirrors.world.servers = good
        mirrors.run(state=path)
        assert mirrors.tags() == expected
