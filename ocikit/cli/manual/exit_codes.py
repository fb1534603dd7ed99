"""
`ocikit help exit-codes`: the table that `ocikit.cli.exits` goes by.
"""

from __future__ import annotations

from typing import Final

from ocikit.cli.exits import CODES

INTRODUCTION: Final = (
    "Every command ends with one of these, so that a script can tell what happened without "
    "reading the text. Of many names the code is that of the first that failed.",
)
ROWS: Final = tuple(
    (str(code), f"{name}: {': '.join(filter(None, said))}") for code, (name, *said) in CODES.items()
)
