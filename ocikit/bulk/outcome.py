"""
What became of each reference, as records that travel between processes.
"""

from __future__ import annotations

import pickle
import traceback
from typing import Final, Generic, TypeAlias, TypeVar

import attrs

from ocikit._records import record
from ocikit.errors import OciError, Unreachable

R = TypeVar("R")
T = TypeVar("T")

#: How much of a traceback is kept: the end, in characters.
_MOST_OF_A_TRACE: Final = 8000


@record(kw_only=True)
class Ok(Generic[R, T]):
    """
    What the function gave for a reference.

    >>> Ok(reference="debian:12", value=3).value
    3
    """

    reference: R
    value: T


@record(kw_only=True)
class Failed(Generic[R]):
    """
    What the function raised for a reference, as an error that pickles.
    """

    reference: R
    error: Exception
    #: Where it was raised, as text; empty for errors of ocikit, which speak for
    #: themselves.
    trace: str = attrs.field(default="", eq=False, repr=False)


Outcome: TypeAlias = Ok[R, T] | Failed[R]


@attrs.frozen(kw_only=True)
class ForeignError(OciError):
    """
    An error that does not pickle, told by its type and text.
    """

    #: The full name of its type, as "botocore.exceptions.ClientError".
    kind: str
    text: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.text}" if self.text else self.kind


@attrs.frozen(kw_only=True)
class WorkerLost(Unreachable):
    """
    An engine gave no answer for a reference: its worker died, or its work was cancelled.

    What it was asked to do may be done, in part, or not at all.
    """

    #: How often the reference was given to a worker.
    tries: int
    #: What the engine said.
    reason: str

    def __str__(self) -> str:
        times = "once" if self.tries == 1 else f"{self.tries} times"
        return (
            f"given to a worker {times}, without an answer ({self.reason}); see the worker's log, "
            "and whether it has memory enough"
        )


def kind_of(error: BaseException) -> str:
    """
    Give the full name of an error's type.

    >>> kind_of(OSError()), kind_of(ForeignError(kind="x", text=""))
    ('OSError', 'ocikit.bulk.outcome.ForeignError')
    """
    kind = type(error)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )


def text_of(error: BaseException) -> str:
    """
    Give the text of an error, even of one that cannot say it.
    """
    try:
        return str(error)
    except Exception:
        return "(its text cannot be told)"


def portable(error: BaseException) -> Exception:
    """
    Give the error itself when it pickles as what it is, and else a record of it.

    >>> portable(KeyError("a"))
    KeyError('a')
    >>> class Odd(Exception): ...
    >>> portable(Odd("here"))
    ForeignError(kind='ocikit.bulk.outcome.Odd', text='here')
    """
    if isinstance(error, Exception) and _pickles(error):
        return error
    return ForeignError(kind=kind_of(error), text=text_of(error))


def _pickles(error: Exception) -> bool:
    # Many exceptions pickle, and fail or are others when they are read again.
    try:
        again = pickle.loads(pickle.dumps(error))  # noqa: S301  # it was made just here
        return type(again) is type(error) and str(again) == str(error)
    except Exception:
        return False


def trace_of(error: BaseException) -> str:
    """
    Give where an error was raised, as text; nothing for errors of ocikit.
    """
    if isinstance(error, OciError):
        return ""
    try:
        return "".join(traceback.format_exception(error))[-_MOST_OF_A_TRACE:]
    except Exception:
        # An error may have a text that cannot be told.
        return "".join(traceback.format_tb(error.__traceback__))[-_MOST_OF_A_TRACE:]


def bare(error: Exception) -> Exception:
    """
    Take from an error what keeps alive all that was there when it was raised.
    """
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)
