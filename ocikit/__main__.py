"""
`python -m ocikit` is `ocikit`.
"""

import sys

from ocikit.cli.program import run

if __name__ == "__main__":
    sys.exit(run())
