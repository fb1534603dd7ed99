"""
`ocikit sync`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

import click

from ocikit.cli import exits
from ocikit.cli.colour import say
from ocikit.cli.existing import Existing
from ocikit.cli.output import emit, notice
from ocikit.cli.shared import shared, shared_options

if TYPE_CHECKING:
    from ocikit.bulk.sync_actions import Action, Result
    from ocikit.bulk.sync_entries import SyncFile

_DONE: Final = {"copy": "copied", "refresh": "copied", "tag": "tagged", "delete": "deleted"}


@click.command()
@click.argument("file", type=Existing(dir_okay=False, allow_dash=True))
@click.option("--dry-run", is_flag=True, help="Tell what would be done, and do nothing.")
@click.option(
    "--state",
    "--journal",
    type=click.Path(dir_okay=False),
    metavar="FILE",
    help="Remember there what was put where: the next run asks one HEAD a tag, not two, and "
    "sees only with --verify what others have put under tags of targets since.",
)
@click.option("--only", metavar="NAME", multiple=True, help="Only this entry; repeatable.")
@click.option("--verify", is_flag=True, help="Look at targets too, whatever --state remembers.")
@click.option(
    "--delete/--no-delete",
    default=None,
    help="Delete tags that the filters are about and the source has not.  [default: as FILE says]",
)
@click.option("--force-delete", is_flag=True, help="Delete even if that is most of a target.")
@shared_options
@click.pass_context
def command(
    context: click.Context,
    file: str,
    dry_run: bool,
    state: str | None,
    only: tuple[str, ...],
    verify: bool,
    delete: bool | None,
    force_delete: bool,
) -> None:
    """
    Give registries and layouts what others have, as FILE says.

    It exits with 1 when something is left for a person to decide, or with --dry-run when
    anything is to be done; and with the code of the first failure when something failed.

    \b
      ocikit sync mirror.toml --dry-run
      ocikit sync mirror.toml --state mirror.state

    FILE is TOML:

    \b
      [[sync]]
      repository = "docker.io/library/debian"
      targets = ["registry.example/mirror/debian", "oci:/srv/mirror/debian"]
      tags.semver = ">=12"
      tags.newest = 3
      platforms = ["linux/amd64", "linux/arm64"]
      referrers = true
    """
    from ocikit.bulk.sync import survey_sync, sync
    from ocikit.bulk.sync_survey import Choice
    from ocikit.cli.progress import doing, shown

    if shared().platform:
        raise click.UsageError("platforms are those of FILE; write platforms = [...] there")
    wanted = _read(file)
    choice = Choice(
        only=only,
        verify=verify,
        delete=True if force_delete and delete is None else delete,
        force_delete=force_delete,
    )
    with shown() as known:
        if dry_run:
            with doing("looking"):
                actions = survey_sync(wanted, known, state=state, choice=choice)
            code = _tell_plan(actions)
        else:
            code = _tell(sync(wanted, known, state=state, choice=choice))
    context.exit(code)


def _read(file: str) -> SyncFile:
    from ocikit.bulk.sync_file import read_sync

    with click.open_file(file, encoding="utf-8") as opened:
        return read_sync(opened.read(), "stdin" if file == "-" else file)


def _tell_plan(actions: Iterable[Action]) -> int:
    code, counts = exits.OK, dict[str, int]()
    for action in actions:
        counts[action.kind] = counts.get(action.kind, 0) + 1
        if action.error is not None:
            code = code if code > exits.NEGATIVE else exits.code_of(action.error)
        elif action.changes or action.kind == "conflict":
            code = code or exits.NEGATIVE
        _line(action, action.kind, **_described(action), error=_text(action.error))
    notice(", ".join(f"{count} to {kind}" for kind, count in counts.items()) or "nothing to do")
    return code


def _tell(results: Iterator[Result]) -> int:
    from ocikit.bulk.sync import summary

    code, every = exits.OK, list["Result"]()
    for result in results:
        action = result.action
        every.append(result)
        word = _DONE.get(action.kind, action.kind) if result.outcome == "done" else result.outcome
        if action.kind == "conflict":
            word = "conflict"
            code = code or exits.NEGATIVE
        if result.error is not None:
            code = code if code > exits.NEGATIVE else exits.code_of(result.error)
        _line(
            action,
            word,
            **_described(action),
            outcome=result.outcome,
            targetDigest=_text(result.digest),
            bytes=result.bytes,
            error=_text(result.error),
        )
    notice(str(summary(every)))
    return code


def _line(action: Action, word: str, /, **members: Any) -> None:
    # A person is told what is, or was, to be done; a program everything.
    person = shared().output != "json" and not shared().format
    if person and (word == "same" or (word == "skip" and action.reason == "is the same")):
        return
    reason = "" if word in _DONE.values() else f"  {action.reason}"
    if person and members.get("error"):
        say(f"Error: {members['target']}: {members['error']}", fg="red")
        return
    emit(f"{word:8} {members['target']}{reason}", **members)


def _described(action: Action) -> dict[str, Any]:
    return {
        "action": action.kind,
        "entry": action.entry,
        "source": _text(action.source),
        "target": str(action.target).removeprefix("docker://"),
        "digest": _text(action.digest),
        "reason": action.reason,
    }


def _text(value: object) -> str | None:
    return None if value is None else str(value)
