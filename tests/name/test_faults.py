"""
What is said of bad names.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit.errors import Invalid
from ocikit.name.faults import NameInvalid, host_fault, path_fault, tag_fault
from ocikit.name.parse import parse_reference


def test_value() -> None:
    """
    An error compares by value, hashes and pickles.
    """
    error = NameInvalid(text="A", reason="r")
    assert error == NameInvalid(text="A", reason="r")
    assert error != NameInvalid(text="B", reason="r")
    assert hash(error) == hash(NameInvalid(text="A", reason="r"))
    assert pickle.loads(pickle.dumps(error)) == error
    assert isinstance(error, Invalid)
    assert str(error) == "name 'A': r"


@pytest.mark.parametrize(
    "text",
    [
        "me:hunter2@gcr.io/a",
        "https://me:hunter2@gcr.io/a",
        "https://me:hun/ter2@gcr.io/a",
        "me:hunter2@x@gcr.io/a:t",
        "docker://hunter2@gcr.io/a",
        "a\nhunter2@gcr.io/a",
    ],
)
def test_no_secret(text: str) -> None:
    """
    A password in a name reaches neither text, repr, pickle nor the error's causes.
    """
    with pytest.raises(NameInvalid) as caught:
        parse_reference(text)
    error = caught.value
    shown = f"{error} {error!r} {pickle.dumps(error)!r} {error.__cause__}"
    assert "hunter2" not in shown
    assert "ter2" not in shown
    assert "gcr.io/a" in shown


def test_long_text() -> None:
    """
    A megabyte of nonsense does not flood the terminal, and pickling cuts no further.
    """
    with pytest.raises(NameInvalid) as caught:
        parse_reference("a" * 1_000_000)
    assert len(str(caught.value)) < 500
    assert pickle.loads(pickle.dumps(caught.value)) == caught.value


def test_nothing_wrong() -> None:
    """
    What the grammar takes has no fault.
    """
    assert host_fault("a.b") is None
    assert host_fault("a_.b", loose=True) is None
    assert path_fault("a/b") is None
    assert path_fault("-a", loose=True) is None
    assert tag_fault("1") is None
    assert tag_fault(".1", loose=True) is None


def test_missing_host() -> None:
    """
    An empty host is called missing.
    """
    assert host_fault("") == "the registry is missing; write a host, such as ghcr.io"


def test_separator_fault() -> None:
    """
    A misplaced separator names the part it is in.
    """
    fault = path_fault("a/b..c")
    assert fault is not None
    assert "'b..c'" in fault
