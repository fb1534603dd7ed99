"""
Errors of the way to a registry.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit.errors import Corrupt, OciError, Unreachable
from ocikit.registry import faults
from ocikit.registry.redirect import RedirectedTooOften

SIGNED = "https://me:secret@cdn.io/blob?digest=sha256:1&X-Signature=secret#secret"

ERRORS: list[OciError] = [
    faults.ConnectionFailed(url=SIGNED, reason="connection refused"),
    faults.ConnectionBroken(url=SIGNED, reason="reset by peer"),
    faults.TimedOut(url=SIGNED, seconds=1.5),
    faults.TLSFailed(url=SIGNED, reason="wrong version number"),
    faults.CertificateUntrusted(url=SIGNED, reason="expired"),
    faults.BodyTruncated(url=SIGNED, received=1, expected=2),
    faults.SourceLengthWrong(url=SIGNED, expected=2, actual=1),
    RedirectedTooOften(url=SIGNED, limit=10),
]


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_no_secret_is_in_them(error: OciError) -> None:
    """
    Presigned queries and passwords are in URLs, and errors end up in logs.
    """
    for text in (str(error), repr(error), repr(pickle.dumps(error)), repr(error.args)):
        assert "secret" not in text
    assert "cdn.io/blob?digest=sha256:1" in str(error)


@pytest.mark.parametrize("error", ERRORS, ids=lambda error: type(error).__name__)
def test_they_are_values(error: OciError) -> None:
    """
    They pickle, compare, and say whose fault it was.
    """
    assert pickle.loads(pickle.dumps(error)) == error
    assert isinstance(error, Unreachable | Corrupt)
