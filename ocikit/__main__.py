"""
`python -m ocikit` is `ocikit`.
"""

import sys

from ocikit.cli.launch import main

if __name__ == "__main__":
    sys.exit(main())
