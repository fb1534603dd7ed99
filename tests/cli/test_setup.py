"""
What the environment and the options say to the verbs.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest

from ocikit.cli.names import listed, pairs, paths
from ocikit.cli.shared import options, shared, shared_options
from ocikit.crane.options import engine_of
from ocikit.daemon.engine import Engine
from ocikit.daemon.faults import EngineHostInvalid
from ocikit.platforms import LINUX_AMD64, PlatformInvalid, parse
from tests.cli.running import run


def said(*argv: str, ask: Callable[[], Any] = options) -> Any:
    """
    Give what `ask` finds while a command of these arguments runs.
    """
    found = []

    @click.command()
    @shared_options
    def command() -> None:
        found.append(ask())

    @click.group()
    @shared_options
    def group() -> None:
        pass

    group.add_command(command)
    group.main(argv, standalone_mode=False)
    return found[0]


def test_nothing_said_is_the_default() -> None:
    """
    Four jobs, indexes whole, names strict, nothing foreign, no plain HTTP.
    """
    known = said("command")
    assert (known.platforms, known.preferred) == ((), LINUX_AMD64)
    assert (known.foreign, known.weak, engine_of(known)) == (False, False, Engine())
    assert (known.client.jobs, known.client.insecure) == (4, False)


@pytest.mark.parametrize(
    "argv",
    [
        ("--platform", "linux/arm64", "--jobs", "7", "--insecure", "command"),
        ("command", "--platform", "linux/arm64", "-j", "7", "--insecure"),
        ("--insecure", "command", "-j7", "--platform=linux/aarch64"),
    ],
)
def test_options_stand_before_or_after(argv: tuple[str, ...]) -> None:
    """
    Options of all commands are the same to the left and to the right of its name.
    """
    known = said(*argv)
    assert known.platforms == (parse("linux/arm64"),)
    assert (known.client.jobs, known.client.insecure) == (7, True)


def test_the_nearer_option_wins() -> None:
    """
    What is said of a command counts more than what is said before it.
    """
    assert said("--output", "json", "command", "--output", "text", ask=shared).output == "text"
    assert said("-j", "2", "command", "-j", "3").client.jobs == 3
    assert said("-v", "command", "-vv", ask=shared).verbose == 2


def test_no_jobs_is_as_many_as_we_like() -> None:
    """
    crane's `-j 0` leaves it to us.
    """
    assert said("command", "-j", "0").client.jobs == 4


def test_platforms_are_listed() -> None:
    """
    Repeated or with commas; `all` is all, whatever else is named.
    """
    two = (parse("linux/amd64"), parse("linux/arm/v7"))
    assert said("command", "--platform", "linux/amd64,linux/arm/v7").platforms == two
    assert said("command", "--platform", "linux/amd64", "--platform", "all").platforms == ()
    with pytest.raises(PlatformInvalid):
        said("command", "--platform", "linux//arm")


def test_engines_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    What the environment says of them; a bad address harms only who needs an engine.
    """
    monkeypatch.setenv("CONTAINER_HOST", "unix:///podman")
    assert engine_of(said("command")).host == "unix:///podman"
    monkeypatch.setenv("DOCKER_HOST", "pigeon://nowhere")
    with pytest.raises(EngineHostInvalid):
        engine_of(said("command"))
    assert run("digest", "docker-daemon:app:1").code == 2
    assert run("digest", "oci:nowhere").code == 3


def test_a_proxy_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A registry elsewhere is reached through the proxy that the environment names.
    """
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    ran = run("digest", "registry.example/app:1")
    assert ran.code == 7
    assert "registry.example" in ran.err


def test_pairs_are_split_as_crane_splits() -> None:
    """
    Commas divide only where each part has a key; quotes keep them; the last value wins.
    """
    assert pairs(["a=1,b=2"], "-l", split=True) == {"a": "1", "b": "2"}
    assert pairs(["a=1,b=2"], "-e") == {"a": "1,b=2"}
    assert pairs(["a=x, y"], "-l", split=True) == {"a": "x, y"}
    assert pairs(["a=b=c,d"], "-l", split=True) == {"a": "b=c,d"}
    assert pairs(['"a=1,b=2",c=3'], "-l", split=True) == {"a": "1,b=2", "c": "3"}
    assert pairs(["a=", "a=2"], "-l") == {"a": "2"}


def test_lists_are_read() -> None:
    """
    Nothing is no item; quotes keep commas; JSON is JSON.
    """
    assert listed([""]) == ()
    assert listed(["a,,b"]) == ("a", "b")
    assert listed(['a,"b,c"', "d"]) == ("a", "b,c", "d")
    for bad in ("[1]", "[", '["a"'):
        with pytest.raises(click.UsageError):
            listed([bad])


def test_paths_may_have_commas(tmp_path: Path) -> None:
    """
    What is there under the whole text is that.
    """
    odd = tmp_path / "a,b"
    odd.touch()
    assert paths([str(odd), "-", "c,d"]) == (str(odd), "-", "c", "d")
