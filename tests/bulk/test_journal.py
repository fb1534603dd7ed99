"""
Journals: what they keep, and whose they are.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ocikit import bulk
from ocikit.bulk.journal import name_of
from ocikit.platforms import LINUX_AMD64, Platform, parse


def length(name: str) -> int:
    """
    Stand for work.
    """
    if name == "bad":
        raise LookupError(name)
    return len(name)


def forbidden(name: str) -> int:
    """
    Stand for work that must not be done again.
    """
    raise AssertionError(name)


def lines(journal: Path) -> list[Any]:
    """
    Read a journal.
    """
    return [json.loads(line) for line in journal.read_bytes().splitlines()]


def named(path: Path, **more: Any) -> bulk.Journal:
    """
    Give a journal of one name for every function.
    """
    return bulk.Journal(path=str(path), name="test", **more)


def test_it_is_lines_of_json(tmp_path: Path) -> None:
    """
    The first line says whose it is; what failed is a note.
    """
    journal = tmp_path / "journal"
    list(bulk.map(length, ["a", "bad"], journal=journal, ordered=True, jobs=1))
    assert lines(journal) == [
        {"journal": "ocikit.bulk/1", "name": "tests.bulk.test_journal.length"},
        {"key": "a", "value": 1},
        {"key": "bad", "error": "LookupError", "text": "bad"},
    ]


def test_what_is_finished_is_not_done_again(tmp_path: Path) -> None:
    """
    Its outcome is given from the journal; what failed, and what is new, is worked on.
    """
    journal = named(tmp_path / "journal")
    first = list(bulk.map(length, ["a", "bad", "ccc"], journal=journal, ordered=True))
    assert [type(each) for each in first] == [bulk.Ok, bulk.Failed, bulk.Ok]
    again = list(bulk.map(str.upper, ["a", "bad", "ccc", "d"], journal=journal, ordered=True))
    assert again == [
        bulk.Ok(reference="a", value=1),
        bulk.Ok(reference="bad", value="BAD"),
        bulk.Ok(reference="ccc", value=3),
        bulk.Ok(reference="d", value="D"),
    ]


def test_many_finished_ones_take_no_call(tmp_path: Path) -> None:
    """
    They come in order with what is worked on between them, also where they are many.
    """
    journal = named(tmp_path / "journal")
    names = [str(number) for number in range(3000)]
    list(bulk.map(length, names, journal=journal, jobs=1, chunk=1000))
    expected = ["new", *names[:1500], "other", *names[1500:]]
    again = list(bulk.map(length, expected, journal=journal, ordered=True, window=2))
    assert [each.reference for each in again] == expected
    list(bulk.map(forbidden, names, journal=journal, on_error="raise"))


@pytest.mark.parametrize("end", [b'{"key":"b","va', b"\x00" * 40, b'{"key":"b"', b'{"key":3,'])
def test_a_torn_end_is_taken_away(tmp_path: Path, end: bytes) -> None:
    """
    What the last line was about is done again, and written anew.
    """
    path = tmp_path / "journal"
    list(bulk.map(length, ["a"], journal=named(path)))
    whole = path.read_bytes()
    path.write_bytes(whole + end)
    assert len(list(bulk.map(length, ["a", "b"], journal=named(path)))) == 2
    assert path.read_bytes() == whole + b'{"key":"b","value":1}\n'


@pytest.mark.parametrize("bad", [b"\x00\x00\xff\n", b"[1]\n", b'{"key":3,"value":1}\n', b"\n"])
def test_lines_that_cannot_be_read_are_gone_by(tmp_path: Path, bad: bytes) -> None:
    """
    What they were about is done again.
    """
    path = tmp_path / "journal"
    list(bulk.map(length, ["a"], journal=named(path)))
    head, line = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(head + bad + line)
    list(bulk.map(forbidden, ["a"], journal=named(path), on_error="raise"))


def test_the_first_line_may_be_torn(tmp_path: Path) -> None:
    """
    A run that died in its first moment leaves nothing that hinders.
    """
    path = tmp_path / "journal"
    list(bulk.map(length, [], journal=named(path)))
    head = path.read_bytes()
    for size in range(len(head)):
        path.write_bytes(head[:size])
        list(bulk.map(length, [], journal=named(path)))
        assert path.read_bytes() == head


@pytest.mark.parametrize("text", ["debian:12", "debian:12\nalpine:3\n", '{"a":1}\n', "[]\n"])
def test_another_file_is_left_alone(tmp_path: Path, text: str) -> None:
    """
    A file that is no journal is refused, and stays as it is.
    """
    path = tmp_path / "names"
    path.write_text(text)
    with pytest.raises(bulk.NotAJournal, match="is no journal of ocikit"):
        list(bulk.map(length, ["a"], journal=path))
    assert path.read_text() == text


def test_the_journal_of_another_function_is_refused(tmp_path: Path) -> None:
    """
    What is finished for one function is not for another.
    """
    path = tmp_path / "journal"
    list(bulk.map(length, ["a"], journal=path))
    with pytest.raises(bulk.JournalOfAnother, match=r"is the journal of '.*length', not of '.*bid"):
        list(bulk.map(forbidden, ["a"], journal=path))


def test_two_runs_do_not_share_a_journal(tmp_path: Path) -> None:
    """
    Who comes second is told, and can have it once the first has ended.
    """
    first = bulk.map(length, ["a", "b"], journal=named(tmp_path / "journal"))
    next(first)
    second = bulk.map(length, ["a"], journal=named(tmp_path / "journal"))
    with pytest.raises(bulk.JournalInUse, match="another run keeps this journal"):
        next(second)
    first.close()  # type: ignore[attr-defined]  # it is a generator
    assert len(list(bulk.map(length, ["a"], journal=named(tmp_path / "journal")))) == 1


@pytest.mark.parametrize("value", [(1, 2), {1: 2}, {"a": (1,)}, float("nan"), b"x", LINUX_AMD64])
def test_values_that_are_no_json_are_refused(tmp_path: Path, value: Any) -> None:
    """
    A value that would come back as another one is not kept, and that is said.
    """
    journal = named(tmp_path / "journal")
    with pytest.raises(bulk.ValueNotJSON, match="does not come back from JSON"):
        list(bulk.map(lambda _: value, ["a"], journal=journal))


def test_values_may_be_written_in_a_way_of_their_own(tmp_path: Path) -> None:
    """
    With `write` and `read` any value can be kept.
    """
    journal = named(tmp_path / "journal", write=str, read=parse)
    platforms = ["linux/amd64", "linux/arm64/v8"]
    expected = [bulk.Ok(reference=text, value=parse(text)) for text in platforms]
    for _ in range(2):
        found: list[bulk.Outcome[str, Platform]] = []
        found += bulk.map(parse, platforms, journal=journal, ordered=True)
        assert found == expected


def test_keys_are_what_a_reference_is_known_by(tmp_path: Path) -> None:
    """
    They may be any text, also what is none.
    """
    journal = named(tmp_path / "journal")
    names = ["a\nb", "\udcff", "ü", ""]
    list(bulk.map(length, names, journal=journal))
    wrapped = [(name,) for name in names]
    found = bulk.map(lambda name: 1 // 0, wrapped, journal=journal, key=lambda name: name[0])
    assert all(isinstance(each, bulk.Ok) for each in found)


def test_names_of_functions() -> None:
    """
    Records that can be called are known by their type.
    """
    assert name_of(length) == "tests.bulk.test_journal.length"
    assert name_of(bulk.Journal(path="x")) == "ocikit.bulk.journal.Journal"  # type: ignore[arg-type]  # as any record
