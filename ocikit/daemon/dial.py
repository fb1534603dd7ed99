"""
A connection to an engine: over a socket, by TLS, or by SSH through its own program.
"""

from __future__ import annotations

import socket
import ssl
import subprocess
from http.client import HTTPConnection, HTTPSConnection
from typing import Final
from urllib.parse import unquote

from ocikit.daemon.engine import Engine, EngineTLS
from ocikit.daemon.faults import EngineUnreachable

#: Seconds that an engine may stay silent; loading a large image takes it a while.
_PATIENCE: Final = 600.0
#: How much of what ssh says is told.
_SAID: Final = 500


def connection_to(engine: Engine) -> HTTPConnection:
    """
    Give a connection to an engine; it connects when it is used.

    Raises:
        EngineUnreachable: a certificate cannot be read, or there is no ssh.
    """
    if engine.parts.scheme == "unix":
        return _UnixConnection(engine.address)
    if engine.parts.scheme == "ssh":
        return _SSHConnection(engine)
    if engine.is_secure:
        context = _context(engine.host, engine.tls or EngineTLS())
        return HTTPSConnection(engine.address, timeout=_PATIENCE, context=context)
    return HTTPConnection(engine.address, timeout=_PATIENCE)


def _context(host: str, tls: EngineTLS) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=tls.authority or None)
        if tls.certificate:
            context.load_cert_chain(tls.certificate, tls.key or None)
    except (OSError, ssl.SSLError) as error:
        reason = f"the certificates {tls} cannot be used: {error}"
        raise EngineUnreachable(host=host, reason=reason) from error
    if not tls.verify:
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


class _UnixConnection(HTTPConnection):
    """
    HTTP over a unix socket.
    """

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=_PATIENCE)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(_PATIENCE)
        self.sock.connect(self._path)


class _SSHConnection(HTTPConnection):
    """
    HTTP over the standard streams of the engine's program on another machine.
    """

    def __init__(self, engine: Engine) -> None:
        super().__init__("localhost", timeout=_PATIENCE)
        self._engine = engine
        self._process: subprocess.Popen[bytes] | None = None

    def connect(self) -> None:
        self.sock, theirs = socket.socketpair()
        self.sock.settimeout(_PATIENCE)
        with theirs:
            command, wire = dial_command(self._engine), theirs.fileno()
            # The host cannot be an option, and no shell here sees any of it.
            self._process = subprocess.Popen(  # noqa: S603
                command, stdin=wire, stdout=wire, stderr=subprocess.PIPE
            )

    def end(self) -> str:
        """
        Stop ssh, and give what it said; an engine never writes there.
        """
        process, self._process = self._process, None
        if process is None:
            return ""
        process.terminate()
        said = process.communicate()[1].decode("utf-8", "replace")
        return " ".join(said.split())[:_SAID]


def hang_up(connection: HTTPConnection) -> str:
    """
    End a connection; give what stood between us and the engine had to say, if anything.
    """
    connection.close()
    # Not by closing it: that happens as well while an answer is read to its end.
    return connection.end() if isinstance(connection, _SSHConnection) else ""


def dial_command(engine: Engine) -> list[str]:
    """
    Give the command that connects its standard streams to an engine elsewhere.

    >>> dial_command(Engine("ssh://ada@build.example:2222"))[-7:]
    ['-p', '2222', '--', 'build.example', 'docker', 'system', 'dial-stdio']
    """
    parts = engine.parts
    user = ["-l", unquote(parts.username)] if parts.username else []
    port = ["-p", str(parts.port)] if parts.port else []
    where = [] if parts.path in ("", "/") else [_ADDRESS[engine.program], f"unix://{parts.path}"]
    remote = [engine.program, *where, "system", "dial-stdio"]
    # Nobody is there to answer questions; -T is for bytes as they are.
    command = [*engine.ssh, "-T", "-o", "BatchMode=yes", *user, *port, "--"]
    return [*command, parts.hostname or "", *remote]


#: How the programs are told of another socket.
_ADDRESS: Final = {"docker": "--host", "podman": "--url"}
