"""
The works, and how each tool is asked to do them.
"""

from __future__ import annotations

import importlib.util
import itertools
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import attrs

from benchmarks.measure import Contender
from benchmarks.warm import THEN

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
    #: Address of one that takes everything and keeps nothing.
    sink: str
    inputs: dict[str, Path]
    folder: Path
    #: Address and process of each registry that is itself measured, by its name.
    servers: dict[str, tuple[str, int]] = attrs.field(factory=dict)
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

    def layer(self, name: str) -> str:
        """
        An uncompressed tar to put on top of an input.
        """
        return str(self.inputs["tiny.layer" if name == "tiny" else "layer"])

    def scratch(self) -> str:
        """
        A path that does not exist.
        """
        path = self.folder / "scratch"
        path.mkdir(exist_ok=True)
        return str(path / f"x{next(self.numbers)}")

    def clear(self) -> None:
        """
        Remove what a run has written.
        """
        shutil.rmtree(self.folder / "scratch", ignore_errors=True)

    def by_another_name(self) -> Ground:
        """
        The same registries, of which a client that has met them knows nothing.
        """
        registry, other, sink = (
            host.replace("127.0.0.1", "localhost")
            for host in (self.registry, self.other, self.sink)
        )
        return attrs.evolve(self, registry=registry, other=other, sink=sink)


#: Gives the contenders of a work for an input.
Work = Callable[[Ground, str], list[Contender]]


def _tools(*names: str) -> set[str]:
    found = {name for name in names if shutil.which(name)}
    return found | {name for name in ("oras", "dxf", "docker") if importlib.util.find_spec(name)}


def pick(
    argvs: Mapping[str, Callable[[], Sequence[str]]],
) -> list[Contender]:
    """
    Give the tools of which there is a program on this machine.
    """
    there = _tools("crane", "skopeo", "umoci") | {"ocikit"}
    return [
        Contender(tool=tool, argv=argv, before=_forget if tool == "skopeo" else _nothing)
        for tool, argv in argvs.items()
        if tool in there
    ]


def warmed(work: Work, ground: Ground, name: str) -> list[Contender]:
    """
    Give a work's contenders, and after ours the same in an interpreter that is warm.
    """
    found = work(ground, name)
    if not found or found[0].tool != "ocikit" or tuple(found[0].argv()[: len(OCIKIT)]) != OCIKIT:
        return found
    ours, tiny = found[0], work(ground.by_another_name(), _tiny(name))[0]

    def before() -> None:
        tiny.before()
        ours.before()

    warm = Contender(
        tool="warm", argv=lambda: _warm(tiny.argv(), ours.argv()), before=before, inside=True
    )
    return [ours, warm, *found[1:]]


def _tiny(name: str) -> str:
    if name == "multi":
        return "tiny.multi"
    return "tiny.saved" if name.endswith(".saved") else "tiny"


def _warm(first: Sequence[str], argv: Sequence[str]) -> Sequence[str]:
    program = (sys.executable, "-m", "benchmarks.warm")
    return (*program, *first[len(OCIKIT) :], THEN, *argv[len(OCIKIT) :])


def _nothing() -> None:
    pass


def _forget() -> None:
    # Skopeo remembers where it pushed which blob, and mounts it from there the next
    # time: after the first round it would move no byte.
    for folder in (Path("/var/lib"), Path.home() / ".local/share"):
        (folder / "containers/cache/blob-info-cache-v1.boltdb").unlink(missing_ok=True)


PEERS = (sys.executable, "-m", "benchmarks.peers")


def pull_layout(ground: Ground, name: str) -> list[Contender]:
    """
    Pull from a registry into an OCI layout.
    """
    source, pull = ground.source(name), ("pull", "--format", "oci")
    skopeo = (*SKOPEO, "--all", f"docker://{source}")
    found = pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", *pull, source, ground.scratch()),
            "crane": lambda: ("crane", *pull, source, ground.scratch()),
            "skopeo": lambda: (*skopeo, f"oci:{ground.scratch()}:v"),
            "oras": lambda: (*PEERS, "oras", "pull", source, ground.scratch()),
            "dxf": lambda: (*PEERS, "dxf", "pull", source, ground.scratch()),
        }
    )
    # These know images only.
    return [each for each in found if name != "multi" or each.tool not in {"oras", "dxf"}]


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
    return _push_layout(ground, name, ground.registry)


def push_sink(ground: Ground, name: str) -> list[Contender]:
    """
    Push an OCI layout to where nothing is kept: what the tool itself costs.
    """
    return _push_layout(ground, name, ground.sink)


def _push_layout(ground: Ground, name: str, host: str) -> list[Contender]:
    layout = str(ground.inputs[name])
    source = f"oci:{layout}:v"
    found = {
        "ocikit": lambda: (*OCIKIT, "-q", "push", source, ground.target(host)),
        "crane": lambda: ("crane", "push", layout, ground.target(host)),
        "skopeo": lambda: (*SKOPEO, source, f"docker://{ground.target(host)}"),
        "oras": lambda: (*PEERS, "oras", "push", ground.target(host), layout),
        "dxf": lambda: (*PEERS, "dxf", "push", ground.target(host), layout),
    }
    return pick(found)


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
    return _copy(ground, name, ground.other)


def copy_sink(ground: Ground, name: str) -> list[Contender]:
    """
    Copy to where nothing is kept: what the tool itself costs.
    """
    return _copy(ground, name, ground.sink)


def mount(ground: Ground, name: str) -> list[Contender]:
    """
    Copy within one registry, where blobs are mounted.
    """
    return _copy(ground, name, ground.registry)


def _copy(ground: Ground, name: str, host: str) -> list[Contender]:
    source = ground.source(name)
    skopeo = (*SKOPEO, "--all", f"docker://{source}")
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", "copy", source, ground.target(host)),
            "crane": lambda: ("crane", "copy", source, ground.target(host)),
            "skopeo": lambda: (*skopeo, f"docker://{ground.target(host)}"),
        }
    )


def append(ground: Ground, name: str) -> list[Contender]:
    """
    Append an uncompressed tar to an image of a registry.
    """
    change = ("append", "-b", ground.source(name), "-f", ground.layer(name), "-t")
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "-q", *change, ground.target()),
            "crane": lambda: ("crane", *change, ground.target()),
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
WORKS: dict[str, tuple[tuple[str, ...], Work]] = {
    "pull-layout": (("small60", "real5", "big", "multi"), pull_layout),
    "pull-tarball": (("small60", "real5", "big"), pull_tarball),
    "push-layout": (("small60", "real5", "big"), push_layout),
    "push-sink": (("small60", "real5", "big"), push_sink),
    "push-tarball": (("small60", "real5", "big", "real5.saved"), push_tarball),
    "copy": (("small60", "real5", "big", "multi"), copy),
    "copy-sink": (("small60", "real5", "big"), copy_sink),
    "mount": (("small60", "real5"), mount),
    "append": (("small60",), append),
    "validate": (("small60", "real5", "big"), validate),
}
