"""
Files that nobody else may read, replaced whole.
"""

from __future__ import annotations

import os


def write_private(path: str, data: bytes) -> None:
    """
    Replace or make a file that only its owner can read; a symbolic link keeps its place.

    Folders that are missing are made for the owner alone. Readers find the old file or
    the new one.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_private(f"{folder}/a/b", b"secret")
    ...     oct(os.stat(f"{folder}/a/b").st_mode & 0o777)
    '0o600'
    """
    import tempfile

    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    _make_folders(folder)
    # Made with mode 0600 and O_EXCL, under a name that nobody can foresee.
    handle, part = tempfile.mkstemp(prefix=".", suffix=".part", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, target)
    except BaseException:
        if os.path.lexists(part):
            os.unlink(part)
        raise


def _make_folders(folder: str) -> None:
    # os.makedirs gives its mode to the last folder only.
    if not os.path.isdir(folder):
        _make_folders(os.path.dirname(folder))
        os.makedirs(folder, mode=0o700, exist_ok=True)
