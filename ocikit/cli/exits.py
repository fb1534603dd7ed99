"""
Errors to exit codes and messages: the one place where that is decided.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
import traceback
from typing import Final

import click

from ocikit import errors
from ocikit.cli.colour import say

OK: Final = 0
#: A difference was found, or the answer is no.
NEGATIVE: Final = 1
#: The command line, or a name in it, makes no sense.
USAGE: Final = 2
NOT_FOUND: Final = 3
UNAUTHORISED: Final = 4
CORRUPT: Final = 5
REFUSED: Final = 6
UNREACHABLE: Final = 7
UNSUPPORTED: Final = 8
#: The disk, or the operating system, would not.
SYSTEM: Final = 9
#: A fault of ocikit itself, as sysexits.h has it.
FAULT: Final = 70
INTERRUPTED: Final = 130
#: Who read the results went away, as `head` does; what a shell says of SIGPIPE.
UNREAD: Final = 141

_PART: Final = re.compile(r"\.\d+-\d+\.part$")
_FAMILIES: Final = (
    (errors.Invalid, USAGE),
    (errors.Missing, NOT_FOUND),
    (errors.Corrupt, CORRUPT),
    (errors.Refused, REFUSED),
    (errors.Unreachable, UNREACHABLE),
    (errors.Unsupported, UNSUPPORTED),
    (BrokenPipeError, UNREAD),
    (OSError, SYSTEM),
    (click.ClickException, USAGE),
    (KeyboardInterrupt, INTERRUPTED),
    (click.Abort, INTERRUPTED),
)


def code_of(error: BaseException) -> int:
    """
    Give the exit code for an error, by its family.
    """
    if isinstance(error, errors.Refused) and getattr(error, "status", None) in (401, 403):
        return UNAUTHORISED
    return next((code for family, code in _FAMILIES if isinstance(error, family)), FAULT)


def report(error: BaseException) -> int:
    """
    Tell a person about an error on stderr, and give its exit code.
    """
    if isinstance(error, SystemExit | click.exceptions.Exit):
        code = error.code if isinstance(error, SystemExit) else error.exit_code
        return code if isinstance(code, int) else OK if code is None else NEGATIVE
    if isinstance(error, BrokenPipeError):
        _discard_output()
    elif isinstance(error, click.UsageError):
        _usage(error)
    elif isinstance(error, click.ClickException):
        say(f"Error: {error.format_message()}", bold=True)
    elif isinstance(error, KeyboardInterrupt | click.Abort):
        say("interrupted; nothing was left half-written")
    elif isinstance(error, errors.OciError):
        say(f"Error: {error}", fg="red")
    elif isinstance(error, OSError):
        say(f"Error: {_of_system(error)}", fg="red")
    else:
        say("Error: this is a fault of ocikit itself; please report it", fg="red")
        traceback.print_exception(error)
    for note in getattr(error, "__notes__", ()):
        say(note)
    return code_of(error)


def _usage(error: click.UsageError) -> None:
    if error.ctx is not None and isinstance(error, click.exceptions.NoArgsIsHelpError):
        say(error.ctx.get_help())
        return
    path = error.ctx.command_path if error.ctx else "ocikit"
    say(f"Error: {error.format_message()}", fg="red")
    say(f"Try '{path} --help'.")


def _of_system(error: OSError) -> str:
    if error.strerror is None:
        return str(error)
    name = error.filename2 or error.filename
    # Who asked for a file does not know under which name it is written first.
    return f"{_PART.sub('', os.fsdecode(name))}: {error.strerror}" if name else error.strerror


def _discard_output() -> None:
    # What is left in the buffer cannot be written; the interpreter would try, and complain.
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
