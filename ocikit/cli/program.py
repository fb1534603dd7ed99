"""
The group of commands, each loaded only when it is run.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any, Final

import click

from ocikit import __version__
from ocikit.cli import exits
from ocikit.cli.shared import shared_options
from ocikit.cli.spellings import WORDS, plain
from ocikit.errors import Refused

#: Command to module below `ocikit.cli.commands`, and the line that `--help` shows.
COMMANDS: Final = {
    "append": "Put layers on top of an image",
    "attach": "Put files beside an image, as an artifact about it",
    "auth": "Log in to registries and out of them",
    "blob": "Get, put, look at and delete single blobs",
    "cache": "Look at the cache of what was fetched, and make it smaller",
    "catalog": "List the repositories of a registry",
    "completion": "Print a script by which a shell completes commands and places",
    "config": "Print an image's configuration",
    "convert": "Change the types and compression of an image",
    "copy": "Copy an image or index from any place to any place",
    "delete": "Delete a tag or manifest from a registry",
    "demo": "Show a round trip on this machine",
    "diff": "Tell all that differs between two images",
    "digest": "Print the digest of an image or index",
    "doctor": "Examine what a registry does, and where it goes its own way",
    "edit": "Edit an image's configuration, manifest or one file",
    "explain": "Tell why two digests differ",
    "export": "Write an image's root filesystem as a tar",
    "files": "List and read the files of an image",
    "flatten": "Make all layers of an image one",
    "gc": "Find what nobody needs in a repository, and delete it",
    "help": "Tell how a command goes, or about a topic",
    "history": "Show the steps that made an image",
    "index": "List what is in an index, and change it",
    "inspect": "Show what there is to know of an image, at a look",
    "layout": "List what is in a layout, clean it up and mend it",
    "ls": "List the tags of a repository",
    "man": "Write manual pages",
    "manifest": "Print a manifest or index",
    "mutate": "Change an image's labels, environment, command and so on",
    "pull": "Write images to an archive or layout",
    "push": "Write an archive or layout to a registry",
    "rebase": "Put the layers of an image on another base",
    "referrers": "List what refers to an image",
    "registry": "Serve a registry",
    "size": "Tell how large images are, and what they share",
    "scan": "Tell what many images are, for tables",
    "sync": "Give registries and layouts what others have, as a file says",
    "tag": "Give an image of a registry another tag",
    "tree": "Show what an image consists of and what refers to it, as a tree",
    "validate": "Find whatever is wrong with an image",
    "version": "Print the version",
}

#: What a line cannot say; click keeps its line breaks where it reads \b.
EPILOG: Final = """
\b
Wherever an IMAGE is named, any place may stand:
  debian:12, docker://r.io/app@sha256:...  a registry
  oci:DIR[:NAME], oci:DIR:@0               an OCI layout
  oci-archive:FILE[:NAME]                  the same in a tar
  docker-archive:FILE[:REFERENCE]          an archive of docker save
  docker-daemon:REFERENCE                  docker or podman, by DOCKER_HOST
  dir:PATH                                 a plain directory, as skopeo's

Exit codes: {codes}.

`ocikit help COMMAND` tells how a command goes, `ocikit help TOPIC` of places, credentials,
environment, exit-codes, faults, output, differences.
""".format(codes=", ".join(f"{code} {said}" for code, (_, said, _) in exits.CODES.items()))
#: How long a thread may keep others from running, in seconds: a tenth of what Python has.
_SWITCH: Final = 0.0005


def canonical(name: str) -> str:
    """
    Give the name of a command that may be called by another.
    """
    return WORDS.get(name, (name,))[-1]


class Commands(click.Group):
    """
    A group whose commands are imported on demand: start-up pays for one only.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        name = WORDS.get(cmd_name, (cmd_name,))[0]
        if name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"ocikit.cli.commands.{name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            from difflib import get_close_matches

            meant = " or ".join(map(repr, get_close_matches(name, [*COMMANDS, *WORDS])))
            ctx.fail(f"no such command {name!r}" + (f"; did you mean {meant}?" if meant else ""))
        first, *more = WORDS.get(name, (name,))
        # What is another word for one of ours keeps its name in the help of that.
        called, found, rest = super().resolve_command(ctx, [first if more else name, *args[1:]])
        return called, found, _of_ours(found, [*more, *rest])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        return super().parse_args(ctx, plain(self, args))

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _of_ours(command: click.Command | None, args: list[str]) -> list[str]:
    """
    Write what is given to a command, or to one of its commands, in our own way.
    """
    at = 0
    while isinstance(command, click.Group):
        at = next((i for i, arg in enumerate(args) if i >= at and not arg.startswith("-")), -1) + 1
        if not at:
            return args
        command = command.commands.get(args[at - 1])
    return args if command is None else [*args[:at], *plain(command, args[at:])]


@click.group(
    cls=Commands,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog=EPILOG,
)
@click.version_option(__version__, message="%(version)s")
@shared_options
@click.pass_context
def cli(context: click.Context) -> None:
    """
    Read, change and write OCI and Docker images.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help())


def run(argv: Sequence[str] | None = None) -> int:
    """
    Run a command line; every error becomes a line or two on stderr and an exit code.

    Without arguments it is that of the process, which it makes ready for it.
    """
    if argv is not None:
        return _run(list(argv))
    _open_what_is_closed()
    _take_signals()
    # What decompresses, hashes and compresses waits less for what reads headers.
    sys.setswitchinterval(_SWITCH)
    # What was loaded stays, and does not count among what may be garbage.
    gc.freeze()
    try:
        if asked := os.environ.get("_OCIKIT_COMPLETE"):
            from click.shell_completion import shell_complete

            from ocikit.cli.powershell import register

            register()
            return shell_complete(cli, {}, "ocikit", "_OCIKIT_COMPLETE", asked)
        return _run(sys.argv[1:])
    finally:
        # Nor when it ends, which Python does twice: a tenth of what a short command takes.
        gc.freeze()


def _run(args: list[str]) -> int:
    context = None
    try:
        with cli.make_context("ocikit", args) as context:
            cli.invoke(context)
        sys.stdout.flush()
    except BaseException as error:
        # What the options said of colours and of detail holds for errors as well.
        with context.scope(cleanup=False) if context else nullcontext():
            if context is not None and isinstance(error, Refused):
                from ocikit.cli.keychains import advise

                advise(error)
            return exits.report(error)
    return exits.OK


def _open_what_is_closed() -> None:
    """
    Let results and notices go nowhere that a shell has closed, as `>&-` does.

    Else the next file or connection would have that number, and get them.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # for good


def _take_signals() -> None:
    """
    End in good order when asked to, and at once when asked twice.
    """

    def interrupt(number: int, _: Any) -> None:
        signal.signal(number, signal.SIG_DFL)
        raise KeyboardInterrupt

    def end(number: int, _: Any) -> None:
        signal.signal(number, signal.SIG_DFL)
        sys.exit(128 + number)

    signal.signal(signal.SIGINT, interrupt)
    for number in (signal.SIGTERM, *([signal.SIGHUP] if hasattr(signal, "SIGHUP") else [])):
        # What a parent has switched off, as nohup does, stays so.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, end)
