"""
What a container engine may answer instead of doing what it was asked.
"""

from __future__ import annotations

import attrs

from ocikit.errors import Invalid, Missing, Refused, Unreachable, Unsupported


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
        return (
            f"engine address {self.host!r}: write unix:///PATH, tcp://HOST:PORT or ssh://USER@HOST"
        )


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


@attrs.frozen(kw_only=True)
class EngineTooOld(Unsupported):
    """
    The engine knows no version of the API that has what is needed.
    """

    host: str
    version: str

    def __str__(self) -> str:
        return f"{self.host}: the container engine speaks API {self.version} only, which is too old"


@attrs.frozen(kw_only=True)
class ContextMissing(Missing):
    """
    Docker has no such context.
    """

    name: str
    path: str

    def __str__(self) -> str:
        return f"docker context {self.name!r}: there is none ({self.path}); see `docker context ls`"


@attrs.frozen(kw_only=True)
class ContextInvalid(Invalid):
    """
    One of Docker's contexts cannot be used.
    """

    name: str
    path: str
    reason: str

    def __str__(self) -> str:
        return f"docker context {self.name!r} ({self.path}): {self.reason}"
