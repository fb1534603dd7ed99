"""
The works that only look, or move no layer: mostly the start of a process and its requests.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.measure import Contender
from benchmarks.works import OCIKIT, Ground, pick

_SKOPEO = ("skopeo", "inspect", "--tls-verify=false")


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
    listing = ("skopeo", "list-tags", "--tls-verify=false", f"docker://{ground.tagged}")
    return pick(
        {
            "ocikit": lambda: (*OCIKIT, "ls", ground.tagged),
            "crane": lambda: ("crane", "ls", ground.tagged),
            "skopeo": lambda: listing,
        }
    )


def resolve(ground: Ground, name: str) -> list[Contender]:
    """
    Give the digests of many tags: by one command here, by a loop in a shell there.
    """
    names = ground.names(int(name))
    one = " ".join(OCIKIT)

    def script(text: str) -> Callable[[], Sequence[str]]:
        return lambda: ("sh", "-e", "-c", f"{text} <{names}")

    def loop(command: str) -> Callable[[], Sequence[str]]:
        return script(f"while read -r name; do {command}$name; done")

    return pick(
        {
            "ocikit": script(f"{one} digest -j 16 -"),
            "crane": loop("crane digest "),
            "skopeo": loop(f"{' '.join(_SKOPEO)} --format {{{{.Digest}}}} docker://"),
        }
    )


def label(ground: Ground, name: str) -> list[Contender]:
    """
    Set a label of an image of a registry, beside the old one.
    """
    source, change = ground.source(name), ("--label", "a=b")
    return pick(
        {
            "ocikit": lambda: (
                *OCIKIT,
                "-q",
                "mutate",
                source,
                *change,
                "-t",
                ground.source(f"{name}-labelled"),
            ),
            "crane": lambda: (
                "crane",
                "mutate",
                source,
                *change,
                "-t",
                ground.source(f"{name}-labelled"),
            ),
        }
    )


#: Work to its inputs and to its contenders.
WORKS: dict[str, tuple[tuple[str, ...], Callable[[Ground, str], list[Contender]]]] = {
    "digest": (("small60",), digest),
    "manifest": (("small60",), manifest),
    "config": (("small60",), config),
    "ls": (("5000",), ls),
    "resolve": (("200",), resolve),
    "label": (("small60", "real5"), label),
}
