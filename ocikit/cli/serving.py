"""
What `ocikit registry serve` says of itself: options to guards, certificates and logs.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ocikit._records import record
from ocikit.cli.existing import Existing

if TYPE_CHECKING:
    import ssl

    from ocikit.server.app import Guards
    from ocikit.server.web.guard import Exchange, Log
    from ocikit.server.web.serve import Server

F = TypeVar("F", bound=Callable[..., Any])

#: Seconds between two looks at whether the certificate has changed.
_LOOK = 30.0

_FILE = Existing(dir_okay=False)
_FLAGS = (
    ("read_only", "--read-only", "Refuse whatever changes content."),
    ("no_delete", "--no-delete", "Refuse to delete blobs, manifests and tags."),
    ("no_catalog", "--no-catalog", "Do not list repositories."),
    ("no_referrers", "--no-referrers", "Do not list what refers to an image, as old registries."),
    ("sparse", "--sparse", "Take indexes and images whose parts are not there."),
)
_OPTIONS = (
    click.option(
        "--tls-cert",
        type=_FILE,
        metavar="FILE",
        help="Speak TLS with this certificate; it is read again when the file changes.",
    ),
    click.option(
        "--tls-key",
        type=_FILE,
        metavar="FILE",
        help="The key of --tls-cert.  [default: in its file]",
    ),
    click.option(
        "--client-ca",
        type=_FILE,
        metavar="FILE",
        help="Want certificates of clients that one of these issued.",
    ),
    click.option(
        "--users",
        type=_FILE,
        metavar="FILE",
        help="Let in who has a line here: see `ocikit registry passwd`; "
        "bcrypt of htpasswd needs ocikit[bcrypt].",
    ),
    click.option(
        "--auth",
        type=click.Choice(["basic", "token"]),
        default="basic",
        show_default=True,
        help="How users say who they are: with each request, or for a token.",
    ),
    click.option(
        "--rules",
        type=_FILE,
        metavar="FILE",
        help="TOML that says who may do what, where.  [default: users everything]",
    ),
    click.option("--anonymous-pull", is_flag=True, help="Let everybody pull."),
    *(click.option(option, name, is_flag=True, help=said) for name, option, said in _FLAGS),
    click.option("--metrics", is_flag=True, help="Answer /metrics, for Prometheus."),
    click.option(
        "--log",
        "log_format",
        type=click.Choice(["text", "json", "none"]),
        help="Log each request to stderr.  [default: text with -v, else none]",
    ),
    click.option(
        "--grace",
        type=click.FloatRange(min=0),
        default=5.0,
        show_default=True,
        metavar="SECONDS",
        help="How long requests under way have at the end.",
    ),
    click.option(
        "--gc-every",
        type=click.FloatRange(min=0, min_open=True),
        metavar="SECONDS",
        help="Remove what no manifest refers to, and nobody found for an hour, so often.  "
        "[default: never]",
    ),
)


@record(kw_only=True)
class Serving:
    """
    What the options of `serve` said, but for where it listens and what it keeps.
    """

    tls_cert: str | None
    tls_key: str | None
    client_ca: str | None
    users: str | None
    auth: str
    rules: str | None
    anonymous_pull: bool
    read_only: bool
    no_delete: bool
    no_catalog: bool
    no_referrers: bool
    sparse: bool
    metrics: bool
    log_format: str | None
    grace: float
    gc_every: float | None

    def __attrs_post_init__(self) -> None:
        if not self.users and (self.rules or self.anonymous_pull):
            raise click.UsageError("--rules and --anonymous-pull go with --users")
        if not self.tls_cert and (self.tls_key or self.client_ca):
            raise click.UsageError("--tls-key and --client-ca go with --tls-cert")

    @property
    def switches(self) -> dict[str, bool]:
        """
        What the registry is told it may do.
        """
        return {
            "read_only": self.read_only,
            "delete": not self.no_delete,
            "catalog": not self.no_catalog,
            "referrers": not self.no_referrers,
            "sparse": self.sparse,
        }


def serving_options(command: F) -> F:
    """
    Give a command the options of which `Serving` is made.
    """
    made: Any = command
    for option in reversed(_OPTIONS):
        made = option(made)
    result: F = made
    return result


def guards_of(said: Serving) -> Guards:
    """
    Read who may come in, and do what.

    Raises:
        AccountInvalid, HashUnsupported, RulesInvalid: a file says what cannot be.
    """
    from ocikit.server.app import Guards
    from ocikit.server.auth.accounts import read_accounts
    from ocikit.server.auth.rules import read_rules

    return Guards(
        users=read_accounts(_read(said.users), said.users) if said.users else None,
        scheme="token" if said.auth == "token" else "basic",
        rules=read_rules(_read(said.rules), said.rules) if said.rules else None,
        anonymous_pull=said.anonymous_pull,
    )


def _read(path: str) -> str:
    with open(path, encoding="utf-8") as file:
        return file.read()


def tls_of(said: Serving) -> ssl.SSLContext | None:
    """
    Make the context for TLS, if it is to be spoken.

    Raises:
        CertificateUnusable: a file is no certificate, or no key of it.
    """
    if not said.tls_cert:
        return None
    from ocikit.server.web.tls import server_context

    return server_context(said.tls_cert, said.tls_key or "", said.client_ca or "")


def wait(server: Server, said: Serving, tls: ssl.SSLContext | None) -> None:
    """
    Wait until a server is closed; meanwhile its certificate is kept up to date.
    """
    if tls is None or not said.tls_cert:
        server.wait()
        return
    from ocikit.server.web.tls import Reload

    reload = Reload(tls, said.tls_cert, said.tls_key or "")
    while not server.wait(_LOOK):
        reload()


def log_of(said: Serving, *, verbose: bool) -> Log:
    """
    Say how requests are logged.
    """
    from ocikit.server.web.guard import quiet

    logs = {"text": _log_text, "json": _log_json}
    return logs.get(said.log_format or ("text" if verbose else "none"), quiet)


def _log_text(exchange: Exchange) -> None:
    from ocikit.cli.colour import say
    from ocikit.http.redact import redact_url

    target = redact_url(exchange.target)
    took = f"{exchange.seconds * 1000:.0f} ms"
    what = f"{exchange.peer} {exchange.method} {target}: {exchange.status}"
    failed = f", {type(exchange.failure).__name__}" if exchange.failure else ""
    say(f"{what}, {exchange.received} B in, {exchange.sent} B out, {took}{failed}")


def _log_json(exchange: Exchange) -> None:
    from ocikit.http.redact import redact_url

    members = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "peer": exchange.peer,
        "method": exchange.method,
        "target": redact_url(exchange.target),
        "status": exchange.status,
        "received": exchange.received,
        "sent": exchange.sent,
        "seconds": round(exchange.seconds, 6),
    }
    if exchange.failure is not None:
        members["failure"] = type(exchange.failure).__name__
    # One write a line: several threads log at once.
    sys.stderr.write(json.dumps(members) + "\n")
    sys.stderr.flush()


def address_of(address: str | None) -> tuple[str, int]:
    """
    Read where to listen.

    Raises:
        UsageError: it is no address.
    """
    host, _, port = (address or "").rpartition(":")
    port = port or os.environ.get("PORT", "") or "0"
    if not port.isdecimal() or int(port) > 65535:
        raise click.UsageError(f"--address {address!r}: write it as HOST:PORT")
    return host.strip("[]") or "127.0.0.1", int(port)
