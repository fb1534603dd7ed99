"""
What would not be as it was meant, were an image put on another base.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ocikit.content.image import Image
from ocikit.content.stack import above
from ocikit.query.conflict import Conflict
from ocikit.query.finding import Severity

_ORDER: Final = (Severity.ERROR, Severity.WARNING, Severity.NOTE)
#: Fields of a configuration that are taken over from a base, beside its environment.
_TAKEN_OVER: Final = ("user", "working_dir", "entrypoint", "cmd", "shell", "stop_signal")


def conflicts(image: Image, old_base: Image, new_base: Image) -> tuple[Conflict, ...]:
    """
    Compare three trees of files, before an image is put on another base.

    It tells of files that both the image and the new base have changed or brought; of what
    the image takes away, and the new base has changed or has no more; of directories whose
    facts the image would put back, and of what is a directory on one side only; of links
    that would lead nowhere; of shared libraries, users and groups that the image relies on
    and the new base lacks; and of settings that would stay those of the old base. That
    files were changed at other times does not count.

    Args:
        image: what was built. Names and facts of all its layers are read; content only of
            files that are on both sides, and to look for libraries that are gone.
        old_base: what it was built on.
        new_base: what it is to be on.

    Returns:
        The conflicts, the worst first; none when both bases are the same.

    Raises:
        NotBasedOn: the lowest layers of the image are not those of the old base.
        NotAnImage: one of them is an artifact.
        LinkTargetMissing, TarInvalid, TarTruncated, TarTooLarge: a layer cannot be read.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> old, new = image(random.Random(1)), image(random.Random(2))
    >>> conflicts(old, old, new)
    ()
    """
    own = above(image, old_base)
    _ = [each.config_file for each in (image, old_base, new_base)]
    if old_base == new_base:
        return ()
    from ocikit.query import reliance, threeway
    from ocikit.query.bases import bases

    trees = bases(image, old_base, new_base, own)
    found = [
        *threeway.conflicts(trees),
        *reliance.conflicts(trees, image),
        *_settings(image, old_base, new_base),
    ]
    return tuple(sorted(found, key=lambda each: (_ORDER.index(each.severity), each.path)))


def _settings(image: Image, old_base: Image, new_base: Image) -> Iterator[Conflict]:
    """
    Tell what the image took over from the old base, and the new one has otherwise.
    """
    one, old, new = (each.config_file.config for each in (image, old_base, new_base))
    for field in _TAKEN_OVER:
        before, after = getattr(old, field), getattr(new, field)
        if before != after and getattr(one, field) == before:
            yield _setting(field, before, after)
    variables = [
        {name: value for name, _, value in (entry.partition("=") for entry in each.env)}
        for each in (one, old, new)
    ]
    for name in sorted(variables[1].keys() | variables[2].keys()):
        here, before, after = (each.get(name) for each in variables)
        if before != after and here == before:
            yield _setting(f"environment variable {name}", before, after)


def _setting(name: str, before: object, after: object) -> Conflict:
    sides = (
        "nothing" if side in (None, "", (), frozenset()) else repr(side) for side in (before, after)
    )
    old, new = sides
    message = f"{name} stays {old}, as in the old base; in the new one it is {new}"
    return Conflict(severity=Severity.NOTE, kind="setting", path="", message=message)
