"""
Which process this is: connections are not shared with a forked child.
"""

from os import getpid

__all__ = ["getpid"]
