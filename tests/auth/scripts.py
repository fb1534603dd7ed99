"""
Programs for tests that are no credential helpers.
"""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Final

EXPIRY: Final = "2033-05-18T03:33:20Z"
TOKEN: Final = json.dumps({"credential": {"access_token": "SECRET", "token_expiry": EXPIRY}})
#: What gcloud prints; it says what it was told, in a file beside it.
GCLOUD: Final = """echo "$*" >> "${0%%/*}/told"
printf '%%s\\n' '%s'"""


def program(folder: Path, name: str, script: str) -> Path:
    """
    Write a shell script that can be run.
    """
    made = folder / name
    made.write_text(f"#!/bin/sh\n{script}\n")
    made.chmod(stat.S_IRWXU)
    return made
