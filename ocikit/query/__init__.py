"""
Questions about content, answered with data.
"""

from ocikit.query import match
from ocikit.query.compare import Difference, compare
from ocikit.query.finding import Finding, Severity
from ocikit.query.plan import Plan, plan
from ocikit.query.select import PlatformMissing, choose, resolve
from ocikit.query.validate import validate
from ocikit.query.walk import NestedTooDeeply, images, walk

__all__ = [
    "Difference",
    "Finding",
    "NestedTooDeeply",
    "Plan",
    "PlatformMissing",
    "Severity",
    "choose",
    "compare",
    "images",
    "match",
    "plan",
    "resolve",
    "validate",
    "walk",
]
