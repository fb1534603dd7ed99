"""
Plans of faults that are drawn for tests.
"""

from __future__ import annotations

from hypothesis import find, given

from ocikit.server.faults.mishaps import DigestLie, Flip, Status, TokenExpired
from ocikit.server.faults.plan import Fault
from ocikit.testing import strategies as oci


@given(oci.fault_plans(recoverable=True))
def test_what_can_be_recovered_from_ends(plan: tuple[Fault, ...]) -> None:
    """
    No fault strikes for ever, one at most is a lie, and no refusal is meant.
    """
    assert all(fault.times in (1, 2) for fault in plan)
    assert sum(isinstance(fault.befalls, Flip) for fault in plan) <= 1
    assert not any(isinstance(fault.befalls, DigestLie | TokenExpired) for fault in plan)
    statuses = [f.befalls.status for f in plan if isinstance(f.befalls, Status)]
    assert not {400, 401, 403, 404} & set(statuses)


def test_plans_shrink() -> None:
    """
    To nothing, and to the one fault that matters.
    """
    assert find(oci.fault_plans(), lambda plan: True) == ()
    plan = find(oci.fault_plans(), lambda plan: any(f.times is None for f in plan))
    assert len(plan) == 1
