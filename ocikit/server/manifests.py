"""
Manifests: GET, HEAD, PUT and DELETE (distribution-spec, "Pulling manifests",
"Pushing Manifests", "Deleting tags", "Deleting Manifests").
"""

from __future__ import annotations

from collections.abc import Iterator

from ocikit import media
from ocikit.content.streams import BytesOpener
from ocikit.digest import Digest
from ocikit.http.message import Body, Headers, Response
from ocikit.name import grammar
from ocikit.server.answers import RequestRefused, empty
from ocikit.server.call import Call
from ocikit.server.documents import Checked, check
from ocikit.server.storage import StoredManifest
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.document import MAX_MANIFEST


def get(call: Call) -> Response:
    """
    Give a manifest exactly as it was pushed.
    """
    tag = call.route.tag
    digest = call.storage.tagged(call.repository, tag) if tag else call.route.digest
    found = None if digest is None else call.storage.manifest(call.repository, digest)
    if found is None:
        raise _unknown(call)
    headers = (
        ("Content-Type", found.media_type),
        ("Content-Length", str(len(found.data))),
        ("Docker-Content-Digest", str(digest)),
        ("ETag", f'"{digest}"'),
    )
    body = BytesOpener(found.data).open()
    return Response(status=200, headers=Headers(headers), body=body)


def put(call: Call) -> Response:
    """
    Keep a manifest under its digest, and point tags to it.
    """
    tags = _tags(call)
    data = _read(call.request.body)
    # distribution-spec, "Pushing Manifests": parameters SHOULD be ignored.
    media_type = media.essence(call.request.headers.get("Content-Type"))
    checked = check(data, media_type)
    digest = call.route.digest
    actual = Digest.of(data, "sha256" if digest is None else digest.algorithm)
    if digest not in (None, actual):
        message = f"the manifest hashes to {actual}, not to {digest}"
        raise RequestRefused(status=400, code="DIGEST_INVALID", message=message)
    _require(call, checked)
    manifest = stored(actual, data, media_type, checked)
    call.storage.keep(call.repository, actual, manifest, tags)
    headers = [
        ("Location", f"/v2/{call.repository}/manifests/{actual}"),
        ("Docker-Content-Digest", str(actual)),
    ]
    if checked.subject is not None and call.switches.referrers:
        headers.append(("OCI-Subject", str(checked.subject)))
    if call.route.digest is not None:
        headers += [("OCI-Tag", tag) for tag in tags]
    return empty(201, *headers)


def delete(call: Call) -> Response:
    """
    Remove a tag alone, or a manifest by its digest with all its tags.
    """
    tag, digest = call.route.tag, call.route.digest
    if digest is not None:
        gone = call.storage.drop_manifest(call.repository, digest)
    else:
        gone = bool(tag) and call.storage.untag(call.repository, tag)
    if not gone:
        raise _unknown(call)
    return empty(202)


def _unknown(call: Call) -> RequestRefused:
    what = call.route.digest or call.route.tag or "of that reference"
    message = f"{call.repository} holds no manifest {what}"
    return RequestRefused(status=404, code="MANIFEST_UNKNOWN", message=message)


def _tags(call: Call) -> list[str]:
    tags = [call.route.tag] if call.route.digest is None else call.parameters("tag")
    for tag in tags:
        if not grammar.is_tag(tag):
            message = "a tag has 1 to 128 of A-Z a-z 0-9 _ . - and begins with none of . -"
            raise RequestRefused(status=400, code="NAME_INVALID", message=message)
    return list(dict.fromkeys(tags))


def _read(body: Body) -> bytes:
    with body.opener.open() as stream:
        known = body.length is not None and body.length > MAX_MANIFEST
        data = b"" if known else stream.read(MAX_MANIFEST + 1)
    if known or len(data) > MAX_MANIFEST:
        message = f"a manifest has at most {MAX_MANIFEST} bytes"
        raise RequestRefused(status=413, code="SIZE_INVALID", message=message)
    return data


def _require(call: Call, checked: Checked) -> None:
    missing: list[str] = []
    for wanted, size in _sizes(call, checked):
        if size is None and not call.switches.sparse:
            missing.append(f"{call.repository} holds no {wanted.digest} ({wanted.media_type})")
        elif size not in (None, wanted.size):
            message = f"{wanted.digest} has {size} bytes, not {wanted.size}"
            raise RequestRefused(status=400, code="MANIFEST_INVALID", message=message)
    if missing:
        # distribution-spec, "Push": MUST result in MANIFEST_BLOB_UNKNOWN, one or more.
        first, *more = missing[:100]
        code = "MANIFEST_BLOB_UNKNOWN"
        raise RequestRefused(status=400, code=code, message=first, more=tuple(more))


def _sizes(call: Call, checked: Checked) -> Iterator[tuple[Descriptor, int | None]]:
    for wanted in checked.blobs:
        blob = call.storage.blob(call.repository, wanted.digest)
        yield wanted, None if blob is None else blob.size
    for wanted in checked.children:
        child = call.storage.manifest(call.repository, wanted.digest)
        # Caches of builders are indexes of layers.
        blob = call.storage.blob(call.repository, wanted.digest) if child is None else None
        size = len(child.data) if child is not None else None
        yield wanted, size if blob is None else blob.size


def stored(digest: Digest, data: bytes, media_type: str, checked: Checked) -> StoredManifest:
    """
    Make what a storage keeps of a manifest that was checked.
    """
    if checked.subject is None:
        return StoredManifest(media_type=media_type, data=data)
    referrer = Descriptor(
        media_type=media_type,
        size=len(data),
        digest=digest,
        artifact_type=checked.artifact_type,
        annotations=checked.annotations,
    )
    return StoredManifest(
        media_type=media_type, data=data, subject=checked.subject, referrer=referrer
    )
