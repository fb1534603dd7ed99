"""
Journals: what is finished, kept in a file, so that a run that ended can go on.

A journal is JSON lines. The first says whose it is::

    {"journal":"ocikit.bulk/1","name":"fleet.look"}
    {"key":"debian:12","value":3}
    {"key":"debian:13","error":"ocikit.registry.faults.ManifestUnknown","text":"..."}

A line with a value is a reference that is finished. One with an error is a note for people: what
failed is tried again. A last line that was cut, as by a power cut, is taken away; a line that
cannot be read is gone by, and what it was about is done again.
"""

from __future__ import annotations

import io
import json
import os
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Any, BinaryIO, Final

import attrs

from ocikit._records import JSON, record
from ocikit.bulk.outcome import Failed, Ok, kind_of, text_of
from ocikit.errors import Invalid, Refused
from ocikit.files.atomic import sync_folder, write_all

FORMAT: Final = "ocikit.bulk/1"
#: How many bytes are read at first for a value.
_PAGE: Final = 4096


@attrs.frozen(kw_only=True)
class NotAJournal(Invalid):
    """
    A file that was to be a journal is something else.
    """

    path: str

    def __str__(self) -> str:
        return f"{self.path}: is no journal of ocikit; name another file, or one that is not there"


@attrs.frozen(kw_only=True)
class JournalOfAnother(Invalid):
    """
    A journal is of a run that does something else.
    """

    path: str
    name: str
    wanted: str

    def __str__(self) -> str:
        return (
            f"{self.path}: is the journal of {self.name!r}, not of {self.wanted!r}; "
            "what is finished there says nothing here: name another file"
        )


@attrs.frozen(kw_only=True)
class JournalInUse(Refused):
    """
    Another run keeps a journal at this moment.
    """

    path: str

    def __str__(self) -> str:
        return f"{self.path}: another run keeps this journal; wait until it has ended"


@attrs.frozen(kw_only=True)
class ValueNotJSON(Invalid):
    """
    A value cannot be kept in a journal: JSON would not give it back as it is.
    """

    key: str
    kind: str

    def __str__(self) -> str:
        return (
            f"{self.key}: a value of type {self.kind} does not come back from JSON as it was (a "
            "tuple would be a list); let the function return plain JSON, or give a Journal with "
            "`write` and `read`"
        )


@record(kw_only=True)
class Journal:
    """
    Where, and as what, a run keeps what is finished.

    >>> Journal(path="scan.jsonl", name="scan of the fleet").name
    'scan of the fleet'
    """

    path: str
    #: What the run does: only a run of that name goes on with the journal. The
    #: function's own name when empty.
    name: str = ""
    #: Makes JSON of a value; None for values that are JSON.
    write: Callable[[Any], JSON] | None = None
    #: Makes the value again.
    read: Callable[[Any], Any] | None = None


def name_of(function: Callable[..., Any]) -> str:
    """
    Give the name of a function, by which its journals are known.

    >>> from functools import partial
    >>> name_of(partial(name_of, "x")), name_of("".join)
    ('ocikit.bulk.journal.name_of', 'str.join')
    """
    inner = getattr(function, "func", function)
    if not hasattr(inner, "__qualname__"):
        inner = type(inner)
    module = getattr(inner, "__module__", None)
    return f"{module}.{inner.__qualname__}" if module else str(inner.__qualname__)


class Kept:
    """
    An open journal. Nobody else has it until it is closed.
    """

    def __init__(self, journal: Journal) -> None:
        """
        Open a journal, or begin one, and read which references are finished.

        Raises:
            JournalInUse: another run has it.
            NotAJournal, JournalOfAnother: it is not of this run.
            OSError: the system says no.
        """
        self._journal = journal
        #: Where the value of each finished reference lies, by a short digest of its key: values
        #: may be large, and stay in the file.
        self._finished: dict[bytes, int] = {}
        # What is written goes to the end, wherever a value was read last.
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self._file = io.FileIO(os.open(journal.path, flags, 0o666), "r+b")
        try:
            self._lock()
            self._open()
        except BaseException:
            self._file.close()
            raise

    def find(self, key: str) -> int | None:
        """
        Tell where the value of a reference lies; None when it is not finished.
        """
        return self._finished.get(_short(key)) if self._finished else None

    def value_at(self, place: int) -> Any:
        """
        Give the value that lies at a place.
        """
        line, more = b"", _PAGE
        while b"\n" not in line:
            # Not by the place of the file, which what is written moves.
            line += os.pread(self._file.fileno(), more, place + len(line))
            more *= 2
        value, read = json.loads(line.partition(b"\n")[0])["value"], self._journal.read
        return read(value) if read else value

    def add(self, outcomes: Iterable[tuple[str, Ok[Any, Any] | Failed[Any]]]) -> None:
        """
        Keep outcomes by their keys; they are on the disk when this returns.

        Raises:
            ValueNotJSON: JSON does not give a value back as it is.
            OSError: the system says no.
        """
        lines = b"".join(self._line(key, outcome) for key, outcome in outcomes)
        if lines:
            write_all(self._file, lines)
            os.fsync(self._file.fileno())

    def close(self) -> None:
        """
        Let go of the journal.
        """
        self._file.close()

    def _lock(self) -> None:
        import fcntl

        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise JournalInUse(path=self._journal.path) from None

    def _open(self) -> None:
        head = _encoded({"journal": FORMAT, "name": self._journal.name})
        with open(self._file.fileno(), "rb", closefd=False) as reader:
            first = reader.readline()
            if first.endswith(b"\n"):
                self._check(first)
                end = self._read(reader)
            elif head.startswith(first):
                # As a run that was killed in its first moment leaves it.
                end = 0
            else:
                raise NotAJournal(path=self._journal.path)
        self._file.truncate(end)
        if not end:
            write_all(self._file, head)
            os.fsync(self._file.fileno())
            sync_folder(os.path.dirname(self._journal.path) or ".")

    def _check(self, first: bytes) -> None:
        found = _parsed(first)
        if found is None or found.get("journal") != FORMAT:
            raise NotAJournal(path=self._journal.path)
        name = found.get("name")
        if name != self._journal.name:
            path = self._journal.path
            raise JournalOfAnother(path=path, name=str(name), wanted=self._journal.name)

    def _read(self, reader: BinaryIO) -> int:
        """
        Note what is finished, and tell where the last whole line ends.
        """
        place = reader.tell()
        for line in reader:
            if not line.endswith(b"\n"):
                break
            found = _parsed(line)
            if found is not None and "value" in found and isinstance(found.get("key"), str):
                self._finished[_short(found["key"])] = place
            place += len(line)
        return place

    def _line(self, key: str, outcome: Ok[Any, Any] | Failed[Any]) -> bytes:
        if isinstance(outcome, Failed):
            error = outcome.error
            return _encoded({"key": key, "error": kind_of(error), "text": text_of(error)})
        write = self._journal.write
        value = write(outcome.value) if write else outcome.value
        try:
            line = _encoded({"key": key, "value": value})
        except (TypeError, ValueError, RecursionError):
            line = b"{}"
        if json.loads(line) != {"key": key, "value": value}:
            raise ValueNotJSON(key=key, kind=type(value).__name__)
        return line


def _short(key: str) -> bytes:
    return blake2b(key.encode(errors="surrogatepass"), digest_size=16).digest()


def _encoded(members: dict[str, Any]) -> bytes:
    # In ASCII any key is a line of text, also a file's name that is none.
    return json.dumps(members, separators=(",", ":"), allow_nan=False).encode() + b"\n"


def _parsed(line: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
