"""
What is in a registry: Google's extended lists, and the same of any other registry.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.google.details import detailed
    from ocikit.google.list import list  # noqa: A004  # as the API has it
    from ocikit.google.listed import Listed, Listing, as_json
    from ocikit.google.walking import Unlisted, walk

__all__ = ["Listed", "Listing", "Unlisted", "as_json", "detailed", "list", "walk"]

door(
    __name__,
    {
        "ocikit.google.details": "detailed",
        "ocikit.google.list": "list",
        "ocikit.google.listed": "Listed Listing as_json",
        "ocikit.google.walking": "Unlisted walk",
    },
)
