"""
Names that are generated are names, and those that are not say why.
"""

from __future__ import annotations

import pytest
from hypothesis import given

from ocikit.errors import Invalid
from ocikit.name import grammar
from ocikit.name.parse import parse_reference, parse_repository
from ocikit.name.records import Reference, Repository
from ocikit.testing import strategies as oci


@given(oci.hosts())
def test_hosts_are_hosts(host: str) -> None:
    """
    By the strict grammar, and read as such.
    """
    assert grammar.is_host(host)
    assert parse_repository(f"{host}/a").registry.host == grammar.canonical_host(host)


@given(oci.repositories())
def test_repositories_read_back(repository: Repository) -> None:
    """
    Their text names them.
    """
    assert parse_repository(str(repository)) == repository


@given(oci.tags())
def test_tags_are_tags(tag: str) -> None:
    """
    By the strict grammar.
    """
    assert grammar.is_tag(tag)


@given(oci.references())
def test_references_read_back(reference: Reference) -> None:
    """
    Their text names them.
    """
    assert parse_reference(str(reference)) == reference


@given(oci.malformed_references())
def test_malformed_ones_are_refused(malformed: tuple[str, str]) -> None:
    """
    By an error of whoever wrote them.
    """
    text, _ = malformed
    with pytest.raises(Invalid):
        parse_reference(text)
