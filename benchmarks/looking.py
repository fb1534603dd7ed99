"""
The works that only look, or move no layer: mostly the start of a process and its requests.
"""

from __future__ import annotations

import shlex
import shutil
import sys

from benchmarks.measure import Contender
from benchmarks.works import OCIKIT, PEERS, Ground, Work, pick

_SKOPEO = ("skopeo", "inspect", "--tls-verify=false")
#: A longer loop takes too long, and costs so much a turn: its cost is multiplied.
_LOOPED = 200


def start(ground: Ground, name: str) -> list[Contender]:
    """
    Start, and say the version or be imported.
    """
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "version"),
            "crane": lambda: ("crane", "version"),
            "skopeo": lambda: ("skopeo", "--version"),
            "umoci": lambda: ("umoci", "--version"),
            "oras": lambda: (sys.executable, "-c", "import oras.client"),
            "dxf": lambda: (sys.executable, "-c", "import dxf"),
        }
    )


def digest(ground: Ground, name: str) -> list[Contender]:
    """
    Resolve one tag.
    """
    source = ground.source(name)
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "digest", source),
            "crane": lambda: ("crane", "digest", source),
            "skopeo": lambda: (*_SKOPEO, "--format", "{{.Digest}}", f"docker://{source}"),
            "dxf": lambda: (*PEERS, "dxf", "digest", source),
        }
    )


def manifest(ground: Ground, name: str) -> list[Contender]:
    """
    Print a manifest.
    """
    source = ground.source(name)
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "manifest", source),
            "crane": lambda: ("crane", "manifest", source),
            "skopeo": lambda: (*_SKOPEO, "--raw", f"docker://{source}"),
            "oras": lambda: (*PEERS, "oras", "manifest", source),
            "dxf": lambda: (*PEERS, "dxf", "manifest", source),
        }
    )


def config(ground: Ground, name: str) -> list[Contender]:
    """
    Print a configuration.
    """
    source = ground.source(name)
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "config", source),
            "crane": lambda: ("crane", "config", source),
            "skopeo": lambda: (*_SKOPEO, "--config", "--raw", f"docker://{source}"),
        }
    )


def ls(ground: Ground, name: str) -> list[Contender]:
    """
    List all tags of a repository.
    """
    repository = ground.source(name).removesuffix(":v") if name == "tiny" else ground.tagged
    listing = ("skopeo", "list-tags", "--tls-verify=false", f"docker://{repository}")
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "ls", repository),
            "crane": lambda: ("crane", "ls", repository),
            "skopeo": lambda: listing,
            "oras": lambda: (*PEERS, "oras", "ls", repository),
            "dxf": lambda: (*PEERS, "dxf", "ls", repository),
        }
    )


def resolve(ground: Ground, name: str) -> list[Contender]:
    """
    Give the digests of many tags: by one command here, by a loop in a shell there.
    """
    many = 1 if name == "tiny" else int(name)
    names = [f"{ground.tagged}:{number}" for number in range(many)]

    def loop(command: str, most: int) -> Contender:
        looped = min(many, most)
        said = f"for name in {shlex.join(names[:looped])}; do {command}$name; done"
        note = "" if looped == many else f"loop of {looped}, times {many / looped:g}"
        argv = ("sh", "-e", "-c", said)
        tool = command.partition(" ")[0]
        return Contender(tool=tool, argv=lambda: argv, times=many / looped, note=note)

    loops = (
        loop("crane digest ", _LOOPED),
        # Each takes several times as long.
        loop(f"{' '.join(_SKOPEO)} --format {{{{.Digest}}}} docker://", _LOOPED // 4),
    )
    ours = pick({"ocikit": lambda: (*OCIKIT, "digest", "-j", "16", *names)})
    return ours + [each for each in loops if shutil.which(each.tool)]


def label(ground: Ground, name: str) -> list[Contender]:
    """
    Set a label of an image of a registry, in another repository of it.
    """
    change = ("mutate", ground.source(name), "--label", "a=b", "-t")
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", *change, ground.target()),
            "crane": lambda: ("crane", *change, ground.target()),
        }
    )


#: Work to its inputs and to its contenders.
WORKS: dict[str, tuple[tuple[str, ...], Work]] = {
    "start": (("",), start),
    "digest": (("small60",), digest),
    "manifest": (("small60",), manifest),
    "config": (("small60",), config),
    "ls": (("5000",), ls),
    "resolve": (("200", "5000"), resolve),
    "label": (("small60", "real5"), label),
}
