"""
Strategies of what goes wrong between clients and registries.
"""

from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ocikit.http.message import Middleware
from ocikit.server.faults.mishaps import (
    AnswerLost,
    DigestLie,
    Drop,
    Flip,
    Latency,
    LinkGarbled,
    NoReferrers,
    RangeLie,
    Redirected,
    Side,
    Status,
    TokenExpired,
    UploadLost,
)
from ocikit.server.faults.plan import KINDS, Fault
from ocikit.server.quirks.uploads import MountNever

#: Statuses after which another time may go better.
_PASSING: Final = (429, 500, 502, 503, 504)
#: Statuses that are meant.
_MEANT: Final = (400, 401, 403, 404, 405, 413, 416)
#: How often a fault of a plan that can be recovered from strikes at most.
_MOST: Final = 2

_SIDES: Final[SearchStrategy[Side]] = st.sampled_from(("response", "request"))
_METHODS: Final = ("", "GET", "HEAD", "POST", "PATCH", "PUT")
_BYTES: Final = st.integers(0, 5000)
_AFTER: Final[SearchStrategy[tuple[tuple[str, str], ...]]] = st.sampled_from(
    ((), (("Retry-After", "1"),))
)

#: What whoever is patient gets through.
_PASSES: Final[SearchStrategy[Middleware]] = st.one_of(
    st.builds(Latency, seconds=st.floats(0, 100)),
    st.builds(Status, status=st.sampled_from(_PASSING), headers=_AFTER),
    st.builds(Drop, of=_SIDES, after=_BYTES),
    st.builds(Redirected, lifetime=st.sampled_from((600.0, 0.0))),
    st.just(AnswerLost()),
    st.just(MountNever()),
    st.just(NoReferrers()),
    st.just(UploadLost()),
)
#: What a digest tells from the truth: once it is asked again, but not for ever.
_LIES: Final[SearchStrategy[Middleware]] = st.builds(Flip, of=_SIDES, at=st.floats(0, 1))
_KNOWN_BY_DIGEST: Final = ("blob", "manifest", "upload")
_ANY: Final[SearchStrategy[Middleware]] = st.one_of(
    _PASSES,
    _LIES,
    st.just(TokenExpired()),
    st.builds(Status, status=st.sampled_from((*_PASSING, *_MEANT)), done=st.booleans()),
    st.builds(DigestLie),
    st.builds(RangeLie, said=st.sampled_from(("bytes 0-0/1", "bytes 7-9/10", "bytes */*", ""))),
    st.just(LinkGarbled()),
)


def faults(
    *,
    befalls: SearchStrategy[Middleware] = _ANY,
    kinds: tuple[str, ...] = ("", *KINDS),
    times: SearchStrategy[int | None] | None = None,
) -> SearchStrategy[Fault]:
    """
    Faults of any kind, that befall any requests.

    Args:
        befalls: what does.
        kinds: the parts of a registry that are asked, "" for any.
        times: how often; seldom for ever when None.

    >>> from hypothesis import find
    >>> find(faults(befalls=st.just(AnswerLost()), times=st.just(1)), lambda fault: True).befalls
    AnswerLost()
    """
    return st.builds(
        Fault,
        befalls,
        method=st.sampled_from(_METHODS),
        kind=st.sampled_from(kinds),
        skip=st.integers(0, 3),
        every=st.integers(1, 3),
        times=st.integers(1, 5) | st.none() if times is None else times,
        chance=st.sampled_from((1.0, 0.5)),
    )


def fault_plans(
    *, recoverable: bool = False, max_size: int = 3
) -> SearchStrategy[tuple[Fault, ...]]:
    """
    Plans of faults, as `server.faulty` takes them.

    Args:
        recoverable: whether a patient client must get through: faults that pass, and at
            most one that has to be told from the truth.
        max_size: the most faults of a plan.

        @given(image=oci.images(), plan=oci.fault_plans(recoverable=True))
        def test_my_tool_gets_through(image, plan):
            client = Client(send=server.faulty(server.registry(), *plan, sleep=no_wait))
            assert my_tool(image, client) == image

    >>> from hypothesis import find
    >>> find(fault_plans(recoverable=True), lambda plan: True)
    ()
    """
    if not recoverable:
        return st.lists(faults(), max_size=max_size).map(tuple)
    passing = st.lists(faults(befalls=_PASSES, times=st.integers(1, _MOST)), max_size=max_size)
    lie = faults(befalls=_LIES, kinds=_KNOWN_BY_DIGEST, times=st.just(1))
    lies = st.lists(lie, max_size=1)
    return st.tuples(passing, lies).map(lambda pair: (*pair[0], *pair[1]))
