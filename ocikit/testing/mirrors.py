"""
What holds of whatever copies whole registries: subclass the contract.

    class TestMyMirror(MirrorContract):
        def mirror(self, source, target, names):
            for name in names:
                my_tool.copy(source.name(name), target.name(name), ...)
"""

from __future__ import annotations

import abc
from collections.abc import Sequence
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ocikit.testing.contract import Contract
from ocikit.testing.holdings import Holdings, registries
from ocikit.testing.registries import TestRegistry


class MirrorContract(Contract):
    """
    What was mirrored is all there, to the byte.

    >>> class TestCopies(MirrorContract):
    ...     def mirror(self, source, target, names):
    ...         for name in names:
    ...             target.flush(name, source.load(name))
    ...     holdings = registries(referrers=False)
    >>> TestCopies().test_all_of_it_is_there()
    """

    #: What there is to mirror; what refers to nothing cannot be found by its subject.
    holdings: ClassVar[SearchStrategy[Holdings]] = registries(dangling=False)

    @abc.abstractmethod
    def mirror(self, source: TestRegistry, target: TestRegistry, names: Sequence[str]) -> None:
        """
        Copy tags, and what refers to their content, from a registry to another.

        Args:
            source: where from.
            target: where to.
            names: all tags there are, as "team/app:1".
        """

    def law_all_of_it_is_there(self, data: st.DataObject) -> None:
        """
        Every tag gives the same bytes, indexes are whole, and every referrer is listed.
        """
        held, source, target = data.draw(self.holdings), *_two()
        held.flush(source)
        self.mirror(source, target, tuple(source.tags))
        held.assert_in(target)

    def law_nothing_is_put_twice(self, data: st.DataObject) -> None:
        """
        Mirrored again, no blob is sent.
        """
        held, source, target = data.draw(self.holdings), *_two()
        held.flush(source)
        self.mirror(source, target, tuple(source.tags))
        target.forget()
        self.mirror(source, target, tuple(source.tags))
        sent = [each for each in target.requests if each.method in ("PUT", "PATCH")]
        assert not [str(each) for each in sent if "/blobs/" in each.target]


def _two() -> tuple[TestRegistry, TestRegistry]:
    return TestRegistry("source.test"), TestRegistry("target.test")
