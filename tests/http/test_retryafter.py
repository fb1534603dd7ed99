"""
Retry-After, in its two forms and none.
"""

from __future__ import annotations

import pytest

from ocikit.http.message import Headers
from ocikit.http.retryafter import retry_after

NOON = "Wed, 21 Oct 2015 12:00:00 GMT"
LATER = "Wed, 21 Oct 2015 12:01:00 GMT"


@pytest.mark.parametrize(
    ("text", "date", "now", "seconds"),
    [
        ("0", "", None, 0.0),
        (" 90 ", "", None, 90.0),
        ("1.5", "", None, 1.5),
        (LATER, NOON, None, 60.0),
        (NOON, LATER, None, 0.0),
        (LATER, "", 1445428800.0, 60.0),
        (LATER, "nonsense", 1445428830.0, 30.0),
        (LATER, "", None, None),
        ("Wednesday, 21-Oct-15 12:01:00 GMT", NOON, None, 60.0),
        ("Wed, 21 Oct 2015 12:01:00 -0000", NOON, None, 60.0),
        ("", NOON, 1.0, None),
        ("-5", "", None, None),
        ("1e9", "", None, None),
        ("9" * 40, "", None, None),
        ("soon", "", 1.0, None),
        ("Wed, 99 Oct 2015 99:00:00 GMT", NOON, None, None),
        ("٣", "", None, None),
    ],
)
def test_seconds_or_a_date(text: str, date: str, now: float | None, seconds: float | None) -> None:
    """
    RFC 9110, 10.2.3; the server's own clock counts before ours.
    """
    headers = Headers({"Retry-After": text, "Date": date})
    assert retry_after(headers, now) == seconds
