"""
Steps that change which layers an image has.
"""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from ocikit._records import record
from ocikit.content.image import Image
from ocikit.content.layer import Layer
from ocikit.mutate import layers
from ocikit.mutate.layers import Histories
from ocikit.spec.config import History


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
