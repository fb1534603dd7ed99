"""
What the commands of `ocikit edit` share.
"""

from __future__ import annotations

from datetime import UTC, datetime

from ocikit import media
from ocikit._records import evolve
from ocikit.cli.output import emit_content, notice
from ocikit.cli.targets import Aim
from ocikit.content.image import Content, Image
from ocikit.content.layer import DiffIDs
from ocikit.crane.located import locate
from ocikit.crane.options import Options
from ocikit.crane.places import flush, load
from ocikit.errors import Corrupt
from ocikit.name.locator import RegistryPlace


def whole(image: str, known: Options) -> Content:
    """
    Load what is edited; an index with all its platforms.
    """
    return load(image, evolve(known, platforms=()))


def written(image: str, old: Content, new: Content, target: Aim, known: Options) -> None:
    """
    Write what was edited, and tell where it is; nothing is written where nothing changed.
    """
    if new == old and new.media_type == old.media_type:
        notice("nothing changed, and nothing was written")
        emit_content(_name(image, old, known), old.descriptor)
    else:
        emit_content(flush(target.at(new), new, known), new.descriptor)


def _name(image: str, content: Content, known: Options) -> str:
    place = locate(image, known)
    if isinstance(place, RegistryPlace):
        return str(place.reference.repository.pin(content.digest))
    return str(place)


def tell_mismatch(new: Content, known: Options) -> None:
    """
    Say so when a configuration lists other layers than there are, as it may for a while.
    """
    if isinstance(new, Image) and media.is_config(new.config.media_type):
        try:
            _ = DiffIDs(new.config, len(new.layers)).values
        except Corrupt as error:
            known.notice(f"{error}; edit the config, too")


def time_of(seconds: int) -> str:
    """
    Write a time as histories have it.

    >>> time_of(0)
    '1970-01-01T00:00:00Z'
    """
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
