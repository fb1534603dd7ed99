"""
Packages that only some keychains need.
"""

from __future__ import annotations

import attrs

from ocikit.errors import Unsupported


@attrs.frozen(kw_only=True)
class ExtraMissing(Unsupported):
    """
    A keychain needs a package that is not installed.
    """

    what: str
    package: str
    extra: str

    def __str__(self) -> str:
        return (
            f"{self.what} needs {self.package}, which is not installed: "
            f'pip install "ocikit[{self.extra}]"'
        )
