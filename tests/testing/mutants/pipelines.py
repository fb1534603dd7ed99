"""
Pipelines with a bug each.
"""

from __future__ import annotations

import itertools
import time
from pathlib import Path
from typing import Any, Final

from ocikit import media, mutate
from ocikit._records import EMPTY, FrozenMap, evolve
from ocikit.content.blob import of_bytes
from ocikit.content.image import Image
from ocikit.content.partial import image_of
from ocikit.spec.config import ConfigFile
from ocikit.spec.document import make
from ocikit.testing import laws
from ocikit.testing import strategies as oci
from tests.testing.mutants.found import Mutant, by_law

_DAY: Final = 86400 * 10**9
_COUNT = itertools.count()


def _with(image: Image, config: ConfigFile | None = None, **more: Any) -> Image:
    """
    Make an image again, of another configuration or with other members of its manifest.
    """
    members: dict[str, Any] = {
        "docker": media.is_docker(image.media_type),
        "annotations": image.manifest.annotations,
        "subject": image.manifest.subject,
        **more,
    }
    return image_of(image.config_file if config is None else config, image.layers, **members)


def miscounted(image: Image) -> Image:
    """
    Says of steps without a layer that they made one.
    """
    history = tuple(evolve(step, empty_layer=False) for step in image.config_file.history)
    return _with(image, evolve(image.config_file, history=history))


def reversed_ids(image: Image) -> Image:
    """
    Lists diff IDs from the top.
    """
    rootfs = image.config_file.rootfs
    turned = evolve(rootfs, diff_ids=rootfs.diff_ids[::-1])
    document = make(evolve(image.config_file, rootfs=turned))
    config = of_bytes(document.raw, image.config.media_type)
    manifest = evolve(image.manifest, config=config.descriptor)
    return evolve(image, document=make(manifest, image.media_type), config=config)


def wrong_size(image: Image) -> Image:
    """
    Says of each layer that it is as large as the first.
    """
    first = image.manifest.layers[0].size if image.layers else 0
    sized = tuple(evolve(each, size=first) for each in image.manifest.layers)
    manifest = evolve(image.manifest, layers=sized)
    layers = tuple(
        evolve(layer, blob=evolve(layer.blob, descriptor=said))
        for layer, said in zip(image.layers, sized, strict=True)
    )
    return evolve(image, document=make(manifest, image.media_type), layers=layers)


def no_empty_annotations(image: Image) -> Image:
    """
    Takes an annotation that says nothing for none.
    """
    kept = {key: text for key, text in image.manifest.annotations.items() if text}
    return _with(image, annotations=FrozenMap(kept))


def without_variant(image: Image) -> Image:
    """
    Takes ARM for ARM.
    """
    return _with(image, evolve(image.config_file, variant=""))


def without_unknown(image: Image) -> Image:
    """
    Writes what it knows of the configuration.
    """
    return _with(image, evolve(image.config_file, extra=EMPTY, source=None))


def other_family(image: Image) -> Image:
    """
    Makes OCI's layers of Docker's, and leaves the rest.
    """
    turned = tuple(
        evolve(layer, blob=evolve(layer.blob, descriptor=evolve(layer.descriptor, media_type=kind)))
        for layer in image.layers
        for kind in [media.OCI_LAYER_GZIP if "gzip" in layer.media_type else media.OCI_LAYER]
        if media.is_docker(layer.media_type)
    )
    if len(turned) != len(image.layers):
        return image
    return image_of(image.config_file, turned, docker=media.is_docker(image.media_type))


def wrapped(image: Image) -> Image:
    """
    Puts a program before the entrypoint, each time.
    """
    entrypoint = image.config_file.config.entrypoint
    return mutate.config(image, entrypoint=("init", *entrypoint)) if entrypoint else image


