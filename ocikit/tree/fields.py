"""
The fields of tar headers (POSIX.1-2017, pax, "ustar Interchange Format"; GNU tar).

What cannot be read raises ValueError with a reason: who calls knows which member it was.
"""

from __future__ import annotations

from typing import Final

#: Keys of pax records that readers act upon.
SIZE: Final = "size"
PATH: Final = "path"
LINK: Final = "linkpath"
SPARSE: Final = "GNU.sparse."
SPARSE_NAME: Final = "GNU.sparse.name"
SPARSE_MAP: Final = "GNU.sparse.map"
#: Sizes of sparse files once their holes are there, in the two ways to write it.
SPARSE_SIZES: Final = ("GNU.sparse.realsize", "GNU.sparse.size")
XATTR: Final = "SCHILY.xattr."

#: In the oldest way to write a map these come once for every segment.
_SEGMENT: Final = ("GNU.sparse.offset", "GNU.sparse.numbytes")
_TEXTS: Final = frozenset([PATH, LINK, SPARSE_NAME, "uname", "gname"])
#: No number in an archive has more digits.
_MOST_DIGITS: Final = 20


def xattr_key(name: str) -> str:
    """
    Give the key of the pax record that has an extended attribute.

    A key ends at the first equals sign: in names it is written as GNU tar does.

    >>> xattr_key("user.a=b"), xattr_name("SCHILY.xattr.user.a%3Db")
    ('SCHILY.xattr.user.a%3Db', 'user.a=b')
    """
    return XATTR + name.replace("=", "%3D")


def xattr_name(key: str) -> str:
    """
    Give the name of the attribute that a pax record has.
    """
    return key.removeprefix(XATTR).replace("%3D", "=")


def number(field: bytes) -> int:
    """
    Read a number: octal text, or binary where its first bit is set (GNU, star).

    >>> number(b"0000644\\0"), number(b"\\x80\\0\\0\\0\\1\\0\\0\\0"), number(b"\\xff" * 8)
    (420, 16777216, -1)
    """
    if field[0] & 0x80:
        # Two's complement, of one bit less than there are.
        value = int.from_bytes(bytes([field[0] & 0x7F]) + field[1:], "big")
        return value - (1 << (8 * len(field) - 1)) if field[0] & 0x40 else value
    text = field.split(b"\0", 1)[0].strip(b" ")
    if text.strip(b"01234567"):
        raise ValueError(f"{text!r} is not an octal number")
    return int(text, 8) if text else 0


def decimal(value: bytes, key: str) -> int:
    """
    Read a whole number of a pax record.
    """
    digits = value[1:] if value[:1] == b"-" else value
    if not digits.isdigit() or len(digits) > _MOST_DIGITS:
        raise ValueError(f"pax record {key}: {value[:40]!r} is not a number")
    return int(value)


def nanoseconds(value: bytes, key: str) -> int:
    """
    Read a time of a pax record, in nanoseconds; what is finer is left out.

    >>> nanoseconds(b"-1.25", "mtime")
    -1250000000
    """
    whole, _, part = value.partition(b".")
    if part and not part.isdigit():
        raise ValueError(f"pax record {key}: {value[:40]!r} is not a time")
    seconds = decimal(whole, key) * 10**9
    fraction = int(part[:9].ljust(9, b"0"))
    return seconds - fraction if whole[:1] == b"-" else seconds + fraction


def records(content: bytes) -> dict[str, bytes]:
    """
    Read the records of a pax header; of two with the same key the last counts.

    >>> records(b"12 uid=1000\\n10 path=a\\n")
    {'uid': b'1000', 'path': b'a'}
    """
    found: dict[str, bytes] = {}
    segments: list[bytes] = []
    at, size = 0, len(content)
    while at < size:
        space = content.find(b" ", at, at + _MOST_DIGITS)
        length = content[at:space] if space > 0 else b""
        end = at + int(length) if length.isdigit() else size + 1
        key, equals, value = content[space + 1 : end - 1].partition(b"=")
        if not space < end <= size or content[end - 1] != 10 or not (key and equals):
            raise ValueError(f"pax records do not keep their form at {content[at : at + 40]!r}")
        at = end
        name = key.decode("utf-8", "surrogateescape")
        if name in _SEGMENT:
            _add_segment(segments, name, value)
        else:
            found[name] = value
    if segments:
        found[SPARSE_MAP] = b",".join(segments)
    # Programs in C would read less of a text than others do.
    if content.find(b"\0") >= 0:
        for text in found.keys() & _TEXTS:
            if b"\0" in found[text]:
                raise ValueError(f"pax record {text} has a NUL in it")
    return found


def _add_segment(segments: list[bytes], name: str, value: bytes) -> None:
    if name != _SEGMENT[len(segments) % 2] or not value.isdigit():
        raise ValueError(f"pax record {name}={value[:40]!r} is out of place")
    segments.append(value)
