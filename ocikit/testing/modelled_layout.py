"""
What a layout should hold, as plain dictionaries, and what lies on its disk.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import attrs

from ocikit._records import record
from ocikit.content.blob import Blob
from ocikit.content.image import Content
from ocikit.digest import Digest
from ocikit.errors import Invalid, Unsupported
from ocikit.query.finding import Severity
from ocikit.query.plan import PutBlob, PutManifest, plan
from ocikit.spec.layout import REF_NAME

#: No machine's clock comes here, and that of every real one is beyond: whatever is newer
#: was written since the machine looked last.
_FRESH: Final = 1.2e9


@record(kw_only=True)
class LayoutPlace:
    """
    An OCI layout under test, and what can be done with it.

    Errors are those of ocikit: `Missing` for what is not there, `Corrupt` for what is
    damaged.
    """

    #: The layout's folder: the machine looks at its files itself.
    folder: Path
    #: Write content, and list it under a name, in place of what has it.
    flush: Callable[[Content, str], object]
    #: Load what a name lists.
    load: Callable[[str], Content]
    #: Give the names.
    names: Callable[[], Iterable[str]]
    #: List a name no longer.
    remove: Callable[[str], object]
    #: Delete what nothing refers to and was written before then, in seconds since the
    #: epoch, or whenever it was; give the digests.
    gc: Callable[[float | None], Iterable[Digest]]
    #: Tell the paths of all that is wrong, and move what is damaged away if it is told to.
    fsck: Callable[[bool], Iterable[str]]
    #: Give up what it holds of the machine.
    close: Callable[[], None] = lambda: None


def layout_place(folder: str | os.PathLike[str], *, durable: bool = False) -> LayoutPlace:
    """
    Give ocikit's own layout, as a place to test, or to put something else into.

    >>> import tempfile
    >>> from ocikit.testing.samples import image
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     place = layout_place(f"{folder}/out")
    ...     place.flush(image("a"), "x")
    ...     list(place.names()), place.load("x") == image("a")
    (['x'], True)
    """
    from ocikit.layout.change import remove
    from ocikit.layout.flush import flush
    from ocikit.layout.fsck import fsck
    from ocikit.layout.gc import gc
    from ocikit.layout.load import entries, load

    path = Path(folder)

    def names() -> Iterator[str]:
        for entry in entries(path) if (path / "index.json").exists() else ():
            yield entry.annotations[REF_NAME]

    def collected(before: float | None) -> Iterator[Digest]:
        return (each.digest for each in gc(path, before=before) if each.digest is not None)

    def flaws(repair: bool) -> Iterator[str]:
        found = fsck(path, repair=repair)
        return (flaw.path for flaw in found if flaw.severity is Severity.ERROR)

    return LayoutPlace(
        folder=path,
        flush=lambda content, name: flush(path, content, reference=name, durable=durable),
        load=lambda name: load(path, name),
        names=names,
        remove=lambda name: remove(path, name),
        gc=collected,
        fsck=flaws,
    )


@record
class Parts:
    """
    What content consists of: each document and what it needs, and the bytes of each.
    """

    needs: dict[Digest, tuple[Digest, ...]]
    data: dict[Digest, bytes]

    @staticmethod
    def of(contents: Iterable[Content]) -> Parts:
        """
        Take content apart.

        >>> from ocikit.testing.samples import image
        >>> len(Parts.of([image("a")]).data)
        3
        """
        needs: dict[Digest, tuple[Digest, ...]] = {}
        data: dict[Digest, bytes] = {}
        for content in contents:
            for step in plan(content, foreign=True).steps:
                if isinstance(step, PutBlob):
                    data[step.blob.digest] = step.blob.content
                elif isinstance(step, PutManifest) and not isinstance(step.content, Blob):
                    needs[step.content.digest] = step.needs
                    data[step.content.digest] = step.content.document.raw
        return Parts(needs, data)

    def below(self, digest: Digest, gone: set[Digest]) -> set[Digest]:
        """
        Give all that a document refers to, itself included, but for what is below of what
        is gone.
        """
        found, todo = set[Digest](), [digest]
        while todo:
            each = todo.pop()
            if each not in found:
                found.add(each)
                todo += () if each in gone else self.needs.get(each, ())
        return found


@attrs.define
class Shelf:
    """
    What a layout should list, and what is known to be wrong on its disk.
    """

    names: dict[str, Content] = attrs.field(factory=dict)
    #: Whether anything was ever listed: before, there may be no layout.
    begun: bool = False
    #: What somebody damaged, and what was taken away.
    bad: set[Digest] = attrs.field(factory=set)
    gone: set[Digest] = attrs.field(factory=set)
    #: When each blob that is there was written.
    written: dict[Digest, float] = attrs.field(factory=dict)

    def below(self, parts: Parts, *names: str) -> set[Digest]:
        """
        Give all that names refer to.
        """
        return set[Digest]().union(
            *(parts.below(self.names[name].digest, self.gone) for name in names)
        )


def blobs_of(folder: Path) -> Iterator[tuple[Digest, Path]]:
    """
    Find the files of blobs in a layout, or in a cache, by what they are named.

    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     list(blobs_of(Path(folder)))
    []
    """
    for path in sorted(folder.glob("*/*")):
        try:
            yield Digest(path.parent.name, path.name), path
        except (Invalid, Unsupported):
            continue


def stamped(folder: Path, now: float) -> set[Path]:
    """
    Give what was written or used since the last time the time of a machine; tell what it was.
    """
    fresh = {path for path in folder.glob("**/*") if path.is_file() and _is_fresh(path)}
    for path in fresh:
        os.utime(path, (now, now))
    return fresh


def _is_fresh(path: Path) -> bool:
    return path.lstat().st_mtime > _FRESH
