"""
Steps that change an index itself; an image stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, TypeVar, cast

import attrs

from ocikit import platforms
from ocikit._records import EMPTY, FrozenMap, record
from ocikit.content.image import Child, Content, Image, Index
from ocikit.digest import Digest
from ocikit.mutate import children, members
from ocikit.mutate.attestations import Attestations
from ocikit.mutate.children import Match
from ocikit.mutate.frozen import by_name, texts
from ocikit.platforms import Platform
from ocikit.spec.descriptor import Descriptor

I = TypeVar("I", bound=Image | Index)  # noqa: E741  # an image or an index


def _contents(contents: Iterable[Content | Child]) -> tuple[Content | Child, ...]:
    return tuple(contents)


def _digest(digest: Digest | str) -> Digest:
    return Digest.parse(digest) if isinstance(digest, str) else digest


def _platform(platform: Platform | str | None) -> Platform | None:
    return platforms.parse(platform) if isinstance(platform, str) else platform


@record
class AnnotateIndex:
    """
    Set and remove annotations of an index itself; an image stays as it is.
    """

    whole: ClassVar[bool] = True
    set: FrozenMap[str, str] = attrs.field(default=EMPTY, converter=by_name)
    remove: tuple[str, ...] = attrs.field(default=(), converter=texts)

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


@record
class Add:
    """
    Put content at the end of an index, as `add` does; an image stays as it is.
    """

    whole: ClassVar[bool] = True
    contents: tuple[Content | Child, ...] = attrs.field(converter=_contents)

    def __call__(self, content: I) -> I:
        """
        Add to an index.
        """
        if isinstance(content, Image):
            return content
        return cast("I", children.add(content, *self.contents))


@record
class Replace:
    """
    Put content in the place of a child, as `replace` does; an image stays as it is.
    """

    whole: ClassVar[bool] = True
    old: Digest = attrs.field(converter=_digest)
    content: Content
    attestations: Attestations = "relink"

    def __call__(self, content: I) -> I:
        """
        Replace a child of an index.
        """
        if isinstance(content, Image):
            return content
        made = children.replace(content, self.old, self.content, attestations=self.attestations)
        return cast("I", made)


@record
class Describe:
    """
    Say something else of children, as `describe` does; an image stays as it is.
    """

    whole: ClassVar[bool] = True
    match: Match
    platform: Platform | None = attrs.field(default=None, converter=_platform)
    annotations: FrozenMap[str, str] = attrs.field(default=EMPTY, converter=by_name)
    remove_annotations: tuple[str, ...] = attrs.field(default=(), converter=texts)
    artifact_type: str | None = None

    def __call__(self, content: I) -> I:
        """
        Describe children of an index.
        """
        if isinstance(content, Image):
            return content
        made = children.describe(
            content,
            self.match,
            platform=self.platform,
            annotations=self.annotations,
            remove_annotations=self.remove_annotations,
            artifact_type=self.artifact_type,
        )
        return cast("I", made)


@record
class SetIndexType:
    """
    Set the media type of an index itself; an image stays as it is.

    `ToDocker` and `ToOCI` turn it into the other family with all its images.
    """

    whole: ClassVar[bool] = True
    media_type: str

    def __call__(self, content: I) -> I:
        """
        Retype an index.
        """
        return (
            content if isinstance(content, Image) else members.media_type(content, self.media_type)
        )


@record
class SetIndexSubject:
    """
    Say what an index itself is about; an image stays as it is.
    """

    whole: ClassVar[bool] = True
    descriptor: Descriptor | None

    def __call__(self, content: I) -> I:
        """
        Set the subject of an index.
        """
        if isinstance(content, Image):
            return content
        return members.subject(content, self.descriptor)


@record
class SetIndexArtifactType:
    """
    Say what kind of artifact an index itself is; an image stays as it is.
    """

    whole: ClassVar[bool] = True
    artifact_type: str | None

    def __call__(self, content: I) -> I:
        """
        Set the artifact type of an index.
        """
        if isinstance(content, Image):
            return content
        return members.artifact_type(content, self.artifact_type)
