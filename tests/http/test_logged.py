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


def warned(*values: str) -> tuple[str, ...]:
    """
    Give what is told of an answer's warnings.
    """
    headers = Headers([("Warning", value) for value in values])
    return warnings_of(ASKED, Response(status=200, headers=headers))


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


def test_what_is_echoed_is_masked() -> None:
    """
    A server may say back what it was shown, in any field: that is known, and not told.
    """
    shown = {"Authorization": "Bearer opaque-hidden", "X-Gate": "gate-hidden"}
    asked = Request(method="GET", url="https://r.io/", headers=Headers(shown))
    said = {"Server": "opaque-hidden", "Date": "gate-hidden", "Warning": '299 - "of opaque-hidden"'}
    answered = Response(status=200, headers=Headers(said))
    assert "hidden" not in "".join(header_lines(asked, answered))
    assert warnings_of(asked, answered) == ("of REDACTED",)


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
    assert warned(value) == text


def test_warnings_are_few_and_short() -> None:
    """
    A registry cannot fill a person's terminal, or memory.
    """
    found = warned(*(f'299 - "{number} {"x" * 60_000}"' for number in range(99)))
    assert len(found) == MOST_WARNINGS
    assert max(map(len, found)) <= LONGEST_WARNING


@given(st.text())
def test_no_warning_harms(text: str) -> None:
    """
    Whatever it says, it is one line.
    """
    for found in warned(f'299 - "{text}"'):
        assert "\n" not in found
        assert "\x1b" not in found
