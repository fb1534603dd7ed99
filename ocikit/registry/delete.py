"""
Delete from a registry.
"""

from __future__ import annotations

from ocikit.http import routes
from ocikit.http.scope import DELETE
from ocikit.name.parse import parse_reference
from ocikit.name.records import Reference
from ocikit.registry.client import Client
from ocikit.registry.session import reach


def delete(reference: str | Reference, *, client: Client | None = None) -> None:
    """
    Delete a tag, or a manifest by its digest (distribution-spec, "Deleting manifests").

    A tag goes alone, and its manifest stays; not every registry can do that. Blobs are
    left to the registry's own garbage collection.

    Raises:
        NameInvalid: the reference cannot be read.
        ManifestUnknown: it is not there.
        Refused: the registry does not allow it, or cannot delete.
        Unreachable: the registry said nothing.
    """
    named = parse_reference(reference) if isinstance(reference, str) else reference
    access = reach(client or Client(), named.repository, DELETE)
    request = routes.delete_manifest(access.base, access.path, named.identifier)
    access.ask(request, 202, 200, 204).body.close()
