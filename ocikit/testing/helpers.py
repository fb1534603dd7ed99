"""
Credential helpers for tests: little programs in a folder of their own.

They speak the protocol of docker-credential-helpers: a verb as argument, what it is about
on standard input, an answer on standard output.
"""

from __future__ import annotations

import json
import os
import stat
import sys
from pathlib import Path
from typing import Final

import attrs

#: A helper that keeps credentials in a file, as those of the field do.
_KEEPER: Final = """\
#!{python}
import json, pathlib, sys
kept = pathlib.Path({path!r})
known = json.loads(kept.read_text())
verb, told = sys.argv[1], sys.stdin.read()
if verb == "get":
    if told.strip() not in known:
        sys.exit(print("credentials not found in native keychain") or 1)
    print(json.dumps({{"ServerURL": told.strip(), **known[told.strip()]}}))
elif verb == "store":
    said = json.loads(told)
    known[said.pop("ServerURL")] = said
elif verb == "erase":
    known.pop(told.strip(), None)
elif verb == "list":
    print(json.dumps({{server: each["Username"] for server, each in known.items()}}))
kept.write_text(json.dumps(known))
"""


@attrs.frozen
class Helpers:
    """
    A folder of helpers, and the environment that finds them.

    >>> import tempfile
    >>> from ocikit.auth import helper
    >>> helpers = Helpers(Path(tempfile.mkdtemp()))
    >>> _ = helpers.keeping("mine", {"r.io": ("ada", "secret")})
    >>> helper.get("mine", "r.io", helpers.environ).username
    'ada'
    """

    folder: Path

    def add(self, name: str, script: str) -> Path:
        """
        Write `docker-credential-NAME`, a shell script.
        """
        return self._written(name, f"#!/bin/sh\n{script}\n")

    def keeping(self, name: str, known: dict[str, tuple[str, str]] | None = None) -> Path:
        """
        Write a helper that keeps what it is told.

        Args:
            name: of the helper.
            known: user and password by host, which it knows already.
        """
        pairs = (known or {}).items()
        said = {host: {"Username": user, "Secret": word} for host, (user, word) in pairs}
        kept = self.folder / f"{name}.json"
        kept.write_text(json.dumps(said))
        return self._written(name, _KEEPER.format(python=sys.executable, path=str(kept)))

    def _written(self, name: str, text: str) -> Path:
        program = self.folder / f"docker-credential-{name}"
        program.write_text(text)
        program.chmod(stat.S_IRWXU)
        return program

    @property
    def environ(self) -> dict[str, str]:
        """
        An environment with these helpers before all else, and nothing of the person's.
        """
        path = os.pathsep.join([str(self.folder), "/usr/bin", "/bin"])
        return {"PATH": path, "HOME": str(self.folder), "XDG_RUNTIME_DIR": str(self.folder)}
