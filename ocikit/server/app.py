"""
A registry with all that belongs around it, and as an application for a web server.

For gunicorn::

    gunicorn --threads 64 'ocikit.server.app:application(disk="/srv/registry")'

ASGI servers call factories without arguments: name one of your own to uvicorn
(`--factory`) or granian (`--factory`)::

    from ocikit.server.app import asgi_application

    def application():
        return asgi_application(disk="/srv/registry", users="/etc/registry/users")

One process has a folder: give the server threads, and one worker.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from ocikit._records import evolve, record
from ocikit.http.message import Send
from ocikit.server.auth.access import Rule, members
from ocikit.server.auth.accounts import Accounts, read_accounts
from ocikit.server.auth.rules import Allowed, Rules, read_rules
from ocikit.server.handler import RegistryHandler, registry
from ocikit.server.storage import Storage
from ocikit.server.web.guard import Exchange, Log, quiet
from ocikit.server.web.metrics import Healthy, Metered, Metrics

if TYPE_CHECKING:
    from ocikit.server.web import asgi as asgi_module
    from ocikit.server.web import wsgi as wsgi_module

Scheme = Literal["basic", "token"]


@record(kw_only=True)
class Guards:
    """
    Who may come in, and do what.
    """

    #: Everybody is let in when None.
    users: Accounts | None = None
    #: How users say who they are: with each request, or for a token.
    scheme: Scheme = "basic"
    #: Who may do what; every user everything when None.
    rules: Rule | None = None
    #: Whether everybody may pull.
    anonymous_pull: bool = False

    @property
    def allow(self) -> Rule:
        """
        Who may do what, all in all.
        """
        rules = (members if self.rules is None else self.rules,)
        return Rules((*rules, _PULL) if self.anonymous_pull else rules)


_PULL = Allowed(anonymous=True, actions=("pull",))


def guarded(handler: Send, guards: Guards) -> Send:
    """
    Put guards before a handler; without users there are none.
    """
    if guards.users is None:
        return handler
    if guards.scheme == "token":
        from ocikit.server.auth.bearer import token_auth

        return token_auth(handler, guards.users, allow=guards.allow)
    from ocikit.server.auth.basic import basic_auth

    return basic_auth(handler, guards.users, allow=guards.allow)


def observed(handler: Send, storage: Storage, metrics: Metrics | None) -> Send:
    """
    Let a handler tell how it is at `/healthz`, and what it did at `/metrics` if it counts.
    """
    healthy = Healthy(handler=handler, storage=storage)
    return healthy if metrics is None else Metered(handler=healthy, metrics=metrics)


def both(first: Log, second: Log) -> Log:
    """
    Tell two logs.
    """

    def told(exchange: Exchange) -> None:
        first(exchange)
        second(exchange)

    return told


def application(
    *,
    disk: str = "",
    users: str = "",
    scheme: Scheme = "basic",
    rules: str = "",
    anonymous_pull: bool = False,
    metrics: bool = False,
    log: Log = quiet,
    **switches: Any,
) -> wsgi_module.Application:
    """
    Make a WSGI application of a registry with all that belongs around it.

    Args:
        disk: the folder that it keeps everything in; in memory when empty.
        users: a file of accounts (`ocikit registry passwd`); everybody may do everything
            when empty.
        scheme: "basic", or "token" for tokens of our own.
        rules: a file of rules, see `ocikit.server.auth.rules`.
        anonymous_pull: whether who is no user may pull.
        metrics: whether `/metrics` is answered.
        log: is told of each request.
        switches: the fields of `ocikit.server.call.Switches`: `read_only`, `delete`,
            `referrers`, `catalog`, `sparse`, `page`, `chunk_min`.

    Raises:
        OSError: a file cannot be read.
        AccountInvalid, HashUnsupported, RulesInvalid: it says what cannot be.
        FolderInUse, NotARegistry: the folder is no registry of ours alone.
    """
    from ocikit.server.web.wsgi import wsgi

    guards = _guards(users, scheme, rules, anonymous_pull)
    send, told = _assembled(disk, guards, metrics, log, switches)
    return wsgi(send, log=told)


def asgi_application(
    *,
    disk: str = "",
    users: str = "",
    scheme: Scheme = "basic",
    rules: str = "",
    anonymous_pull: bool = False,
    metrics: bool = False,
    log: Log = quiet,
    **switches: Any,
) -> asgi_module.Application:
    """
    Make an ASGI application of a registry; for arguments and errors see `application`.
    """
    from ocikit.server.web.asgi import asgi

    guards = _guards(users, scheme, rules, anonymous_pull)
    send, told = _assembled(disk, guards, metrics, log, switches)
    return asgi(send, log=told)


def _guards(users: str, scheme: Scheme, rules: str, anonymous_pull: bool) -> Guards:
    return Guards(
        users=read_accounts(Path(users).read_text(), users) if users else None,
        scheme=scheme,
        rules=read_rules(Path(rules).read_text(), rules) if rules else None,
        anonymous_pull=anonymous_pull,
    )


def _assembled(
    disk: str, guards: Guards, metrics: bool, log: Log, switches: dict[str, Any]
) -> tuple[Send, Log]:
    handler: RegistryHandler = registry(**switches)
    if disk:
        from ocikit.server.disk.storage import Disk

        handler = evolve(handler, storage=Disk(disk))
    counted = Metrics() if metrics else None
    send = observed(guarded(handler, guards), handler.storage, counted)
    return send, log if counted is None else both(counted, log)
