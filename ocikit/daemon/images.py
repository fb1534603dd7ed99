"""
The images of a container engine: load, flush, inspect, list, tag, delete.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from http.client import HTTPResponse
from typing import Any

from ocikit import media
from ocikit._records import record
from ocikit.content.compression import Compression
from ocikit.content.image import Image
from ocikit.daemon.call import ask, call, escaped
from ocikit.daemon.engine import Engine
from ocikit.daemon.faults import EngineImageMissing, EngineRefused
from ocikit.digest import Digest
from ocikit.files.copy import Map, Sink
from ocikit.name.parse import parse_reference
from ocikit.name.records import Pinned, Tag
from ocikit.progress import Event, Report, Update, quiet
from ocikit.tarball.archive import spooled
from ocikit.tarball.flush import contents_of, write
from ocikit.tarball.load import load_all


@record(kw_only=True)
class EngineImage:
    """
    One image that an engine has.
    """

    #: The digest of its configuration.
    id: str
    tags: tuple[str, ...]
    #: Bytes of its layers, uncompressed, as the engine counts them.
    size: int


def load(
    name: str,
    *,
    engine: Engine | None = None,
    compression: Compression | None = None,
    map: Map = map,
) -> Image:
    """
    Load an image from an engine, by reference or by image ID.

    The engine saves it into a spool of this process: its layers are read from there. The
    configuration is the engine's own, byte for byte.

    Args:
        name: a reference, or an image ID.
        engine: which; that of Docker's own socket when None.
        compression: how to compress layers, which engines keep unpacked; they stay so when
            None.
        map: called as the builtin is; one that has threads compresses several at once.

    Raises:
        EngineUnreachable: no engine answers.
        EngineImageMissing: it has no such image.
        EngineRefused: it could not save it.
    """
    asked = engine or Engine()
    found = inspect(name, engine=asked)
    target = f"/images/{escaped(_short(name))}/get"
    with call(asked, "GET", target, doing=f"save {name}", image=name) as response:
        archive = spooled(response)
    images = load_all(archive, compression=compression, map=map)
    ident = found.id.removeprefix("sha256:")
    for _, image in images:
        if image.config.digest.hex == ident:
            return image
    if len(images) == 1:
        return images[0][1]
    raise EngineImageMissing(image=name, host=asked.host)


def _short(name: str) -> str:
    """
    Write a name as engines file it: Docker Hub's without their host.
    """
    if name.startswith("sha256:"):
        return name
    reference = parse_reference(name, weak=True)
    return str(reference) if isinstance(reference, Pinned) else reference.familiar


def flush(
    name: str | Tag, image: Image, *, engine: Engine | None = None, report: Report = quiet
) -> None:
    """
    Load an image into an engine under a tag.

    Where the engine has it already, it is only tagged. Where a layer is compressed with
    zstd, which not every engine loads, or saves again, layers go there uncompressed.

    Raises:
        NameInvalid: `name` is not a tag.
        EngineUnreachable: no engine answers.
        EngineRefused: it could not load the image.
    """
    asked = engine or Engine()
    wanted = parse_reference(name, weak=True) if isinstance(name, str) else name
    tagged = wanted if isinstance(wanted, Tag) else wanted.repository.tag(wanted.tag or "latest")
    if _has(asked, image.config.digest):
        report(Update(event=Event.EXISTS, digest=image.digest, name=str(tagged)))
        tag(str(image.config.digest), tagged, engine=asked)
        return
    contents = contents_of(_without_zstd(image), tagged)

    def send(sink: Sink) -> None:
        write(sink, contents, report=report)

    doing = f"load {tagged}"
    with call(
        asked, "POST", "/images/load?quiet=1", doing=doing, size=contents.size, write=send
    ) as response:
        for said in _stream(response):
            if message := said.get("error") or said.get("errorDetail", {}).get("message"):
                raise EngineRefused(doing=doing, message=str(message))
    _retag(asked, image, tagged)


def _without_zstd(image: Image) -> Image:
    if all(media.compression_of(layer.media_type) != "zstd" for layer in image.layers):
        return image
    from ocikit.content.compression import Plain
    from ocikit.mutate.recompress import recompress

    return recompress(image, Plain())


def _retag(engine: Engine, image: Image, wanted: Tag) -> None:
    # Engines name what they load by rules of their own; what was asked for is made so.
    try:
        found = inspect(str(wanted), engine=engine)
    except EngineImageMissing:
        tag(str(image.config.digest), wanted, engine=engine)
        return
    if found.id.removeprefix("sha256:") != image.config.digest.hex:
        tag(str(image.config.digest), wanted, engine=engine)


def _has(engine: Engine, config: Digest) -> bool:
    try:
        return inspect(str(config), engine=engine).id.endswith(config.hex)
    except EngineImageMissing:
        return False


def _stream(response: HTTPResponse) -> Iterator[dict[str, Any]]:
    while line := response.readline(1 << 20):
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict):
            yield said


def inspect(name: str, *, engine: Engine | None = None) -> EngineImage:
    """
    Tell what an engine has under a reference or image ID.

    Raises:
        EngineUnreachable: no engine answers.
        EngineImageMissing: it has no such image.
    """
    target = f"/images/{escaped(_short(name))}/json"
    said = ask(engine or Engine(), "GET", target, doing=f"inspect {name}", image=name)
    return _described(said)


def _described(said: Any) -> EngineImage:
    return EngineImage(
        id=str(said.get("Id", "")),
        tags=tuple(said.get("RepoTags") or ()),
        size=int(said.get("Size", 0)),
    )


def images(*, engine: Engine | None = None) -> tuple[EngineImage, ...]:
    """
    List what an engine has.

    Raises:
        EngineUnreachable: no engine answers.
    """
    said = ask(engine or Engine(), "GET", "/images/json", doing="list images")
    return tuple(_described(each) for each in said or ())


def tag(name: str, new: str | Tag, *, engine: Engine | None = None) -> None:
    """
    Give an engine's image another tag.

    Raises:
        EngineUnreachable: no engine answers.
        EngineImageMissing: it has no such image.
    """
    wanted = parse_reference(new, weak=True) if isinstance(new, str) else new
    if not isinstance(wanted, Tag):
        wanted = wanted.repository.tag(wanted.tag or "latest")
    repository = wanted.familiar.removesuffix(f":{wanted.tag}")
    target = (
        f"/images/{escaped(_short(name))}/tag?repo={escaped(repository)}&tag={escaped(wanted.tag)}"
    )
    ask(engine or Engine(), "POST", target, doing=f"tag {name} as {wanted}", image=name)


def delete(name: str, *, engine: Engine | None = None) -> None:
    """
    Remove a tag from an engine, and the image when it was its last.

    Raises:
        EngineUnreachable: no engine answers.
        EngineImageMissing: it has no such image.
        EngineRefused: a container uses it.
    """
    target = f"/images/{escaped(_short(name))}"
    ask(engine or Engine(), "DELETE", target, doing=f"delete {name}", image=name)
