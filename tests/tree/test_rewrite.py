"""
Archives written anew while they are read.
"""

from __future__ import annotations

import io

from hypothesis import given
from hypothesis import strategies as st

from ocikit._records import evolve
from ocikit.tree.entry import Member
from ocikit.tree.reader import Reader
from ocikit.tree.writer import header
from tests.tree.archives import END, block, contents, file, pax

SIZES = [0, 1, 512, 700, (1 << 20) - 512, 1 << 20, (1 << 20) + 1, (3 << 20) + 5]


def _rewritten(data: bytes, changes: dict[int, str]) -> bytes:
    def decide(member: Member) -> bytes | None:
        change = changes.get(member.number, "keep")
        if change == "keep":
            return member.header
        return header(evolve(member.entry, name="new")) if change == "rename" else None

    return b"".join(Reader(io.BytesIO(data)).rewrite(decide))


@given(
    sizes=st.lists(st.sampled_from(SIZES), max_size=8),
    changes=st.dictionaries(st.integers(0, 8), st.sampled_from(["drop", "rename"])),
    ended=st.booleans(),
)
def test_what_is_kept_is_untouched(sizes: list[int], changes: dict[int, str], ended: bool) -> None:
    """
    Kept members are there byte for byte, in order; content is that of its member.
    """
    parts = [
        (pax({b"path": b"p"}) if size % 2 else b"") + file(f"n{number}", bytes([number]) * size)
        for number, size in enumerate(sizes)
    ]
    expected = b"".join(
        file("new", bytes([number]) * sizes[number]) if changes.get(number) else part
        for number, part in enumerate(parts)
        if changes.get(number) != "drop"
    )
    data = b"".join(parts) + (END if ended else b"")
    assert _rewritten(data, changes) == expected


def test_runs_are_one_piece() -> None:
    """
    Members that are kept in a row are not cut apart, so that writing them is quick.
    """
    data = b"".join(file(f"n{number}", b"x" * 100) for number in range(500)) + END
    pieces = list(Reader(io.BytesIO(data)).rewrite(lambda member: member.header))
    assert b"".join(pieces) == data[:-1024]
    assert len(pieces) == 1


def test_global_headers_are_resolved() -> None:
    """
    Members that a global header spoke of are given headers of their own.
    """
    data = file("a", b"1") + pax({b"uname": b"you"}, b"g") + block(b"b") + file("c", b"2") + END
    made = _rewritten(data, {})
    assert contents(made) == [("a", b"1"), ("b", b""), ("c", b"2")]
    assert {each.entry.uname for each in Reader(io.BytesIO(made))} == {"", "you"}
    assert made.startswith(file("a", b"1"))
    assert b"comment" not in _rewritten(pax({b"comment": b"c"}, b"g") + file("a"), {})


def test_missing_zeros_are_added() -> None:
    """
    The last block of an archive that was not filled up is, for more may follow.
    """
    assert _rewritten(file("a", b"1")[:513], {}) == file("a", b"1")
