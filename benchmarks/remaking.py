"""
The works that make layers anew, or take them apart; and how each tool is asked to.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.measure import Contender
from benchmarks.works import OCIKIT, SKOPEO, Ground, Work, pick

_PROGRAM = (sys.executable, "-m", "benchmarks.programs")


def export(ground: Ground, name: str) -> list[Contender]:
    """
    Write the files of an image of a registry as one tar.
    """
    source = ground.source(name)
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", "export", source, ground.scratch()),
            "crane": lambda: ("crane", "export", source, ground.scratch()),
        }
    )


def flatten(ground: Ground, name: str) -> list[Contender]:
    """
    Make one layer of all layers of an image of a registry, in the registry.
    """
    source = ground.source(name)
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", "flatten", source, "-t", ground.target()),
            "crane": lambda: ("crane", "flatten", source, "-t", ground.target()),
        }
    )


def flatten_9(ground: Ground, name: str) -> list[Contender]:
    """
    The same at the level of gzip that crane compresses at; crane is not run again.
    """
    command = (*OCIKIT, "-q", "flatten", "--compression", "gzip:9", ground.source(name), "-t")
    return pick({"ocikit": lambda: (*command, ground.target())})


def canonical(ground: Ground, name: str) -> list[Contender]:
    """
    Take the times out of a layout's image, into another layout.
    """
    layout = str(ground.inputs[name])
    argv = ("mutate", "--canonical", f"oci:{layout}:v")
    return pick({"ocikit": lambda: (*OCIKIT, "-q", *argv, "-t", f"oci:{ground.scratch()}:v")})


def to_zstd(ground: Ground, name: str) -> list[Contender]:
    """
    Compress a layout's layers by zstd at level 3, into another layout.
    """
    layout = f"oci:{ground.inputs[name]}:v"
    level = ("--dest-compress-format", "zstd", "--dest-compress-level", "3")
    argv = ("mutate", "--compression", "zstd:3", layout)
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", *argv, "-t", f"oci:{ground.scratch()}:v"),
            "skopeo": lambda: (*SKOPEO, *level, layout, f"oci:{ground.scratch()}:v"),
        }
    )


def append_local(ground: Ground, name: str) -> list[Contender]:
    """
    Append an uncompressed tar to a layout's image, in the layout.
    """
    layout, tar = ground.inputs[name], ground.layer(name)
    command = (*OCIKIT, "-q", "append")

    def made(argv: Callable[[str], Sequence[str]]) -> Callable[[], Sequence[str]]:
        def copied() -> Sequence[str]:
            copy = ground.scratch()
            shutil.copytree(layout, copy)
            return argv(copy)

        return copied

    return pick(
        {
            "ocikit": made(
                lambda it: (*command, "-b", f"oci:{it}:v", "-f", tar, "-t", f"oci:{it}:v")
            ),
            "umoci": made(lambda it: ("umoci", "raw", "add-layer", "--image", f"{it}:v", tar)),
        }
    )


def unpack(ground: Ground, name: str) -> list[Contender]:
    """
    Write the files of a layout's image into a folder.
    """
    layout = str(ground.inputs[name])
    return pick(
        {
            "ocikit": lambda: (*_PROGRAM, "extract", layout, _folder(ground)),
            "umoci": lambda: ("umoci", "raw", "unpack", "--image", f"{layout}:v", _folder(ground)),
        }
    )


def _folder(ground: Ground) -> str:
    folder = Path(ground.scratch())
    folder.mkdir()
    return str(folder)


#: Work to its inputs and to its contenders.
WORKS: dict[str, tuple[tuple[str, ...], Work]] = {
    "export": (("real5", "big", "usr"), export),
    "flatten": (("real5", "usr"), flatten),
    "flatten-9": (("real5",), flatten_9),
    "canonical": (("real5", "usr"), canonical),
    "to-zstd": (("real5", "usr"), to_zstd),
    "append-local": (("small60",), append_local),
    "unpack": (("real5", "usr"), unpack),
}
