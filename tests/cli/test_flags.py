"""
The commands and flags that users of crane know.
"""

from __future__ import annotations

import click
import pytest

from ocikit.cli.program import cli
from tests.cli.running import run

#: crane's flags by command, as its help lists them; those of all commands are "".
CRANE = {
    "": "-v --verbose --insecure --allow-nondistributable-artifacts --platform",
    "append": "-b --base -t --new_tag -f --new_layer -o --output --set-base-image-annotations "
    "--oci-empty-base",
    "auth get": "",
    "auth login": "-u --username -p --password --password-stdin",
    "auth logout": "",
    "auth token": "-m --mount -H --header --push",
    "catalog": "--full-ref",
    "config": "",
    "copy": "-a --all-tags -n --no-clobber -j --jobs",
    "cp": "-a --all-tags -n --no-clobber -j --jobs",
    "delete": "",
    "digest": "--tarball --full-ref",
    "edit config": "-t --tag",
    "edit fs": "-f --filename -t --tag",
    "edit manifest": "-m --media-type -t --tag",
    "export": "",
    "flatten": "-t --tag",
    "index append": "-m --manifest -t --tag --docker-empty-base --flatten",
    "index filter": "-t --tag",
    "index list": "",
    "ls": "--full-ref -O --omit-digest-tags",
    "manifest": "",
    "mutate": "-a --annotation -l --label -e --env --entrypoint --cmd --append -u --user -w "
    "--workdir --exposed-ports --set-platform --repo -t --tag -o --output",
    "pull": "--format --annotate-ref -c --cache_path",
    "push": "--index --image-refs",
    "rebase": "--original --old_base --new_base --rebased -t --tag",
    "registry serve": "--address --disk",
    "tag": "",
    "validate": "--tarball --remote --fast",
    "version": "",
}
#: A flag of crane's by which only blobs are kept on disk: ours keeps all of it there.
LATER = {"registry serve": "--blobs-to-disk"}


def find(path: str) -> click.Command:
    """
    Find a command by its words.
    """
    found: click.Command = cli
    for word in path.split():
        assert isinstance(found, click.Group)
        context = click.Context(found)
        found = found.get_command(context, word) or pytest.fail(f"no command {path}")
    return found


def flags(command: click.Command) -> set[str]:
    """
    List the flags of a command.
    """
    return {flag for each in command.params for flag in (*each.opts, *each.secondary_opts)}


@pytest.mark.parametrize("path", CRANE)
def test_crane_s_flags_are_there(path: str) -> None:
    """
    Whoever types crane's flags is understood; those for all commands stand in any place.
    """
    wanted = {*CRANE[path].split(), *CRANE[""].split()}
    assert wanted - flags(find(path)) == set()


@pytest.mark.parametrize("path", LATER)
def test_what_is_to_come_is_not_pretended(path: str) -> None:
    """
    A flag that would do nothing is not there; when it is, it belongs in the table above.
    """
    assert flags(find(path)) & set(LATER[path].split()) == set()


@pytest.mark.parametrize("path", [path for path in CRANE if path])
def test_every_command_has_help(path: str) -> None:
    """
    Help is on stdout, says what the command does, and costs no network.
    """
    ran = run(*path.split(), "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Usage: ocikit")
    assert "--output" in ran.out
    assert max(map(len, ran.lines)) <= 100
