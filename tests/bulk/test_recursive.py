"""
Copies of many repositories, and garbage of many, with what goes wrong in some.
"""

from __future__ import annotations

import pickle
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import pytest

from ocikit._records import evolve
from ocikit.bulk.outcome import Failed, Ok
from ocikit.bulk.recursive import IntoItself, collect, copy_recursive
from ocikit.bulk.repository_copy import CopiesFailed
from ocikit.crane.options import Options
from ocikit.errors import Refused
from ocikit.http.message import Request, Response
from ocikit.http.retry import Policy
from ocikit.platforms import parse
from ocikit.query.tagged import TagFilter
from ocikit.registry.load import load
from ocikit.server.faults.mishaps import Status
from ocikit.server.faults.plan import Fault, faulty
from ocikit.testing.wires import answer
from tests.bulk.pairs import SIGNATURE, Pair, done, filled
from tests.google.conftest import IMAGE, INDEX, OTHER, by_host, place


@pytest.fixture
def pair() -> Pair:
    """
    Repositories of Google's below `me`, and an empty registry of another kind.
    """
    return filled()


def test_all_below_is_copied(pair: Pair) -> None:
    """
    Under its new names: tags, what has none, and images with their indexes, each once.
    """
    copied = done(copy_recursive("gcr.io/me", "r.example/x/me", pair.options()))
    assert {name: str(lack.target) for name, lack in copied.items()} == {
        "gcr.io/me": "r.example/x/me",
        "gcr.io/me/a": "r.example/x/me/a",
        "gcr.io/me/a/me": "r.example/x/me/a/me",
    }
    client = pair.options().client
    for name, content in [
        *[("x/me:1", INDEX), ("x/me:latest", INDEX), ("x/me/a:1", IMAGE)],
        *[(f"x/me/a@{SIGNATURE.digest}", SIGNATURE), ("x/me/a/me:2", OTHER)],
    ]:
        assert load(f"r.example/{name}", client=client) == content
    puts = pair.written()
    assert len(puts) == len(set(puts))
    # Each digest once, and then its other tag.
    children = [str(child.descriptor.digest) for child in INDEX.children]
    assert sorted(put.rpartition("/")[2] for put in puts if "/x/me/manifests/" in put) == sorted(
        ["1", "latest", *children]
    )


def test_what_was_listed_to_find_it_is_not_listed_again(pair: Pair, tmp_path: Path) -> None:
    """
    Law: of the source each repository is listed once, also when a journal says that it is done.
    """
    for journal in (None, tmp_path / "journal", tmp_path / "journal"):
        done(copy_recursive("gcr.io/me", "r.example/x", pair.options(), journal=journal))
        lists = [line for line in pair.source.asked() if "/tags/list" in line and "401" not in line]
        assert len(lists) == len(set(lists)) == 3


def test_a_second_time_nothing_is_written(pair: Pair) -> None:
    """
    Law: what was copied is there.
    """
    done(copy_recursive("gcr.io/me", "r.example/x", pair.options()))
    pair.written()
    again = done(copy_recursive("gcr.io/me", "r.example/x", pair.options()))
    assert [lack.needs for lack in again.values()] == [(), (), ()]
    assert pair.written() == []


def test_only_what_differs_is_copied(pair: Pair) -> None:
    """
    A tag that moved, and a new repository.
    """
    done(copy_recursive("gcr.io/me", "r.example/x", pair.options()))
    pair.source.put("me/a/me", IMAGE, "2")
    pair.source.put("me/new", OTHER, "1")
    pair.written()
    done(copy_recursive("gcr.io/me", "r.example/x", pair.options()))
    tagged = {put for put in pair.written() if "sha256:" not in put}
    assert tagged == {"/v2/x/a/me/manifests/2", "/v2/x/new/manifests/1"}


def test_a_registry_as_a_whole(pair: Pair) -> None:
    """
    All keeps its path; other registries are asked for their catalog.
    """
    done(copy_recursive("gcr.io/me", "r.example", pair.options()))
    back = Pair(pair.target, place("gcr"))
    send = by_host(r=back.source, gcr=back.target)
    copied = done(copy_recursive("r.example", "gcr.io/back", pair.options(send)))
    assert sorted(str(lack.target) for lack in copied.values()) == [
        "gcr.io/back/me",
        "gcr.io/back/me/a",
        "gcr.io/back/me/a/me",
    ]


