"""
Container engines that speak Docker's API: Docker itself, and podman.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import SplitResult, urlsplit

from ocikit._records import record
from ocikit.daemon.faults import EngineHostInvalid

#: Where Docker listens unless told otherwise.
DEFAULT_HOST: Final = "unix:///var/run/docker.sock"
#: The ports that Docker has without TLS and with it.
PORT: Final = 2375
TLS_PORT: Final = 2376


@record(kw_only=True)
class EngineTLS:
    """
    How an engine is spoken to by TLS; the fields are paths of PEM files, or empty.
    """

    #: Who may have signed the engine's certificate; empty for whom the machine trusts.
    authority: str = ""
    #: What we show, and its key.
    certificate: str = ""
    key: str = ""
    #: Whether the engine's certificate is looked at.
    verify: bool = True


@record
class Engine:
    """
    Where an engine listens, as `DOCKER_HOST` says it.

    Over SSH its own program, on that machine, connects us to it. The user, keys and
    known hosts are those of `ssh`.

    Raises:
        EngineHostInvalid: that is neither `unix:///PATH`, nor `tcp://HOST:PORT`, nor
            `ssh://USER@HOST`.

    >>> Engine("unix:///run/podman/podman.sock").address
    '/run/podman/podman.sock'
    >>> Engine("ssh://ada@build.example").program
    'docker'
    """

    host: str = DEFAULT_HOST
    tls: EngineTLS | None = None
    #: The command that reaches another machine by SSH.
    ssh: tuple[str, ...] = ("ssh",)
    #: The engine's program over there: docker or podman.
    program: str = "docker"

    def __attrs_post_init__(self) -> None:
        try:
            parts = self.parts
            usable = bool(parts.path if parts.scheme == "unix" else parts.hostname)
            known = parts.scheme in ("unix", "tcp", "http", "https", "ssh")
            # What begins with a hyphen would be an option to ssh.
            safe = not (parts.hostname or "").startswith("-") and parts.port != 0
        except ValueError:
            known = usable = safe = False
        if not known or not usable or not safe:
            raise EngineHostInvalid(host=self.host)

    @property
    def parts(self) -> SplitResult:
        """
        The parts of its address.
        """
        return urlsplit(self.host)

    @property
    def is_secure(self) -> bool:
        """
        Whether it is spoken to by TLS.
        """
        return self.parts.scheme == "https" or (self.parts.scheme == "tcp" and self.tls is not None)

    @property
    def address(self) -> str:
        """
        The path of the socket, or HOST:PORT.
        """
        parts = self.parts
        if parts.scheme == "unix":
            return parts.path
        standard = {"ssh": 22}.get(parts.scheme, TLS_PORT if self.is_secure else PORT)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{host}:{parts.port or standard}"
