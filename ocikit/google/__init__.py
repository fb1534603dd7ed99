"""
What is in a registry, and what of it nobody needs: by Google's extended lists, and in the
same form from any other registry.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.google.collecting import Removal, find, remove
    from ocikit.google.details import detailed
    from ocikit.google.garbage import Garbage, Retention
    from ocikit.google.list import list  # noqa: A004  # as the API has it
    from ocikit.google.listed import Listed, Listing, as_json
    from ocikit.google.walking import Unlisted, repositories, walk

__all__ = [
    "Garbage",
    "Listed",
    "Listing",
    "Removal",
    "Retention",
    "Unlisted",
    "as_json",
    "detailed",
    "find",
    "list",
    "remove",
    "repositories",
    "walk",
]

door(
    __name__,
    {
        "ocikit.google.collecting": "Removal find remove",
        "ocikit.google.details": "detailed",
        "ocikit.google.garbage": "Garbage Retention",
        "ocikit.google.list": "list",
        "ocikit.google.listed": "Listed Listing as_json",
        "ocikit.google.walking": "Unlisted repositories walk",
    },
)
