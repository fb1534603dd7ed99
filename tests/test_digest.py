"""
Digests: grammar, hashing, values.
"""

from __future__ import annotations

import hashlib
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.digest import (
    HEX_LENGTH,
    Digest,
    DigestAlgorithmUnknown,
    DigestInvalid,
    finish,
    hasher,
)
from ocikit.errors import Invalid, Unsupported

ALGORITHMS = sorted(HEX_LENGTH)


@given(st.binary(), st.sampled_from(ALGORITHMS))
def test_of(data: bytes, algorithm: str) -> None:
    """
    A digest is what hashlib says; it prints, reads back, hashes and pickles.
    """
    digest = Digest.of(data, algorithm)
    assert str(digest) == f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"
    assert Digest.parse(str(digest)) == digest
    assert hash(Digest.parse(str(digest))) == hash(digest)
    assert pickle.loads(pickle.dumps(digest)) == digest


@given(st.lists(st.binary()), st.sampled_from(ALGORITHMS))
def test_incremental(chunks: list[bytes], algorithm: str) -> None:
    """
    Hashing piece by piece gives the digest of the whole, however it is cut.
    """
    state = hasher(algorithm)
    for chunk in chunks:
        state.update(memoryview(chunk))
    assert finish(state) == Digest.of(b"".join(chunks), algorithm)


@pytest.mark.parametrize(
    "text",
    ["", ":", "sha256", "sha256:", ":abc", "SHA256:" + "a" * 64, "sha256:a/../b", "sha256:a b",
     "sha256+:" + "a" * 64, "sha256:" + "a" * 64 + "\n", " sha256:" + "a" * 64, "a:b:c"],
)  # fmt: skip
def test_malformed(text: str) -> None:
    """
    What is outside the grammar is invalid (descriptor.md, "Digests").
    """
    with pytest.raises(DigestInvalid, match="algorithm:hex"):
        Digest.parse(text)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_wrong_length(algorithm: str) -> None:
    """
    The error says how long the hash should have been.
    """
    length = HEX_LENGTH[algorithm]
    for wrong in (length - 1, length + 1):
        with pytest.raises(DigestInvalid, match=f"takes {length} hexadecimal digits, not {wrong}"):
            Digest(algorithm, "0" * wrong)


@pytest.mark.parametrize("character", ["A", "g", "/", ".", "٣", "\n"])
def test_wrong_digits(character: str) -> None:
    """
    Upper case is another spelling of the same hash, and so is not allowed.
    """
    with pytest.raises(DigestInvalid, match="lower-case"):
        Digest("sha256", character + "0" * 63)


@pytest.mark.parametrize("algorithm", ["md5", "sha1", "sha224", "blake3", "sha256+b64u"])
def test_unknown_algorithm(algorithm: str) -> None:
    """
    A well-formed digest of another algorithm is unsupported, not the caller's mistake.
    """
    with pytest.raises(DigestAlgorithmUnknown, match="known are sha256, sha384, sha512") as caught:
        Digest.parse(f"{algorithm}:abc")
    assert isinstance(caught.value, Unsupported)
    assert not isinstance(caught.value, Invalid)
    for refuse in (lambda: hasher(algorithm), lambda: Digest.of(b"", algorithm)):
        with pytest.raises(DigestAlgorithmUnknown):
            refuse()


def test_people() -> None:
    """
    A digest has a short form to read and a repr that is not noise.
    """
    digest = Digest.of(b"")
    assert digest.short() == "e3b0c44298fc"
    assert repr(digest) == f"Digest('{digest}')"


@pytest.mark.parametrize(
    "error", [DigestInvalid(text="x", reason="r"), DigestAlgorithmUnknown(algorithm="md5")]
)
def test_errors_are_values(error: Any) -> None:
    """
    Errors compare by value and pickle.
    """
    assert pickle.loads(pickle.dumps(error)) == error
