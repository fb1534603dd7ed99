"""
Choosing tags: the tables of semver.org and npm, and the traps of names as people give them.
"""

from __future__ import annotations

import itertools
import time

import pytest

from ocikit.query.pattern import Pattern
from ocikit.query.pattern_text import PatternInvalid
from ocikit.query.tagged import FilterInvalid, TagFilter, TimeMissing, natural, select
from ocikit.query.version_range import parse_range
from ocikit.query.versions import VersionInvalid, parse_version, read_version

#: semver.org, section 11.
PRECEDENCE = (
    *("1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2"),
    *("1.0.0-beta.11", "1.0.0-rc.1", "1.0.0", "2.0.0", "2.1.0", "2.1.1", "2.1.10"),
)
#: From the tests of the expression that semver.org suggests.
VALID = (
    *("0.0.4", "1.2.3", "10.20.30", "1.1.2-prerelease+meta", "1.1.2+meta", "1.1.2+meta-valid"),
    *("1.0.0-alpha", "1.0.0-alpha0.valid", "1.0.0-alpha.0valid", "1.0.0-0A.is.legal"),
    *("1.0.0-alpha-a.b-c-somethinglong+build.1-aef.1-its-okay", "1.0.0-rc.1+build.123"),
    *("2.0.0+build.1848", "1.2.3----RC-SNAPSHOT.12.9.1--.12+788", "1.2.3----R-S.12.9.1--.12"),
    *("99999999999999999999999.999999999999999999.99999999999999999", "v1.2.3"),
)
INVALID = (
    *("1", "1.2", "1.2.3-0123", "1.2.3-0123.0123", "1.1.2+.123", "+invalid", "-invalid", "alpha"),
    *(
        "1.0.0-alpha_beta",
        "1.0.0-alpha..",
        "01.1.1",
        "1.01.1",
        "1.1.01",
        "1.2.3.DEV",
        "1.2-SNAPSHOT",
    ),
    *("1.2.3-", "1.2.3+", "-1.0.3-gamma+b7718", "+justmeta", "9.8.7+meta+meta", "1.2.3 ", "V1.2.3"),
    *("1.2.31.2.3----RC-SNAPSHOT.12.09.1--..12+788", "vv1.2.3", "1.2.3\n", "\u0661.2.3", ""),
)


def test_versions_are_in_the_order_of_semver() -> None:
    """
    The table of semver.org, each before all that follow; builds make no difference.
    """
    for left, right in itertools.combinations(PRECEDENCE, 2):
        assert parse_version(left) < parse_version(right)
    assert parse_version("1.0.0+a") == parse_version("v1.0.0+b")


@pytest.mark.parametrize("text", VALID)
def test_versions(text: str) -> None:
    """
    What is a version is read as one.
    """
    assert read_version(text) is not None


@pytest.mark.parametrize("text", INVALID)
def test_no_versions(text: str) -> None:
    """
    What nearly is one is none, and says so.
    """
    assert read_version(text) is None
    with pytest.raises(VersionInvalid, match="no version"):
        parse_version(text)


@pytest.mark.parametrize(
    ("said", "inside", "outside"),
    [
        ("1.2.3", ["1.2.3", "v1.2.3+b"], ["1.2.4", "1.2.3-rc.1"]),
        ("1.2", ["1.2.0", "1.2.9"], ["1.3.0", "1.1.9", "1.2.0-rc.1"]),
        ("1.x", ["1.0.0", "1.9.9"], ["2.0.0", "0.9.0"]),
        ("*", ["0.0.0", "9.9.9"], ["1.0.0-rc.1"]),
        ("^1.2", ["1.2.0", "1.9.0"], ["2.0.0", "1.1.0", "2.0.0-rc.1"]),
        ("^0.2.3", ["0.2.3", "0.2.9"], ["0.3.0", "0.2.2"]),
        ("^0.0.3", ["0.0.3"], ["0.0.4", "0.0.2"]),
        ("^0.0", ["0.0.9"], ["0.1.0"]),
        ("^0", ["0.9.0"], ["1.0.0"]),
        ("~1.2.3", ["1.2.3", "1.2.9"], ["1.3.0", "1.2.2"]),
        ("~1", ["1.0.0", "1.9.0"], ["2.0.0"]),
        ("~> 1.2", ["1.2.0"], ["1.3.0"]),
        (">=1.2,<2", ["1.2.0", "1.9.9"], ["2.0.0", "1.1.0"]),
        (">= 1.2 < 2", ["1.2.0", "1.9.9"], ["2.0.0", "1.1.0"]),
        (">1.2", ["1.3.0"], ["1.2.9"]),
        (">1.2.3", ["1.2.4"], ["1.2.3"]),
        ("<=1.2", ["1.2.9"], ["1.3.0"]),
        (">*", [], ["0.0.0", "9.9.9"]),
        ("<*", [], ["0.0.0", "9.9.9"]),
        ("!=1.2", ["1.1.0", "1.3.0"], ["1.2.5"]),
        ("1.2 - 2.3", ["1.2.0", "2.3.9"], ["2.4.0", "1.1.9"]),
        ("1.2.3-rc.1 - 2.0.0", ["1.2.3-rc.2", "2.0.0"], ["2.0.0-rc.1", "2.0.1"]),
        ("~1.2 || ^3", ["1.2.1", "3.4.0"], ["2.0.0"]),
        (">=1.2.3-rc.1", ["1.2.3-rc.2", "1.2.3", "1.3.0"], ["1.2.3-beta", "1.3.0-rc.1"]),
    ],
)
def test_ranges(said: str, inside: list[str], outside: list[str]) -> None:
    """
    What npm takes of these, and no more.
    """
    meant = parse_range(said)
    assert [v for v in inside if not meant.has(parse_version(v))] == []
    assert [v for v in outside if meant.has(parse_version(v))] == []


