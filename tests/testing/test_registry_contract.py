"""
Registries keep the contract of registries: ours, over its storages, and Docker's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Final
from uuid import uuid4

import pytest

from ocikit.registry.transport import network
from ocikit.server.handler import registry
from ocikit.testing.contracts_registry import RegistryContract
from ocikit.testing.modelled import Place
from tests.real.docker_registry import DockerRegistry
from tests.server.storages import opened

_NO_REFERRERS: Final = "it has no list of referrers, and clients keep one under a tag"


class TestOurs(RegistryContract):
    """
    Ours, which differs in nothing.
    """

    @pytest.fixture(params=["memory", "disk-none"])
    def place(self, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
        """
        A registry in memory, and one on disk.
        """
        with opened(request.param, tmp_path / "storage") as storage:
            yield Place(send=registry(storage))


@pytest.mark.real
class TestDockerRegistry(RegistryContract):
    """
    Distribution 2.8, and what it does otherwise.
    """

    known_differences: ClassVar[dict[str, str]] = {
        "test_tags_are_in_order": "it lists tags as its storage does",
        "test_a_page_is_not_larger_than_asked": "it gives all tags at once",
        "test_what_is_about_nothing_is_an_empty_index": _NO_REFERRERS,
        "test_a_push_about_something_says_so": _NO_REFERRERS,
        "test_a_subject_lists_what_is_about_it": _NO_REFERRERS,
        "test_referrers_are_filtered_by_what_they_are": _NO_REFERRERS,
        "test_deleted_referrers_are_not_listed": _NO_REFERRERS,
        "test_what_is_no_manifest_is_refused": "it answers 500 to a document that is null",
        "test_a_tag_is_deleted_alone": "it deletes by digest only",
        "test_chunks_come_in_their_order": "it does not look at Content-Range",
    }

    @pytest.fixture
    def place(self, docker_registry: DockerRegistry) -> Place:
        """
        Names of the test's own: all tests of a run share it.
        """
        base, prefix = f"http://{docker_registry.host}", f"r{uuid4().hex}/"
        return Place(send=network(), base=base, prefix=prefix, strict=False)
