"""
Fields of headers, one by one.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.tree.fields import decimal, nanoseconds, number, records
from tests.tree.archives import record


@given(st.integers(-(2**60), 2**60))
def test_binary_numbers(value: int) -> None:
    """
    Two's complement whose first bit only says that it is binary.
    """
    field = bytearray(value.to_bytes(8, "big", signed=True))
    field[0] |= 0x80
    assert number(bytes(field)) == value


@pytest.mark.parametrize("field", [b"8", b"0x1", b"1_1", b"+1", b"1 1", b"\n1", b"1.0"])
def test_what_is_no_number(field: bytes) -> None:
    """
    Trap: Python reads signs, underscores and other blanks in numbers; nobody else does.
    """
    with pytest.raises(ValueError, match="not an octal number"):
        number(field.ljust(12, b"\0"))


@pytest.mark.parametrize("text", [b"", b"-", b"1_0", b"0x1", b" 1", b"1" * 21, b"\xd9\xa1"])
def test_what_is_no_decimal(text: bytes) -> None:
    """
    Digits and one sign, and not more of them than a number can have.
    """
    with pytest.raises(ValueError, match=r"pax record uid: .* is not a number"):
        decimal(text, "uid")


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (b"0", 0),
        (b"1.", 10**9),
        (b"1.5", 1_500_000_000),
        (b"-0.5", -500_000_000),
        (b"-1.000000001", -1_000_000_001),
        (b"1.0000000019", 1_000_000_001),
    ],
)
def test_times(text: bytes, value: int) -> None:
    """
    Exact to the nanosecond, on both sides of 1970.
    """
    assert nanoseconds(text, "mtime") == value


@given(
    st.dictionaries(
        st.binary(min_size=1, max_size=20).filter(
            lambda key: b"=" not in key and not key.startswith(b"GNU.sparse")
        ),
        st.binary(max_size=200),
    )
)
def test_records_come_back(given: dict[bytes, bytes]) -> None:
    """
    Any bytes may be in a value: their length says where they end.
    """
    texts = {b"path", b"linkpath", b"uname", b"gname"}
    given = {key: value for key, value in given.items() if key not in texts}
    content = b"".join(record(key, value) for key, value in given.items())
    found = records(content)
    assert {k.encode("utf-8", "surrogateescape"): v for k, v in found.items()} == given


def test_old_maps_become_one_record() -> None:
    """
    The oldest way to write a map repeats its records for every segment.
    """
    content = b"".join(
        record(b"GNU.sparse." + key, value)
        for key, value in [(b"offset", b"0"), (b"numbytes", b"5"), (b"offset", b"9")]
    )
    assert records(content) == {"GNU.sparse.map": b"0,5,9"}
