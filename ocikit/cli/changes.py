"""
The options of `ocikit mutate` as steps, from image to image.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Final, TypeVar

from ocikit._records import FrozenMap, record
from ocikit.cli.layers import layer_of
from ocikit.cli.names import listed, pairs, paths
from ocikit.content.image import Image, Index
from ocikit.mutate.members import annotations as annotate
from ocikit.mutate.steps import (
    Append,
    SetConfig,
    SetEnv,
    SetLabels,
    SetPlatform,
)

C = TypeVar("C", bound=Image | Index)
Change = Callable[[Image], Image]

#: Options whose text is that of a field; an empty one removes it.
_TEXTS: Final = {
    "user": "user",
    "workdir": "working_dir",
    "stop_signal": "stop_signal",
    "author": "author",
    "created": "created",
}
#: Options whose items replace all that a field has.
_LISTS: Final = ("cmd", "exposed_ports", "volumes")


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
        return annotate(content, self.set, self.remove)


def changes(said: dict[str, Any]) -> tuple[Change, ...]:
    """
    List what the options ask for, in the order in which it is done: layers first.

    Annotations go to what was named itself: to an index, not to the images in it.
    """
    made: list[Change] = []
    if said["append"]:
        made.append(Append([layer_of(path) for path in paths(said["append"])]))
    if said["label"] or said["remove_label"]:
        labels = pairs(said["label"], "--label", split=True)
        made.append(SetLabels(labels, said["remove_label"]))
    if said["env"] or said["remove_env"]:
        made.append(SetEnv(pairs(said["env"], "--env"), said["remove_env"]))
    if fields := _fields(said):
        made.append(SetConfig(fields))
    if said["set_platform"]:
        made.append(SetPlatform(said["set_platform"]))
    if said["annotation"] or said["remove_annotation"]:
        wanted = pairs(said["annotation"], "--annotation", split=True)
        made.append(AnnotateTop(FrozenMap(wanted), said["remove_annotation"]))
    return tuple(made)


def _fields(said: dict[str, Any]) -> Any:
    fields: dict[str, Any] = {}
    if said["entrypoint"]:
        # As crane has it: a new entrypoint takes the old command with it.
        fields |= {"entrypoint": listed(said["entrypoint"]), "cmd": None}
    for name in _LISTS:
        if said[name]:
            fields[name] = listed(said[name])
    for option, name in _TEXTS.items():
        if said[option] is not None:
            fields[name] = said[option] or None
    return fields
