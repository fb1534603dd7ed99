"""
Registries: load and flush content, and what else a registry can be asked.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.registry.attach import attach
    from ocikit.registry.blob import blob
    from ocikit.registry.client import Client
    from ocikit.registry.delete import delete, delete_blob, untag
    from ocikit.registry.doctor import examine
    from ocikit.registry.doctor_write import examine_writes
    from ocikit.registry.flush import flush
    from ocikit.registry.head import head, heads
    from ocikit.registry.list import catalog, tags
    from ocikit.registry.load import load
    from ocikit.registry.proxies import Proxies
    from ocikit.registry.referrers import referrers
    from ocikit.registry.settings import Settings
    from ocikit.registry.several import flush_all
    from ocikit.registry.tag import tag, tag_all
    from ocikit.registry.upload import upload

__all__ = [
    "Client",
    "Proxies",
    "Settings",
    "attach",
    "blob",
    "catalog",
    "delete",
    "delete_blob",
    "examine",
    "examine_writes",
    "flush",
    "flush_all",
    "head",
    "heads",
    "load",
    "referrers",
    "tag",
    "tag_all",
    "tags",
    "untag",
    "upload",
]

door(
    __name__,
    {
        "ocikit.registry.attach": "attach",
        "ocikit.registry.blob": "blob",
        "ocikit.registry.client": "Client",
        "ocikit.registry.delete": "delete delete_blob untag",
        "ocikit.registry.doctor": "examine",
        "ocikit.registry.doctor_write": "examine_writes",
        "ocikit.registry.flush": "flush",
        "ocikit.registry.head": "head heads",
        "ocikit.registry.list": "catalog tags",
        "ocikit.registry.load": "load",
        "ocikit.registry.proxies": "Proxies",
        "ocikit.registry.referrers": "referrers",
        "ocikit.registry.settings": "Settings",
        "ocikit.registry.several": "flush_all",
        "ocikit.registry.tag": "tag tag_all",
        "ocikit.registry.upload": "upload",
    },
)
