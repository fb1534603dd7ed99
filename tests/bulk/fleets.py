"""
Many small images, quickly: one layer, and a configuration for each.
"""

from __future__ import annotations

import json
from random import Random
from typing import Final

from ocikit import media
from ocikit.content import synthetic
from ocikit.digest import Digest
from ocikit.http import routes
from ocikit.http.message import Send, body_of

BASE: Final = "http://registry"


def fill(send: Send, repository: str, count: int) -> dict[str, str]:
    """
    Put so many images into a repository, tagged "0", "1"…; give the digest of each tag.

    Documents are made as text, and each is one request: a thousand take about a second.
    """
    base = synthetic.image(Random(1))
    layer = base.layers[0].blob
    send(routes.post_blob(BASE, repository, layer.digest, body_of(layer.content)))
    config, manifest = (json.loads(found.raw) for found in (base.config_document, base.document))
    made: dict[str, str] = {}
    for tag in map(str, range(count)):
        raw = json.dumps({**config, "config": {"Cmd": [tag]}}).encode()
        digest = Digest.of(raw)
        send(routes.post_blob(BASE, repository, digest, body_of(raw)))
        described = {**manifest["config"], "digest": str(digest), "size": len(raw)}
        document = json.dumps({**manifest, "config": described}).encode()
        send(routes.put_manifest(BASE, repository, tag, document, media.OCI_MANIFEST))
        made[tag] = str(Digest.of(document))
    return made


def held(send: Send, repository: str) -> dict[str, str]:
    """
    Ask a registry which tags a repository has, and what each names.
    """
    tags: list[str] = []
    while True:
        last = tags[-1] if tags else ""
        found = send(routes.get_tags(BASE, repository, n=1000, last=last))
        page = json.loads(found.body.read())["tags"] if found.status == 200 else []
        if not page:
            break
        tags += page
    return {tag: _named(send, repository, tag) for tag in tags}


def _named(send: Send, repository: str, tag: str) -> str:
    with send(routes.head_manifest(BASE, repository, tag)) as answer:
        return answer.headers.get("Docker-Content-Digest") or ""
