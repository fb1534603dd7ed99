"""
Places named in text, as containers-transports(5) writes them.

======================================== =============================================
`[docker://]REFERENCE`                   a registry
`oci:DIR[:NAME]`, `oci:DIR:@N`           an OCI layout directory
`ocidir://DIR[:NAME]`                    the same, as regctl writes it
`oci-archive:FILE[:NAME]`, `…:@N`        an OCI layout in a tar archive
`docker-archive:FILE[:REFERENCE]`, `…:@N` an archive of `docker save`
`docker-daemon:REFERENCE`, `…:sha256:ID` a container engine
`dir:PATH`                               a plain directory of blobs
======================================== =============================================

A prefix wins over an image of that name: `oci:latest` is the directory `latest`; write
`docker://oci:latest` for the image. Commands take the FILE `-` for their standard
streams; `./-` is a file of that name. A bare path is never guessed to be any of these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn, TypeAlias

from ocikit._records import record
from ocikit._regex import regex
from ocikit.digest import HEX_LENGTH, Digest
from ocikit.name import grammar
from ocikit.name.faults import NameInvalid
from ocikit.name.parse import parse_reference, read_digest
from ocikit.name.records import Pinned, Reference, Tag

_CONTROL = regex(r"[\x00-\x1f\x7f]")
_ARCHIVE = regex(r"[A-Za-z0-9][^:@]*\.(?:tar|tgz|tar\.(?:gz|zst|xz|bz2))")
_POSITION = regex(r"@[0-9]{1,9}")


@record
class RegistryPlace:
    """
    An image in a registry.

    >>> str(parse_locator("debian"))
    'docker://docker.io/library/debian:latest'
    """

    reference: Reference

    def __str__(self) -> str:
        return f"docker://{self.reference}"


@record
class LayoutPlace:
    """
    An OCI layout directory; an entry of its index by name, by position from 0, or all.

    Raises:
        NameInvalid: the path or the entry could not be read back from text.

    >>> parse_locator("oci:out:@1")
    LayoutPlace(path='out', reference=None, position=1)
    """

    path: str
    reference: str | None = None
    position: int | None = None

    def __attrs_post_init__(self) -> None:
        _check_entry(str(self), self.path, self.reference, self.position)

    def __str__(self) -> str:
        return f"oci:{self.path}{_entry(self.reference, self.position)}"


@record
class LayoutArchivePlace:
    """
    An OCI layout in a tar archive; an entry of its index by name, by position, or all.

    Raises:
        NameInvalid: the path or the entry could not be read back from text.
    """

    path: str
    reference: str | None = None
    position: int | None = None

    def __attrs_post_init__(self) -> None:
        _check_entry(str(self), self.path, self.reference, self.position)

    def __str__(self) -> str:
        return f"oci-archive:{self.path}{_entry(self.reference, self.position)}"


@record
class DockerArchivePlace:
    """
    An archive of `docker save`; one of its images by tag, by position from 0, or all.

    Raises:
        NameInvalid: the path or the position could not be read back from text.

    >>> parse_locator("docker-archive:a.tar:debian:12").reference.familiar
    'debian:12'
    """

    path: str
    reference: Tag | None = None
    position: int | None = None

    def __attrs_post_init__(self) -> None:
        _check_entry(str(self), self.path, self.reference, self.position)

    def __str__(self) -> str:
        return f"docker-archive:{self.path}{_entry(self.reference, self.position)}"


@record
class DaemonPlace:
    """
    An image of a container engine, by reference or by image ID.
    """

    image: Reference | Digest

    def __str__(self) -> str:
        return f"docker-daemon:{self.image}"


@record
class DirPlace:
    """
    A plain directory: `manifest.json`, `version`, and blobs by their hexadecimal hash.

    Raises:
        NameInvalid: the path is empty.
    """

    path: str

    def __attrs_post_init__(self) -> None:
        if not self.path:
            _fail(str(self), "no path follows the colon")

    def __str__(self) -> str:
        return f"dir:{self.path}"


Locator: TypeAlias = (
    RegistryPlace | LayoutPlace | LayoutArchivePlace | DockerArchivePlace | DaemonPlace | DirPlace
)
ReadReference: TypeAlias = Callable[[str], Reference]


#: What the text of a place begins with that says of what kind it is.
PREFIXES: Final = (
    *("docker://", "oci:", "ocidir://", "oci-archive:", "docker-archive:"),
    *("docker-daemon:", "dir:"),
)


def parse_locator(
    text: str,
    *,
    weak: bool = False,
    default_registry: str = grammar.HUB,
    default_tag: str = "latest",
) -> Locator:
    """
    Read a place; references in it are read as `parse_reference` does.

    Paths are kept as they are written, and end at the first colon (but for `dir:`).

    Raises:
        NameInvalid: the text names no place.
        DigestAlgorithmUnknown: its digest is well formed but cannot be verified here.

    >>> parse_locator("oci:out:v1")
    LayoutPlace(path='out', reference='v1', position=None)
    """

    def read(reference: str) -> Reference:
        return parse_reference(
            reference, weak=weak, default_registry=default_registry, default_tag=default_tag
        )

    prefix, colon, rest = text.partition(":")
    if text.startswith("docker://"):
        return RegistryPlace(read(text.removeprefix("docker://")))
    if text.startswith("ocidir://"):
        return _layout(text, text.removeprefix("ocidir://"))
    match prefix if colon else "":
        case "oci":
            return _layout(text, rest)
        case "oci-archive":
            return LayoutArchivePlace(*_split(text, rest))
        case "docker-archive":
            return _docker_archive(text, rest, read)
        case "docker-daemon":
            return _daemon(text, rest, read)
        case "dir":
            return DirPlace(rest)
        case _:
            return _bare(text, read)


def _split(text: str, rest: str) -> tuple[str, str | None, int | None]:
    path, colon, entry = rest.partition(":")
    if not colon:
        return path, None, None
    if entry.startswith("@"):
        if not _POSITION.fullmatch(entry):
            _fail(text, f"{entry!r} is not a position; write @0 for the first image")
        return path, None, int(entry[1:])
    return path, entry, None


def _layout(text: str, rest: str) -> LayoutPlace:
    return LayoutPlace(*_split(text, rest))


def _docker_archive(text: str, rest: str, read: ReadReference) -> DockerArchivePlace:
    path, entry, position = _split(text, rest)
    if entry is None:
        return DockerArchivePlace(path, None, position)
    reference = read(entry)
    if isinstance(reference, Pinned):
        _fail(text, "an archive's images have tags, not digests; write :TAG or :@N")
    return DockerArchivePlace(path, reference, position)


def _daemon(text: str, rest: str, read: ReadReference) -> DaemonPlace:
    if rest.partition(":")[0] in HEX_LENGTH:
        return DaemonPlace(read_digest(text, rest))
    return DaemonPlace(read(rest))


def _bare(text: str, read: ReadReference) -> RegistryPlace:
    if text.startswith("containers-storage:"):
        _fail(text, "this store is not read; write docker-daemon: and give podman's socket")
    host, slash, _ = text.partition("/")
    if _ARCHIVE.fullmatch(text) and not (slash and grammar.names_a_host(host)):
        _fail(
            text,
            f"write docker-archive:{text} or oci-archive:{text} for a file, "
            f"docker://{text} for an image",
        )
    return RegistryPlace(read(text))


def _entry(reference: str | Tag | None, position: int | None) -> str:
    if position is not None:
        return f":@{position}"
    return "" if reference is None else f":{reference}"


def _check_entry(text: str, path: str, reference: str | Tag | None, position: int | None) -> None:
    if not path:
        _fail(text, "no path follows the colon")
    if ":" in path or _CONTROL.search(path):
        _fail(text, f"path {path!r} has a colon or a control character; rename it")
    if path.rpartition("@")[2] in HEX_LENGTH:
        _fail(text, "an entry is chosen by name or by position (:@0), not by digest")
    if reference is not None and position is not None:
        _fail(text, "an entry is chosen by name or by position, not by both")
    if position is not None and not 0 <= position < 10**9:
        _fail(text, "a position is counted from 0")
    if isinstance(reference, str) and not _is_entry_name(reference):
        _fail(text, f"{reference!r} is not a name; write one, or leave out the colon")


def _is_entry_name(text: str) -> bool:
    return text != "" and not text.startswith("@") and not _CONTROL.search(text)


def _fail(text: str, fault: str) -> NoReturn:
    raise NameInvalid(text=text, reason=fault)
