"""
The command line: `ocikit COMMAND ...`.
"""

from ocikit.cli.launch import main

__all__ = ["main"]
