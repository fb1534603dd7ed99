"""
The works, and how each tool is asked to do them.
"""

from __future__ import annotations

import importlib.util
import itertools
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs

from benchmarks.measure import Contender

OCIKIT = (sys.executable, "-m", "ocikit")
SKOPEO = (
    "skopeo", "--insecure-policy", "copy", "-q", "--src-tls-verify=false",
    "--dest-tls-verify=false",
)  # fmt: skip


@attrs.frozen(kw_only=True)
class Ground:
    """
    Where the works are done.
    """

    #: Addresses of two registries that hold nothing but the inputs.
    registry: str
    other: str
    inputs: dict[str, Path]
    folder: Path
    numbers: Iterator[int] = attrs.field(factory=itertools.count)

    def source(self, name: str) -> str:
        """
        The reference under which an input lies in the first registry.
        """
        return f"{self.registry}/in/{name}:v"

    @property
    def tagged(self) -> str:
        """
        A repository of the first registry that has many tags.
        """
        return f"{self.registry}/in/tags"

    def names(self, count: int) -> Path:
        """
        A file of the names of so many of these tags, one a line.
        """
        path = self.folder / f"names.{count}"
        path.write_text("".join(f"{self.tagged}:{number}\n" for number in range(count)))
        return path

    def target(self, host: str = "") -> str:
        """
        A reference that no run has used.
        """
        return f"{host or self.registry}/out/r{next(self.numbers)}:v"

    def scratch(self) -> str:
        """
        A path that does not exist.
        """
        path = self.folder / "scratch"
        shutil.rmtree(path, ignore_errors=True)
        path.mkdir()
        return str(path / "x")


def _tools(*names: str) -> set[str]:
    found = {name for name in names if shutil.which(name)}
    return found | {name for name in ("oras", "dxf") if importlib.util.find_spec(name)}


def pick(
    argvs: dict[str, Callable[[], Sequence[str]]],
) -> list[Contender]:
    """
    Give the tools of which there is a program on this machine.
    """
    there = _tools("crane", "skopeo", "umoci") | {"ocikit"}
    found = [
        Contender(tool=tool, argv=argv, before=_forget if tool == "skopeo" else _nothing)
        for tool, argv in argvs.items()
        if tool in there
    ]
    # The same in an interpreter that is warm, right after the command.
    ours = argvs["ocikit"]
    if ours()[: len(OCIKIT)] == OCIKIT:
        warm = Contender(tool="warm", argv=lambda: _warm(ours()), inside=True)
        found.insert(1, warm)
    return found


def _warm(argv: Sequence[str]) -> Sequence[str]:
    return (sys.executable, "-m", "benchmarks.warm", *argv[len(OCIKIT) :])


def _nothing() -> None:
    pass


def _forget() -> None:
    # Skopeo remembers where it pushed which blob, and mounts it from there the next
    # time: after the first round it would move no byte.
    for folder in (Path("/var/lib"), Path.home() / ".local/share"):
        (folder / "containers/cache/blob-info-cache-v1.boltdb").unlink(missing_ok=True)


def _peer(tool: str, ground: Ground, name: str) -> Callable[[], Sequence[str]]:
    program = (sys.executable, "-m", "benchmarks.peers", tool, "pull")
    return lambda: (*program, ground.source(name), ground.scratch())


def pull_layout(ground: Ground, name: str) -> list[Contender]:
    """
    Pull from a registry into an OCI layout.
    """
    source = ground.source(name)
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", "pull", "--format", "oci", source, ground.scratch()),
            "crane": lambda: ("crane", "pull", "--format", "oci", source, ground.scratch()),
            "skopeo": lambda: (*SKOPEO, f"docker://{source}", f"oci:{ground.scratch()}:v"),
            "oras": _peer("oras", ground, name),
            "dxf": _peer("dxf", ground, name),
        }
    )


def pull_tarball(ground: Ground, name: str) -> list[Contender]:
    """
    Pull from a registry into an archive as docker saves it.
    """
    source = ground.source(name)
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", "pull", source, ground.scratch()),
            "crane": lambda: ("crane", "pull", source, ground.scratch()),
            "skopeo": lambda: (
                *SKOPEO,
                f"docker://{source}",
                f"docker-archive:{ground.scratch()}",
            ),
        }
    )


def push_layout(ground: Ground, name: str) -> list[Contender]:
    """
    Push an OCI layout to a registry.
    """
    layout = str(ground.inputs[name])
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", "push", f"oci:{layout}:v", ground.target()),
            "crane": lambda: ("crane", "push", layout, ground.target()),
            "skopeo": lambda: (*SKOPEO, f"oci:{layout}:v", f"docker://{ground.target()}"),
        }
    )


def push_tarball(ground: Ground, name: str) -> list[Contender]:
    """
    Push an archive, of packed layers or as `docker save` writes it, to a registry.
    """
    archive = str(ground.inputs[f"{name}.tar"])
    source = f"docker-archive:{archive}"
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", "push", archive, ground.target()),
            "crane": lambda: ("crane", "push", archive, ground.target()),
            "skopeo": lambda: (*SKOPEO, source, f"docker://{ground.target()}"),
        }
    )


def copy(ground: Ground, name: str) -> list[Contender]:
    """
    Copy from one registry to another.
    """
    source, other = ground.source(name), ground.other
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", "copy", source, ground.target(other)),
            "crane": lambda: ("crane", "copy", source, ground.target(other)),
            "skopeo": lambda: (
                *(*SKOPEO, "--all"),
                *(f"docker://{source}", f"docker://{ground.target(other)}"),
            ),
        }
    )


def mount(ground: Ground, name: str) -> list[Contender]:
    """
    Copy within one registry, where blobs are mounted.
    """
    source = ground.source(name)
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", "copy", source, ground.target()),
            "crane": lambda: ("crane", "copy", source, ground.target()),
            "skopeo": lambda: (*SKOPEO, f"docker://{source}", f"docker://{ground.target()}"),
        }
    )


def append(ground: Ground, name: str) -> list[Contender]:
    """
    Append an uncompressed tar to an image of a registry.
    """
    base, tar = ground.source(name), str(ground.inputs["tar"])
    return pick(
        {
            "ocikit": lambda: (
                *OCIKIT,
                "-q",
                "append",
                "-b",
                base,
                "-f",
                tar,
                "-t",
                ground.target(),
            ),
            "crane": lambda: ("crane", "append", "-b", base, "-f", tar, "-t", ground.target()),
        }
    )


def validate(ground: Ground, name: str) -> list[Contender]:
    """
    Read and check every byte of an image in a registry.
    """
    source = ground.source(name)
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", "validate", source),
            "crane": lambda: ("crane", "validate", "--remote", source),
        }
    )


#: Work to its inputs and to its contenders.
WORKS: dict[str, tuple[tuple[str, ...], Callable[[Ground, str], list[Contender]]]] = {
    "pull-layout": (("small60", "real5", "big"), pull_layout),
    "pull-tarball": (("small60", "real5", "big"), pull_tarball),
    "push-layout": (("small60", "real5", "big"), push_layout),
    "push-tarball": (("small60", "real5", "big", "real5.saved"), push_tarball),
    "copy": (("small60", "real5", "big", "multi"), copy),
    "mount": (("small60", "real5"), mount),
    "append": (("small60",), append),
    "validate": (("small60", "real5"), validate),
}
