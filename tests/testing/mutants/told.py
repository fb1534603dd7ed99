"""
Content in a few words: what it has that the empty image has not.
"""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from typing import Any

import attrs

from ocikit import media
from ocikit.content.image import Image, Index
from ocikit.content.layer import Layer
from ocikit.server.faults.plan import Fault
from ocikit.spec.config import ZERO_TIME, Config, ConfigFile
from ocikit.testing.holdings import Holdings

_PLAIN = ConfigFile(os="linux", architecture="amd64")


def told(value: Any) -> Iterator[str]:
    """
    Tell what a drawn value consists of; nothing for an empty image.
    """
    if isinstance(value, Image):
        yield from _image(value)
    elif isinstance(value, Index):
        yield f"index of {len(value.children)}"
        for child in value.children:
            yield from told(child.content)
        yield from (
            f"annotation {key}={text!r}" for key, text in value.manifest.annotations.items()
        )
    elif isinstance(value, tuple):
        for each in value:
            yield from told(each)
    elif isinstance(value, dict):
        yield from (f"{key}: {each!r}" for key, each in value.items())
    elif isinstance(value, Holdings):
        for name, content in value:
            tagged = name.partition("@")[0]
            yield f"{tagged}: {', '.join(told(content)) or 'nothing'}"
    elif isinstance(value, Fault):
        yield _fault(value)
    else:
        yield str(value)


def _image(image: Image) -> Iterator[str]:
    if media.is_docker(image.media_type):
        yield "Docker's types"
    yield from (f"annotation {key}={text!r}" for key, text in image.manifest.annotations.items())
    if image.manifest.subject is not None:
        yield "subject"
    if not media.is_config(image.config.media_type):
        yield f"artifact of {len(image.layers)} files"
        return
    yield from _config(image.config_file)
    yield from (_layer(layer) for layer in image.layers)


def _config(config: ConfigFile) -> Iterator[str]:
    platform = config.platform
    if platform != _PLAIN.platform:
        yield f"platform {platform}"
    yield from ("step without layer" for step in config.history if step.empty_layer)
    if config.author:
        yield "author"
    if config.created not in (None, "", ZERO_TIME):
        yield f"created {config.created}"
    yield from (f"member {name}" for name in config.extra)
    for field in attrs.fields(Config):
        value = getattr(config.config, field.name)
        if value != getattr(_PLAIN.config, field.name) and field.name not in ("source", "extra"):
            yield f"{field.name}={_short(value)}"


def _layer(layer: Layer) -> str:
    with tarfile.open(fileobj=io.BytesIO(layer.uncompressed().read())) as archive:
        return f"layer [{', '.join(member.name for member in archive)}]"


def _fault(fault: Fault) -> str:
    where = " ".join(part for part in (fault.method, fault.kind) if part)
    return f"{fault.befalls}{' to ' if where else ''}{where}"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) < 40 else f"{text[:40]}…"
