"""
Sizes as people write them.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.sizes import SizeInvalid, bytes_of


@given(st.integers(0, 10**15 - 1))
def test_bytes_are_bytes(count: int) -> None:
    """
    A number is that many, with and without its unit.
    """
    assert bytes_of(count) == bytes_of(str(count)) == bytes_of(f"{count} B") == count


@pytest.mark.parametrize(
    ("text", "count"),
    [
        *[("2k", 2048), ("2KiB", 2048), ("2kB", 2000), ("1.5M", 1572864), ("0.5 MB", 500000)],
        *[("3G", 3 << 30), ("3GB", 3 * 10**9), ("1T", 1 << 40), ("1tib", 1 << 40)],
    ],
)
def test_units_are_those_of_gnu_tools(text: str, count: int) -> None:
    """
    Of 1000 where bytes are named, else of 1024.
    """
    assert bytes_of(text) == count


@pytest.mark.parametrize("text", ["", "MB", "1 XB", "-1", "1e3", "1iB", "1.2.3", "9" * 20])
def test_texts_that_are_none(text: str) -> None:
    """
    They are told as they are.
    """
    with pytest.raises(SizeInvalid, match="is no size: write 500M"):
        bytes_of(text)
