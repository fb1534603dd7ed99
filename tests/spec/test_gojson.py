"""
JSON: one meaning for one document, and Go's bytes for a new one.
"""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from ocikit.spec.gojson import MAX_DEPTH, MAX_VALUES, JSONInvalid, Number, dumps, loads


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", "line 1 column 1"),
        (b"{", "line 1 column 2"),
        (b'{"a":1} x', "Extra data"),
        (b'{"a":1}{"a":1}', "Extra data"),
        (b'{"a":1,}', "line 1 column"),
        (b'{"a":1,"a":2}', "duplicate member 'a'"),
        (b'{"a":[{"b":1,"\\u0062":2}]}', "duplicate member 'b'"),
        (b"NaN", "NaN is not JSON"),
        (b"[-Infinity]", "-Infinity is not JSON"),
        (b'"\xff"', "byte 1 is not UTF-8"),
        (b'"\xed\xa0\x80"', "byte 1 is not UTF-8"),
        (b"\xef\xbb\xbf{}", "line 1 column 1"),
        (b'{"a": "\x01"}', "Invalid control character"),
        ('{"a":1}'.encode("utf-16"), "is not UTF-8"),
        (b"1" * 5000, "digits"),
        (b"[" * 100_000 + b"]" * 100_000, "nested too deeply"),
        (b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1), "deeper than 64"),
        (b'{"a":' * (MAX_DEPTH + 1) + b"1" + b"}" * (MAX_DEPTH + 1), "deeper than 64"),
    ],
)
def test_refused(raw: bytes, problem: str) -> None:
    """
    Where two readers could disagree, or one could fall over, nothing is read.
    """
    with pytest.raises(JSONInvalid) as caught:
        loads(raw, "manifest")
    assert str(caught.value).startswith("manifest: $: ")
    assert problem in str(caught.value)


@pytest.mark.parametrize(
    "raw",
    [
        b"[" * MAX_DEPTH + b"]" * MAX_DEPTH,
        b"[" + b"[]," * 200 + b'"[[[["]',
        b'{"a":{"a":{"a":1}}}',
        b' \n{"a" : 1}\t\r\n',
    ],
)
def test_accepted(raw: bytes) -> None:
    """
    Width, whitespace and brackets inside texts are no depth.
    """
    loads(raw)


def test_brackets_in_texts_hide_no_depth() -> None:
    """
    A text that closes what it did not open does not make a deep document shallow.
    """
    raw = b'["]",' * 200 + b"1" + b',"["]' * 200
    with pytest.raises(JSONInvalid, match="deeper than 64"):
        loads(raw)


@pytest.mark.parametrize(
    "text", ["1.50", "1e400", "-1E+2", "0.1", "-0", "-0.0", "1e-7", "123456789012345678901234"]
)
def test_numbers_leave_as_they_came(text: str) -> None:
    """
    What no specification knows may be any number: its text is kept, not its value.
    """
    assert dumps(loads(f"[{text}]".encode())) == f"[{text}]".encode()
    assert dumps(pickle.loads(pickle.dumps(loads(text.encode())))) == text.encode()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ({"b": 1, "a": [True, None, -3]}, b'{"b":1,"a":[true,null,-3]}'),
        ("<a href='x'>&</a>", b"\"\\u003ca href='x'\\u003e\\u0026\\u003c/a\\u003e\""),
        ("\u2028\u2029", b'"\\u2028\\u2029"'),
        ("é\U0001f40b\x7f/", '"é\U0001f40b\x7f/"'.encode()),
        ('"\\', b'"\\"\\\\"'),
        ("\b\f\n\r\t", b'"\\b\\f\\n\\r\\t"'),
        ("\x00\x1f", b'"\\u0000\\u001f"'),
        ("\ud800x\udfff", b'"\\ud800x\\udfff"'),
        ({"<k>": "v"}, b'{"\\u003ck\\u003e":"v"}'),
        ([], b"[]"),
        ({}, b"{}"),
        (Number("1.50"), b"1.50"),
    ],
)
def test_written_as_go_writes(value: Any, written: bytes) -> None:
    """
    Compact, escaped for HTML and JavaScript, other scripts as they are.
    """
    assert dumps(value) == written


def test_surrogates_in_pairs_are_one_character() -> None:
    """
    Pairs of escapes are read as what they stand for; lone ones stay.
    """
    assert loads(b'"\\ud83d\\udc0b \\ud83d"') == "\U0001f40b \ud83d"


@pytest.mark.parametrize("value", [float("nan"), float("inf"), {"a": {1, 2}}])
def test_what_is_no_json_is_not_written(value: Any) -> None:
    """
    Python would write NaN, which nobody reads.
    """
    with pytest.raises((ValueError, TypeError)):
        dumps(value)


def test_errors_are_short() -> None:
    """
    A document with a million faults does not fill a log.
    """
    error = JSONInvalid(what="index", problems=tuple((f"$[{n}]", "odd") for n in range(10**5)))
    assert len(str(error)) < 300
    assert str(error).endswith("and 99990 more")
    assert pickle.loads(pickle.dumps(error)) == error


def test_a_few_bytes_do_not_become_a_great_many() -> None:
    """
    An empty object takes twenty times its bytes: their number is bounded before there are
    any. What stands in texts counts too, in documents that large.
    """
    most = b"[" + b"0," * (MAX_VALUES - 2) + b"0]"
    assert len(loads(most)) == MAX_VALUES - 1
    for value in (b"0", b"{}", b"[]", b'""'):
        with pytest.raises(JSONInvalid, match=f"more than {MAX_VALUES} values"):
            loads(b"[" + b",".join([value] * (MAX_VALUES + 1)) + b"]")
    assert loads(b'["' + b"," * MAX_VALUES + b'"]', most=MAX_VALUES + 9)
