"""
`ocikit help output`: what results have, and how they are shown.
"""

from __future__ import annotations

from typing import Final

from ocikit.cli.schemas import MEMBERS, VERSION
from ocikit.cli.tally import PROGRESS

INTRODUCTION: Final = (
    "Results are on stdout, ready to pipe; progress, notices and errors are on stderr.",
    "--output json (or jsonl, which is the same) prints an object a line: one for a command of "
    "one result, and one for each of many as soon as it is known. Exact bytes, such as `blob "
    "get` and `files read` print, stay as they are.",
    f"The members below are version {VERSION} of what results have. A later version may add "
    "members; one that takes some away counts this number up, which `ocikit version --output "
    "json` tells. A ? marks what may be missing. `ocikit help output --output json` prints a "
    "JSON Schema for each command.",
    "--format TEMPLATE prints a line for each result: members stand in braces, such as "
    "'{digest} {size}', '{platform.os}', '{findings.0.message}'; '{size:>12}' is twelve wide, "
    "'{digest:.19}' is cut; {{ is a brace, \\t a tab. Texts come bare, all else as JSON. "
    "Go's '{{.Digest}}' and '{{json .Labels}}' mean the same; more of Go's templates is not "
    "understood, and nothing in a template is run. --format json is --output json.",
    "--progress bar|lines|json|none says how progress is shown; by itself it is a bar on a "
    "terminal, and a line for each piece elsewhere. -q shows neither progress nor notices. As "
    "JSON it is an object a line, with the members `progress: ...` below.",
    "--color auto|always|never goes before NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE and TERM=dumb.",
)


def _shapes(command: str) -> str:
    # What a type other than the usual says is for the schema.
    shapes = (
        " ".join(
            name.partition(":")[0] + ("?" if name.endswith("?") and ":" in name else "")
            for name in shape.split()
        )
        for shape in MEMBERS[command]
    )
    return "; or: ".join(shapes)


ROWS: Final = (
    *((command, _shapes(command)) for command in sorted(MEMBERS)),
    *((f"progress: {name}", said) for name, said in PROGRESS.items()),
)
