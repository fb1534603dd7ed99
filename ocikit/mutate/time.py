"""
Images of one time, whenever they were made.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from ocikit import media
from ocikit._records import evolve
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.mutate.changes import ConfigInvalid, check_time
from ocikit.mutate.rebuild import rebuild, reconfigure
from ocikit.mutate.remade import with_layers, written_again
from ocikit.mutate.settings import config
from ocikit.spec.config import ConfigFile

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def time(image: Image, when: int | str, *, clamp: bool = False) -> Image:
    """
    Say that everything in an image was made at one time, so that it can be made again.

    The time becomes that of every file in every layer, of the configuration, and of all
    entries of its history. All else stays: annotations, media types, how layers are
    compressed, and what nobody knows. A layer in which no time changes stays as it is.

    Args:
        image: its layers are read once; foreign ones are not ours, and left alone.
        when: seconds since 1970, or a time as configurations have it (RFC 3339). Files
            get whole seconds, and none before 1970: those of Go's zero time are of 1970.
        clamp: leave what is earlier, so that nothing is later than `when`. This is what
            SOURCE_DATE_EPOCH asks of builds: files keep the time they have of their
            sources, and only what the build itself made has that of the build.

    Raises:
        ConfigInvalid: that is no time.
        NotAnImage: this is an artifact.
        DiffIDMismatch: a layer is not the one that the configuration speaks of.
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.

    >>> from ocikit.content.synthetic import image
    >>> import random
    >>> time(image(random.Random(1)), 0).config_file.created
    '1970-01-01T00:00:00Z'
    """
    text = check_time("created", _text(when) if isinstance(when, int) else when)
    moment = _moment(text)

    def at(written: str) -> str:
        return written if clamp and _is_until(written, moment) else text

    def change(file: ConfigFile) -> ConfigFile:
        history = tuple(evolve(entry, created=at(entry.created)) for entry in file.history)
        return evolve(file, created=at(file.created), history=history)

    _ = image.config_document
    seconds = max((moment - _EPOCH) // timedelta(seconds=1), 0)
    layers = tuple(_layer(image, layer, seconds, clamp) for layer in image.layers)
    return with_layers(rebuild(image, config=reconfigure(image, change)), layers)


def canonical(image: Image) -> Image:
    """
    Take out of an image what says when, where and by what it was made.

    Everything is of 1970 (see `time`), and the configuration names no container, no host
    and no version of an engine. All else stays.

    Raises:
        NotAnImage: this is an artifact.
        DiffIDMismatch: a layer is not the one that the configuration speaks of.
        TarInvalid, TarTruncated, TarTooLarge: a layer is not a good archive.
    """
    return config(time(image, 0), container=None, hostname=None, docker_version=None)


def _layer(image: Image, layer: Layer, seconds: int, clamp: bool) -> Layer:
    if not media.is_layer(layer.media_type) or media.is_foreign(layer.media_type):
        return layer
    from ocikit.tree.checked import checked
    from ocikit.tree.retime import Retimed

    with checked([layer])[0].uncompressed() as stream:
        archive = Retimed(stream, seconds, clamp=clamp)
        made = written_again(image, layer, archive.pieces())
    return made if archive.changed else layer


def _text(seconds: int) -> str:
    try:
        return (_EPOCH + timedelta(seconds=seconds)).isoformat().replace("+00:00", "Z")
    except OverflowError:
        raise _not_a_time(seconds) from None


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise _not_a_time(text) from None


def _is_until(written: str, moment: datetime) -> bool:
    try:
        return datetime.fromisoformat(written) <= moment
    except (ValueError, TypeError):
        # What is no time, or of no known zone, may be any.
        return False


def _not_a_time(value: int | str) -> ConfigInvalid:
    return ConfigInvalid(field="created", reason=f"{value!r} is no time")
