"""
What differs between two members of archives: facts, and how they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from ocikit.query.difference import Difference
from ocikit.query.headers import form, written
from ocikit.query.values import ABSENT, Place
from ocikit.tree import fields
from ocikit.tree.entry import Entry, Member
from ocikit.tree.paths import clean

_SECOND: Final = 10**9


def seconds(nanoseconds: int) -> Any:
    """
    Give a time in seconds, as a JSON number.

    >>> seconds(1_500_000_000)
    1.5
    """
    whole, part = divmod(abs(nanoseconds), _SECOND)
    sign = "-" if nanoseconds < 0 else ""
    if not part:
        return int(f"{sign}{whole}")
    from ocikit.spec.gojson import Number

    return Number(f"{sign}{whole}.{part:09}".rstrip("0"))


#: The facts of entries that are told, in the order of the fields of their headers.
FACTS: Final[dict[str, Callable[[Entry], Any]]] = {
    "mode": lambda entry: f"{entry.mode:04o}",
    "uid": lambda entry: entry.uid,
    "gid": lambda entry: entry.gid,
    "size": lambda entry: entry.real_size,
    "mtime": lambda entry: seconds(entry.mtime_ns),
    "uname": lambda entry: entry.uname,
    "gname": lambda entry: entry.gname,
    "devmajor": lambda entry: entry.devmajor,
    "devminor": lambda entry: entry.devminor,
}
#: Which fields of a header may differ where these are told.
_FIELDS: Final = {"linkname spelling": {"linkname"}, "spelling": {"name", "prefix"}}


def headers(left: Member, right: Member, place: Place) -> Iterator[Difference]:
    """
    Tell what differs in the headers of two members of one path and kind.

    Beside facts there are "spelling" of the path, "format", and "header" for a field that
    is written otherwise and says the same.
    """
    told: set[str] = set()
    for difference in _facts(left, right, place):
        told |= _FIELDS.get(difference.field, {difference.field})
        yield difference
    forms = form(left.header), form(right.header)
    if forms[0] != forms[1]:
        yield place.difference("format", *forms)
        return
    found = written(left.header, right.header, told)
    if found is not None:
        yield place.difference("header", {found.field: found.left}, {found.field: found.right})


def _facts(left: Member, right: Member, place: Place) -> Iterator[Difference]:
    one, other = left.entry, right.entry
    if left.name != right.name:
        yield place.difference("spelling", readable(left.name), readable(right.name))
    for field, fact in FACTS.items():
        if fact(one) != fact(other):
            yield place.difference(field, fact(one), fact(other))
    if left.linkname != right.linkname:
        # Paths are spelt in many ways; what a symbolic link says is its content.
        same = left.kind == "hardlink" and clean(left.linkname) == clean(right.linkname)
        field = "linkname spelling" if same else "linkname"
        yield place.difference(field, one.linkname, other.linkname)
    yield from _records(one, other, place)


def xattrs(left: Entry, right: Entry, place: Place) -> Iterator[Difference]:
    """
    Tell which extended attributes differ.
    """
    one, other = left.xattrs, right.xattrs
    for name in sorted(one.keys() | other.keys()):
        if one.get(name) != other.get(name):
            yield place.difference(f"xattr {name}", _value(one, name), _value(other, name))


def _records(left: Entry, right: Entry, place: Place) -> Iterator[Difference]:
    yield from xattrs(left, right, place)
    for key in sorted(left.pax.keys() | right.pax.keys()):
        if left.pax.get(key) != right.pax.get(key) and not key.startswith(fields.XATTR):
            yield place.difference(f"pax {key}", _value(left.pax, key), _value(right.pax, key))


def _value(records: Mapping[str, bytes], key: str) -> Any:
    return readable(records[key]) if key in records else ABSENT


def readable(name: bytes) -> str:
    """
    Give bytes as text; those that are no UTF-8 as surrogates.
    """
    return name.decode("utf-8", "surrogateescape")
