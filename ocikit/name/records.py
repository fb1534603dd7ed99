"""
Registries, repositories, tags and pinned images as records.

Constructors take the loose grammar in any spelling and keep the canonical one, so that
equal names are equal records and none can leave its place in the path of a URL. That a
name is also strict is for the parsers, and for `Repository.tag`, to say.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import attrs

from ocikit._records import record
from ocikit.digest import Digest
from ocikit.name import grammar
from ocikit.name.faults import NameInvalid, host_fault, path_fault, tag_fault

_HUB_API: Final = "registry-1.docker.io"
_HUB_AUTH_KEY: Final = "https://index.docker.io/v1/"
_IPV6_LOOPBACK: Final = "[::1]"


def _refuse(text: str, fault: str | None) -> None:
    if fault is not None:
        raise NameInvalid(text=text, reason=fault)


@record
class Registry:
    """
    A registry by its host, with a port where it is not the scheme's own.

    Raises:
        NameInvalid: the host is none, or would be read as a user of Docker Hub.

    >>> Registry("index.docker.io")
    Registry(host='docker.io')
    """

    host: str = attrs.field(converter=grammar.canonical_host)

    def __attrs_post_init__(self) -> None:
        _refuse(self.host, host_fault(self.host, loose=True))

    def __str__(self) -> str:
        return self.host

    @property
    def is_hub(self) -> bool:
        """
        Whether this is Docker Hub.
        """
        return self.host == grammar.HUB

    @property
    def api_host(self) -> str:
        """
        The host that answers requests.
        """
        return _HUB_API if self.is_hub else self.host

    @property
    def auth_key(self) -> str:
        """
        The key under which credentials files keep the registry's credentials.
        """
        return _HUB_AUTH_KEY if self.is_hub else self.host

    @property
    def may_be_plain(self) -> bool:
        """
        Whether plain HTTP may be tried when HTTPS fails.

        It may on this machine (`localhost` and names under it, 127.0.0.0/8, [::1]) and
        on the private IPv4 addresses of RFC 1918.

        >>> Registry("127.0.0.2:5000").may_be_plain, Registry("ghcr.io").may_be_plain
        (True, False)
        """
        name, _ = grammar.split_port(self.host)
        if name in ("localhost", _IPV6_LOOPBACK) or name.endswith(".localhost"):
            return True
        return grammar.is_ipv4(name) and _is_private([int(part) for part in name.split(".")])


def _is_private(address: list[int]) -> bool:
    first, second = address[:2]
    return (
        first in (10, 127)
        or (first == 172 and 16 <= second <= 31)
        or (first == 192 and second == 168)
    )


@record
class Repository:
    """
    A repository by its registry and the path within it.

    Raises:
        NameInvalid: the path is none, or could leave its place in a URL.

    >>> str(Repository(Registry("docker.io"), "debian"))
    'docker.io/library/debian'
    """

    registry: Registry
    path: str

    def __attrs_post_init__(self) -> None:
        # A converter that sees other fields is more than mypy follows.
        path = grammar.canonical_path(self.registry.host, self.path)
        object.__setattr__(self, "path", path)
        _refuse(self.path, path_fault(self.path, loose=True))

    def __str__(self) -> str:
        return f"{self.registry}/{self.path}"

    @property
    def familiar(self) -> str:
        """
        The shortest name that means this repository, as Docker prints it.

        >>> Repository(Registry("docker.io"), "library/debian").familiar
        'debian'
        """
        if not self.registry.is_hub:
            return str(self)
        short = self.path.removeprefix(grammar.OFFICIAL)
        if "/" not in short and not grammar.is_image_id(short):
            return short
        first = self.path.partition("/")[0]
        return str(self) if grammar.names_a_host(first) else self.path

    def tag(self, text: str, *, weak: bool = False) -> Tag:
        """
        Name the image that has this tag here.

        Raises:
            NameInvalid: the text is not a tag; `weak` takes a leading dot or dash.
        """
        _refuse(text, tag_fault(text, loose=weak))
        return Tag(self, text)

    def pin(self, digest: Digest, tag: str | None = None) -> Pinned:
        """
        Name the content that has this digest here; `tag` is kept for people to read.

        Raises:
            NameInvalid: the tag is none.
        """
        return Pinned(self, digest, None if tag is None else self.tag(tag).tag)


@record
class Tag:
    """
    An image by a tag, which may mean another image tomorrow.

    Raises:
        NameInvalid: the tag is none.

    >>> str(Repository(Registry("ghcr.io"), "me/app").tag("1.0"))
    'ghcr.io/me/app:1.0'
    """

    repository: Repository
    tag: str

    def __attrs_post_init__(self) -> None:
        _refuse(self.tag, tag_fault(self.tag, loose=True))

    def __str__(self) -> str:
        return f"{self.repository}:{self.tag}"

    @property
    def identifier(self) -> str:
        """
        What stands in the URL of the manifest: the tag.
        """
        return self.tag

    @property
    def familiar(self) -> str:
        """
        The name as Docker prints it.
        """
        return f"{self.repository.familiar}:{self.tag}"


@record
class Pinned:
    """
    Content by its digest, which is always the same content.

    A tag that was written before the digest is kept and printed, but selects nothing.

    Raises:
        NameInvalid: the tag is none.
    """

    repository: Repository
    digest: Digest
    tag: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.tag is not None:
            _refuse(self.tag, tag_fault(self.tag, loose=True))

    def __str__(self) -> str:
        return f"{self.repository}{self._rest}"

    @property
    def identifier(self) -> str:
        """
        What stands in the URL of the manifest: the digest.
        """
        return str(self.digest)

    @property
    def familiar(self) -> str:
        """
        The name as Docker prints it.
        """
        return f"{self.repository.familiar}{self._rest}"

    @property
    def _rest(self) -> str:
        return f"@{self.digest}" if self.tag is None else f":{self.tag}@{self.digest}"


Reference: TypeAlias = Tag | Pinned
