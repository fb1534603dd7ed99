"""
What crane, gcrane and krane take: facts about their command lines.

A line is a command, and under it a flag each: its short form, what it takes, and what it
is when nothing is said. `flag` takes nothing; `text` is given once; `list` may be repeated
or have commas; `many` may be repeated only; `pairs` are KEY=VALUE, with commas or repeated.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import attrs

#: Of every command.
EVERYWHERE: Final = """
  verbose v flag false
  insecure - flag false
  allow-nondistributable-artifacts - flag false
  platform - text all
"""

CRANE: Final = """
append
  base b text ""
  new_tag t text ""
  new_layer f list ""
  output o text ""
  set-base-image-annotations - flag false
  oci-empty-base - flag false
auth get
auth login
  username u text ""
  password p text ""
  password-stdin - flag false
auth logout
auth token
  mount m list ""
  header H flag false
  push - flag false
blob
catalog
  full-ref - flag false
completion
  no-descriptions - flag false
config
copy
  all-tags a flag false
  no-clobber n flag false
  jobs j text 0
cp
  all-tags a flag false
  no-clobber n flag false
  jobs j text 0
delete
digest
  tarball - text ""
  full-ref - flag false
edit config
  tag t text ""
edit fs
  filename f text ""
  tag t text ""
edit manifest
  tag t text ""
  media-type m text ""
export
flatten
  tag t text ""
help
index append
  manifest m list ""
  tag t text ""
  docker-empty-base - flag false
  flatten - flag true
index filter
  platform - many ""
  tag t text ""
index list
layout gc
ls
  full-ref - flag false
  omit-digest-tags O flag false
manifest
mutate
  annotation a pairs ""
  label l pairs ""
  env e many ""
  entrypoint - list ""
  cmd - list ""
  append - list ""
  user u text ""
  workdir w text ""
  exposed-ports - list ""
  set-platform - text ""
  repo - text ""
  tag t text ""
  output o text ""
pull
  cache_path c text ""
  format - text tarball
  annotate-ref - flag false
push
  index - flag false
  image-refs - text ""
rebase
  original - text ""
  old_base - text ""
  new_base - text ""
  rebased - text ""
  tag t text ""
registry serve
  address - text ""
  disk - text ""
  blobs-to-disk - flag false
tag
validate
  tarball - text ""
  remote - text ""
  fast - flag false
version
"""

#: What gcrane has besides.
GCRANE: Final = """
copy
  recursive r flag false
  jobs j text 0
cp
  recursive r flag false
  jobs j text 0
gc
  recursive r flag false
ls
  recursive r flag false
  json - flag false
"""


@attrs.frozen
class Flag:
    """
    A flag of a command.
    """

    command: str
    name: str
    short: str
    takes: str
    default: str


def flags(table: str, command: str = "") -> Iterator[Flag]:
    """
    Read the flags of a table.
    """
    for line in table.strip("\n").splitlines():
        if not line.startswith("  "):
            command = line
            continue
        name, short, takes, default = line.split()
        yield Flag(command, name, short.strip("-"), takes, default.strip('"'))


def commands(table: str) -> list[str]:
    """
    List the commands of a table.
    """
    return [line for line in table.strip("\n").splitlines() if not line.startswith("  ")]
