"""
Whom a URL talks to.
"""

from __future__ import annotations

import pytest

from ocikit.http.origin import Origin, URLInvalid, origin_of, same_origin


def test_origins_compare_as_browsers_compare_them() -> None:
    """
    RFC 6454, 5: scheme, host without case, port with the scheme's own filled in.
    """
    assert same_origin("https://A.io/x?y", "https://a.io:443")
    assert not same_origin("https://a.io", "http://a.io")
    assert not same_origin("https://a.io", "https://a.io:444")
    assert not same_origin("https://a.io", "https://a.io.evil.io")
    assert str(origin_of("http://a.io:80/x")) == "http://a.io"
    assert str(origin_of("https://a.io:5000/x")) == "https://a.io:5000"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.io/",
        "//a.io/",
        "https://",
        "https:///x",
        "https://a.io:99999/",
        "https://a.io:x/",
        "https://[::1/",
        "https://[::1%25eth0]/",
        "https://me:pw@a.io/",
        "https://a.io\\@b.io/",
        "https://a%2eio/",
        "https://\uff41.io/",
        "https://a.io/\r\nHost: b",
        "https://a.io/a b",
        "",
    ],
)
def test_what_two_readers_could_read_differently_is_no_origin(url: str) -> None:
    """
    Credentials are bound to what we read; the network must not read something else.
    """
    with pytest.raises(URLInvalid) as caught:
        origin_of(url)
    assert "pw" not in str(caught.value)


def test_an_origin_prints_as_it_is_written() -> None:
    """
    An origin reads back from its text.
    """
    for origin in (Origin("https", "a.io", 443), Origin("http", "[::1]", 5000)):
        assert origin_of(str(origin)) == origin
