"""
What one registry is shown, and where it may send us.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.http.message import Headers, Request
from ocikit.http.origin import origin_of
from ocikit.http.reach import PlaceForbidden
from ocikit.http.terms import Terms
from ocikit.registry.terms import on_terms
from ocikit.testing.wires import answer, script

BASE = "https://r.io"
OWN = Terms(authorities=("/ca",), certificate="/cert", key="/key")
FIELDS = Headers({"X-Gate": "secret", "Authorization": "no", "host": "no"})


def sent(url: str, base: str = BASE, trusted: tuple[str, ...] = ()) -> Request:
    """
    Give what the network is handed.
    """
    wire = script(answer(200))
    on_terms(wire, base, OWN, FIELDS, trusted)(Request(method="GET", url=url))
    return wire.requests[0]


def test_a_registry_is_shown_what_is_for_it() -> None:
    """
    Its client's certificate and a user's header fields, but none that are the protocol's.
    """
    found = sent("https://r.io/v2/")
    assert found.terms == OWN
    assert found.headers.pairs == (("X-Gate", "secret"),)


def test_what_a_request_says_itself_counts_more() -> None:
    """
    A user's field does not replace one that a request has.
    """
    wire = script(answer(200))
    request = Request(method="GET", url=BASE, headers=Headers({"x-gate": "mine"}))
    on_terms(wire, BASE, OWN, FIELDS)(request)
    assert wire.requests[0].headers.pairs == (("x-gate", "mine"),)


def test_a_field_that_is_said_back_is_masked() -> None:
    """
    Errors are shown, and may quote the whole request.
    """
    wire = script(answer(403, b"you said secret"))
    response = on_terms(wire, BASE, OWN, FIELDS)(Request(method="GET", url=BASE))
    assert response.body.read() == b"you said REDACTED"


URLS = st.sampled_from(
    [
        *("https://r.io/a", "https://r.io:443/b", "https://r.io:8443/", "https://cdn.io/x?sig=1"),
        *(
            "https://r.io.evil.io/",
            "https://auth.r.io/token",
            "https://10.0.0.1/",
            "https://[::1]/",
        ),
    ]
)


@given(URLS, st.sampled_from([(), ("cdn.io",), ("10.0.0.1",)]))
def test_nobody_else_is(url: str, trusted: tuple[str, ...]) -> None:
    """
    Another origin, be it another port, sees neither certificate nor field; whom its own
    certificate is checked against is no secret. The network is told who named it.
    """
    found = sent(url, trusted=trusted)
    if origin_of(url) == origin_of(BASE):
        assert found.terms == OWN
        return
    assert found.headers == Headers()
    named_by = "" if origin_of(url).host in trusted else BASE
    assert found.terms == Terms(authorities=("/ca",), named_by=named_by)


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("https://r.io", "http://r.io/x"),
        ("https://r.io", "http://cdn.io/x"),
        ("https://r.io", "https://169.254.169.254/latest"),
        ("http://r.io", "http://169.254.169.254/latest"),
        ("http://127.0.0.1:5000", "http://169.254.169.254/latest"),
        ("http://10.0.0.1:5000", "http://0x7f.1/x"),
        ("http://10.0.0.1:5000", "http://2130706433/x"),
        ("http://10.0.0.1:5000", "http://[::ffff:169.254.169.254]/x"),
    ],
)
def test_some_places_are_named_by_nobody(base: str, url: str) -> None:
    """
    From HTTPS to plain HTTP, to metadata services, to addresses in odd spellings.
    """
    with pytest.raises(PlaceForbidden, match="leads to") as caught:
        sent(url, base)
    assert caught.value.registry == base
