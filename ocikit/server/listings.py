"""
Listings and their pages: tags, repositories, referrers (distribution-spec, "Content
Discovery", "Listing Referrers").
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ocikit import media
from ocikit._records import record
from ocikit.http.message import Response
from ocikit.server.answers import RequestRefused, of_json
from ocikit.server.call import Call
from ocikit.spec.descriptor import Descriptor


@record
class _Page:
    last: str
    #: How many are asked for, no more than the registry gives at once.
    limit: int

    def cut(self, items: Sequence[Any]) -> tuple[list[Any], bool]:
        """
        Cut what was read, one more than the page has, and tell whether more follows.
        """
        return list(items[: self.limit]), 0 < self.limit < len(items)


def tags(call: Call) -> Response:
    """
    List the tags of a repository.
    """
    if call.switches.extended:
        from ocikit.server.extended import tags as all_of_it

        return all_of_it(call)
    page = _page(call)
    found = call.storage.tags(call.repository, page.last, page.limit + 1)
    if found is None:
        message = f"there is no repository {call.repository}"
        raise RequestRefused(status=404, code="NAME_UNKNOWN", message=message)
    names, more = page.cut(found)
    link = _link(f"/v2/{call.repository}/tags/list", page, names[-1]) if more else ()
    return of_json({"name": call.repository, "tags": names}, headers=link)


def catalog(call: Call) -> Response:
    """
    List the repositories, as Docker's registries do.
    """
    page = _page(call)
    names, more = page.cut(call.storage.repositories(page.last, page.limit + 1))
    link = _link("/v2/_catalog", page, names[-1]) if more else ()
    return of_json({"repositories": names}, headers=link)


def referrers(call: Call) -> Response:
    """
    List the manifests whose subject is a digest; whether that is there does not matter.
    """
    from ocikit.spec.encode import unstructure
    from ocikit.spec.manifest import IndexManifest

    subject, page, kind = call.route.digest, _page(call), call.parameter("artifactType")
    found = () if subject is None else call.storage.referrers(call.repository, subject)
    chosen, more = page.cut(_chosen(found, page, kind))
    headers = [("OCI-Filters-Applied", "artifactType")] if kind else []
    if more:
        path = f"/v2/{call.repository}/referrers/{subject}"
        filtered = {"artifactType": kind} if kind else {}
        headers += _link(path, page, str(chosen[-1].digest), **filtered)
    index = IndexManifest(media_type=media.OCI_INDEX, manifests=tuple(chosen))
    return of_json(unstructure(index), kind=media.OCI_INDEX, headers=headers)


def _chosen(found: Sequence[Descriptor], page: _Page, kind: str | None) -> list[Descriptor]:
    return [
        each
        for each in found
        if str(each.digest) > page.last and (not kind or each.artifact_type == kind)
    ]


def _page(call: Call) -> _Page:
    text, most = call.parameter("n"), call.switches.page
    if text is None:
        return _Page(call.parameter("last") or "", most)
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        message = f"n={text[:40]!r} is not how many there shall be on a page"
        raise RequestRefused(status=400, code="UNSUPPORTED", message=message)
    return _Page(call.parameter("last") or "", min(int(text), most))


def _link(path: str, page: _Page, last: str, **filters: str) -> tuple[tuple[str, str], ...]:
    from urllib.parse import urlencode

    query = urlencode({"n": page.limit, "last": last, **filters})
    # RFC 8288; the target is relative, because only the client knows our name.
    return (("Link", f'<{path}?{query}>; rel="next"'),)
