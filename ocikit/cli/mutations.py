"""
The options of `ocikit mutate`, by what they change.
"""

from __future__ import annotations

from typing import Final

import click

from ocikit.cli.themes import flag, many, one, together

LAYERS: Final = together(
    "Layers, counted from 1, or from the top as -1",
    many("--remove-layer", metavar="N", type=int, help="Take a layer out."),
    many("--remove-layer-by", metavar="REGEX", help="Take out layers created by what matches."),
    many("--remove-path", metavar="GLOB", help="Take files out of every layer."),
    many("--append", metavar="PATH", help="Append a layer, as `ocikit append` does."),
    one("--squash", metavar="A:B", help="Make layers A to B one; either may be left out."),
    flag("--flatten", help="Make all layers one."),
    one(
        "--compression",
        metavar="NAME[:LEVEL]",
        help="Compress layers so: gzip, zstd or none; with a level those that are so, too.",
    ),
)

RUN: Final = together(
    "What containers run with",
    many("-e", "--env", metavar="KEY=VALUE", help="Set an environment variable."),
    many("--remove-env", help="Remove an environment variable."),
    many("-l", "--label", metavar="KEY=VALUE", help="Set a label."),
    many("--remove-label", help="Remove a label."),
    many(
        "--entrypoint",
        metavar="WORDS",
        help="Set the entrypoint, and clear the command; '' removes it.",
    ),
    many("--cmd", metavar="WORDS", help="Set the command; '' removes it."),
    many("--shell", metavar="WORDS", help="Set the shell of build files; '' removes it."),
    many("--onbuild", metavar="LINE", help="Replace what builds upon it begin with; '' removes."),
    one("-u", "--user", help="Set the user; '' removes it."),
    one("-w", "--workdir", metavar="PATH", help="Set the working directory; '' removes it."),
    one("--stop-signal", metavar="SIGNAL", help="Set the stop signal; '' removes it."),
)

OPENINGS: Final = together(
    "Ports and volumes",
    many("--exposed-ports", metavar="PORTS", help="Replace the exposed ports; '' removes them."),
    many("--add-port", metavar="PORT", help="Expose a port, such as 80/tcp."),
    many("--remove-port", metavar="PORT", help="Expose a port no more."),
    many("--volumes", metavar="PATHS", help="Replace the volumes; '' removes them."),
    many("--add-volume", metavar="PATH", help="Add a volume."),
    many("--remove-volume", metavar="PATH", help="Remove a volume."),
)

HEALTH: Final = together(
    "Health check",
    one(
        "--healthcheck",
        metavar="LINE",
        help="Set the check: a line for the shell, words as JSON, `none`; '' removes all of it.",
    ),
    one("--health-interval", metavar="TIME", help="Check so often, such as 1m30s; '' removes it."),
    one("--health-timeout", metavar="TIME", help="Give a check so long; '' removes it."),
    one("--health-start-period", metavar="TIME", help="Let it start so long; '' removes it."),
    one("--health-start-interval", metavar="TIME", help="Check so often then; '' removes it."),
    one("--health-retries", metavar="N", type=int, help="Let so many checks fail; 0 removes it."),
)

PAST: Final = together(
    "Where it comes from",
    one("--author", help="Set the author; '' removes it."),
    one("--created", metavar="TIME", help="Set the time of creation (RFC 3339); '' removes it."),
    many(
        "--history",
        metavar="N:KEY=VALUE",
        help="Set author, created, created_by or comment of an entry; '' removes it.",
    ),
    one("--time", metavar="TIME", help="Say that all is of this time: RFC 3339, or since 1970."),
    flag("--clamp", help="Leave what is earlier than --time, or than SOURCE_DATE_EPOCH."),
    flag("--canonical", help="Take out when, where and by what it was made."),
)

DOCUMENTS: Final = together(
    "Manifests",
    many("-a", "--annotation", metavar="KEY=VALUE", help="Set an annotation."),
    many("--remove-annotation", help="Remove an annotation."),
    one("--set-platform", metavar="OS/ARCH", help="Say another platform."),
    one("--subject", metavar="IMAGE", help="Say what it is about; '' removes it."),
    one("--artifact-type", metavar="TYPE", help="Say what kind of artifact it is; '' removes it."),
    one("--to", type=click.Choice(["oci", "docker"]), metavar="oci|docker", help="Change types."),
    many("--pipeline", metavar="FILE", help="Do first what a recipe in TOML or JSON says."),
)
