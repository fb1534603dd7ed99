"""
Bodies of the registry API (distribution-spec) and of token services.
"""

from __future__ import annotations

from typing import Any

import attrs

from ocikit._records import EMPTY, JSON, FrozenMap, member, record


@record(kw_only=True)
class Problem:
    """
    One error that a registry reports (distribution-spec, "Error Codes").
    """

    code: str = ""
    message: str = ""
    detail: JSON = attrs.field(default=None, hash=False)
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)


@record(kw_only=True)
class Problems:
    """
    The body of a registry's error response.
    """

    errors: tuple[Problem, ...] = attrs.field(default=(), metadata=member("errors", always=True))
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)


@record(kw_only=True)
class TagList:
    """
    One page of the tags of a repository (distribution-spec, "Listing Tags").
    """

    name: str = attrs.field(default="", metadata=member("name", always=True))
    tags: tuple[str, ...] = attrs.field(default=(), metadata=member("tags", always=True))
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)


@record(kw_only=True)
class Catalog:
    """
    One page of the repositories of a registry (Docker's `_catalog`).
    """

    repositories: tuple[str, ...] = attrs.field(
        default=(), metadata=member("repositories", always=True)
    )
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)


@record(kw_only=True)
class TokenGrant:
    """
    What a token service answers; its texts are secrets and not shown.
    """

    token: str = attrs.field(default="", repr=False)
    access_token: str = attrs.field(default="", repr=False, metadata=member("access_token"))
    refresh_token: str = attrs.field(default="", repr=False, metadata=member("refresh_token"))
    #: Seconds that the token lives from `issued_at`; 60 when not said.
    expires_in: int = attrs.field(default=60, metadata=member("expires_in"))
    issued_at: str = attrs.field(default="", metadata=member("issued_at"))
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False, repr=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)
