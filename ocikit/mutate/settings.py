"""
What a container of an image is run with: every field of its configuration.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Unpack, cast

from ocikit import platforms
from ocikit._records import EMPTY, evolve
from ocikit.content.image import Image
from ocikit.mutate.changes import ConfigChanges, changed
from ocikit.mutate.rebuild import rebuild, reconfigure
from ocikit.platforms import Platform
from ocikit.spec.config import ConfigFile


def config(image: Image, /, **changes: Unpack[ConfigChanges]) -> Image:
    """
    Set and remove fields of an image's configuration.

    The fields are those of `spec.config.ConfigFile` and `Config`, by their names there.
    None removes one. For `env` and `labels` a mapping changes the entries it names, in
    place, and leaves the others; None as a value removes an entry. So it does for
    `volumes` and `exposed_ports`, where True adds one. A sequence or a set replaces all
    that was there. Entrypoint and cmd do not touch one another. Single entries of the
    history are changed by `history`, parts of the health check by `healthcheck`.

    Raises:
        ConfigInvalid: there is no such field, or it cannot have such a value.
        NotAnImage: this is an artifact.

    >>> from ocikit.content.blob import of_bytes
    >>> from ocikit.spec.document import make
    >>> from ocikit.spec.manifest import Manifest
    >>> blob = of_bytes(make(ConfigFile()).raw, "application/vnd.oci.image.config.v1+json")
    >>> image = Image(document=make(Manifest(config=blob.descriptor)), config=blob, layers=())
    >>> config(image, entrypoint=["/run"], env={"MODE": "prod"}).config_file.config.env
    ('MODE=prod',)
    """
    return configure(image, cast("Mapping[str, object]", changes))


def configure(image: Image, changes: Mapping[str, object]) -> Image:
    """
    Set and remove fields of a configuration, given by name; see `config`.

    Raises:
        ConfigInvalid: there is no such field, or it cannot have such a value.
        NotAnImage: this is an artifact.
    """
    return rebuild(image, config=reconfigure(image, lambda file: changed(file, changes)))


def env(image: Image, set: Mapping[str, str] = EMPTY, remove: Iterable[str] = ()) -> Image:
    """
    Set and remove variables of an image's environment.

    A variable that is there is set in place; a new one goes to the end.

    Raises:
        ConfigInvalid: a name or a value cannot be one.
        NotAnImage: this is an artifact.
    """
    return config(image, env={**dict.fromkeys(remove), **set})


def labels(image: Image, set: Mapping[str, str] = EMPTY, remove: Iterable[str] = ()) -> Image:
    """
    Set and remove labels of an image's configuration.

    Raises:
        ConfigInvalid: a name or a value is not text.
        NotAnImage: this is an artifact.
    """
    return config(image, labels={**dict.fromkeys(remove), **set})


def platform(image: Image, platform: Platform | str) -> Image:
    """
    Say that an image is made for another platform.

    OS, architecture, variant and OS version are all overwritten, with nothing where the
    platform leaves them open; OS features only where it names some. The files of the
    image stay what they are.

    Raises:
        PlatformInvalid: the text is not a platform.
        NotAnImage: this is an artifact.
    """
    named = platforms.parse(platform) if isinstance(platform, str) else platform

    def change(file: ConfigFile) -> ConfigFile:
        return evolve(
            file,
            os=named.os,
            architecture=named.architecture,
            variant=named.variant,
            os_version=named.os_version,
            os_features=named.os_features or file.os_features,
        )

    return rebuild(image, config=reconfigure(image, change))
