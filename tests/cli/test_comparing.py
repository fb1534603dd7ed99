"""
Commands that compare: diff, explain.
"""

from __future__ import annotations

import pytest

from ocikit.mutate.settings import config
from ocikit.query.ignore import PRESETS
from ocikit.registry.flush import flush
from ocikit.testing.building import archive, image, symlink
from tests.cli.running import done, run

LEFT = image(archive(("a", b"1"), "b"))
RIGHT = config(image(archive(("a", b"2"), "b", symlink("\x1b[1m", "x"))), user="me")


@pytest.fixture
def sides(host: str) -> tuple[str, str]:
    """
    Two images that differ, in a registry.
    """
    flush(f"{host}/app:1", LEFT)
    flush(f"{host}/app:2", RIGHT)
    return f"{host}/app:1", f"{host}/app:2"


def test_same_or_not(sides: tuple[str, str]) -> None:
    """
    0 and nothing, or 1 and every difference on a line.
    """
    left, right = sides
    assert done("diff", left, left).raw == b""
    ran = run("diff", left, right)
    assert ran.code == 1
    assert 'config > config.User: nothing | "me"' in ran.lines
    assert any(line.startswith("layer 1 > a > content: ") for line in ran.lines)


def test_what_is_left_out(sides: tuple[str, str]) -> None:
    """
    By name, repeated or with commas; files by path; files altogether.
    """
    left, right = sides
    argv = ("diff", left, right)
    assert "layer 1 > a" not in run(*argv, "--ignore-path", "a").out
    assert "layer 1 > a" not in run(*argv, "--no-files").out
    files = run(*argv, "--files-only").lines
    assert [line.partition(":")[0] for line in files] == ["\\x1b[1m > kind", "a > content"]
    everything = ("--ignore-path", "**", "--files-only")
    assert done(*argv, *everything, "--ignore", "times,history", "--ignore", "owners").out == ""


def test_json_has_what_there_is(sides: tuple[str, str]) -> None:
    """
    A side that has nothing is not there, so that it is told from null.
    """
    said = run("diff", *sides, "--output", "json").objects
    user = next(each for each in said if each["field"] == "config.User")
    assert user == {"level": "config", "path": ["config"], "field": "config.User", "right": "me"}
    assert any("left" in each and "right" in each for each in said)


def test_colours_do_not_hide_what_names_play(
    sides: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Trap: the name of a file must not write to the terminal.
    """
    ran = run("diff", *sides)
    assert "\x1b" not in ran.out
    assert "\\x1b[1m" in ran.out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert '\x1b[32m"me"\x1b[0m' in run("diff", *sides).out


def test_help_names_all_that_can_be_ignored(sides: tuple[str, str]) -> None:
    """
    And what is none of them is a fault of usage that lists them.
    """
    said = done("diff", "--help").out
    for name in PRESETS:
        assert name in said
    ran = run("diff", *sides, "--ignore", "nope")
    assert ran.code == 2
    assert "semantic" in ran.err
    assert run("diff", *sides, "--no-files", "--files-only").code == 2
    assert run("diff", sides[0], f"{sides[0]}-nope").code == 3


def test_explain(sides: tuple[str, str], host: str) -> None:
    """
    The first cause on one line, or nothing at all.
    """
    left, right = sides
    assert done("explain", left, left).raw == b""
    ran = run("explain", left, right)
    assert (ran.code, len(ran.lines)) == (1, 1)
    (said,) = run("explain", "--output", "json", left, right).objects
    assert ran.lines == [f"{' > '.join(said['path'])}: {said['message']}"]
    flush(f"{host}/app:3", image(archive(("a", b"2"), "b")))
    (said,) = run("explain", "--output", "json", left, f"{host}/app:3").objects
    assert (said["path"], said["cause"], said["offset"]) == (["layer 1", "a"], "content", 0)
    assert run("explain", left, f"{host}/nope:1").code == 3