def stamped(image: Image) -> Image:
    """
    Says when it was made.
    """
    now = time.gmtime(next(_COUNT) * _DAY // 10**9)
    return mutate.config(image, created=time.strftime("%Y-%m-%dT%H:%M:%SZ", now))


def remembering(image: Image, seen: list[str] = []) -> Image:  # noqa: B006 - the bug
    """
    Keeps what it saw in a default that all calls share.
    """
    seen += image.config_file.config.env
    return mutate.labels(image, set={"variables": str(len(seen))})


def marking(image: Image) -> Image:
    """
    Notes in what it was given that it has seen it.
    """
    for value in image.config_file.extra.values():
        if isinstance(value, list):
            value.append("seen")
    return image


def opening(image: Image) -> Image:
    """
    Reads its layers to say how large they are.
    """
    size = sum(len(layer.uncompressed().read()) for layer in image.layers)
    return mutate.labels(image, set={"size": str(size)})


def looking(image: Image) -> Image:
    """
    Looks at the machine on which it runs.
    """
    return mutate.labels(image, set={"on": str(len(Path("/proc/self/maps").read_bytes()) > 0)})


def without_empty_variables(image: Image) -> Image:
    """
    Takes a variable that is empty for none.
    """
    run = image.config_file.config
    kept = tuple(text for text in run.env if text.partition("=")[2])
    return _with(image, evolve(image.config_file, config=evolve(run, env=kept)))


def plain_labels(image: Image) -> Image:
    """
    Writes labels in ASCII.
    """
    run = image.config_file.config
    kept = {key: text.encode("ascii", "ignore").decode("ascii") for key, text in run.labels.items()}
    made = evolve(run, labels=FrozenMap(kept))
    return _with(image, evolve(image.config_file, config=made))


def whole_seconds(image: Image) -> Image:
    """
    Cuts times to seconds.
    """
    created = image.config_file.created
    whole = created.partition(".")[0] + "Z" if created and "." in created else created
    return _with(image, evolve(image.config_file, created=whole))


def replacing(image: Image) -> Image:
    """
    Puts labels in place of those that are there.
    """
    run = evolve(image.config_file.config, labels=FrozenMap(mine="yes"))
    return _with(image, evolve(image.config_file, config=run))


def without_subject(image: Image) -> Image:
    """
    Forgets what an image is about.
    """
    return _with(image, subject=None)


def top_only(image: Image) -> Image:
    """
    Squashes, and loses the layer in the middle.
    """
    return mutate.remove_layers(image, 1) if len(image.layers) > 2 else image


def _labelled(image: Image) -> Image:
    return mutate.labels(image, set={"theirs": "yes"})


_UNKNOWN: Final = oci.images(config=oci.configs(extra=oci.extras()))
_ABOUT: Final = oci.images(subject=oci.descriptors(media_type=media.OCI_MANIFEST))

MUTANTS: Final = (
    Mutant(
        "history miscounts steps without layer", "`laws.valid`", by_law(laws.valid, miscounted), 1
    ),
    Mutant("diff IDs in the wrong order", "`laws.valid`", by_law(laws.valid, reversed_ids), 2),
    Mutant("size taken from the wrong layer", "`laws.valid`", by_law(laws.valid, wrong_size), 2),
    Mutant(
        "empty annotation dropped",
        "`laws.preserves`",
        by_law(laws.preserves("annotations"), no_empty_annotations),
        1,
    ),
    Mutant(
        "variant of the platform dropped",
        "`laws.preserves`",
        by_law(laws.preserves("platform"), without_variant),
        1,
    ),
    Mutant(
        "members unknown dropped",
        "`laws.keeps_unknown`",
        by_law(laws.keeps_unknown, without_unknown, _UNKNOWN),
        1,
    ),
    Mutant(
        "media type of the wrong family",
        "`laws.valid`",
        by_law(laws.valid, other_family),
        2,
    ),
    Mutant("entrypoint wrapped again", "`laws.idempotent`", by_law(laws.idempotent, wrapped), 1),
    Mutant("uses the clock", "`laws.deterministic`", by_law(laws.deterministic, stamped), 0),
    Mutant(
        "shared state changed", "`laws.deterministic`", by_law(laws.deterministic, remembering), 1
    ),
    Mutant("input changed", "`laws.pure`", by_law(laws.pure, marking, _UNKNOWN), 1),
    Mutant("opens layers", "`laws.lazy`", by_law(laws.lazy, opening), 1),
    Mutant("looks at the machine", "`laws.pure`", by_law(laws.pure, looking), 0),
    Mutant(
        "empty variable dropped",
        "`laws.preserves`",
        by_law(laws.preserves("env"), without_empty_variables),
        1,
    ),
    Mutant(
        "label not in ASCII", "`laws.preserves`", by_law(laws.preserves("labels"), plain_labels), 1
    ),
    Mutant(
        "time cut to seconds",
        "`laws.preserves`",
        by_law(laws.preserves("created"), whole_seconds),
        1,
    ),
    Mutant(
        "labels replaced, not added",
        "`laws.commutes`",
        by_law(laws.commutes(_labelled), replacing),
        0,
    ),
    Mutant(
        "subject dropped",
        "`laws.preserves`",
        by_law(laws.preserves("subject"), without_subject, _ABOUT),
        1,
    ),
    Mutant(
        "layer in the middle lost",
        "`laws.preserves_files`",
        by_law(laws.preserves_files(), top_only),
        3,
    ),
)
