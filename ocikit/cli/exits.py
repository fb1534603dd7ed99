"""
Errors to exit codes and messages: the one place where that is decided.
"""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import traceback
from typing import Final

import click

from ocikit import errors
from ocikit._regex import regex
from ocikit.cli.colour import say
from ocikit.cli.shared import EXCHANGE, shared

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

#: By code: its name, what it says in a word or two, and what there is to say beside.
CODES: Final = {
    OK: ("OK", "done", ""),
    NEGATIVE: ("NEGATIVE", "the answer is no", "a difference was found, or something is wrong"),
    USAGE: ("USAGE", "usage", "the command line, or a name in it, makes no sense"),
    NOT_FOUND: ("NOT_FOUND", "not found", "in the registry, the layout or the archive, or a file"),
    UNAUTHORISED: ("UNAUTHORISED", "unauthorised", "the registry wants other credentials"),
    CORRUPT: ("CORRUPT", "corrupt", "what came is not what its digest says"),
    REFUSED: ("REFUSED", "refused", "the registry or the engine does not do that"),
    UNREACHABLE: ("UNREACHABLE", "unreachable", "nobody answered, or not in time"),
    UNSUPPORTED: ("UNSUPPORTED", "unsupported", "a place cannot hold this, or an extra is missing"),
    SYSTEM: ("SYSTEM", "the system would not", "a file, a disk, a permission"),
    FAULT: ("FAULT", "a fault of ocikit", "please report it"),
    INTERRUPTED: ("INTERRUPTED", "interrupted", ""),
    UNREAD: ("UNREAD", "nobody reads the results", "as after `| head`"),
}

_PART: Final = regex(r"(\.\d+-\d+)?\.part$")
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


def report(error: BaseException, name: str = "") -> int:
    """
    Tell a person about an error on stderr, and give its exit code.

    Args:
        error: what was raised.
        name: of many, the one that it happened to, which is said first.
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
        say(f"Error: {_about(name, str(error))}", fg="red")
    elif isinstance(error, OSError):
        say(f"Error: {_about(name, _of_system(error))}", fg="red")
    else:
        say("Error: this is a fault of ocikit itself; please report it", fg="red")
        traceback.print_exception(error)
    for note in getattr(error, "__notes__", ()):
        say(note)
    _tell_more(error)
    return code_of(error)


def _about(name: str, text: str) -> str:
    return text if not name or text.startswith(name) else f"{name}: {text}"


def _tell_more(error: BaseException) -> None:
    """
    Tell, with `--debug`, what was asked and answered last, and where the error arose.
    """
    context = click.get_current_context(silent=True)
    if context is None or not shared().debug:
        return
    for line in context.meta.get(EXCHANGE, list)():
        say(line, fg="bright_black")
    if code_of(error) not in (FAULT, UNREAD, INTERRUPTED):
        from ocikit.http.redact import redact_text

        for line in "".join(traceback.format_exception(error)).splitlines():
            margin = " " * (len(line) - len(line.lstrip()))
            say(margin + redact_text(line.strip()), fg="bright_black")


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
    if not name:
        return error.strerror
    if error.errno == errno.EADDRINUSE:
        return f"{name}: another program listens there; choose another port, or 0 for any free one"
    # Who asked for a file does not know under which name it is written first.
    path = _PART.sub("", os.fsdecode(name))
    folder = os.path.dirname(path)
    if isinstance(error, FileNotFoundError) and folder and not os.path.isdir(folder):
        return f"{path}: there is no folder {folder}; make it first"
    return f"{path}: {error.strerror}"


def _discard_output() -> None:
    # What is left in the buffer cannot be written; the interpreter would try, and complain.
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
