"""
Files of accounts, changed a line at a time.
"""

from __future__ import annotations

import os

import click


def changed(path: str, user: str, known: str | None) -> None:
    """
    Set the hash of a user's password, or take the user out when it is None.

    Raises:
        UsageError: a name has a colon or a line break, or the user is not there.
        OSError: the file cannot be read or written.
    """
    from ocikit.files.atomic import replacing

    if not user or ":" in user or not user.isprintable() or user.startswith("#"):
        raise click.UsageError(f"{user!r} cannot be the name of a user")
    lines: list[str] = []
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            lines = file.read().splitlines()
    others = [line for line in lines if line.partition(":")[0] != user]
    if known is None and len(others) == len(lines):
        raise click.UsageError(f"{path}: there is no user {user!r}")
    made = others if known is None else [*others, f"{user}:{known}"]
    with replacing(path) as target:
        # Hashes are for nobody else to guess at.
        os.fchmod(target.fileno(), 0o600)
        target.write("".join(f"{line}\n" for line in made).encode())
