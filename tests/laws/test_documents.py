"""
Laws of documents: bytes are identity, an edit touches what it changes, reading is total.
"""

from __future__ import annotations

import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit._records import FrozenMap, evolve
from ocikit.spec.document import edit, make, read
from ocikit.spec.encode import unstructure
from ocikit.spec.fields import wire_fields
from ocikit.spec.gojson import JSONInvalid, dumps, loads
from ocikit.spec.manifest import IndexManifest, Manifest
from ocikit.testing import strategies as oci
from tests.laws.wire import KINDS, anything, objects, spaces, spell, texts

every_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)


@every_kind
@given(st.data())
def test_untouched_bytes_stay(kind: type[Any], data: st.DataObject) -> None:
    """
    What was read is what is written, spelt in whatever way.
    """
    raw = spell(data.draw(objects(kind)), data.draw(spaces))
    document = read(raw, kind)
    assert edit(document, lambda value: value).raw is raw
    assert edit(document, lambda value: evolve(value)).raw is raw


@every_kind
@given(st.data())
def test_reading_loses_nothing(kind: type[Any], data: st.DataObject) -> None:
    """
    Written anew, a document differs from what was read in spelling alone.
    """
    value = data.draw(objects(kind))
    document = read(spell(value, data.draw(spaces)), kind)
    assert make(document.value).raw == dumps(value)


def _others(record: Any, name: str) -> dict[str, Any]:
    fields = {field.name for field in wire_fields(type(record))} - {name}
    return {field: getattr(record, field) for field in (*fields, "extra")}


@every_kind
@given(st.data())
def test_an_edit_touches_its_member(kind: type[Any], data: st.DataObject) -> None:
    """
    All others stay: unknown ones, order, nulls, empties, numbers of any form.
    """
    value = data.draw(objects(kind))
    field = data.draw(st.sampled_from(wire_fields(kind)))
    donor = data.draw(objects(kind))
    given_value = getattr(read(dumps(donor), kind).value, field.name)
    document = read(spell(value, data.draw(spaces)), kind)
    edited = edit(document, lambda record: evolve(record, **{field.name: given_value}))
    assert getattr(edited.value, field.name) == given_value
    assert _others(edited.value, field.name) == _others(document.value, field.name)
    found = loads(edited.raw)
    left, was = ({k: v for k, v in each.items() if k != field.member} for each in (found, value))
    # Members, their order and their values: as text, so that 1.50 is not 1.5.
    assert dumps(left) == dumps(was)
    if field.member in value and field.member in found:
        assert list(found) == list(value)


@every_kind
@given(st.data())
def test_unknown_members_can_be_set_and_removed(kind: type[Any], data: st.DataObject) -> None:
    """
    What no specification knows is edited like all else, and leaves all else alone.
    """
    value = data.draw(objects(kind))
    extra = FrozenMap(data.draw(st.dictionaries(st.sampled_from(["x-", "x-a", "y"]), anything)))
    document = read(spell(value, data.draw(spaces)), kind)
    edited = make(evolve(document.value, extra=extra))
    kept = {name: each for name, each in value.items() if name not in document.value.extra}
    found = loads(edited.raw)
    assert dumps({name: found[name] for name in extra}) == dumps(dict(extra))
    assert dumps({k: v for k, v in found.items() if k not in extra}) == dumps(kept)


@every_kind
@given(st.data())
def test_records_are_values(kind: type[Any], data: st.DataObject) -> None:
    """
    They compare by what they say, hash whatever they hold, and travel.
    """
    value = data.draw(objects(kind))
    record = read(dumps(value), kind).value
    again = read(spell(value, " "), kind).value
    assert record == again
    assert hash(record) == hash(again)
    assert pickle.loads(pickle.dumps(record)) == record
    assert dumps(unstructure(pickle.loads(pickle.dumps(record)))) == dumps(value)


@every_kind
@given(st.data())
def test_reading_is_total(kind: type[Any], data: st.DataObject) -> None:
    """
    Any JSON is a document or `JSONInvalid`, whatever is wrong with it.
    """
    value: Any = data.draw(objects(kind) | anything)
    if isinstance(value, dict) and value:
        name = data.draw(st.sampled_from(sorted(value, key=repr)))
        value = {**value, name: data.draw(anything)}
    try:
        record = read(spell(value, ""), kind).value
    except JSONInvalid as error:
        invalid = error
    else:
        assert dumps(unstructure(record)) == dumps(value)
        return
    assert invalid.problems


@given(st.binary(max_size=64) | texts.map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_bytes_are_json_or_invalid(raw: bytes) -> None:
    """
    Nothing but `JSONInvalid` comes of bytes.
    """
    try:
        value = loads(raw)
    except JSONInvalid as error:
        invalid = error
    else:
        assert dumps(loads(dumps(value))) == dumps(value)
        return
    assert [path for path, _ in invalid.problems] == ["$"]


@given(oci.manifests(extra=oci.extras()) | oci.configs(extra=oci.extras()) | oci.index_manifests())
def test_making_reads_back(record: Any) -> None:
    """
    A new document means what it was made from, and is made the same again.
    """
    document = make(record)
    assert read(document.raw, type(record)).value == record
    assert make(read(document.raw, type(record)).value).raw == document.raw
    assert make(record) == document


@given(objects(Manifest), oci.descriptors(extra=oci.extras()))
def test_layers_that_stay_stay_as_they_were(value: dict[str, Any], added: Any) -> None:
    """
    Appending to a list leaves what was in it, to the last unknown member.
    """
    document = read(spell(value, "\n"), Manifest)
    edited = edit(document, lambda m: evolve(m, layers=(*m.layers, added)))
    found = loads(edited.raw)["layers"]
    assert dumps(found[:-1]) == dumps(value.get("layers") or [])
    assert edited.value.layers[-1] == added


@given(objects(IndexManifest), st.integers(0, 3))
def test_removing_a_child_leaves_the_others(value: dict[str, Any], position: int) -> None:
    """
    What is left of an index is as it was.
    """
    document = read(spell(value, ""), IndexManifest)
    kept = value.get("manifests") or []
    manifests = document.value.manifests
    edited = edit(
        document,
        lambda m: evolve(m, manifests=manifests[:position] + manifests[position + 1 :]),
    )
    left = loads(edited.raw).get("manifests") or []
    assert dumps(left) == dumps(kept[:position] + kept[position + 1 :])
