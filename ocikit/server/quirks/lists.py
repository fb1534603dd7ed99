"""
What real registries do differently when they list tags, one thing each; see `quirks`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode

from ocikit._records import evolve, record
from ocikit.http.message import Request, Response, Send
from ocikit.server.quirks.answers import refusal, route_of, with_bytes, with_query
from ocikit.server.route import split


@record(kw_only=True)
class PageLimited:
    """
    Whoever asks for more names at once than these is refused, not given fewer.
    """

    most: int = 1000

    def __call__(self, send: Send) -> Send:
        """
        Refuse large pages.
        """

        def answered(request: Request) -> Response:
            asked = dict(parse_qsl(split(request.url)[1])).get("n", "0")
            if not asked.isdecimal() or int(asked) <= self.most:
                return send(request)
            message = f"Invalid parameter at 'maxResults': at most {self.most}"
            return refusal(400, "UNSUPPORTED", message)

        return answered


@record
class PagesIgnored:
    """
    Tags come all at once, whatever part of them is asked for.
    """

    def __call__(self, send: Send) -> Send:
        """
        Give all tags of a handler.
        """

        def answered(request: Request) -> Response:
            if route_of(request).kind != "tags" or request.method != "GET":
                return send(request)
            return _whole(send, request)

        return answered


def _whole(send: Send, request: Request) -> Response:
    response = send(with_query(request, lambda query: {}))
    if response.status != 200:
        return response
    body = json.loads(response.body.read())
    names, page = list(body["tags"] or ()), response
    place = request.url.partition("?")[0]
    while "Link" in page.headers:
        page = send(evolve(request, url=f"{place}?{urlencode({'last': names[-1]})}"))
        names += json.loads(page.body.read())["tags"]
    whole = with_bytes(response, json.dumps({**body, "tags": names}).encode())
    return evolve(whole, headers=whole.headers.without("Link"))


@record
class PagesOpaque:
    """
    What leads to the next page of tags is the registry's own affair: who says `last`
    instead is refused.
    """

    def __call__(self, send: Send) -> Send:
        """
        Change a handler's links, and read them.
        """

        def answered(request: Request) -> Response:
            if route_of(request).kind != "tags" or request.method != "GET":
                return send(request)
            query = dict(parse_qsl(split(request.url)[1]))
            if "last" in query:
                return refusal(405, "UNSUPPORTED", "Invalid parameter: last")
            return _renamed(send(with_query(request, _named)))

        return answered


def _named(query: dict[str, str]) -> dict[str, str]:
    token = query.pop("next_token", "")
    return {**query, "last": bytes.fromhex(token).decode()} if token else query


def _renamed(response: Response) -> Response:
    link = response.headers.get("Link")
    place, _, rest = link.removeprefix("<").partition(">")
    path, _, query = place.partition("?")
    pairs = dict(parse_qsl(query))
    if "last" not in pairs:
        return response
    pairs["next_token"] = pairs.pop("last").encode().hex()
    headers = response.headers.with_("Link", f"<{path}?{urlencode(pairs)}>{rest}")
    return evolve(response, headers=headers)


@record
class TagsNull:
    """
    A list of no tags is null.
    """

    def __call__(self, send: Send) -> Send:
        """
        Change a handler's empty lists.
        """
        return _of_tags(send, lambda request, names: names or None)


@record
class NullAmongTags:
    """
    A list of tags has a null in it.
    """

    def __call__(self, send: Send) -> Send:
        """
        Change a handler's lists.
        """
        return _of_tags(send, lambda request, names: [*names[:1], None, *names[1:]])


@record
class DigestsAmongTags:
    """
    Among the tags are digests: those of the images that a tagged index lists.
    """

    def __call__(self, send: Send) -> Send:
        """
        Change a handler's lists.
        """

        def grown(request: Request, names: list[str]) -> list[str]:
            found = dict.fromkeys(d for name in names for d in _listed(send, request, name))
            return [*found, *names]

        return _of_tags(send, grown)


def _listed(send: Send, request: Request, tag: str) -> list[str]:
    place = request.url.partition("?")[0].removesuffix("tags/list")
    with send(evolve(request, url=f"{place}manifests/{tag}")) as response:
        document = json.loads(response.body.read()) if response.status == 200 else {}
    return [str(child["digest"]) for child in document.get("manifests") or ()]


def _of_tags(send: Send, change: Callable[[Request, list[str]], Any]) -> Send:
    def answered(request: Request) -> Response:
        response = send(request)
        if route_of(request).kind != "tags" or request.method != "GET":
            return response
        return _with_json(response, lambda page: {**page, "tags": change(request, page["tags"])})

    return answered


def _with_json(response: Response, change: Callable[[Any], Any]) -> Response:
    if response.status != 200:
        return response
    value = change(json.loads(response.body.read()))
    return with_bytes(response, json.dumps(value).encode())
