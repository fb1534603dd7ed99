"""
Lists of tags as registries give them: Google's with all that is there, and others.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple, TypeAlias, get_args

import attrs

from ocikit._records import evolve
from ocikit.auth.google import is_google
from ocikit.errors import Invalid
from ocikit.google.listed import Listing, of_google
from ocikit.http import answers, routes
from ocikit.http.message import Request, Response
from ocikit.http.paging import pages
from ocikit.http.redact import redact_url
from ocikit.name.records import Registry, Repository
from ocikit.registry.client import Client
from ocikit.registry.list import ListTooLong
from ocikit.registry.session import Access, reach
from ocikit.registry.settings import DEFAULTS

#: How much shall be known of manifests, and what it costs where a registry does not tell
#: all at once: nothing more than the tags; a HEAD for each tag; then a GET for each
#: manifest, for its size; then one for its configuration, for its time.
Want: TypeAlias = Literal["tags", "digests", "sizes", "times"]
WANTS: Final[tuple[Want, ...]] = get_args(Want)

#: How many tags Google's registries are asked for at once, as gcrane does.
_GOOGLE_PAGE: Final = 10_000
#: The largest page that is read, in bytes: of a hundred thousand manifests.
MAX_PAGE: Final = 32 << 20
#: How many manifests a list may have.
_MOST: Final = 200_000
#: How many brackets a page of tags alone may have, see `answers`.
_MOST_BRACKETS: Final = 64
#: How many values a page may have that has more brackets.
_MOST_VALUES: Final = 2_000_000


@attrs.frozen(kw_only=True)
class WantInvalid(Invalid):
    """
    What is wanted to be known of manifests is none of what can be.
    """

    want: str

    def __str__(self) -> str:
        return f"{self.want[:40]!r} cannot be wanted of a list; there are {', '.join(WANTS)}"


def listed(repository: Repository, client: Client) -> Listing:
    """
    Give all pages of a list as one.
    """
    access = reach(client, repository)
    first = routes.get_tags(access.base, access.path, n=_page_size(repository.registry, client))
    merged = Listing(repository=repository)
    for request, response in pages(lambda request: _fetch(access, request), first):
        merged = _joined(merged, _read(repository, request, response))
        if len(merged.tags) > answers.MAX_NAMES or len(merged.manifests) > _MOST:
            raise ListTooLong(url=redact_url(first.url), limit=answers.MAX_NAMES)
    return merged


def _page_size(registry: Registry, client: Client) -> int | None:
    asked = client.settings.page_size
    if is_google(registry) and asked == DEFAULTS.page_size:
        return _GOOGLE_PAGE
    return asked or None


def _fetch(access: Access, request: Request) -> Response:
    return access.fetch(request, MAX_PAGE)


def _joined(one: Listing, other: Listing) -> Listing:
    if not (one.tags or one.extended):
        return other
    known = {each.digest: each for each in (*one.manifests, *other.manifests)}
    return evolve(
        one,
        tags=(*one.tags, *other.tags),
        manifests=tuple(known.values()),
        children=tuple(dict.fromkeys((*one.children, *other.children))),
        extended=one.extended or other.extended,
    )


class _Page(NamedTuple):
    members: dict[str, Any]
    what: str

    def without_nulls(self, name: str) -> list[Any]:
        """
        Give a list: registries write null for none, and some a null among its names.
        """
        found = self.members.get(name)
        if found is None:
            return []
        return [each for each in found if each is not None] if isinstance(found, list) else found


def _read(repository: Repository, request: Request, response: Response) -> Listing:
    from ocikit.spec.converter import structure
    from ocikit.spec.google import ExtendedTags

    page = _page(request, response)
    lists = {name: page.without_nulls(name) for name in ("child", "tags")}
    if "child" not in page.members and "manifest" not in page.members:
        # What other registries say besides is theirs.
        plain = structure({"tags": lists["tags"]}, ExtendedTags, page.what)
        # Artifactory lists digests too: those of the images of an index.
        names = tuple(name for name in plain.tags if ":" not in name)
        return Listing(repository=repository, tags=names)
    return of_google(repository, structure({**page.members, **lists}, ExtendedTags, page.what))


def _page(request: Request, response: Response) -> _Page:
    from ocikit.spec.gojson import JSONInvalid, loads

    what = f"{request.method} {redact_url(request.url)}"
    raw = answers.read_body(request, response, MAX_PAGE)
    plain = raw.count(b"[") + raw.count(b"{") <= _MOST_BRACKETS
    members = loads(raw, what, answers.MAX_NAMES if plain else _MOST_VALUES)
    if not isinstance(members, dict):
        raise JSONInvalid(what=what, problems=(("$", "expected object"),))
    return _Page(members, what)
