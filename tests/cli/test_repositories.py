"""
Commands over all repositories below a name: ls -r, copy -r, gc.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from ocikit.ages import AgeInvalid, age_of
from ocikit.content import synthetic
from ocikit.content.image import Content
from ocikit.content.partial import artifact
from ocikit.mutate.time import time
from ocikit.registry.flush import flush
from ocikit.registry.list import catalog
from ocikit.registry.load import load
from ocikit.server.handler import registry
from ocikit.server.web.serve import serve
from tests.cli.running import done, run

IMAGE = time(synthetic.image(Random(1), layers=1, size=10), "2024-02-29T12:00:00Z")
INDEX = synthetic.index(Random(2), size=10)
SIGNATURE = artifact("example/signature", subject=IMAGE.descriptor)
BARE = synthetic.image(Random(3), layers=1, size=10)


def filled(host: str) -> str:
    """
    Put some repositories into a registry.
    """
    held: dict[str, Content] = {"me/a:1": IMAGE, "me/a:latest": IMAGE, "other:ci-1": IMAGE}
    held |= {f"me/a@{SIGNATURE.digest}": SIGNATURE, f"me/a/b@{BARE.digest}": BARE}
    held |= {"me/a/b:1": INDEX}
    for name, content in held.items():
        flush(f"{host}/{name}", content)
    return host


@pytest.fixture
def google() -> Iterator[str]:
    """
    A registry that lists as Google's do.
    """
    with serve(registry(extended=True)) as server:
        yield filled(server.host)


@pytest.fixture
def plain() -> Iterator[str]:
    """
    One that lists as others do.
    """
    with serve(registry()) as server:
        yield filled(server.host)


def test_manifests_and_their_tags(google: str) -> None:
    """
    As gcrane lists them: a digest, and the tags of it; those below each after the other.
    """
    lines = done("ls", "-r", f"{google}/me").lines
    a, b = f"{google}/me/a", f"{google}/me/a/b"
    at = lines.index(f"{a}@{IMAGE.digest}")
    assert lines[at + 1 : at + 3] == [f"{a}:1", f"{a}:latest"]
    assert f"{a}@{SIGNATURE.digest}" in lines
    assert lines.index(f"{b}@{BARE.digest}") > at
    # Three manifests of the index, one bare; an image, its signature; and four names.
    assert len(lines) == 4 + 2 + 3


def test_what_is_right_below(google: str) -> None:
    """
    Comes first, where nothing further down is listed.
    """
    assert done("ls", "--manifests", f"{google}/me").lines == [f"{google}/me/a"]
    lines = done("ls", "--manifests", f"{google}/me/a").lines
    assert lines[0] == f"{google}/me/a/b"
    assert f"{google}/me/a:latest" in lines


def test_json_as_gcrane_prints_it(google: str) -> None:
    """
    A line a repository, in the order of Go's fields.
    """
    pages = done("ls", "-r", "--json", f"{google}/me").objects
    assert [list(page) for page in pages] == [["child", "manifest", "name", "tags"]] * 3
    assert [page["name"] for page in pages] == ["me", "me/a", "me/a/b"]
    found = pages[1]["manifest"][str(IMAGE.digest)]
    assert found["tag"] == ["1", "latest"]
    assert found["timeCreatedMs"] == "1709208000000"
    [page] = done("ls", "--json", f"{google}/me/a").objects
    assert (page["child"], page["tags"]) == (["b"], ["1", "latest"])


def test_other_registries_list_tags(plain: str) -> None:
    """
    And what more is asked for.
    """
    assert done("ls", "-r", plain).lines == [
        f"{plain}/me/a:1",
        f"{plain}/me/a:latest",
        f"{plain}/me/a/b:1",
        f"{plain}/other:ci-1",
    ]
    assert done("ls", "--json", f"{plain}/me/a").out == (
        '{"child":null,"manifest":null,"name":"me/a","tags":["1","latest"]}\n'
    )
    [page] = done("ls", "--json", "--details", "times", f"{plain}/me/a").objects
    assert page["manifest"][str(IMAGE.digest)]["timeCreatedMs"] == "1709208000000"
    [found] = done("ls", "-r", "--details", "sizes", "--output", "json", f"{plain}/other").objects
    assert found["digest"] == str(IMAGE.digest)
    assert found["tags"] == ["ci-1"]
    assert found["size"] > 0
    assert found["created"] is None


def test_what_cannot_be_listed(plain: str) -> None:
    """
    It is told, the rest is listed, and the exit code is of the first failure.
    """
    ran = run("ls", "-r", f"{plain}/none", f"{plain}/other")
    assert ran.code == 3
    assert "none" in ran.err
    assert ran.lines == [f"{plain}/other:ci-1"]


@pytest.mark.parametrize(
    "argv",
    [
        *[
            ("ls", "-r", "--full-ref", "r"),
            ("ls", "--json", "-O", "r"),
            ("ls", "--details", "sizes"),
        ],
        *[("copy", "--repositories", "-", "a", "b"), ("copy", "-r", "--link", "a", "b")],
        *[("gc", "r.example"), ("gc", "--keep", "2", "r.example/a"), ("gc", "--exclude-tags", "a")],
        *[("gc", "--older-than", "soon", "r.example/a"), ("gc", "--repositories", "-", "r/a")],
    ],
)
def test_what_makes_no_sense(argv: tuple[str, ...]) -> None:
    """
    Options that say nothing together.
    """
    assert run(*argv).code == 2


def test_a_copy_of_all(google: str, host: str) -> None:
    """
    First told, then done, then there is nothing to do.
    """
    argv = ("copy", "-r", f"{google}/me", f"{host}/x")
    plan = done(*argv, "--dry-run")
    assert f"{google}/me/a@{IMAGE.digest} -> {host}/x/a:1" in plan.lines
    assert list(catalog(host)) == []
    ran = done(*argv)
    assert f"{host}/x/a:latest" in ran.lines
    assert f"{host}/x/a@{SIGNATURE.digest}" in ran.lines
    assert len(ran.lines) == len(plan.lines) == 5
    assert "4 manifests of 2 repositories copied" in ran.err
    assert load(f"{host}/x/a/b:1") == INDEX
    assert done(*argv).lines == []


def test_one_is_told_as_one(plain: str, host: str) -> None:
    """
    One manifest, one repository, one that is blind.
    """
    ran = done("copy", "-r", f"{plain}/me/a/b", f"{host}/one")
    assert "1 manifest of 1 repository copied" in ran.err
    assert "0 manifests, and 0 tags alone" in done("gc", f"{host}/one").err


def test_a_copy_of_these(plain: str, host: str, tmp_path: Path) -> None:
    """
    Named in a file or on stdin, as other commands print them.
    """
    listed = tmp_path / "names"
    listed.write_text(f"me/a\n{plain}/other:\twhatever\n\n{plain}/other\n")
    argv = ("copy", "-r", plain, host, "--output", "json", "--tags", "1", "--tags", "ci-*")
    ran = run(*argv, "--repositories", listed)
    assert ran.code == 2
    assert {each["target"] for each in ran.objects} == {f"{host}/me/a:1", f"{host}/other:ci-1"}
    again = done("copy", "-r", plain, host, "--repositories", "-", stdin=b"me/a/b\n")
    assert again.lines == [f"{host}/me/a/b:1"]


def test_a_copy_is_gone_on_with(plain: str, host: str, tmp_path: Path) -> None:
    """
    By its journal.
    """
    argv = ("copy", "-r", f"{plain}/me", f"{host}/x", "--journal", str(tmp_path / "journal"))
    first, second = done(*argv), done(*argv)
    assert sorted(first.lines) == sorted(second.lines)
    assert len((tmp_path / "journal").read_text().splitlines()) == 3


def test_a_copy_that_fails_in_part(google: str, host: str) -> None:
    """
    The exit code says so.
    """
    flush(f"{host}/x/a:1", BARE)
    ran = run("copy", "-r", f"{google}/me", f"{host}/x", "--repositories", "-", stdin=b"me/a\nno\n")
    assert ran.code == 2
    assert "no: is not below" in ran.err
    assert f"{host}/x/a:1" in ran.lines


def test_garbage_is_told_and_then_deleted(google: str) -> None:
    """
    What a push may still need is not; signatures and images of indexes stay.
    """
    assert done("gc", "-r", f"{google}/me").lines == []
    # So long ago that there is no date for it.
    assert done("gc", "-r", f"{google}/me", "--older-than", "9999y").lines == []
    argv = ("gc", "-r", f"{google}/me", "--older-than", "0")
    told = done(*argv)
    assert told.lines == [f"{google}/me/a/b@{BARE.digest}"]
    assert "would delete, with --delete: 1 manifest" in told.err
    assert load(f"{google}/me/a/b@{BARE.digest}") == BARE
    [gone] = done(*argv, "--delete", "--output", "json").objects
    assert (gone["digest"], gone["deleted"]) == (str(BARE.digest), True)
    assert done(*argv).lines == []
    assert load(f"{google}/me/a@{SIGNATURE.digest}") == SIGNATURE
    assert load(f"{google}/me/a/b:1") == INDEX


def test_what_is_told_can_be_given_to_delete(google: str) -> None:
    """
    As with gcrane: a name a line.
    """
    told = done("gc", f"{google}/me/a/b", "--older-than", "0", "--dry-run")
    done("delete", "-", stdin=told.raw)
    assert done("gc", f"{google}/me/a/b", "--older-than", "0").lines == []


def test_old_tags_go(plain: str) -> None:
    """
    With what they alone lead to, in any registry; and one that is none of them stays.
    """
    flush(f"{plain}/other:ci-2", BARE)
    ran = done("gc", f"{plain}/other", "--tags", "ci-*", "--older-than", "30d", "--delete")
    assert ran.lines == [f"{plain}/other@{IMAGE.digest}\tci-1"]
    assert "1 stays whose age nobody knows" in ran.err
    assert done("ls", f"{plain}/other").lines == ["ci-2"]
    kept = done("gc", f"{plain}/me/a", "--tags", "*", "--exclude-tags", "1", "--older-than", "0")
    assert kept.lines == [f"{plain}/me/a:latest"]


def test_others_do_not_tell_what_has_no_tag(plain: str) -> None:
    """
    And that is said.
    """
    ran = done("gc", f"{plain}/me/a/b", "--older-than", "0")
    assert ran.lines == []
    assert "not list manifests without a tag" in ran.err


def test_what_cannot_be_deleted_is_told() -> None:
    """
    With the exit code of a refusal.
    """
    with serve(registry(extended=True, delete=False)) as server:
        filled(server.host)
        ran = run("gc", "-r", server.host, "--older-than", "0", "--delete")
    assert ran.code == 6
    assert ran.lines == []


@pytest.mark.parametrize(
    ("text", "seconds"), [("90m", 5400), ("1w2d", 9 * 86400), ("0.5h", 1800), ("1y", 365 * 86400)]
)
def test_ages(text: str, seconds: int) -> None:
    """
    As people write them.
    """
    assert age_of(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "30", "d", "-1d", "1 d", "1d-", "٣d", "999999999y"])
def test_what_is_no_age(text: str) -> None:
    """
    A slip of the finger must not delete what is young.
    """
    with pytest.raises(AgeInvalid):
        age_of(text)
