"""
Walks over all repositories below one.
"""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from ocikit.errors import Missing, Refused
from ocikit.google.listed import Listing
from ocikit.google.walking import (
    Unlisted,
    WalkTooLong,
    belongs,
    read_place,
    repositories,
    walk,
)
from ocikit.http.message import Request, Response
from ocikit.name.records import Registry, Repository
from ocikit.testing.wires import answer, client
from tests.google.conftest import IMAGE, Place, place

NAMES = ("me/a", "me/a/x", "me/a/x/y", "me/b", "other")


@pytest.fixture(params=["gcr", "artifact_registry", ""])
def full(request: pytest.FixtureRequest) -> Place:
    """
    A registry of some kind with repositories below each other.
    """
    made = place(request.param)
    for name in NAMES:
        made.put(name, IMAGE, "1")
    made.asked()
    return made


def paths(found: object) -> list[str]:
    """
    Give the paths of what was met.
    """
    return [each.repository.path for each in found if isinstance(each, Listing)]  # type: ignore[attr-defined]  # any walk


def test_a_repository_comes_before_those_below(full: Place) -> None:
    """
    Whichever way a registry tells what is below.
    """
    found = list(walk(f"{full.host}/me/a", client=full.client))
    assert paths(found) == ["me/a", "me/a/x", "me/a/x/y"]


def test_a_name_that_only_stands_before_others(full: Place) -> None:
    """
    Google has a list for it, others have not.
    """
    found = list(walk(f"{full.host}/me", client=full.client))
    assert not [each for each in found if isinstance(each, Unlisted)]
    assert paths(found)[-4:] == ["me/a", "me/a/x", "me/a/x/y", "me/b"]


def test_a_registry_is_walked_by_its_catalog(full: Place) -> None:
    """
    All that it has, each once.
    """
    assert paths(walk(Registry(full.host), client=full.client)) == [*NAMES, "seed"]


def test_walks_are_lazy(full: Place) -> None:
    """
    Nothing is asked before it is needed.
    """
    found = walk(f"{full.host}/me/a", client=full.client)
    assert full.asked() == []
    next(found)
    assert len(full.asked()) == 1
    next(found)
    # Others are asked for their catalog now.
    assert len(full.asked()) <= 2


def test_these_and_no_others(full: Place) -> None:
    """
    Names may be given, and are listed in their order.
    """
    given = [f"{full.host}/{name}" for name in ("other", "me/a")]
    found = walk(Registry(full.host), client=full.client, repositories=given)
    assert paths(found) == ["other", "me/a"]


def test_what_cannot_be_listed_is_a_record(full: Place) -> None:
    """
    And the rest is listed; unless that is to be the end.
    """
    given = [f"{full.host}/{name}" for name in ("none", "Bad", "me/b")]
    given.append("other.example/me/a")
    found = list(walk(Registry(full.host), client=full.client, repositories=given))
    assert [each.name for each in found if isinstance(each, Unlisted)] == [*given[:2], given[3]]
    assert paths(found) == ["me/b"]
    with pytest.raises(Missing):
        list(walk(Registry(full.host), client=full.client, repositories=given, on_error="raise"))


def test_nothing_there_is_told(full: Place) -> None:
    """
    A name of nothing is no empty walk.
    """
    [found] = walk(f"{full.host}/none", client=full.client)
    assert isinstance(found, Unlisted)
    assert isinstance(found.error, Missing)


def tree(children: Callable[[str], list[str]]) -> Callable[[Request], Response]:
    """
    A registry of Google's kind that says this of what is below each name.
    """

    def send(request: Request) -> Response:
        path = request.url.partition("/v2/")[2].partition("/tags/list")[0]
        page = {"child": children(path), "manifest": {}, "name": path, "tags": []}
        return answer(200, json.dumps(page).encode())

    return send


@pytest.mark.parametrize(
    "names", [[""], ["."], [".."], ["A"], ["/x"], ["x/"], ["a:b"], ["a@b"], ["a?n=1"], ["a b"]]
)
def test_names_that_lead_elsewhere(names: list[str]) -> None:
    """
    They are told, and not gone after: strictly a name, or none.
    """
    found = list(walk("gcr.io/me", client=client(tree(lambda path: names if path == "me" else []))))
    assert [type(each) for each in found] == [Listing, Unlisted]
    assert found[1].name == f"gcr.io/me/{names[0]}"  # type: ignore[union-attr]  # just seen


def test_no_circle() -> None:
    """
    What leads back to itself by its name alone ends with the length of names.
    """
    found = list(walk("gcr.io/a", client=client(tree(lambda path: ["a"]))))
    assert len(found) < 130
    assert isinstance(found[-1], Unlisted)


def test_nothing_twice() -> None:
    """
    Whatever is said to be below what.
    """
    below = {"me": ["a", "a/b", "a"], "me/a": ["b"]}
    found = walk("gcr.io/me", client=client(tree(lambda path: below.get(path, []))))
    assert paths(found) == ["me", "me/a", "me/a/b"]


def test_no_end_is_an_error() -> None:
    """
    A registry can make up more names than anybody can read.
    """
    send = tree(lambda path: ["a", "b"])
    with pytest.raises(WalkTooLong, match="more than 50 repositories"):
        list(walk("gcr.io/me", client=client(send), most=50))


def test_a_catalog_that_is_refused() -> None:
    """
    What is below cannot be known, and that is told with the name of the registry.
    """

    def send(request: Request) -> Response:
        if "_catalog" in request.url:
            return answer(401, b"{}")
        return answer(200, b'{"tags":["1"]}')

    found = list(walk("r.example/app", client=client(send)))
    assert paths(found) == ["app"]
    assert isinstance(found[1], Unlisted)
    assert found[1].name == "r.example"
    assert isinstance(found[1].error, Refused)


def test_several_at_once(plain: Place) -> None:
    """
    As many as there are jobs, in the order of the catalog.
    """
    many = place(jobs=4)
    for number in range(20):
        many.put(f"r{number:02}", IMAGE, "1")
    found = paths(walk(Registry(many.host), client=many.client, want="digests"))
    assert found == [*(f"r{number:02}" for number in range(20)), "seed"]


def test_names_alone_cost_less(full: Place) -> None:
    """
    Where a registry has a catalog, nothing is listed for them.
    """
    found = [str(name) for name in repositories(Registry(full.host), client=full.client)]
    assert found == [f"{full.host}/{name}" for name in (*NAMES, "seed")]
    assert full.asked() == ["GET /v2/_catalog?n=1000 200"]
    below = [str(name) for name in repositories(f"{full.host}/me/a", client=full.client)]
    assert below == [f"{full.host}/{name}" for name in ("me/a", "me/a/x", "me/a/x/y")]


@pytest.mark.parametrize(
    ("name", "path"),
    [("me/a", "me/a"), ("r.example/me/a/x", "me/a/x"), ("docker://r.example/me/a", "me/a")],
)
def test_names_in_lists(name: str, path: str) -> None:
    """
    In full, or as the catalog has them.
    """
    found = belongs(name, read_place("r.example/me"))
    assert isinstance(found, Repository)
    assert found.path == path


@pytest.mark.parametrize("name", ["other", "med", "x.example/me/a", "localhost/me/a", "me/A", ""])
def test_names_that_belong_elsewhere(name: str) -> None:
    """
    They are told, and not taken for something else.
    """
    assert isinstance(belongs(name, read_place("r.example/me")), Unlisted)
