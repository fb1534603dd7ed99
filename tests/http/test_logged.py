"""
Lines that tell of requests, and what registries warn of.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.http.logged import (
    LONGEST_WARNING,
    MOST_WARNINGS,
    exchange_line,
    header_lines,
    warnings_of,
)
from ocikit.http.message import Headers, Request, Response

ASKED = Request(
    method="GET", url="https://r.io/v2/?sig=hidden", headers=Headers({"Cookie": "hidden"})
)


def test_lines_show_no_secret() -> None:
    """
    Neither of what was asked nor of what came.
    """
    answered = Response(status=200, headers=Headers({"Set-Cookie": "hidden", "ETag": "hidden"}))
    lines = [exchange_line(ASKED, "200", 1.5), *header_lines(ASKED, answered)]
    assert lines == [
        "GET https://r.io/v2/?sig=REDACTED: 200, 1500 ms",
        "> Cookie: REDACTED",
        "< Set-Cookie: REDACTED",
        "< ETag: REDACTED",
    ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('299 - "gone soon"', ("gone soon",)),
        ('299 - "say \\"please\\""', ('say "please"',)),
        ("299 - nope", ()),
        ('110 - "old"', ()),
        ('299 - "never ends', ()),
        ('299 - "see https://r.io/?token=hidden"', ("see https://r.io/?token=REDACTED",)),
    ],
)
def test_warnings_are_quoted_texts_of_one_code(value: str, text: tuple[str, ...]) -> None:
    """
    distribution-spec, "Warnings": 299, no agent, a quoted text.
    """
    assert warnings_of(Headers({"Warning": value})) == text


def test_warnings_are_few_and_short() -> None:
    """
    A registry cannot fill a person's terminal, or memory.
    """
    flood = Headers([("Warning", f'299 - "{number} {"x" * 60_000}"') for number in range(99)])
    found = warnings_of(flood)
    assert len(found) == MOST_WARNINGS
    assert max(map(len, found)) <= LONGEST_WARNING


@given(st.text())
def test_no_warning_harms(text: str) -> None:
    """
    Whatever it says, it is one line.
    """
    for found in warnings_of(Headers({"Warning": f'299 - "{text}"'})):
        assert "\n" not in found
        assert "\x1b" not in found