def test_prereleases_of_the_end_are_not_in() -> None:
    """
    Trap: 2.0.0-rc.1 is before 2.0.0, and nobody means it by `^1.2` or `<2`.
    """
    for said in ("^1.2", "<2", "~1", "1.x", "1.2 - 1"):
        assert not parse_range(said).has(parse_version("2.0.0-rc.1"), prereleases=True)
    assert parse_range("<2.0.0").has(parse_version("2.0.0-rc.1"), prereleases=True)


@pytest.mark.parametrize(
    "said", ["", " ", "a", "1.2.3.4", "1 ||", "=>1", ">=", "1.2-rc", ">=1<", "^"]
)
def test_no_ranges(said: str) -> None:
    """
    What is no range is refused, with what one looks like.
    """
    with pytest.raises(VersionInvalid, match=r"as >=1\.2|write \*|as 1\.2\.3"):
        parse_range(said)


@pytest.mark.parametrize(
    ("filter", "expected"),
    [
        (TagFilter(), "latest 1.9.0 1.10.0 1.11.0-rc.1 v2.0.0 1.2 r9 r10"),
        (TagFilter(include=("1.*",), exclude=("*-rc*",)), "1.9.0 1.10.0 1.2"),
        (TagFilter(include_regex=(r"\d+\.\d+",)), "1.2"),
        (TagFilter(semver="^1"), "1.9.0 1.10.0"),
        (TagFilter(semver="^1", short=True), "1.9.0 1.10.0 1.2"),
        (TagFilter(semver="^1", prereleases=True), "1.9.0 1.10.0 1.11.0-rc.1"),
        (TagFilter(newest=2), "1.10.0 v2.0.0"),
        (TagFilter(newest=2, prereleases=True), "1.11.0-rc.1 v2.0.0"),
        (TagFilter(newest=1, include=("r*",), order="natural"), "r10"),
        (TagFilter(newest=1, include=("r*",), keep=("latest",)), "latest"),
        (TagFilter(include=("none",), keep=("r*",), exclude=("r9",)), "r10"),
        (TagFilter(include=("LATEST",)), ""),
        (TagFilter(include_regex=("(?i)LATEST",)), "latest"),
    ],
)
def test_filters(filter: TagFilter, expected: str) -> None:
    """
    Each step does what it says, in the order of the steps.
    """
    tags = ["latest", "1.9.0", "1.10.0", "1.11.0-rc.1", "v2.0.0", "1.2", "r9", "r10"]
    assert select(filter, tags) == tuple(expected.split())


def test_newest_by_time() -> None:
    """
    Times are given for all that are to be ordered, and may be missing for what is out already.
    """
    newest = TagFilter(exclude=("c",), newest=1, order="time")
    assert select(newest, ["a", "b", "c"], times={"a": 2.0, "b": 1.0}) == ("a",)
    with pytest.raises(TimeMissing, match="b: the newest are wanted by time"):
        select(newest, ["a", "b"], times={"a": 2.0})


def test_natural_order() -> None:
    """
    Numbers of any length are numbers, zeros in front count last.
    """
    texts = ["b", "a" + "9" * 5000, "a10", "a2", "a1", "a01"]
    assert sorted(texts, key=natural) == texts[::-1]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"include_regex": ("(a",)}, r"include_regex: '\(a' is no pattern: at letter 3: .*`\)`"),
        ({"exclude_regex": ("(?=a)",)}, "nothing looks around"),
        ({"include_regex": (r"(a)\1",)}, r"\\1 is not known"),
        ({"semver": "one"}, "semver: 'one'"),
        ({"newest": 0}, "newest: 0 tags are none"),
        ({"order": "age"}, "order: 'age' is no order; give semver, natural, time"),
    ],
)
def test_filters_that_cannot_be(fields: dict[str, object], message: str) -> None:
    """
    They are refused when they are made, with the field and what to write.
    """
    with pytest.raises(FilterInvalid, match=message):
        TagFilter(**fields)  # type: ignore[arg-type]  # of any type, as from a file


@pytest.mark.parametrize(
    "text", ["(a+)+b", "(a|a)*b", "(a*)*b", "a*a*a*a*a*a*a*a*b", "(.*){30}b", "((a?){30}){30}b"]
)
def test_patterns_do_not_hang(text: str) -> None:
    """
    What keeps the engine of `re` busy for years is over at once.
    """
    begun = time.process_time()
    assert not Pattern(text).matches("a" * 128)
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "text", ["(a{1000}){1000}", "(((){1000}){1000}){1000}", "(" * 60 + ")" * 60, "a" * 1001]
)
def test_patterns_that_are_too_large(text: str) -> None:
    """
    What would fill the memory is refused before it does.
    """
    with pytest.raises(PatternInvalid, match=r"more than 1000|deeper than|longer than"):
        Pattern(text)


def test_globs_do_not_hang() -> None:
    """
    Many stars are over at once too.
    """
    begun = time.process_time()
    assert select(TagFilter(include=("*a" * 40 + "b",)), ["a" * 128]) == ()
    assert time.process_time() - begun < 5
