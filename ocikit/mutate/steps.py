"""
Mutations as records: called, printed, compared, pickled, shrunk.

A pipeline is a tuple of them; `ocikit.mutate.pipeline` applies it. Those that have a true
`whole` take an index as it is; over the others, every image of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, TypeVar, cast

import attrs

from ocikit._records import EMPTY, FrozenMap, record
from ocikit.content.image import Image, Index
from ocikit.content.layer import Layer
from ocikit.mutate import children, flavours, layers, members, settings
from ocikit.mutate.changes import ConfigChanges
from ocikit.mutate.children import Match
from ocikit.mutate.layers import Histories
from ocikit.platforms import Platform
from ocikit.spec.config import History
from ocikit.spec.descriptor import Descriptor

I = TypeVar("I", bound=Image | Index)  # noqa: E741  # an image or an index


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return FrozenMap({key: _frozen(each) for key, each in value.items()})
    if isinstance(value, set):
        return frozenset(value)
    return tuple(value) if isinstance(value, list) else value


def _changes(changes: ConfigChanges) -> ConfigChanges:
    return cast("ConfigChanges", _frozen(changes))


def _texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(texts)


def _by_name(texts: Mapping[str, str]) -> FrozenMap[str, str]:
    return FrozenMap(texts)


def _layers(layers: Iterable[Layer]) -> tuple[Layer, ...]:
    return tuple(layers)


def _history(history: Histories | None) -> History | tuple[History, ...] | None:
    return history if history is None or isinstance(history, History) else tuple(history)


@record
class Append:
    """
    Put layers on top, as `append` does.
    """

    layers: tuple[Layer, ...] = attrs.field(converter=_layers)
    history: History | tuple[History, ...] | None = attrs.field(default=None, converter=_history)
    created: str | None = None
    created_by: str = ""

    def __call__(self, image: Image) -> Image:
        """
        Append to the image.
        """
        return layers.append(
            image,
            *self.layers,
            history=self.history,
            created=self.created,
            created_by=self.created_by,
        )


@record
class SetConfig:
    """
    Set and remove fields of the configuration, as `config` does.

    >>> SetConfig({"entrypoint": ["/run"], "cmd": None})
    SetConfig(changes=FrozenMap({'entrypoint': ('/run',), 'cmd': None}))
    """

    changes: ConfigChanges = attrs.field(converter=_changes)

    def __call__(self, image: Image) -> Image:
        """
        Configure the image.
        """
        return settings.configure(image, cast("Mapping[str, object]", self.changes))


@record
class SetEnv:
    """
    Set and remove environment variables, as `env` does.
    """

    set: FrozenMap[str, str] = attrs.field(default=EMPTY, converter=_by_name)
    remove: tuple[str, ...] = attrs.field(default=(), converter=_texts)

    def __call__(self, image: Image) -> Image:
        """
        Change the image's environment.
        """
        return settings.env(image, self.set, self.remove)


@record
class SetLabels:
    """
    Set and remove labels, as `labels` does.
    """

    set: FrozenMap[str, str] = attrs.field(default=EMPTY, converter=_by_name)
    remove: tuple[str, ...] = attrs.field(default=(), converter=_texts)

    def __call__(self, image: Image) -> Image:
        """
        Label the image.
        """
        return settings.labels(image, self.set, self.remove)


@record
class SetPlatform:
    """
    Overwrite the platform, as `platform` does.
    """

    platform: Platform | str

    def __call__(self, image: Image) -> Image:
        """
        Name the image's platform.
        """
        return settings.platform(image, self.platform)


@record
class SetConfigType:
    """
    Set the media type of the configuration, as `config_type` does.
    """

    media_type: str

    def __call__(self, image: Image) -> Image:
        """
        Retype the image's configuration.
        """
        return members.config_type(image, self.media_type)


@record
class Annotate:
    """
    Set and remove annotations of manifests, as `annotations` does.

    Over an index `apply` annotates its images; `AnnotateIndex` is for the index itself.
    """

    set: FrozenMap[str, str] = attrs.field(default=EMPTY, converter=_by_name)
    remove: tuple[str, ...] = attrs.field(default=(), converter=_texts)

    def __call__(self, content: I) -> I:
        """
        Annotate an image, or an index itself.
        """
        return members.annotations(content, self.set, self.remove)


@record
class SetSubject:
    """
    Say what manifests are about, as `subject` does.
    """

    descriptor: Descriptor | None

    def __call__(self, content: I) -> I:
        """
        Set the subject of an image or index.
        """
        return members.subject(content, self.descriptor)


@record
class SetMediaType:
    """
    Set the media type of manifests, as `media_type` does.
    """

    media_type: str

    def __call__(self, content: I) -> I:
        """
        Retype an image or index.
        """
        return members.media_type(content, self.media_type)


@record
class SetArtifactType:
    """
    Say what kind of artifact manifests are, as `artifact_type` does.
    """

    artifact_type: str | None

    def __call__(self, content: I) -> I:
        """
        Set the artifact type of an image or index.
        """
        return members.artifact_type(content, self.artifact_type)


@record
class ToDocker:
    """
    Turn media types into Docker's, as `docker` does; an index with all its images.
    """

    whole: ClassVar[bool] = True

    def __call__(self, content: I) -> I:
        """
        Convert an image or index.
        """
        return flavours.docker(content)


@record
class ToOCI:
    """
    Turn media types into OCI's, as `oci` does; an index with all its images.
    """

    whole: ClassVar[bool] = True

    def __call__(self, content: I) -> I:
        """
        Convert an image or index.
        """
        return flavours.oci(content)


@record
class AnnotateIndex:
    """
    Set and remove annotations of an index itself; an image stays as it is.
    """

    whole: ClassVar[bool] = True
    set: FrozenMap[str, str] = attrs.field(default=EMPTY, converter=_by_name)
    remove: tuple[str, ...] = attrs.field(default=(), converter=_texts)

    def __call__(self, content: I) -> I:
        """
        Annotate an index.
        """
        if isinstance(content, Image):
            return content
        return members.annotations(content, self.set, self.remove)


@record
class Keep:
    """
    Keep the children of an index that match, as `keep` does; an image stays as it is.
    """

    whole: ClassVar[bool] = True
    match: Match

    def __call__(self, content: I) -> I:
        """
        Filter an index.
        """
        return (
            content if isinstance(content, Image) else cast("I", children.keep(content, self.match))
        )


@record
class Remove:
    """
    Take out children of an index, as `remove` does; an image stays as it is.
    """

    whole: ClassVar[bool] = True
    match: Match

    def __call__(self, content: I) -> I:
        """
        Filter an index.
        """
        if isinstance(content, Image):
            return content
        return cast("I", children.remove(content, self.match))
