"""
Platforms: parse, print, normalise, match, and choose the best of several.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, TypeVar

import attrs

from ocikit._records import EMPTY, JSON, FrozenMap, evolve, member, record
from ocikit._regex import regex
from ocikit.errors import Invalid

T = TypeVar("T")

_PART = regex(r"[A-Za-z0-9_.-]+")
_ARCHITECTURES: Final = {
    "x86_64": "amd64", "x86-64": "amd64", "aarch64": "arm64", "i386": "386", "i486": "386",
    "i586": "386", "i686": "386", "armhf": "arm", "armel": "arm", "armv6l": "arm",
    "armv7l": "arm", "armv8l": "arm", "mips64el": "mips64le", "mipsel": "mipsle",
    "powerpc64le": "ppc64le", "loongarch64": "loong64",
}  # fmt: skip
_IMPLIED_VARIANTS: Final = {
    "armhf": "v7", "armel": "v6", "armv6l": "v6", "armv7l": "v7", "armv8l": "v8",
}  # fmt: skip
_SYSTEMS: Final = {"macos": "darwin"}
_LEVEL = regex(r"v?([0-9]+)(?:\.([0-9]+))?")
#: The variant that a bare architecture means.
_BASELINES: Final = {"amd64": "v1", "arm": "v7", "arm64": "v8"}


@attrs.frozen(kw_only=True)
class PlatformInvalid(Invalid):
    """
    A text is not a platform.
    """

    text: str
    reason: str

    def __str__(self) -> str:
        return f"platform {self.text!r}: {self.reason}; write os/arch[/variant][:osversion]"


@record(kw_only=True)
class Platform:
    """
    What a manifest of an index is made for (image-spec, image-index.md, "platform").
    """

    architecture: str = attrs.field(default="", metadata=member("architecture", always=True))
    os: str = attrs.field(default="", metadata=member("os", always=True))
    os_version: str = attrs.field(default="", metadata=member("os.version"))
    os_features: tuple[str, ...] = attrs.field(default=(), metadata=member("os.features"))
    variant: str = ""
    features: tuple[str, ...] = ()
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)

    def __str__(self) -> str:
        parts = [self.os, self.architecture, self.variant]
        text = "/".join(part for part in parts if part)
        return f"{text}:{self.os_version}" if self.os_version else text

    @property
    def unknown(self) -> bool:
        """
        Whether this is `unknown/unknown`, as attestations are marked.
        """
        return self.os == "unknown" or self.architecture == "unknown"


LINUX_AMD64: Final = Platform(os="linux", architecture="amd64")


def parse(text: str) -> Platform:
    """
    Read `os[/arch[/variant]][:osversion]`; aliases are spelt in the one usual way.

    What is left out stays open, for `satisfies` to tell `arm` from `arm/v7`.

    Raises:
        PlatformInvalid: a part is empty or has odd characters, or there are too many.

    >>> str(parse("linux/aarch64")), str(parse("linux/arm")), str(parse("Linux/armhf"))
    ('linux/arm64', 'linux/arm', 'linux/arm/v7')
    >>> str(parse("windows/amd64:10.0.20348.2113"))
    'windows/amd64:10.0.20348.2113'
    """
    names, colon, version = text.strip().partition(":")
    parts = names.split("/")
    if len(parts) > 3:
        raise PlatformInvalid(text=text, reason=f"has {len(parts)} parts between slashes")
    for part in [*parts, *([version] if colon else [])]:
        if not _PART.fullmatch(part):
            reason = f"part {part!r} has odd characters" if part else "a part is empty"
            raise PlatformInvalid(text=text, reason=reason)
    os, architecture, variant = [*parts, "", ""][:3]
    return _spell(Platform(os=os, architecture=architecture, variant=variant, os_version=version))


def normalise(platform: Platform) -> Platform:
    """
    Give the one platform that is meant by several, as containerd has it.

    Names are lower-cased, `aarch64` is `arm64`, `x86_64` is `amd64`, `arm64/v8` is
    `arm64`, `amd64/v1` is `amd64`, and `arm` is `arm/v7`.

    >>> str(normalise(Platform(os="Linux", architecture="armhf")))
    'linux/arm/v7'
    """
    whole = _complete(platform)
    bare = whole.architecture != "arm" and whole.variant == _BASELINES.get(whole.architecture)
    return evolve(whole, variant="") if bare else whole


def _spell(platform: Platform) -> Platform:
    os, spelt = platform.os.lower(), platform.architecture.lower()
    variant = platform.variant.lower() or _IMPLIED_VARIANTS.get(spelt, "")
    level = _level(variant)
    if level is not None:
        major, minor = level
        variant = f"v{major}.{minor}" if minor else f"v{major}"
    architecture = _ARCHITECTURES.get(spelt, spelt)
    return evolve(platform, os=_SYSTEMS.get(os, os), architecture=architecture, variant=variant)


def _complete(platform: Platform) -> Platform:
    spelt = _spell(platform)
    return evolve(spelt, variant=spelt.variant or _BASELINES.get(spelt.architecture, ""))


def satisfies(given: Platform, wanted: Platform) -> bool:
    """
    Tell whether `given` is what `wanted` asks for; what `wanted` leaves open is free.

    A variant is asked for exactly, an OS version by a prefix of its dotted parts, and
    features must all be there. A bare `given` has the variant that it means.

    >>> satisfies(parse("linux/arm/v6"), parse("linux/arm"))
    True
    >>> satisfies(parse("linux/arm/v6"), parse("linux/arm/v7"))
    False
    """
    have, want = _complete(given), _spell(wanted)
    return (
        want.os in ("", have.os)
        and want.architecture in ("", have.architecture)
        and want.variant in ("", have.variant)
        and (not want.os_version or f"{have.os_version}.".startswith(f"{want.os_version}."))
        and set(want.os_features) <= set(have.os_features)
        and set(want.features) <= set(have.features)
    )


def rank(given: Platform, wanted: Platform) -> int | None:
    """
    Tell how well a machine of platform `wanted` runs `given`: 0 best, None not at all.

    A machine runs its own variant and older ones of its architecture: `arm/v7` runs v6
    and v5, `amd64/v3` runs v2 and plain amd64. 64-bit machines are not offered 32-bit
    images. An OS version that is wanted whole comes before one that only begins so.

    >>> rank(parse("linux/arm/v7"), parse("linux/arm"))
    0
    >>> rank(parse("linux/amd64/v3"), parse("linux/amd64")) is None
    True
    """
    have, want = _complete(given), _complete(wanted)
    if not satisfies(have, evolve(want, variant="")):
        return None
    steps = _steps(have, want)
    if steps is None:
        return None
    return 2 * steps + (want.os_version not in ("", have.os_version))


def _steps(have: Platform, want: Platform) -> int | None:
    if have.variant == want.variant:
        return 0
    if not want.variant:
        return 1 if want.architecture else 0
    if not have.variant:
        return 1
    newest, needed = _level(want.variant), _level(have.variant)
    if newest is None or needed is None or needed > newest:
        return None
    # Armv9.0 split off from Armv8.5, so that v9.N has what is in v8.(N+5).
    if have.architecture == "arm64" and newest[0] > needed[0] and needed[1] > newest[1] + 5:
        return None
    return 100 * (newest[0] - needed[0]) + newest[1] - needed[1]


def _level(variant: str) -> tuple[int, int] | None:
    match = _LEVEL.fullmatch(variant)
    return None if match is None else (int(match[1]), int(match[2] or 0))


def best(offers: Iterable[tuple[Platform | None, T]], wanted: Platform) -> T | None:
    """
    Choose what suits `wanted` best; the first of equals; None when nothing suits.

    An offer without a platform is taken only when no other suits, and an
    `unknown/unknown` one (an attestation) never.

    >>> best([(parse("linux/arm/v6"), 6), (parse("linux/arm/v7"), 7)], parse("linux/arm/v8"))
    7
    """
    marked: list[tuple[int, T]] = []
    unmarked: list[T] = []
    for platform, offer in offers:
        if platform is None:
            unmarked.append(offer)
        elif not platform.unknown and (place := rank(platform, wanted)) is not None:
            marked.append((place, offer))
    if marked:
        return min(marked, key=lambda pair: pair[0])[1]
    return unmarked[0] if unmarked else None
