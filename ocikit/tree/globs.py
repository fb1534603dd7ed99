"""
Files by patterns of their paths.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ocikit.tree.filetree import File, FileTree


def glob(tree: FileTree, pattern: str) -> Iterator[File]:
    """
    Give the files whose paths match, in the order of the tree.

    Args:
        tree: where to look.
        pattern: relative to the root. `*`, `?` and `[...]` match within a name, dots at
            its beginning as well; `**` matches any number of folders, at the end also
            all files in them. Links are not followed.

    >>> from ocikit.content.synthetic import layer
    >>> from ocikit.tree.filetree import load
    >>> import random
    >>> tree = load([layer(random.Random(1), 100)])
    >>> [file.size for file in glob(tree, "**/*") if file.kind == "file"]
    [100]
    """
    matches = expression(pattern).fullmatch
    return (file for path, file in tree.files.items() if path and matches(path))


def expression(pattern: str) -> re.Pattern[str]:
    """
    Give the regular expression of a pattern, for whole clean paths; see `glob`.

    >>> bool(expression("/usr/**/*.py").fullmatch("usr/lib/a/b.py"))
    True
    """
    parts: list[str] = []
    names = pattern.strip("/").split("/")
    for position, name in enumerate(names):
        last = position == len(names) - 1
        if name == "**":
            parts.append(".*" if last else "(?:.*/)?")
        else:
            parts.append(_name(name) + ("" if last else "/"))
    return re.compile("".join(parts), re.DOTALL)


def _name(pattern: str) -> str:
    parts = re.split(r"(\*+|\?|\[!?[^\]]+\])", pattern)
    made = []
    for part in parts:
        if part.startswith("*"):
            made.append("[^/]*")
        elif part == "?":
            made.append("[^/]")
        elif part.startswith("[") and part.endswith("]"):
            inner = part[1:-1].replace("\\", "\\\\")
            made.append(f"(?!/)[{'^' + inner[1:] if inner.startswith('!') else inner}]")
        else:
            made.append(re.escape(part))
    return "".join(made)
