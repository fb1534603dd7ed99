"""
How an engine finds out whether a container is well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, TypedDict, Unpack, cast

import attrs

from ocikit._records import evolve
from ocikit._regex import regex
from ocikit.content.image import Image
from ocikit.mutate.changes import ConfigInvalid
from ocikit.mutate.settings import config
from ocikit.spec.config import Healthcheck

_UNITS: Final = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
}
_PART = regex(r"([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h)")
_KINDS: Final = ("CMD", "CMD-SHELL", "NONE")


class HealthcheckChanges(TypedDict, total=False):
    """
    The fields that `healthcheck` sets; None removes any of them.

    Durations are nanoseconds, or text such as `1m30s`.
    """

    test: str | Sequence[str] | None
    interval: int | str | None
    timeout: int | str | None
    start_period: int | str | None
    start_interval: int | str | None
    retries: int | None


def healthcheck(image: Image, /, **changes: Unpack[HealthcheckChanges]) -> Image:
    """
    Set and remove parts of an image's health check; what is not named stays.

    A test is a command for the shell, as text, or a sequence that begins with CMD,
    CMD-SHELL or NONE: that of one turns off what the image inherits. To remove the check
    as a whole use `config(image, healthcheck=None)`.

    Raises:
        ConfigInvalid: a part cannot have such a value.
        NotAnImage: this is an artifact.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> made = healthcheck(image(random.Random(1)), test="curl -f localhost", interval="1m30s")
    >>> made.config_file.config.healthcheck.test, made.config_file.config.healthcheck.interval
    (('CMD-SHELL', 'curl -f localhost'), 90000000000)
    """
    return check(image, cast("Mapping[str, object]", changes))


def check(image: Image, changes: Mapping[str, object]) -> Image:
    """
    Set and remove parts of a health check, given by name; see `healthcheck`.

    Raises:
        ConfigInvalid: there is no such part, or it cannot have such a value.
        NotAnImage: this is an artifact.
    """
    old = image.config_file.config.healthcheck
    parts = {name: _part(name, value) for name, value in changes.items()}
    if not parts:
        return image
    made = evolve(old or Healthcheck(), **parts)
    return config(image, healthcheck=None if made == Healthcheck() else made)


_DEFAULTS: Final = {
    field.name: field.default
    for field in attrs.fields(Healthcheck)
    if field.name not in ("extra", "source")
}


def _part(name: str, value: object) -> Any:
    if name not in _DEFAULTS:
        raise _invalid(name, "there is no such part that can be set")
    if value is None:
        return _DEFAULTS[name]
    if name == "test":
        return _test(value)
    if name != "retries" and isinstance(value, str):
        value = _nanoseconds(name, value)
    if type(value) is not int or value < 0:
        wanted = "a whole number" if name == "retries" else "nanoseconds, or text such as 1m30s"
        raise _invalid(name, f"expected {wanted}, got {value!r}")
    return value


def _test(value: object) -> tuple[str, ...]:
    if isinstance(value, str):
        return ("CMD-SHELL", value)
    words = tuple(cast("Sequence[object]", value)) if isinstance(value, Sequence) else ()
    if not words or words[0] not in _KINDS or not all(type(word) is str for word in words):
        raise _invalid("test", f"expected text, or a sequence after {_KINDS}, got {value!r}")
    return cast("tuple[str, ...]", words)


def _nanoseconds(name: str, text: str) -> int:
    parts = _PART.findall(text)
    if text != "".join(number + unit for number, unit in parts) or not parts:
        raise _invalid(name, f"{text!r} is no duration such as 1m30s")
    return int(sum(Decimal(number) * _UNITS[unit] for number, unit in parts))


def _invalid(name: str, reason: str) -> ConfigInvalid:
    return ConfigInvalid(field=f"healthcheck.{name}", reason=reason)
