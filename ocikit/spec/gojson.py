"""
JSON as registries and Go tools read and write it.

Reading is strict where two readers could disagree (duplicate members, other encodings
than UTF-8, NaN, unbounded depth): one digest must have one meaning. Writing gives the
bytes that Go's `encoding/json` gives, because digests of new documents depend on them.
"""

from __future__ import annotations

import functools
import json
from typing import Any, Final, NoReturn

import attrs

from ocikit._regex import regex
from ocikit.errors import Corrupt

#: How deep arrays and objects may be nested.
MAX_DEPTH: Final = 64
#: How many values a document may have. In memory each takes many times its bytes.
MAX_VALUES: Final = 500_000

#: How many problems the text of an error tells.
_MOST_TOLD: Final = 10


@attrs.frozen(kw_only=True)
class JSONInvalid(Corrupt):
    """
    Bytes are not the JSON they should be.

    `problems` are pairs of a JSON path and what is wrong there, all that were found.
    """

    what: str
    problems: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        told = [f"{path}: {message}" for path, message in self.problems[:_MOST_TOLD]]
        if len(self.problems) > _MOST_TOLD:
            told.append(f"and {len(self.problems) - _MOST_TOLD} more")
        return f"{self.what}: {'; '.join(told)}"


class Number(float):
    """
    A number that is not an integer (or is -0), with the text it was written as.

    Nothing in the specifications takes one; they come in unknown members, and must
    leave as they came.
    """

    __slots__ = ("text",)
    text: str

    def __new__(cls, text: str) -> Number:
        """
        Remember `text` beside its value.
        """
        self = super().__new__(cls, text)
        self.text = text
        return self

    def __reduce__(self) -> tuple[type[Number], tuple[str]]:
        return Number, (self.text,)


def loads(raw: bytes, what: str = "JSON document", most: int = MAX_VALUES) -> Any:
    """
    Read one JSON value strictly.

    Raises:
        JSONInvalid: not UTF-8, not JSON, a duplicate member, trailing data, NaN, nested
            deeper than `MAX_DEPTH`, or of more than `most` values. `what` opens its text.

    >>> loads(b'{"a": [1, null]}')
    {'a': [1, None]}
    """

    def fail(message: str) -> NoReturn:
        raise JSONInvalid(what=what, problems=(("$", message),)) from None

    # Before there are any: each but the first comes after one of these.
    if len(raw) > most and sum(map(raw.count, (b",", b"[", b"{"))) > most:
        fail(f"more than {most} values")
    try:
        text = raw.decode("utf-8")
        # Most manifests have no hyphen at all, and one byte is looked for quicker than two.
        value = _decoder(b"-" in raw and b"-0" in raw).decode(text)
    except UnicodeDecodeError as error:
        fail(f"byte {error.start} is not UTF-8")
    except json.JSONDecodeError as error:
        fail(f"line {error.lineno} column {error.colno}: {error.msg}")
    except _Ambiguous as error:
        fail(str(error))
    except (RecursionError, ValueError) as error:
        # ValueError: an integer of more digits than the interpreter converts.
        fail("nested too deeply" if isinstance(error, RecursionError) else str(error))
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and too_deep(value):
        fail(f"nested deeper than {MAX_DEPTH} levels")
    return value


class _Ambiguous(Exception):
    pass


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Ambiguous(f"duplicate member {twice!r}")
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise _Ambiguous(f"{name} is not JSON")


def _integer(text: str) -> int | Number:
    return Number(text) if text == "-0" else int(text)


@functools.cache
def _decoder(minus_zero: bool) -> json.JSONDecoder:
    # A function of ours for each integer costs a third more: only where it must be.
    return json.JSONDecoder(
        object_pairs_hook=_unique,
        parse_constant=_refuse_constant,
        parse_float=Number,
        parse_int=_integer if minus_zero else None,
    )


_NESTS = frozenset([dict, list])


def too_deep(value: Any) -> bool:
    """
    Tell whether arrays and objects are nested deeper than `MAX_DEPTH`.
    """
    level = [value]
    for _ in range(MAX_DEPTH):
        # One comprehension for each level: on large documents this is what counts.
        level = [
            each
            for node in level
            for each in (node.values() if type(node) is dict else node)
            if type(each) in _NESTS
        ]
        if not level:
            return False
    return True


# Go escapes these so that JSON is safe inside HTML and JavaScript; lone surrogates
# cannot be written in UTF-8 at all and go back out as the escapes they came from.
_GO_ESCAPED = regex("[<>&\u2028\u2029\ud800-\udfff]")


def _string(text: str) -> str:
    quoted = json.encoder.encode_basestring(text)
    if _GO_ESCAPED.search(quoted) is None:
        return quoted
    return _GO_ESCAPED.sub(lambda match: f"\\u{ord(match[0]):04x}", quoted)


def dumps(value: Any) -> bytes:
    """
    Write a JSON value compactly, as Go does; members keep their order.

    >>> dumps({"a": "<é>", "b": [1, True, None]})
    b'{"a":"\\\\u003c\\xc3\\xa9\\\\u003e","b":[1,true,null]}'
    """
    parts: list[str] = []
    _write(value, parts.append)
    return "".join(parts).encode("utf-8")


def _write(value: Any, put: Any) -> None:
    if isinstance(value, str):
        put(_string(value))
    elif value is None or isinstance(value, bool):
        put({None: "null", True: "true", False: "false"}[value])
    elif isinstance(value, dict):
        _write_all("{", ((_string(k) + ":", v) for k, v in value.items()), "}", put)
    elif isinstance(value, list | tuple):
        _write_all("[", (("", item) for item in value), "]", put)
    elif isinstance(value, Number):
        put(value.text)
    else:
        put(json.dumps(value, allow_nan=False))


def _write_all(opening: str, items: Any, closing: str, put: Any) -> None:
    put(opening)
    comma = ""
    for label, item in items:
        put(comma + label)
        _write(item, put)
        comma = ","
    put(closing)
