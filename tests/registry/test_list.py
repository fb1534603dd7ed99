"""
Lists, page by page.
"""

from __future__ import annotations

from itertools import count, islice

import pytest

from ocikit.content.empty import IMAGE
from ocikit.http.answers import MAX_NAMES
from ocikit.http.faults import NameUnknown
from ocikit.http.message import Request, Response
from ocikit.http.paging import LinkInvalid
from ocikit.name.parse import parse_registry, parse_repository
from ocikit.registry.flush import flush
from ocikit.registry.list import ListTooLong, catalog, tags
from ocikit.registry.settings import Settings
from ocikit.server.handler import registry
from ocikit.testing.wires import Recorder, answer, client, script

TAGS = ["1", "2", "3", "4", "5"]


def held() -> Recorder:
    """
    A registry with five tags.
    """
    wire = Recorder(registry())
    for tag in TAGS:
        flush(f"r.io/a:{tag}", IMAGE, client=client(wire))
    wire.clear()
    return wire


@pytest.mark.parametrize(("size", "pages"), [(1000, 1), (5, 1), (2, 3), (1, 5)])
def test_follows_pages(size: int, pages: int) -> None:
    """
    In the registry's order, with as many requests as pages.
    """
    wire = held()
    one = client(wire, settings=Settings(page_size=size))
    assert list(tags("r.io/a", client=one)) == TAGS
    assert len(wire.requests) == pages


def test_is_lazy() -> None:
    """
    No page is asked for before it is needed.
    """
    wire = held()
    found = tags("r.io/a", client=client(wire, settings=Settings(page_size=2)))
    assert wire.requests == []
    assert list(islice(found, 2)) == ["1", "2"]
    assert len(wire.requests) == 1


def test_a_size_of_nought_leaves_it_to_the_registry() -> None:
    """
    ECR refuses what it finds too large.
    """
    wire = held()
    one = client(wire, settings=Settings(page_size=0))
    assert list(tags(parse_repository("r.io/a"), client=one)) == TAGS
    assert wire.requests[0].url == "https://r.io/v2/a/tags/list"


@pytest.mark.parametrize("body", [b'{"tags":null}', b'{"tags":[]}', b"{}"])
def test_none_are_none(body: bytes) -> None:
    """
    Registries write null for a repository without tags.
    """
    assert list(tags("r.io/a", client=client(script(answer(200, body))))) == []


def test_a_repository_that_is_not_there_is_missed() -> None:
    """
    The error comes with the first name that is taken.
    """
    with pytest.raises(NameUnknown):
        next(tags("r.io/nobody", client=client(registry())))


def test_does_not_go_elsewhere_for_more() -> None:
    """
    A link is to the same server, or is not followed.
    """
    page = answer(200, b'{"tags":["1"]}', Link='<https://evil.io/next>; rel="next"')
    found = tags("r.io/a", client=client(script(page)))
    assert next(found) == "1"
    with pytest.raises(LinkInvalid, match="another server"):
        next(found)


def test_does_not_go_in_circles() -> None:
    """
    A page that was read is the end.
    """

    def circle(request: Request) -> Response:
        return answer(200, b'{"tags":["1"]}', Link='</v2/a/tags/list?n=1000>; rel="next"')

    with pytest.raises(LinkInvalid, match="back"):
        list(tags("r.io/a", client=client(circle)))


def test_lists_repositories() -> None:
    """
    Docker's catalog, which is no part of the specification.
    """
    wire = held()
    flush("r.io/b/c:1", IMAGE, client=client(wire))
    assert list(catalog("r.io", client=client(wire))) == ["a", "b/c"]
    assert list(catalog(parse_registry("r.io"), client=client(wire))) == ["a", "b/c"]


def test_a_list_has_an_end() -> None:
    """
    Each page may be large, and they all together are not without end.
    """
    page = b'{"tags":[' + b",".join([b'"a"'] * (MAX_NAMES // 2)) + b"]}"
    numbers = count()

    def endless(request: Request) -> Response:
        return answer(200, page, Link=f"</v2/a/tags/list?page={next(numbers)}>")

    found = tags("r.io/a", client=client(endless))
    assert sum(1 for _ in islice(found, MAX_NAMES)) == MAX_NAMES
    with pytest.raises(ListTooLong, match="more than 1000000 names"):
        next(found)
