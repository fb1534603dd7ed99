"""
All that belongs to a manifest.
"""

from __future__ import annotations

import random

import pytest

from ocikit.content import synthetic
from ocikit.content.image import Image, Index
from ocikit.content.partial import artifact
from ocikit.http.message import Request, Response
from ocikit.name.parse import parse_repository
from ocikit.name.records import Tag
from ocikit.registry.attach import attach
from ocikit.registry.client import Client
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.registry.related import TooMuchBelongs, related
from ocikit.server.handler import registry
from ocikit.testing.wires import answer, client
from tests.registry.test_referrers import entry, page

HERE = parse_repository("r.io/a")
INDEX = synthetic.index(random.Random(1), size=10)


def signed(one: Client) -> tuple[Index, list[str]]:
    """
    An index with a signature, whose first image has a bill of materials that is signed
    as well, and tags of cosign's; and the names of all that belongs to it.
    """
    flush("r.io/a:1", INDEX, client=one)
    content = load("r.io/a:1", client=one)
    assert isinstance(content, Index)
    child = content.children[0].descriptor.digest
    signature = attach("r.io/a:1", artifact("example/signature"), client=one)
    sbom = attach(f"r.io/a@{child}", artifact("example/sbom"), client=one)
    nested = attach(sbom, artifact("example/signature"), client=one)
    cosigned = f"r.io/a:sha256-{child.hex}.sig"
    flush(cosigned, synthetic.image(random.Random(2)), client=one)
    flush("r.io/a:2", synthetic.image(random.Random(3)), client=one)
    return content, sorted([str(signature), str(sbom), str(nested), cosigned])


@pytest.mark.parametrize("knows", [True, False])
@pytest.mark.parametrize("jobs", [1, 4])
def test_all_of_it_is_found(knows: bool, jobs: int) -> None:
    """
    Of the index, of each image in it, of what belongs to it; and nothing else.
    """
    one = client(registry(referrers=knows), jobs=jobs)
    content, wanted = signed(one)
    found = related(HERE, content, client=one)
    assert sorted(str(each.reference) for each in found) == wanted
    for each in found:
        loaded = load(each.reference, client=one)
        assert isinstance(loaded, Image)
        assert loaded.digest == each.digest


def test_some_types_may_be_enough() -> None:
    """
    Tags of cosign's have none, and come along.
    """
    one = client(registry())
    content, _ = signed(one)
    found = related(HERE, content, client=one, artifact_types=("example/sbom",))
    kinds = [type(each.reference) for each in found]
    assert (len(found), kinds.count(Tag)) == (2, 1)


def listing(*numbers: int) -> Response:
    """
    A list of these.
    """
    return page(*[entry(number) for number in numbers])


def test_what_has_no_end_is_refused() -> None:
    """
    A registry could invent ever new ones.
    """
    count = iter(range(10**9))

    def endless(request: Request) -> Response:
        if "/referrers/" not in request.url:
            return answer(404)
        return listing(next(count), next(count))

    with pytest.raises(TooMuchBelongs, match="more than 50"):
        related(HERE, synthetic.image(random.Random(1)), client=client(endless), most=50)


def test_what_belongs_to_itself_is_found_once() -> None:
    """
    A list that a registry made up may lead in circles.
    """

    def circle(request: Request) -> Response:
        return listing(1) if "/referrers/" in request.url else answer(404)

    found = related(HERE, synthetic.image(random.Random(1)), client=client(circle))
    assert [each.digest for each in found] == [entry(1).digest]
