"""
Lists of tags as Google's registries give them: with the repositories below, and with all
manifests, of those without a tag too.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, cast

from ocikit import media
from ocikit.digest import Digest
from ocikit.http.message import Response
from ocikit.server.answers import RequestRefused, of_json
from ocikit.server.call import Call
from ocikit.server.garbage import Collectable, Held
from ocikit.server.storage import StoredManifest

_PAGE: Final = 1000
_MILLISECONDS: Final = 1000


def tags(call: Call) -> Response:
    """
    List a repository, all at once; one that only stands before others is there too.
    """
    # All storages of ours can; it takes no more than what `collect` does.
    storage = cast("Collectable", call.storage)
    names = _all_tags(call)
    children = _children(storage, call.repository)
    if names is None and not children:
        message = f"there is no repository {call.repository}"
        raise RequestRefused(status=404, code="NAME_UNKNOWN", message=message)
    named: dict[Digest, list[str]] = {}
    for name in names or ():
        digest = storage.tagged(call.repository, name)
        if digest is not None:
            named.setdefault(digest, []).append(name)
    found = {}
    for held in storage.contents(call.repository):
        manifest = storage.peek(call.repository, held.digest) if held.is_manifest else None
        # It may be gone in this moment.
        if manifest is not None:
            told = _info(storage, call.repository, manifest, held)
            found[str(held.digest)] = {**told, "tag": named.get(held.digest, [])}
    return of_json(
        {"child": children, "manifest": found, "name": call.repository, "tags": names or []}
    )


def _all_tags(call: Call) -> list[str] | None:
    names: list[str] = []
    while True:
        page = call.storage.tags(call.repository, names[-1] if names else "", _PAGE)
        if page is None:
            return None
        names += page
        if len(page) < _PAGE:
            return names


def _children(storage: Collectable, repository: str) -> list[str]:
    prefix, last = f"{repository}/", f"{repository}/"
    found: dict[str, None] = {}
    while page := storage.repositories(last, _PAGE):
        for name in page:
            if not name.startswith(prefix):
                return list(found)
            found[name.removeprefix(prefix).partition("/")[0]] = None
        last = page[-1]
    return list(found)


def _info(
    storage: Collectable, repository: str, manifest: StoredManifest, held: Held
) -> Mapping[str, Any]:
    document = json.loads(manifest.data)
    came = held.found if held.came is None else held.came
    return {
        "imageSizeBytes": str(sum(each["size"] for each in _parts(document))),
        "layerId": "",
        "mediaType": manifest.media_type,
        "timeCreatedMs": str(_created(storage, repository, document)),
        "timeUploadedMs": str(int(came * _MILLISECONDS)),
    }


def _parts(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if "config" in document:
        yield document["config"]
    yield from document.get("layers") or ()
    yield from document.get("manifests") or ()


def _created(storage: Collectable, repository: str, document: Mapping[str, Any]) -> int:
    """
    Tell when an image was made, in milliseconds since 1970; 0 when nothing says so.
    """
    config = document.get("config") or {}
    if not media.is_config(config.get("mediaType", "")):
        return 0
    blob = storage.blob(repository, Digest.parse(config["digest"]))
    if blob is None:
        return 0
    with blob.opener.open() as stream:
        data = stream.read()
    try:
        made = datetime.fromisoformat(json.loads(data)["created"])
    except (KeyError, TypeError, ValueError):
        return 0
    made = made if made.tzinfo is not None else made.replace(tzinfo=UTC)
    return int((made - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() * _MILLISECONDS)
