"""
Platforms: parse, print, normalise, match, and choose the best of several.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final, TypeVar

import attrs

from ocikit._records import EMPTY, JSON, FrozenMap, evolve, member, record
from ocikit.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")

_PART = re.compile(r"[A-Za-z0-9_.-]+")
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
#: The variant a bare architecture means; it is left out when normalised.
_BASELINE: Final = {"arm64": "v8", "amd64": "v1"}


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
    Read `os[/arch[/variant]][:osversion]`, normalised.

    Raises:
        PlatformInvalid: a part is empty or has odd characters, or there are too many.

    >>> str(parse("linux/aarch64"))
    'linux/arm64'
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
    return normalise(
        Platform(os=os, architecture=architecture, variant=variant, os_version=version)
    )


def normalise(platform: Platform) -> Platform:
    """
    Give the one spelling of a platform that is written in several ways.

    Names are lower-cased, `aarch64` is `arm64`, `x86_64` is `amd64`, `arm64/v8` is
    `arm64`, `arm` is `arm/v7`, as Docker and containerd have it.

    >>> str(normalise(Platform(os="Linux", architecture="armhf")))
    'linux/arm/v7'
    """
    os = platform.os.lower()
    spelt = platform.architecture.lower()
    architecture = _ARCHITECTURES.get(spelt, spelt)
    variant = platform.variant.lower() or _IMPLIED_VARIANTS.get(spelt, "")
    if variant.isdigit():
        variant = f"v{variant}"
    if architecture == "arm":
        variant = variant or "v7"
    elif variant == _BASELINE.get(architecture):
        variant = ""
    return evolve(platform, os=_SYSTEMS.get(os, os), architecture=architecture, variant=variant)


def satisfies(given: Platform, wanted: Platform) -> bool:
    """
    Tell whether `given` is what `wanted` asks for; what `wanted` leaves open is free.

    Both are normalised first. A variant is asked for exactly; an OS version by prefix
    of its dotted parts; features must all be there.
    """
    have, want = normalise(given), normalise(wanted)
    if want.architecture == "arm" and not wanted.variant and "arm" in wanted.architecture:
        want = evolve(want, variant="" if wanted.architecture == "arm" else want.variant)
    return (
        want.os in ("", have.os)
        and want.architecture in ("", have.architecture)
        and want.variant in ("", have.variant)
        and _version_within(have.os_version, want.os_version)
        and set(want.os_features) <= set(have.os_features)
        and set(want.features) <= set(have.features)
    )


def _version_within(have: str, want: str) -> bool:
    return not want or have == want or have.startswith(f"{want}.")


def _variant_number(variant: str) -> int:
    digits = variant.removeprefix("v")
    return int(digits) if digits.isdigit() else 0


def rank(given: Platform, wanted: Platform) -> int | None:
    """
    Tell how well a machine of platform `wanted` runs `given`: 0 best, None not at all.

    A machine runs its own variant and older ones of its architecture: `arm/v7` runs v6
    and v5, `amd64/v3` runs v2 and plain amd64. 64-bit machines are not offered 32-bit
    images.
    """
    have, want = normalise(given), normalise(wanted)
    plain = evolve(want, variant="", architecture="")
    if have.architecture != want.architecture and want.architecture:
        return None
    if not satisfies(have, plain):
        return None
    newest = _variant_number(want.variant or _BASELINE.get(have.architecture, ""))
    needs = _variant_number(have.variant or _BASELINE.get(have.architecture, ""))
    if want.variant and newest == 0:
        return 0 if have.variant == want.variant else None
    if have.variant and needs > newest:
        return None
    return newest - needs


def best(offers: Iterable[tuple[Platform | None, T]], wanted: Platform) -> T | None:
    """
    Choose what suits `wanted` best; the first of equals; None when nothing suits.

    An offer without a platform is taken only when no other suits, and an
    `unknown/unknown` one (an attestation) never.

    >>> best([(parse("linux/arm/v6"), 6), (parse("linux/arm/v7"), 7)], parse("linux/arm/v8"))
    7
    """
    ranked: list[tuple[int, T]] = []
    unmarked: Sequence[T] = ()
    for platform, offer in offers:
        if platform is None:
            unmarked = unmarked or (offer,)
        elif not platform.unknown and (place := rank(platform, wanted)) is not None:
            ranked.append((place, offer))
    if ranked:
        return min(ranked, key=lambda pair: pair[0])[1]
    return unmarked[0] if unmarked else None
