"""
Links to next pages.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest

from ocikit.http.message import Headers, Request, Response
from ocikit.http.paging import LinkInvalid, next_page, pages

FIRST = Request(
    method="GET", url="https://r.io/v2/a/tags/list?n=1", headers=Headers({"Accept": "x"})
)


def _linked(*lines: str) -> Response:
    return Response(status=200, headers=Headers(tuple(("Link", line) for line in lines)))


@pytest.mark.parametrize(
    ("lines", "url"),
    [
        ((), None),
        (("",), None),
        (("<>",), None),
        (('</v2/a/tags/list?last=b&n=1>; rel="next"',), "https://r.io/v2/a/tags/list?last=b&n=1"),
        (("<https://r.io:443/x>; rel=next",), "https://r.io:443/x"),
        (("<?last=b>;rel=next",), "https://r.io/v2/a/tags/list?last=b"),
        (("<list?last=b>",), "https://r.io/v2/a/tags/list?last=b"),
        (('</p>; rel="prev", </n>; rel="next"',), "https://r.io/n"),
        (('</p>; rel="prev"', '</n>; rel="next"'), "https://r.io/n"),
        (('</n>; title="a, b; rel=prev"; rel="start next"',), "https://r.io/n"),
        (("</n>; REL=Next",), "https://r.io/n"),
        (('</p>; rel="prev"',), None),
        (("</n,x?a=b,c>; rel=next",), "https://r.io/n,x?a=b,c"),
        (("</n?_s=a%2Fb%3d>; rel=next",), "https://r.io/n?_s=a%2Fb%3d"),
        (("</n#part>; rel=next",), "https://r.io/n"),
    ],
)
def test_links(lines: tuple[str, ...], url: str | None) -> None:
    """
    RFC 8288, 3: relative or absolute, several, with parameters in any order or none.
    """
    following = next_page(FIRST, _linked(*lines))
    assert (None if following is None else following.url) == url
    if following is not None:
        assert following.headers == FIRST.headers


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("<https://evil.io/v2/a>; rel=next", "another server"),
        ("<//evil.io/v2/a>; rel=next", "another server"),
        ("<http://r.io/v2/a>; rel=next", "another server"),
        ("<https://r.io:444/v2/a>; rel=next", "another server"),
        ("<https://r.io@evil.io/>; rel=next", "no URL"),
        ("<https://[r.io/?t=SECRET>; rel=next", "no URL"),
        ("<ftp://r.io/>; rel=next", "no URL"),
        ("</v2/a; rel=next", "malformed"),
        ("/v2/a; rel=next", "malformed"),
    ],
)
def test_links_that_lead_astray_are_refused(line: str, said: str) -> None:
    """
    CVE-2026-85732: a list must not send the client elsewhere; nor end in silence.
    """
    with pytest.raises(LinkInvalid, match=said) as caught:
        next_page(FIRST, _linked(line))
    assert "SECRET" not in str(caught.value)


def _serving(links: Callable[[int], str]) -> Callable[[Request], Response]:
    count = 0

    def send(request: Request) -> Response:
        nonlocal count
        count += 1
        link = links(count)
        return _linked(f"<{link}>; rel=next") if link else Response(status=200)

    return send


def test_pages_come_in_order_until_the_last() -> None:
    """
    Each with its request.
    """
    send = _serving(lambda n: f"/p{n}" if n < 4 else "")
    assert [request.url for request, _ in pages(send, FIRST)] == [
        FIRST.url,
        "https://r.io/p1",
        "https://r.io/p2",
        "https://r.io/p3",
    ]


@pytest.mark.parametrize(
    "links",
    [
        lambda n: FIRST.url,
        lambda n: f"/p{n % 3}",
    ],
)
def test_a_page_that_comes_back_ends_the_list(links: Callable[[int], str]) -> None:
    """
    However long the circle is.
    """
    with pytest.raises(LinkInvalid, match="leads back"):
        for _ in pages(_serving(links), FIRST):
            pass


def test_endless_pages_end() -> None:
    """
    S7 again, by always another link.
    """
    endless = pages(_serving(lambda n: f"/p{n}"), FIRST, limit=50)
    assert len(list(itertools.islice(endless, 50))) == 50
    with pytest.raises(LinkInvalid, match="more than 50 pages"):
        next(endless)
