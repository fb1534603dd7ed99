"""
What a container engine may answer instead of doing what it was asked.
"""

from __future__ import annotations

import attrs

from ocikit.errors import Invalid, Missing, Refused, Unreachable


@attrs.frozen(kw_only=True)
class EngineUnreachable(Unreachable):
    """
    No engine answers where one should.
    """

    host: str
    reason: str

    def __str__(self) -> str:
        return f"{self.host}: no container engine answers ({self.reason}); is it running?"


@attrs.frozen(kw_only=True)
class EngineHostInvalid(Invalid):
    """
    A text is not the address of an engine.
    """

    host: str

    def __str__(self) -> str:
        return f"engine address {self.host!r}: write unix:///PATH or tcp://HOST:PORT"


@attrs.frozen(kw_only=True)
class EngineImageMissing(Missing):
    """
    The engine has no such image.
    """

    image: str
    host: str

    def __str__(self) -> str:
        return f"{self.image}: the container engine at {self.host} has no such image"


@attrs.frozen(kw_only=True)
class EngineRefused(Refused):
    """
    The engine understood, and could not or would not.
    """

    doing: str
    message: str
    status: int = 0

    def __str__(self) -> str:
        return f"{self.doing}: the container engine says: {self.message}"
