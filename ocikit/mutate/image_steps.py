"""
Steps that change what an image says: its configuration, its manifest, its types.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, TypeVar, cast

import attrs

from ocikit import platforms
from ocikit._records import EMPTY, FrozenMap, record
from ocikit.content.image import Image, Index
from ocikit.mutate import flavours, members, settings
from ocikit.mutate.changes import ConfigChanges
from ocikit.mutate.frozen import by_name, settled, texts
from ocikit.mutate.healthcheck import HealthcheckChanges, check
from ocikit.mutate.history import HistoryChanges, revise
from ocikit.platforms import Platform
from ocikit.spec.descriptor import Descriptor

I = TypeVar("I", bound=Image | Index)  # noqa: E741  # an image or an index


def _changes(changes: ConfigChanges) -> ConfigChanges:
    return cast("ConfigChanges", settled(cast("Mapping[str, object]", changes)))


def _healthcheck(changes: HealthcheckChanges) -> HealthcheckChanges:
    return cast("HealthcheckChanges", settled(cast("Mapping[str, object]", changes)))


def _entry(changes: HistoryChanges) -> HistoryChanges:
    return cast("HistoryChanges", settled(cast("Mapping[str, object]", changes)))


def _platform(platform: Platform | str) -> Platform:
    return platforms.parse(platform) if isinstance(platform, str) else platform


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
class SetHealthcheck:
    """
    Set and remove parts of the health check, as `healthcheck` does.

    >>> SetHealthcheck({"test": "curl -f localhost", "interval": "30s"})
    SetHealthcheck(changes=FrozenMap({'test': 'curl -f localhost', 'interval': '30s'}))
    """

    changes: HealthcheckChanges = attrs.field(converter=_healthcheck)

    def __call__(self, image: Image) -> Image:
        """
        Change the image's health check.
        """
        return check(image, cast("Mapping[str, object]", self.changes))


@record
class EditHistory:
    """
    Set and remove members of one entry of the history, as `history` does.

    >>> EditHistory(-1, {"created_by": None})
    EditHistory(position=-1, changes=FrozenMap({'created_by': None}))
    """

    position: int
    changes: HistoryChanges = attrs.field(converter=_entry)

    def __call__(self, image: Image) -> Image:
        """
        Change an entry of the image's history.
        """
        return revise(image, self.position, cast("Mapping[str, object]", self.changes))


@record
class SetEnv:
    """
    Set and remove environment variables, as `env` does.
    """

    set: FrozenMap[str, str] = attrs.field(default=EMPTY, converter=by_name)
    remove: tuple[str, ...] = attrs.field(default=(), converter=texts)

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

    set: FrozenMap[str, str] = attrs.field(default=EMPTY, converter=by_name)
    remove: tuple[str, ...] = attrs.field(default=(), converter=texts)

    def __call__(self, image: Image) -> Image:
        """
        Label the image.
        """
        return settings.labels(image, self.set, self.remove)


@record
class SetPlatform:
    """
    Overwrite the platform, as `platform` does.

    Raises:
        PlatformInvalid: the text is not a platform.
    """

    platform: Platform = attrs.field(converter=_platform)

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

    set: FrozenMap[str, str] = attrs.field(default=EMPTY, converter=by_name)
    remove: tuple[str, ...] = attrs.field(default=(), converter=texts)

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
