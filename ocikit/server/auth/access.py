"""
Who may do what: what a request needs, and rules that allow it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from ocikit._records import evolve, record
from ocikit.http.message import Request, Response, Send
from ocikit.server.answers import RequestRefused, refuse
from ocikit.server.handler import VERSION, RegistryHandler
from ocikit.server.route import find, split

#: Whether a user ("" is nobody in particular) may do something ("pull", "push", "delete",
#: or "*" for the catalog) in a repository ("" for the catalog).
Rule: TypeAlias = Callable[[str, str, str], bool]
#: Whether whoever sends a request may do something.
May: TypeAlias = Callable[[Request, "Access"], bool]

_READS: Final = frozenset({"GET", "HEAD"})


def members(user: str, repository: str, action: str) -> bool:
    """
    Allow everything to every user, and nothing to others.
    """
    return user != ""


def public(user: str, repository: str, action: str) -> bool:
    """
    Allow everything to every user, and to others to pull.
    """
    return user != "" or action == "pull"


@record
class Access:
    """
    One thing that is done somewhere (distribution, "Token scope documentation").

    >>> str(Access("repository", "a/b", "pull"))
    'repository:a/b:pull'
    """

    kind: str
    name: str
    action: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}:{self.action}"


def needed(request: Request) -> tuple[Access, ...]:
    """
    Tell what a request does; nothing but to look in for `/v2/` itself.

    Raises:
        RequestRefused: it asks for no part of a registry.
    """
    route = find(split(request.url)[0])
    if route.kind == "base":
        return ()
    if route.kind == "catalog":
        return (Access("registry", "catalog", "*"),)
    # An upload is one's own push, also where it is asked about or given up.
    if route.kind in ("upload", "uploads"):
        return (Access("repository", route.repository, "push"),)
    if request.method in _READS:
        return (Access("repository", route.repository, "pull"),)
    action = "delete" if request.method == "DELETE" else "push"
    return (Access("repository", route.repository, action),)


def repository_of(access: Access) -> str:
    """
    Give the repository that an access is to, "" for the registry's own.
    """
    return access.name if access.kind == "repository" else ""


def unauthorized(challenge: str) -> Response:
    """
    Ask for credentials; Docker's engine wants the version of the API beside.
    """
    return refuse(
        RequestRefused(
            status=401,
            code="UNAUTHORIZED",
            message="this needs credentials, or others than were given",
            headers=(("WWW-Authenticate", challenge), VERSION),
        )
    )


def with_readers(handler: Send, may: May) -> Send:
    """
    Let a registry mount only from repositories that the client may pull from.
    """
    if not isinstance(handler, RegistryHandler):
        return handler
    before = handler.switches.may_read

    def may_read(request: Request, repository: str) -> bool:
        pull = Access("repository", repository, "pull")
        return before(request, repository) and may(request, pull)

    return evolve(handler, switches=evolve(handler.switches, may_read=may_read))
