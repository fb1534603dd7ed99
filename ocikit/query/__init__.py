"""
Questions about content, answered with data.
"""

from ocikit.query.plan import Plan, plan
from ocikit.query.select import PlatformMissing, choose, resolve
from ocikit.query.walk import NestedTooDeeply, images, walk

__all__ = [
    "NestedTooDeeply",
    "Plan",
    "PlatformMissing",
    "choose",
    "images",
    "plan",
    "resolve",
    "walk",
]
