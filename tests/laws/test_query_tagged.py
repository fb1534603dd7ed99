"""
Laws of choosing tags: patterns, versions, ranges, and filters of all of them.
"""

from __future__ import annotations

import itertools
import pickle
import re
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ocikit._records import evolve
from ocikit.query.pattern import Pattern
from ocikit.query.pattern_text import PatternInvalid
from ocikit.query.tagged import TagFilter, natural, select
from ocikit.query.version_range import parse_range
from ocikit.query.versions import Version, read_version

few = st.integers(0, 3)
words = st.sampled_from(["alpha", "rc", "x-y", "0a", "00a", "1", "2", "10"])
suffixes = st.lists(words, min_size=1, max_size=3).map(".".join)


@st.composite
def versions(draw: st.DrawFn) -> str:
    """
    The texts of versions, near to each other.
    """
    core = ".".join(str(draw(few)) for _ in range(3))
    before = draw(st.just("") | suffixes.map("-".__add__))
    after = draw(st.just("") | suffixes.map("+".__add__))
    return draw(st.sampled_from(["", "v"])) + core + before + after


tags = st.lists(
    versions().map(lambda v: v.replace("+", "_")) | st.from_regex(r"[a-c0-9][a-c0-9._-]{0,5}\Z"),
    max_size=12,
)
globs = st.lists(st.sampled_from(["*", "v*", "1.*", "?", "*-*", "[a-b]*", "latest"]), max_size=2)
expressions = st.lists(st.sampled_from([r"v?1\..*", ".*", "[ab].*", r".*-rc.*"]), max_size=2)
ranges = st.sampled_from(["", "*", ">=1", "^1.2", "~0.1 || 3", "!=1.1", ">=1.0.0-alpha"])
filters = st.builds(
    TagFilter,
    include=globs.map(tuple),
    exclude=globs.map(tuple),
    include_regex=expressions.map(tuple),
    exclude_regex=expressions.map(tuple),
    keep=globs.map(tuple),
    semver=ranges,
    prereleases=st.booleans(),
    short=st.booleans(),
    newest=st.none() | st.integers(1, 4),
    order=st.sampled_from(["semver", "natural", "time"]),
)


@given(filters, tags)
def test_selecting_again_changes_nothing(filter: TagFilter, tags: list[str]) -> None:
    """
    What is selected is a part of what was given, each once, in its order; and all of itself.
    """
    times = {tag: float(sum(map(ord, tag)) % 5) for tag in tags}
    chosen = select(filter, tags, times=times)
    order = iter(dict.fromkeys(tags))
    assert all(tag in order for tag in chosen)
    assert select(filter, chosen, times=times) == chosen
    assert select(pickle.loads(pickle.dumps(filter)), tags, times=times) == chosen


@given(filters, tags, st.randoms())
def test_the_order_of_tags_does_not_matter(filter: TagFilter, tags: list[str], random: Any) -> None:
    """
    The same tags are selected in whatever order a registry lists them.
    """
    times = dict.fromkeys(tags, 0.0)
    mixed = random.sample(tags, len(tags))
    chosen = select(filter, mixed, times=times)
    assert sorted(chosen) == sorted(select(filter, tags, times=times))


@given(filters, tags)
def test_what_is_excluded_is_out_and_what_is_kept_is_in(filter: TagFilter, tags: list[str]) -> None:
    """
    To exclude is stronger than to keep, to keep than all else; and no more are new than asked.
    """
    times = dict.fromkeys(tags, 0.0)
    chosen = set(select(filter, tags, times=times))
    alone = TagFilter(exclude=filter.exclude, exclude_regex=filter.exclude_regex)
    allowed = set(select(alone, tags))
    assert chosen <= allowed
    kept = set(select(evolve(alone, include=filter.keep), tags)) if filter.keep else set()
    assert kept <= chosen
    if filter.newest is not None:
        assert len(chosen - kept) <= filter.newest