def test_these_repositories_only(pair: Pair) -> None:
    """
    By full names or paths; another place's is no part of it.
    """
    among = ["me/a", "gcr.io/me/a/me", "gcr.io/other"]
    outcomes = list(copy_recursive("gcr.io/me", "r.example/x", pair.options(), among=among))
    assert [each.reference for each in outcomes if isinstance(each, Failed)] == ["gcr.io/other"]
    assert len(outcomes) == 3


def test_only_tags_that_are_meant(pair: Pair) -> None:
    """
    Then what has no tag is left out.
    """
    only = TagFilter(include=("1",))
    copied = done(copy_recursive("gcr.io/me", "r.example/x", pair.options(), tags=only))
    assert {n.tags for lack in copied.values() for n in lack.needs} == {("1",)}


def test_one_platform_of_each(pair: Pair) -> None:
    """
    As gcrane does it: the image goes under the tags of its index.
    """
    wanted = INDEX.children[0].descriptor.platform
    options = evolve(pair.options(), platforms=(parse(str(wanted)),))
    outcomes = copy_recursive("gcr.io/me", "r.example/x", options, among=["me"])
    done(outcomes)
    for name in ("1", "latest"):
        found = load(f"r.example/x:{name}", client=options.client)
        assert found.digest == INDEX.children[0].descriptor.digest


def test_tags_that_are_there_may_stay(pair: Pair) -> None:
    """
    They are skipped, with a notice, and others are copied.
    """
    pair.target.put("x", OTHER, "latest")
    done(copy_recursive("gcr.io/me", "r.example/x", pair.options(), clobber=False))
    assert load("r.example/x:latest", client=pair.options().client) == OTHER
    assert load("r.example/x:1", client=pair.options().client) == INDEX
    assert pair.notices == ["r.example/x:latest: exists already; skipped"]


def test_a_plan_writes_nothing(pair: Pair) -> None:
    """
    And tells the same as the copy does.
    """
    plan = done(copy_recursive("gcr.io/me", "r.example/x", pair.options(), dry_run=True))
    assert not [line for line in pair.target.asked() if line.split()[0] not in ("GET", "HEAD")]
    assert done(copy_recursive("gcr.io/me", "r.example/x", pair.options())) == plan


def test_what_fails_does_not_stop_the_rest(pair: Pair) -> None:
    """
    Neither a repository nor a single image; each is told with its name.
    """

    def send(request: Request) -> Response:
        if request.method == "PUT" and "/manifests/2" in request.url:
            return answer(403, b"{}")
        if "me/a/tags/list" in request.url and "gcr.io" in request.url:
            return answer(403, b"{}")
        return pair.send(request)

    # What is below is told by the list that is refused; so they are named.
    among = ["me", "me/a", "me/a/me"]
    outcomes = copy_recursive("gcr.io/me", "r.example/x", pair.options(send), among=among)
    found = {each.reference: each for each in outcomes}
    assert isinstance(found["gcr.io/me"], Ok)
    unlisted, uncopied = found["gcr.io/me/a"], found["gcr.io/me/a/me"]
    assert isinstance(unlisted, Failed)
    assert isinstance(unlisted.error, Refused)
    assert isinstance(uncopied, Failed)
    assert isinstance(uncopied.error, CopiesFailed)
    assert "r.example/x/a/me:2" in str(uncopied.error)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_pass_is_tried_again(pair: Pair, status: int) -> None:
    """
    Lists, questions and copies, by the settings of the client.
    """
    send = faulty(
        pair.send,
        Fault(Status(status=status), method="GET", kind="tags", times=2),
        Fault(Status(status=status), method="HEAD", kind="manifest", times=2),
        Fault(Status(status=status), method="PUT", kind="manifest", times=2),
        sleep=lambda seconds: None,
    )
    copied = done(copy_recursive("gcr.io/me", "r.example/x", pair.options(send)))
    assert len(copied) == 3


