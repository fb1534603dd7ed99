"""
Laws of explanations.
"""

from __future__ import annotations

import io
import json
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from ocikit import mutate
from ocikit.content.compression import Gzip, Plain, Zstd
from ocikit.content.image import Content, Image
from ocikit.query.explain import explain
from ocikit.query.headers import first
from ocikit.query.parting import part
from ocikit.query.tars import explain_tars
from ocikit.tree.paths import clean
from ocikit.tree.reader import Reader
from ocikit.tree.tarheader import BLOCK
from tests.laws.edits import Edit
from tests.laws.test_mutate import edits
from tests.laws.wild import images, indexes, json_values, members
from tests.query.builders import of_tars
from tests.tree.stacks import drawn_layers

content = images(closed=False) | indexes(closed=False)
#: Causes whose bytes are those of a tar stream.
IN_STREAM = ("fact", "format", "file", "order", "padding", "end", "truncated", "bytes")


@given(content, content)
def test_what_differs_is_explained(left: Content, right: Content) -> None:
    """
    Equal content has no cause, all other has one; it is the same from both sides.
    """
    found, back = explain(left, right), explain(right, left)
    assert (found is None) == (back is None) == (left == right)
    assert explain(left, left) is None
    if found is not None and back is not None:
        assert (found.level, found.path, found.cause) == (back.level, back.path, back.cause)
        assert (found.left, found.right, found.offset) == (back.right, back.left, back.offset)
        assert str(found).isprintable()


@given(drawn_layers, drawn_layers)
def test_the_first_byte_is_named(left: bytes, right: bytes) -> None:
    """
    Of streams where it is in them, of content where it is in the file.
    """
    found = explain_tars(io.BytesIO(left), io.BytesIO(right), ())
    assert (found is None) == (left == right)
    if found is None:
        return
    at = first(left, right)
    if found.cause in IN_STREAM:
        assert found.offset == at
    else:
        assert found.cause == "content"
        begins = {
            reader.end - member.size
            for reader in [Reader(io.BytesIO(left))]
            for member in reader
            if clean(member.name).decode("utf-8", "surrogateescape") == found.path[-1]
        }
        assert found.offset is not None
        assert at - found.offset in begins


@given(drawn_layers, st.data())
def test_any_byte_that_is_altered_is_found(stream: bytes, data: st.DataObject) -> None:
    """
    In a header, in content, in what fills up blocks, or at the end.
    """
    at = data.draw(st.integers(0, len(stream) - 1))
    altered = bytearray(stream)
    altered[at] ^= data.draw(st.integers(1, 255))
    found = explain_tars(io.BytesIO(stream), io.BytesIO(bytes(altered)), ())
    assert found is not None
    assert found.offset is not None
    assert found.offset == at or found.cause == "content"


@given(drawn_layers, st.integers(0, 20 * BLOCK))
def test_any_stream_that_is_cut_is_found(stream: bytes, size: int) -> None:
    """
    Wherever it was cut; the whole has no cause.
    """
    assume(size < len(stream))
    for pair in ((stream, stream[:size]), (stream[:size], stream)):
        found = explain_tars(io.BytesIO(pair[0]), io.BytesIO(pair[1]), ())
        assert found is not None
        assert found.offset == size
        assert found.cause in ("truncated", "end", "file", "bytes")


@given(images(closed=False), edits)
def test_what_was_changed_is_the_cause(image: Image, edit: Edit) -> None:
    """
    A step that may change the configuration only is explained there, or by spelling.
    """
    made = edit.step(image)
    found = explain(image, made)
    assert (found is None) == (image == made)
    if found is None or found.cause in ("whitespace", "escapes"):
        return
    touched = {name.partition("/")[0] for name in edit.manifest}
    assert (found.level == "config") <= ("config" in touched)
    assert (found.level == "layer") <= ("layers" in touched)
    if touched == {"annotations"}:
        assert found.level == "manifest"
        assert found.message.startswith("annotations")


@given(drawn_layers, st.sampled_from([Plain(), Zstd(), Zstd(19), Gzip(1), Gzip(9)]))
def test_compression_is_the_cause(stream: bytes, compression: Any) -> None:
    """
    Where nothing else differs; and the tar streams are told to be equal.
    """
    image = of_tars(stream, compression="gzip")
    found = explain(image, mutate.recompress(image, compression, force=True))
    assert found is None or "the tar streams are equal; " in found.message


@given(drawn_layers, st.integers(0, 3))
def test_times_are_the_cause(stream: bytes, seconds: int) -> None:
    """
    Or the format in which they were written, or what else is rewritten with them.
    """
    assume(not any(e.entry.pax for e in Reader(io.BytesIO(stream))))
    image = of_tars(stream)
    made = mutate.time(image, seconds)
    assume(image.layers[0].digest != made.layers[0].digest)
    with image.layers[0].uncompressed() as one, made.layers[0].uncompressed() as other:
        found = explain_tars(one, other, ())
    assert found is not None
    assert found.message.startswith("mtime") or found.cause in ("format", "padding", "end")


@given(json_values, json_values, st.sampled_from([None, 1]))
def test_documents_part_where_they_differ(left: Any, right: Any, indent: int | None) -> None:
    """
    At the first byte; from both sides in the same place, and alike if they mean the same.
    """
    one = json.dumps({"a": left}).encode()
    other = json.dumps({"a": right}, indent=indent, ensure_ascii=False).encode()
    assume(one != other)
    found, back = part(one, other), part(other, one)
    assert found.offset == back.offset == first(one, other)
    assert (found.cause, found.steps) == (back.cause, back.steps)
    assert (found.left, found.right) == (back.right, back.left)
    if found.cause in ("whitespace", "escapes") and left == right:
        assert found.alike or members(one) != members(other)
    value: Any = {"a": left}
    if found.cause == "value":
        for step in found.steps:
            value = value[step]
        assert json.loads(found.left or "") == value
