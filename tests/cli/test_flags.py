"""
The commands and flags that users of crane, gcrane, skopeo and oras know.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from ocikit.cli.program import COMMANDS, cli
from ocikit.cli.spellings import WORDS
from ocikit.content.image import Image, Index
from ocikit.registry.load import load
from ocikit.server.handler import registry
from ocikit.server.web.serve import serve
from ocikit.testing.certificates import CertificateAuthority
from tests.cli import crane_flags
from tests.cli.crane_flags import CRANE, EVERYWHERE, GCRANE, Flag
from tests.cli.running import done, run

#: What a flag is when nothing is said; theirs to ours.
UNSAID: dict[str, tuple[Any, ...]] = {
    "": (None, "", ()),
    "false": (None, False, 0),
    "true": (True,),
    "0": (None, 0),
    "all": (None, ()),
}


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


def everything() -> Iterator[str]:
    """
    List all commands by their words.
    """
    for name in COMMANDS:
        found = find(name)
        if isinstance(found, click.Group):
            yield from (f"{name} {each}" for each in found.commands)
        else:
            yield name


def option_of(flag: Flag) -> click.Option:
    """
    Find our option that a flag of theirs is.
    """
    for each in find(flag.command).params:
        if isinstance(each, click.Option) and f"--{flag.name}" in each.opts:
            return each
    return pytest.fail(f"{flag.command} has no --{flag.name}")


def _named(flag: Flag) -> str:
    return f"{flag.command} --{flag.name}".strip()


TABLE = CRANE + GCRANE


@pytest.mark.parametrize("flag", [*crane_flags.flags(TABLE)], ids=_named)
def test_crane_s_flags_mean_the_same(flag: Flag) -> None:
    """
    By both their names, with or without a value, once or often, and with the same default.
    """
    ours = option_of(flag)
    if flag.short:
        assert f"-{flag.short}" in ours.opts
    assert ours.is_flag or ours.count if flag.takes == "flag" else not ours.is_flag
    assert ours.multiple or flag.takes in ("flag", "text")
    default = ours.get_default(click.Context(find(flag.command)))
    if "UNSET" in repr(default):
        # As newer versions of click say that there is none.
        default = None
    assert default in UNSAID.get(flag.default, (flag.default,))


@pytest.mark.parametrize("path", crane_flags.commands(TABLE))
def test_flags_for_all_commands_stand_anywhere(path: str) -> None:
    """
    Those of the program may be said of each command, too.
    """
    command = find(path)
    if not isinstance(command, click.Group):
        for flag in crane_flags.flags(EVERYWHERE, path):
            option_of(flag)


@pytest.mark.parametrize("path", [*everything()])
def test_every_command_has_help(path: str) -> None:
    """
    Help is on stdout, says what the command does, and costs no network.
    """
    ran = run(*path.split(), "--help")
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("Usage: ocikit")
    assert "--output" in ran.out
    assert max(map(len, ran.lines)) <= 100


@pytest.mark.parametrize("word", [*WORDS])
def test_other_words_for_commands(word: str) -> None:
    """
    Others' names of commands lead to ours.
    """
    ours, theirs = done(*WORDS[word], "--help").out, done(word, "--help").out
    assert theirs.split("\n", 1)[1] == ours.split("\n", 1)[1]


def test_what_is_deprecated_says_what_to_do() -> None:
    """
    crane itself wants its --blobs-to-disk no more.
    """
    ran = run("registry", "serve", "--blobs-to-disk")
    assert (ran.code, ran.out) == (2, "")
    assert "--disk FOLDER" in ran.err


@pytest.mark.parametrize(
    "argv",
    [
        ("--all",),
        ("--all=true", "--preserve-digests"),
        ("--tls-verify=false",),
        ("--src-tls-verify=false", "--dest-tls-verify=0"),
        ("--tls-verify=true",),
        ("--insecure=false",),
        ("--plain-http", "--no-tty"),
        ("--from-plain-http", "--to-plain-http", "--concurrency", "2"),
        ("--from-insecure", "--to-insecure", "--image-parallel-copies=2"),
        ("--src-no-creds", "--dest-no-creds"),
        ("--src-creds", "me:secret", "--dest-creds", "me:secret"),
        ("--registry-config", "FILE", "--retry-times=1"),
        ("--from-registry-config", "FILE", "--to-registry-config", "FILE"),
        ("--src-authfile", "FILE", "--dest-authfile", "FILE", "--debug"),
        ("--no-clobber=false", "--all-tags=false"),
    ],
    ids=" ".join,
)
def test_copies_as_others_write_them(
    argv: tuple[str, ...], host: str, index: Index, tmp_path: Path
) -> None:
    """
    skopeo's and oras's words for what we have do what they say.
    """
    (tmp_path / "auth.json").write_text("{}")
    given = [word.replace("FILE", str(tmp_path / "auth.json")) for word in argv]
    done("copy", *given, f"docker://{host}/both:1", f"docker://{host}/copied:1")
    assert load(f"{host}/copied:1") == index


def test_certificates_are_not_looked_at_when_others_say_so(
    host: str, image: Image, tmp_path: Path
) -> None:
    """
    --tls-verify=false of skopeo is --insecure, for one side if need be.
    """
    tls = CertificateAuthority(tmp_path).context()
    with serve(registry(), tls=tls) as server:
        argv = ("copy", f"{host}/app:1", f"{server.host}/app:1", "--retries", "0")
        for wrong in ("--tls-verify=true", "--src-tls-verify=false", "--from-insecure"):
            assert run(*argv, wrong).code == 7
        for right in ("--tls-verify=false", "--dest-tls-verify=false", "--to-insecure"):
            done(*argv, right)


def test_flags_of_go_have_values(host: str, index: Index) -> None:
    """
    --flatten=false is --no-flatten; what is a value, or comes after `--`, is left alone.
    """
    argv = ("index", "append", "-m", f"{host}/both:1", "--flatten=false")
    done(*argv, "-t", f"{host}/nested:1")
    found = load(f"{host}/nested:1")
    assert isinstance(found, Index)
    assert [child.descriptor.digest for child in found.children] == [index.digest]
    assert run("digest", "--full-ref=maybe", f"{host}/both:1").code == 2
    assert run("digest", "--", "--full-ref=true").code == 2


def test_digests_are_written_to_files(host: str, image: Image, tmp_path: Path) -> None:
    """
    As skopeo's --digestfile has them, without a newline.
    """
    file, layout = tmp_path / "digest", f"oci:{tmp_path}/out:1"
    done("copy", "--digestfile", file, f"{host}/app:1", layout)
    assert file.read_text() == str(image.digest)
    file.unlink()
    done("push", "--digestfile", file, layout, f"{host}/back:1")
    assert file.read_text() == str(image.digest)
    assert run("copy", "-a", "--digestfile", file, f"{host}/app", f"{host}/b").code == 2


def test_documents_are_raw_anyway(host: str, image: Image) -> None:
    """
    --raw changes nothing where bytes are exact.
    """
    assert done("manifest", "--raw", f"{host}/app:1").raw == image.document.raw
    assert done("config", "--raw", f"{host}/app:1").raw == image.config.content
    assert done("inspect", "--raw", f"docker://{host}/app:1").raw == image.document.raw
    assert done("inspect", "--config", "--raw", f"{host}/app:1").raw == image.config.content
    (told,) = done("inspect", "--raw", f"{host}/app:1", "--output", "json").objects
    assert told["document"]["config"]["digest"] == str(image.config.digest)


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_completions_without_descriptions(shell: str) -> None:
    """
    The script differs in what it shows, and in no more.
    """
    plain, bare = done("completion", shell).out, done("completion", shell, "--no-descriptions").out
    assert len(plain.splitlines()) == len(bare.splitlines())
    assert plain != bare
