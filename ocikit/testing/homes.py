"""
A home with Docker's configuration, and credential helpers that are scripts.
"""

from __future__ import annotations

import base64
import json
import os
import stat
import sys
from pathlib import Path
from typing import Any, Final

import attrs

#: The variables by which credentials of the person would be found.
VARIABLES: Final = (
    *("DOCKER_AUTH_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"),
    *("GITHUB_TOKEN", "GH_TOKEN"),
)

#: A helper that keeps credentials in a file, by the protocol of docker-credential-helpers.
_HELPER: Final = """\
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
class DockerConfig:
    """
    Where Docker's configuration of a test is.
    """

    home: Path

    @classmethod
    def at(cls, home: Path) -> DockerConfig:
        """
        Make an empty one.
        """
        made = cls(home)
        for folder in (made.folder, made.programs):
            folder.mkdir(parents=True, exist_ok=True)
        return made

    @property
    def folder(self) -> Path:
        """
        What `DOCKER_CONFIG` says.
        """
        return self.home / ".docker"

    @property
    def path(self) -> Path:
        """
        The file itself.
        """
        return self.folder / "config.json"

    @property
    def programs(self) -> Path:
        """
        A folder on the search path for programs.
        """
        return self.home / "bin"

    @property
    def said(self) -> dict[str, Any]:
        """
        What the file says now.
        """
        return json.loads(self.path.read_text()) if self.path.exists() else {}

    def login(self, host: str, user: str, password: str) -> None:
        """
        Keep credentials in the file, as `docker login` does.
        """
        auth = base64.b64encode(f"{user}:{password}".encode()).decode()
        self._add("auths", {host: {"auth": auth}})

    def helper(self, name: str, **known: tuple[str, str]) -> Path:
        """
        Make a program `docker-credential-NAME` which knows users and passwords by host.

        Args:
            name: of the helper.
            known: user and password by host; give hosts with dots as `**{"a.b": ...}`.
        """
        kept = self.home / f"{name}.json"
        said = {host: {"Username": user, "Secret": word} for host, (user, word) in known.items()}
        kept.write_text(json.dumps(said))
        program = self.programs / f"docker-credential-{name}"
        program.write_text(_HELPER.format(python=sys.executable, path=str(kept)))
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        self._add("credHelpers", dict.fromkeys(known, name))
        return program

    def _add(self, member: str, more: dict[str, Any]) -> None:
        said = self.said
        said[member] = {**said.get(member, {}), **more}
        self.path.write_text(json.dumps(said))
        os.chmod(self.path, 0o600)
