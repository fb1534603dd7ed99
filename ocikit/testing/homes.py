"""
A home with Docker's configuration, and credential helpers that are scripts.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any, Final

import attrs

from ocikit.testing.helpers import Helpers

#: The variables by which credentials of the person would be found.
VARIABLES: Final = (
    *("DOCKER_AUTH_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME"),
    *("GITHUB_TOKEN", "GH_TOKEN"),
)


@attrs.frozen
class DockerConfig:
    """
    Where Docker's configuration of a test is.

    >>> import tempfile
    >>> config = DockerConfig.at(Path(tempfile.mkdtemp()))
    >>> config.login("r.io", "ada", "secret")
    >>> config.said
    {'auths': {'r.io': {'auth': 'YWRhOnNlY3JldA=='}}}
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
        program = Helpers(self.programs).keeping(name, known)
        self._add("credHelpers", dict.fromkeys(known, name))
        return program

    def _add(self, member: str, more: dict[str, Any]) -> None:
        said = self.said
        said[member] = {**said.get(member, {}), **more}
        self.path.write_text(json.dumps(said))
        os.chmod(self.path, 0o600)
