"""
Questions about content, answered with data.
"""

from ocikit.query.plan import Plan, plan

__all__ = ["Plan", "plan"]