def test_patience_as_gcrane_s() -> None:
    """
    Six seconds, then a minute, three attempts in all: whoever wants that says it.
    """
    pair = Pair(place("gcr"), place())
    pair.source.put("me", IMAGE, "1")
    pair.source.time.slept.clear()
    send = faulty(
        pair.send,
        Fault(Status(status=429), method="GET", kind="tags", times=2),
        sleep=lambda seconds: None,
    )
    options = pair.options(send, jobs=1)
    policy = Policy(attempts=3, base=6, factor=10, jitter=0.1, cap=3600)
    settings = evolve(options.client.settings, retry=policy)
    patient = evolve(options, client=evolve(options.client, settings=settings))
    assert len(done(copy_recursive("gcr.io/me", "r.example/x", patient))) == 1
    first, second = pair.source.time.slept
    assert 6 <= first <= 6.6
    assert 60 <= second <= 66


def test_a_journal_skips_what_is_finished(pair: Pair, tmp_path: Path) -> None:
    """
    What failed is done again, and what is finished is not looked at.
    """

    def send(request: Request) -> Response:
        if request.method == "PUT" and "/x/a/" in request.url:
            return answer(403, b"{}")
        return pair.send(request)

    journal = tmp_path / "journal"
    first = list(copy_recursive("gcr.io/me", "r.example/x", pair.options(send), journal=journal))
    assert [isinstance(each, Ok) for each in first].count(True) == 1
    pair.written()
    again = done(copy_recursive("gcr.io/me", "r.example/x", pair.options(), journal=journal))
    assert len(again) == 3
    assert all("/x/a" in put for put in pair.written())


def test_any_executor_will_do(pair: Pair) -> None:
    """
    Names go to its workers.
    """
    with ThreadPoolExecutor(2) as pool:
        copied = done(copy_recursive("gcr.io/me", "r.example/x", pair.options(), executor=pool))
    assert len(copied) == 3


def test_what_goes_to_workers_pickles() -> None:
    """
    So that these may be other processes.
    """
    outcomes: list[object] = []
    with ProcessPoolExecutor(1) as pool:
        found = copy_recursive(
            "127.0.0.1:1/a", "127.0.0.1:1/b", Options(), among=["a"], executor=pool, jobs=1
        )
        outcomes += found
    [failed] = outcomes
    assert isinstance(failed, Failed)
    assert pickle.loads(pickle.dumps(failed)) == failed


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("r.example/a", "r.example/a"),
        ("r.example/a", "r.example/a/b"),
        ("r.example", "r.example/a"),
    ],
)
def test_nothing_goes_into_itself(pair: Pair, source: str, target: str) -> None:
    """
    It would have no end.
    """
    with pytest.raises(IntoItself):
        copy_recursive(source, target, pair.options())


def test_a_thousand_repositories() -> None:
    """
    What some of them lack is copied, and nothing else; garbage of some is deleted.
    """
    pair = Pair(place(extended=True), place(extended=True))
    send = by_host(r=pair.source, s=pair.target)
    names = [f"{number // 100}/app{number}" for number in range(1000)]
    for name in names:
        pair.source.put(f"team/{name}", IMAGE, "1", "latest")
    for name in names[20:]:
        pair.target.put(f"mirror/{name}", IMAGE, "1", "latest")
    for name in names[10:30]:
        pair.source.put(f"team/{name}", OTHER)
    pair.source.asked()
    pair.target.asked()
    options = pair.options(send, jobs=1)
    copied = done(copy_recursive("r.example/team", "s.example/mirror", options))
    # There is nothing in `team` and the ten below it, but what is below these.
    assert len(copied) == 1011
    lines = [line.split()[:2] for line in pair.target.asked()]
    puts = [path for method, path in lines if method == "PUT" and "/manifests/" in path]
    assert len(puts) == len(set(puts)) == 20 * 2 + 20
    for name in names:
        assert pair.target.storage.tagged(f"mirror/{name}", "latest") == IMAGE.digest
    found = list(collect("r.example/team", options, recursive=True, delete=True))
    gone = [each.value.removal for each in found if isinstance(each, Ok)]
    assert sum(len(each.manifests) for each in gone if each is not None) == 20
    for name in names:
        assert pair.source.storage.manifest(f"team/{name}", IMAGE.digest) is not None
        assert pair.source.storage.manifest(f"team/{name}", OTHER.digest) is None
