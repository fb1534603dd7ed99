"""
Credential helpers for tests: little programs in a folder of their own.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Final

import attrs

#: A helper that keeps what it is told in a file, as those of the field do.
KEEPER: Final = """
store="$(dirname "$0")/kept"
case "$1" in
  store) cat > "$store" ;;
  get) read -r server || true
       [ -f "$store" ] && grep -q "\\"$server\\"" "$store" && cat "$store" && exit 0
       echo "credentials not found in native keychain"; exit 1 ;;
  erase) rm "$store" ;;
esac
"""


@attrs.frozen
class Helpers:
    """
    A folder of helpers, and the environment that finds them.
    """

    folder: Path

    def add(self, name: str, script: str) -> Path:
        """
        Write `docker-credential-NAME`, a shell script.
        """
        program = self.folder / f"docker-credential-{name}"
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(stat.S_IRWXU)
        return program

    @property
    def environ(self) -> dict[str, str]:
        """
        An environment with these helpers before all else.
        """
        path = os.pathsep.join([str(self.folder), "/usr/bin", "/bin"])
        return {"PATH": path, "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder)}