@given(st.lists(versions(), min_size=3, max_size=3))
def test_versions_are_in_one_order(texts: list[str]) -> None:
    """
    Of two versions one is first, or both are equal; and what is before is before what follows.
    """
    a, b, c = (_version(text) for text in texts)
    assert (a < b) + (b < a) + (a == b) == 1
    if a <= b <= c:
        assert a <= c


def _version(text: str) -> Version:
    found = read_version(text)
    assert found is not None
    return found


@given(versions(), versions(), st.sampled_from(["<", "<=", ">", ">=", "=", "!="]))
def test_ranges_are_the_order_of_versions(left: str, right: str, operator: str) -> None:
    """
    A version is in a range of one comparison when the comparison holds.
    """
    a, b = _version(left), _version(right)
    holds = {
        "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b, "=": a == b, "!=": a != b,
    }  # fmt: skip
    meant = parse_range(operator + right)
    assert meant.has(a, prereleases=True) == holds[operator]
    assert meant.has(a) == (holds[operator] and (a.release or (not b.release and a.core == b.core)))


@given(versions(), st.sampled_from(["^", "~", "", "<=", ">"]), st.integers(1, 3))
def test_what_is_left_out_of_a_range_is_all_of_it(text: str, operator: str, given: int) -> None:
    """
    Ranges of two numbers are unions of ranges of three, and of one of two.
    """
    version = _version(text)
    if not version.release:
        return
    major, minor, _ = version.core

    def has(said: str) -> bool:
        return parse_range(said).has(version)

    assert has(f"{major}.{minor}")
    assert has(f"~{major}.{minor}") == has(f"~{major}.{minor}.0")
    assert has(f"^{major}") == has(f"{major}") == has(f"{major}.x.x") == has(f"~{major}")
    assert has(f"{operator}{major}.{minor}") == any(
        has(f"{operator}{major}.{minor}.{patch}") for patch in range(4)
    ) or operator in ("^", ">")
    assert not has(f">{major}.{minor}")
    assert has(f"<={major}.{minor}")


@given(st.lists(st.from_regex(r"[ab0-2]{0,6}\Z"), min_size=3, max_size=3))
def test_natural_order_is_one_order(texts: list[str]) -> None:
    """
    Different texts are before or after each other, whatever numbers are in them.
    """
    a, b, c = map(natural, texts)
    assert (a < b) + (b < a) + (texts[0] == texts[1]) == 1
    if a <= b <= c:
        assert a <= c


parts: st.SearchStrategy[str] = st.deferred(
    lambda: (
        st.sampled_from(
            ["a", "b", "-", r"\.", ".", r"\d", r"\W", "[ab]", "[^a-]", "[]b]", "^", "$"]
        )
        | st.tuples(parts, parts).map("".join)
        | st.tuples(parts, parts).map(lambda both: f"(?:{both[0]}|{both[1]})")
        | st.tuples(
            parts, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?", "{,1}"])
        ).map(lambda both: f"({both[0]}){both[1]}")
    )
)


#: On longer ones the engine of Python may go back and forth for hours.
short = parts.filter(lambda pattern: len(pattern) <= 20)


@settings(max_examples=50)
@given(st.sampled_from(["", "(?i)"]), short, st.text("ab-.1A", max_size=6))
def test_patterns_match_as_those_of_python(fold: str, pattern: str, text: str) -> None:
    """
    Whatever both engines can read, they match alike.
    """
    expected = re.compile(fold + pattern, re.ASCII).fullmatch(text) is not None
    assert Pattern(fold + pattern).matches(text) == expected


@given(st.text("ab(|)[]*+?{1,2}^$\\d-", max_size=8))
def test_what_is_a_pattern_is_one_of_python_s(pattern: str) -> None:
    """
    Whatever is read is an expression of Python's as well; all else is refused as our error.
    """
    try:
        made = Pattern(pattern)
    except PatternInvalid:
        return
    # What is said twice in a set, or reads like sets within sets, is warned of there.
    if not re.search(r"\[.*(\[|--|\|\||&&|~~)", pattern):
        expected = re.compile(pattern, re.ASCII)
        for text in map("".join, itertools.product("ab1(", repeat=2)):
            assert made.matches(text) == (expected.fullmatch(text) is not None)
