"""
Options that every command takes, before or after its name.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

import attrs
import click

from ocikit._records import record
from ocikit.cli import colour, spellings
from ocikit.cli.access import OPTIONS, option

if TYPE_CHECKING:
    from ocikit.crane.options import Options

F = TypeVar("F", bound=Callable[..., Any])

_KEY: Final = "ocikit.shared"
#: Where a context remembers what that comes to.
_READ: Final = "ocikit.shared.read"
#: Where a context keeps what gives the last exchange with a registry that failed.
EXCHANGE: Final = "ocikit.exchange"
#: Where a context has the bar that is shown.
BAR: Final = "ocikit.bar"
#: How results are printed; of JSON both names mean an object a line.
FORMS: Final = ("text", "json", "jsonl")


@record(kw_only=True)
class Shared:
    """
    What the shared options said.
    """

    platform: tuple[str, ...] = ()
    insecure: bool = False
    allow_nondistributable_artifacts: bool = False
    jobs: int = 4
    verbose: int = 0
    quiet: bool = False
    debug: bool = False
    #: "text" or "json".
    output: str = "text"
    #: A template for each result, of the members that it has as JSON.
    format: str = ""
    color: str = "auto"
    progress: str = "auto"
    cache: str = ""


_NAMES: Final = tuple(attrs.fields_dict(Shared))

#: In the order of the fields of `Shared`. Of these a 0 says nothing, as crane's "as
#: you think fit".
_GENERAL: Final = (
    option(
        "--platform",
        multiple=True,
        metavar="OS/ARCH[/VARIANT]",
        help="Take this platform of an index; repeat it for several. `all` is the whole "
        "index.  [default: all]",
    ),
    option("--insecure", is_flag=True, help="Allow plain HTTP and unverified TLS."),
    option("--allow-nondistributable-artifacts", is_flag=True, help="Move foreign layers too."),
    option(
        "-j",
        "--jobs",
        type=click.IntRange(min=0),
        metavar="N",
        help="Move so many pieces at once.  [default: 4]",
    ),
    option(
        "-v", "--verbose", count=True, help="Log requests to stderr, redacted; -vv with headers."
    ),
    option("-q", "--quiet", is_flag=True, help="Show no progress and no notices."),
    option(
        "--debug",
        is_flag=True,
        help="Tell of an error what was asked and answered last, redacted, and where it arose.",
    ),
    option(
        "--output",
        type=click.Choice(FORMS),
        metavar="text|json|jsonl",
        help="How results are printed; JSON is an object a line.  [default: text]",
    ),
    option(
        "--format",
        metavar="TEMPLATE",
        help="Print each result so, as '{digest} {size}': see `ocikit help output`.",
    ),
    option(
        "--color",
        type=click.Choice(["auto", "always", "never"]),
        metavar="auto|always|never",
        help="Whether to use colours.  [default: on a terminal]",
    ),
    option(
        "--progress",
        type=click.Choice(["auto", "bar", "lines", "json", "none"]),
        metavar="auto|bar|lines|json|none",
        help="How progress is shown on stderr.  [default: a bar on a terminal]",
    ),
    option(
        "--cache",
        type=click.Path(file_okay=False),
        metavar="DIR",
        help="Keep what comes from registries there, and do not fetch it again.  "
        "[env: OCIKIT_CACHE, OCIKIT_CACHE_SIZE]",
    ),
)

_OPTIONS: Final = {
    **dict(zip(_NAMES, _GENERAL, strict=True)),
    **OPTIONS,
    **spellings.OPTIONS,
}


def shared_options(command: F) -> F:
    """
    Give a command or group the shared options; what they say is merged in the context.

    The command itself is not passed them: it calls `shared()` or `options()`. One that
    has an `--output` of its own, as crane's append and mutate do, keeps it.
    """
    own = inspect.signature(command).parameters
    given = [name for name in _OPTIONS if name not in own]

    @functools.wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        told = spellings.meant({name: kwargs.pop(name) for name in given})
        _merge({name: value for name, value in told.items() if _is_said(name, value)})
        _prepare()
        return command(*args, **kwargs)

    made: Any = wrapper
    for name in reversed(given):
        made = _OPTIONS[name](made)
    result: F = made
    return result


def _is_said(name: str, value: Any) -> bool:
    return bool(value) or (
        name in OPTIONS and value is not None and value is not False and value != ()
    )


def _prepare() -> None:
    """
    See what is said to all commands, before one does anything.
    """
    context, said = click.get_current_context(), shared()
    context.meta[colour.KEY] = said.color
    if said.format and context.parent and not isinstance(context.command, click.Group):
        from ocikit.cli.output import prepare

        prepare()


def result_format(name: str) -> None:
    """
    Say how results are printed, for commands with an `--output` of their own.
    """
    _merge({"output": name})


def result_template(text: str) -> None:
    """
    Say how a result is written, for a command with a `--format` of its own.
    """
    _merge({"format": text})
    _prepare()


def every_platform(context: click.Context, option: click.Parameter, said: bool) -> None:
    """
    Take indexes whole, for a command with an option of its own for that.
    """
    if said:
        _merge({"platform": ("all",)})


def cache_in(folder: str) -> None:
    """
    Say where the cache is, for a command with an option of its own for that.
    """
    if folder:
        _merge({"cache": folder})


def _merge(said: dict[str, Any]) -> None:
    # The contexts of a command and of the group share this.
    meta = click.get_current_context().meta
    meta[_KEY] = {**meta.get(_KEY, {}), **said}


def shared() -> Shared:
    """
    Give what the shared options said, on the group and on the command together.
    """
    meta = click.get_current_context().meta
    said, known = meta.get(_READ, (None, None))
    # What is said is never changed in place; it is read once, and asked for with each result.
    if said is None or said is not _told():
        said = _told()
        known = _read(said)
        meta[_READ] = said, known
    return cast("Shared", known)


def _read(said: dict[str, Any]) -> Shared:
    told = {name: value for name, value in said.items() if name in _NAMES}
    if told.get("format") in FORMS:
        # As oras and docker have it.
        told["output"] = told.pop("format")
    if told.get("format") or told.get("output") == "jsonl":
        told["output"] = "json"
    return Shared(**told)


def said_of_registries() -> dict[str, Any]:
    """
    Give what the options about registries said, by name; what was not said is not there.
    """
    return {name: value for name, value in _told().items() if name in OPTIONS}


def _told() -> dict[str, Any]:
    told: dict[str, Any] = click.get_current_context().meta.get(_KEY, {})
    return told


def options() -> Options:
    """
    Make the verbs' options of what the command line and the environment say.
    """
    from ocikit.cli.setup import verb_options

    return verb_options()
