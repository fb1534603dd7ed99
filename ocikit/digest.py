"""
Digests: what a piece of content is called (image-spec, descriptor.md, "Digests").
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Final, Protocol

import attrs

from ocikit._records import record
from ocikit._regex import regex
from ocikit.errors import Invalid, Unsupported

Buffer = bytes | bytearray | memoryview

#: Length of the hexadecimal part by registered algorithm. sha384 is not in the image
#: specification's table but is in use; the others are its registered algorithms.
HEX_LENGTH: Final = {"sha256": 64, "sha384": 96, "sha512": 128}

_GRAMMAR = regex(r"([a-z0-9]+(?:[+._-][a-z0-9]+)*):([a-zA-Z0-9=_-]+)")
_HEX = regex(r"[0-9a-f]*")
_SHA256 = regex(r"sha256:[0-9a-f]{64}")


class Hashing(Protocol):
    """
    What takes bytes, and tells their hash in the end.
    """

    @property
    def name(self) -> str: ...
    def update(self, data: Buffer, /) -> None: ...
    def hexdigest(self) -> str: ...


class Hash(Hashing, Protocol):
    """
    An incremental hash, as `hashlib` makes them.
    """

    def copy(self) -> Hash: ...


@attrs.frozen(kw_only=True)
class DigestInvalid(Invalid):
    """
    A text is not a digest.
    """

    text: str
    reason: str

    def __str__(self) -> str:
        return f"digest {self.text!r}: {self.reason}"


@attrs.frozen(kw_only=True)
class DigestAlgorithmUnknown(Unsupported):
    """
    A digest is well formed but of an algorithm that cannot be verified here.
    """

    algorithm: str

    def __str__(self) -> str:
        known = ", ".join(HEX_LENGTH)
        return f"digest algorithm {self.algorithm!r} cannot be verified; known are {known}"


@record
class Digest:
    """
    An algorithm and the lower-case hexadecimal hash that it gave.

    The constructor checks both, so that a `Digest` is safe in a path or a URL.

    Raises:
        DigestInvalid: the hash is not lower-case hexadecimal of the right length.
        DigestAlgorithmUnknown: not sha256, sha384 or sha512.

    >>> str(Digest.parse("sha256:" + "0" * 64))[:12]
    'sha256:00000'
    """

    algorithm: str
    hex: str

    def __attrs_post_init__(self) -> None:
        length = HEX_LENGTH.get(self.algorithm)
        if length is None:
            raise DigestAlgorithmUnknown(algorithm=self.algorithm)
        if len(self.hex) != length:
            reason = f"{self.algorithm} takes {length} hexadecimal digits, not {len(self.hex)}"
            raise DigestInvalid(text=str(self), reason=reason)
        if not _HEX.fullmatch(self.hex):
            reason = "only the digits 0-9 and lower-case a-f may follow the colon"
            raise DigestInvalid(text=str(self), reason=reason)

    @classmethod
    def parse(cls, text: str) -> Digest:
        """
        Read `algorithm:hex`.

        Raises:
            DigestInvalid: the text is not of that form.
            DigestAlgorithmUnknown: it is, but cannot be verified here.
        """
        if _SHA256.fullmatch(text):
            return _of_sha256(text[7:])
        algorithm, _, digits = text.partition(":")
        # Of a known algorithm and right length the constructor checks the rest, quicker.
        if len(digits) != HEX_LENGTH.get(algorithm) and not _GRAMMAR.fullmatch(text):
            raise DigestInvalid(text=text, reason="expected algorithm:hex, as in sha256:2c26b4…")
        return cls(algorithm, digits)

    @classmethod
    def of(cls, data: Buffer, algorithm: str = "sha256") -> Digest:
        """
        Hash `data`.

        >>> Digest.of(b"").hex[:8]
        'e3b0c442'
        """
        return cls(algorithm, hasher(algorithm, data).hexdigest())

    def __str__(self) -> str:
        return f"{self.algorithm}:{self.hex}"

    def __repr__(self) -> str:
        return f"Digest('{self}')"

    def short(self) -> str:
        """
        Give the first twelve digits of the hash, for people to read.
        """
        return self.hex[:12]


def _of_sha256(digits: str) -> Digest:
    # That is nearly every digest, and large manifests have thousands: what was looked at as
    # a whole need not be looked at again, which takes as long as all the rest.
    made = object.__new__(Digest)
    object.__setattr__(made, "algorithm", "sha256")
    object.__setattr__(made, "hex", digits)
    return made


def hasher(algorithm: str = "sha256", data: Buffer = b"") -> Hash:
    """
    Begin an incremental hash; `finish` turns it into a `Digest`.

    Raises:
        DigestAlgorithmUnknown: not sha256, sha384 or sha512.
    """
    if algorithm not in HEX_LENGTH:
        raise DigestAlgorithmUnknown(algorithm=algorithm)
    return hashlib.new(algorithm, data, usedforsecurity=True)


def finish(hash: Hashing) -> Digest:
    """
    Turn an incremental hash into the digest of what it was fed.
    """
    return Digest(hash.name, hash.hexdigest())


def digest_of(pieces: Iterable[Buffer]) -> Digest:
    """
    Give the digest, by SHA-256, of what comes in pieces.

    >>> digest_of([b"a", b"b"]) == Digest.of(b"ab")
    True
    """
    running = hasher()
    for piece in pieces:
        running.update(piece)
    return finish(running)
