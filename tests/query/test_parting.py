"""
Where two JSON documents part.
"""

from __future__ import annotations

import pytest

from ocikit.query.parting import dotted, part


@pytest.mark.parametrize(
    ("left", "right", "cause", "path", "offset"),
    [
        (b'{"a":1}', b'{"a":12}', "value", "a", 6),
        (b'{"a":"x"}', b'{"a":1}', "value", "a", 5),
        (b'{"a":[{}]}', b'{"a":[[]]}', "value", "a[0]", 6),
        (b'{"a":{"b":[0,{"c":null}]}}', b'{"a":{"b":[0,{"c":[]}]}}', "value", "a.b[1].c", 18),
        (b'{"a":"\\u0041"}', b'{"a":"B"}', "value", "a", 6),
        (b'{"a":1}', b'{"a": 1}', "whitespace", "a", 5),
        (b'{"a":1}', b'{"a":1}\n', "whitespace", "", 7),
        (b'{"a":1 }', b'{"a":1  }', "whitespace", "a", 7),
        (b" {}", b"{}", "whitespace", "", 0),
        (b'{"a":1,"b":2}', b'{"b":2,"a":1}', "order", "", 2),
        (b'{"x":{"a":1,"b":2}}', b'{"x":{"b":2,"a":1}}', "order", "x", 7),
        (b'{"a":"\\u003c"}', b'{"a":"<"}', "escapes", "a", 6),
        (b'{"\\u0061":1}', b'{"a":1}', "escapes", "a", 2),
        (b'{"a":1.0}', b'{"a":1.00}', "numbers", "a", 8),
        (b'{"a":1e2}', b'{"a":100}', "numbers", "a", 6),
        (b'{"a":1}', b'{"a":1,"b":[]}', "member", "b", 6),
        (b"{}", b'{"x":1}', "member", "x", 1),
        (b'{"ab":1}', b'{"a":1}', "member", "a", 3),
        (b'{"a":"b","c":1}', b'{"c":1}', "member", "a", 2),
        (b'{"a":[1]}', b'{"a":[1,2]}', "member", "a[1]", 7),
        (b'{"a":[]}', b'{"a":[1]}', "member", "a[0]", 6),
        (b"[1,2]", b"[1]", "member", "[1]", 2),
        (b"{", b"[", "bytes", "", 0),
    ],
)
def test_documents_part(left: bytes, right: bytes, cause: str, path: str, offset: int) -> None:
    """
    At a byte, in a member, for a reason; the same from both sides.
    """
    there, back = part(left, right), part(right, left)
    assert (there.cause, dotted(there.steps), there.offset) == (cause, path, offset)
    assert (back.left, back.right) == (there.right, there.left)
    assert there.alike == (cause in ("whitespace", "order", "escapes"))


def test_both_values_are_given() -> None:
    """
    As JSON; None where there is nothing.
    """
    found = part(b'{"a":{"b":[1]}}', b'{"a":{"c":2}}')
    assert (dotted(found.steps), found.left, found.right) == ("a.b", "[1]", None)
    found = part(b'{"a":"<"}', b'{"a":null}')
    assert (found.left, found.right) == ('"\\u003c"', "null")
