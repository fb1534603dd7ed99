"""
Retry-After: how long a server asks to be left alone (RFC 9110, 10.2.3).
"""

from __future__ import annotations

from datetime import UTC, datetime

from ocikit._regex import regex
from ocikit.http.message import Headers

_SECONDS = regex(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


def retry_after(headers: Headers, now: float | None = None) -> float | None:
    """
    Read Retry-After in seconds; None when it is absent or unreadable.

    A date is taken against the server's own clock in `Date`, or else against `now`, in
    seconds since 1970.

    >>> retry_after(Headers({"Retry-After": "120"}))
    120.0
    >>> late = {"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}
    >>> retry_after(Headers({**late, "Date": "Wed, 21 Oct 2015 07:27:30 GMT"}))
    30.0
    """
    text = headers.get("Retry-After").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    until = _timestamp(text)
    since = _timestamp(headers.get("Date").strip())
    start = now if since is None else since
    return None if until is None or start is None else max(0.0, until - start)


def _timestamp(text: str) -> float | None:
    if not text:
        return None
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text)
        return _aware(moment).timestamp()
    except (ValueError, OverflowError, IndexError, TypeError):
        return None


def _aware(moment: datetime) -> datetime:
    # "-0000" is a time without a zone, and HTTP has but one.
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
