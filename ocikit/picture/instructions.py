"""
What made a layer, as its author wrote it.

Builders write into the history how they ran an instruction; a person knows the line of
the Dockerfile.
"""

from __future__ import annotations

import re
from typing import Final

from ocikit import media
from ocikit._regex import regex
from ocikit.content.image import Image
from ocikit.spec.config import History
from ocikit.spec.histories import full, paired

#: `/bin/sh -c #(nop) CMD ["sh"]`, as docker's first builder wrote what runs nothing.
_NO_RUN: Final = regex(r"/bin/sh -c #\(nop\)\s+")
#: `|1 VERSION=2 /bin/sh -c make`: arguments of the build, how many first.
_ARGUMENTS: Final = regex(r"\|\d+ (?:.*? )??(?=/bin/sh -c )", re.DOTALL)
_SHELL: Final = regex(r"(?:RUN )?/bin/sh -c ")
_BUILDKIT: Final = regex(r"\s+# buildkit\Z")


def instruction(created_by: str) -> str:
    """
    Give the instruction of a Dockerfile that a history speaks of; else what it says.

    >>> instruction('/bin/sh -c #(nop)  CMD ["sh"]'), instruction("/bin/sh -c apt-get update")
    ('CMD ["sh"]', 'RUN apt-get update')
    >>> instruction("RUN |1 V=2 /bin/sh -c make # buildkit")
    'RUN make'
    """
    text = _BUILDKIT.sub("", created_by.strip())
    if found := _NO_RUN.match(text):
        return text[found.end() :]
    run, rest = ("RUN ", text[4:]) if text.startswith("RUN ") else ("", text)
    if found := _ARGUMENTS.match(rest):
        rest = rest[found.end() :]
    found = _SHELL.match(rest)
    return f"RUN {rest[found.end() :]}" if found else run + rest


def made_by(image: Image) -> tuple[History, ...]:
    """
    Give the entry of the history for each layer, lowest first; empty where none is known.

    >>> from ocikit.content.empty import IMAGE
    >>> made_by(IMAGE)
    ()
    """
    if not media.is_config(image.config.media_type):
        return (History(),) * len(image.layers)
    entries = paired(image.config_file.history, len(image.layers))
    return tuple(entries[position] for position in full(entries))
