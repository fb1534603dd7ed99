"""
Questions about content, answered with data: records that print, compare and pickle.

`diff` tells all that differs, `diff_trees` what containers would see differ, `ignore` has
what not to tell of it; `explain` names the first cause. `validate` finds all that is wrong,
`conflicts` what would be wrong on another base. `choose`, `match`, `walk` and `images` find
content in content, and a `plan` is what a place needs to hold it. A `TagFilter` says which
tags of a repository are meant, and `tagged.select` gives them.
"""

from typing import TYPE_CHECKING

from ocikit._doors import door

if TYPE_CHECKING:
    from ocikit.query import ignore, match, tagged
    from ocikit.query.conflict import Conflict
    from ocikit.query.conflicts import conflicts
    from ocikit.query.diff import diff
    from ocikit.query.difference import Difference
    from ocikit.query.explain import explain
    from ocikit.query.explanation import Explanation
    from ocikit.query.finding import Finding, Severity
    from ocikit.query.plan import Plan, plan
    from ocikit.query.select import PlatformMissing, choose, resolve
    from ocikit.query.tagged import TagFilter
    from ocikit.query.trees import diff_trees
    from ocikit.query.validate import validate
    from ocikit.query.walk import NestedTooDeeply, images, walk

__all__ = [
    "Conflict",
    "Difference",
    "Explanation",
    "Finding",
    "NestedTooDeeply",
    "Plan",
    "PlatformMissing",
    "Severity",
    "TagFilter",
    "choose",
    "conflicts",
    "diff",
    "diff_trees",
    "explain",
    "ignore",
    "images",
    "match",
    "plan",
    "resolve",
    "tagged",
    "validate",
    "walk",
]

door(
    __name__,
    {
        "ocikit.query.conflict": "Conflict",
        "ocikit.query.conflicts": "conflicts",
        "ocikit.query.diff": "diff",
        "ocikit.query.difference": "Difference",
        "ocikit.query.explain": "explain",
        "ocikit.query.explanation": "Explanation",
        "ocikit.query.finding": "Finding Severity",
        "ocikit.query.plan": "Plan plan",
        "ocikit.query.select": "PlatformMissing choose resolve",
        "ocikit.query.tagged": "TagFilter",
        "ocikit.query.trees": "diff_trees",
        "ocikit.query.validate": "validate",
        "ocikit.query.walk": "NestedTooDeeply images walk",
    },
)
