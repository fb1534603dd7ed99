"""
Programs that do with the library what no command does, to be timed as whole processes.

`python -m benchmarks.programs extract LAYOUT FOLDER`
"""

from __future__ import annotations

import sys

from ocikit.content.image import Image
from ocikit.files.extraction import extract
from ocikit.layout.load import load


def main() -> None:
    """
    Extract the image `v` of a layout into a folder.
    """
    _, layout, folder = sys.argv[1:]
    image = load(layout, "v")
    assert isinstance(image, Image)
    extract(image, folder)


if __name__ == "__main__":
    main()
