"""
The options of `ocikit mutate` as steps, in the order in which they are done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ClassVar, TypeVar

from ocikit._records import FrozenMap, evolve, record
from ocikit.cli.config_changes import config_changes
from ocikit.cli.layer_changes import last_changes, layer_changes
from ocikit.cli.names import pairs
from ocikit.content.image import Image, Index
from ocikit.crane.options import Options
from ocikit.mutate import flavours, members
from ocikit.mutate.attestations import Attestations
from ocikit.mutate.pipeline import Pipeline
from ocikit.mutate.steps import SetPlatform, ToDocker, ToOCI
from ocikit.spec.descriptor import Descriptor

C = TypeVar("C", bound=Image | Index)
Change = Callable[[Image], Image]


@record
class AnnotateTop:
    """
    Set and remove annotations of the image or index that is named, whichever it is.
    """

    whole: ClassVar[bool] = True
    set: FrozenMap[str, str]
    remove: tuple[str, ...]

    def __call__(self, content: C) -> C:
        """
        Annotate it.
        """
        return members.annotations(content, self.set, self.remove)


@record
class AboutTop:
    """
    Say what the image or index that is named is about, whichever it is.
    """

    whole: ClassVar[bool] = True
    subject: Descriptor | None

    def __call__(self, content: C) -> C:
        """
        Set its subject.
        """
        return members.subject(content, self.subject)


@record
class TypeTop:
    """
    Say what kind of artifact the image or index that is named is.
    """

    whole: ClassVar[bool] = True
    artifact_type: str | None

    def __call__(self, content: C) -> C:
        """
        Set its artifact type.
        """
        return members.artifact_type(content, self.artifact_type)


@record
class Recipe:
    """
    A pipeline over what is named, which may be an index.
    """

    whole: ClassVar[bool] = True
    pipeline: Pipeline

    def __call__(self, content: C) -> C:
        """
        Do what it says.
        """
        return self.pipeline(content)


def changes(
    said: dict[str, Any], options: Options, attestations: Attestations | None = None
) -> tuple[Change, ...]:
    """
    List what the options ask for, in the order in which it is done.

    Args:
        said: the options of the command, by name.
        options: how to reach what they name.
        attestations: what becomes of them, whatever a recipe says; None for what it says.
    """
    return (
        *_recipes(said, options, attestations),
        *layer_changes(said),
        *config_changes(said),
        *_documents(said, options),
        *last_changes(said),
    )


def _recipes(
    said: dict[str, Any], options: Options, attestations: Attestations | None
) -> Iterator[Change]:
    for path in said["pipeline"]:
        from ocikit.cli.recipes import recipe

        pipeline = recipe(path, options)
        yield Recipe(evolve(pipeline, attestations=attestations or pipeline.attestations))


def _documents(said: dict[str, Any], options: Options) -> Iterator[Change]:
    if said["set_platform"]:
        yield SetPlatform(said["set_platform"])
    if said["to"] is not None:
        # Images first and one by one, so that their attestations are settled as is wanted.
        docker = said["to"] == "docker"
        yield flavours.docker if docker else flavours.oci
        yield ToDocker() if docker else ToOCI()
    if said["annotation"] or said["remove_annotation"]:
        wanted = pairs(said["annotation"], "--annotation", split=True)
        yield AnnotateTop(FrozenMap(wanted), said["remove_annotation"])
    if said["subject"] is not None:
        yield AboutTop(_described(said["subject"], options))
    if said["artifact_type"] is not None:
        yield TypeTop(said["artifact_type"] or None)


def _described(place: str, options: Options) -> Descriptor | None:
    if not place:
        return None
    from ocikit.crane.read import digest

    return digest(place, options)
