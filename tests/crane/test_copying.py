"""
Copies, with what belongs to them; and what they would do.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from ocikit._records import evolve
from ocikit.content import synthetic
from ocikit.content.partial import artifact
from ocikit.crane import belonging, copying, write
from ocikit.crane.located import PlaceUnsupported
from ocikit.crane.places import flush, load
from ocikit.errors import Missing
from ocikit.http.message import Request, Response
from ocikit.layout.load import root
from ocikit.platforms import parse
from ocikit.registry.list import tags
from tests.crane.conftest import Reach

INDEX = synthetic.index(Random(1), size=10)
APP, COPY = "r.example/app:1", "r.example/copied:1"


@pytest.fixture
def signed(reach: Reach) -> Reach:
    """
    An index, a signature of it, one of its first image, and a tag of cosign's.
    """
    flush(APP, INDEX, reach.options)
    child = INDEX.children[0].descriptor.digest
    for place in (APP, f"r.example/app@{child}"):
        belonging.attach(place, [], reach.options, artifact_type="example/signature")
    flush(f"r.example/app:sha256-{child.hex}.sig", artifact("example/cosign"), reach.options)
    reach.asked()
    return reach


def test_what_belongs_to_it_goes_along(signed: Reach) -> None:
    """
    crane and skopeo leave it behind.
    """
    name = copying.copy(APP, COPY, signed.options, referrers=True)
    child = INDEX.children[0].descriptor.digest
    for place in (COPY, f"r.example/copied@{child}"):
        found = list(belonging.referrers(place, signed.options))
        assert [each.artifact_type for _, each in found] == ["example/signature"]
    assert load(f"r.example/copied:sha256-{child.hex}.sig", signed.options)
    assert name == f"r.example/copied@{INDEX.digest}"
    assert signed.notices == [f"{APP}: copied 3 that belong to it"]


def test_it_is_there_before_the_tag_is(signed: Reach) -> None:
    """
    Who waits for the tag, and wants it signed, finds it signed.
    """
    copying.copy(APP, COPY, signed.options, referrers=True)
    puts = [line for line in signed.asked() if line.startswith("PUT /v2/copied/manifests/")]
    assert puts[-1] == "PUT /v2/copied/manifests/1 201"


def test_without_being_asked_it_stays(signed: Reach) -> None:
    """
    As everybody is used to.
    """
    copying.copy(APP, COPY, signed.options)
    assert list(belonging.referrers(COPY, signed.options)) == []


def test_one_platform_takes_its_own_along(signed: Reach) -> None:
    """
    And not what belongs to the index.
    """
    wanted = INDEX.children[0].descriptor.platform
    assert wanted is not None
    copying.copy(APP, COPY, signed.but(platforms=(parse(str(wanted)),)), referrers=True)
    assert len(list(belonging.referrers(COPY, signed.options))) == 1


def test_a_layout_holds_it_too(signed: Reach, tmp_path: Path) -> None:
    """
    Entries without a name, and cosign's under its tag.
    """
    copying.copy(APP, f"oci:{tmp_path}:v1", signed.options, referrers=True)
    assert len(root(tmp_path).children) == 4


def test_and_gives_it_back(signed: Reach, tmp_path: Path) -> None:
    """
    From a layout as well what belongs to content goes along, and nothing else.
    """
    place = f"oci:{tmp_path}:v1"
    copying.copy(APP, place, signed.options, referrers=True)
    flush(f"oci:{tmp_path}:other", artifact("example/other"), signed.options)
    child = INDEX.children[0].descriptor.digest
    copying.copy(place, COPY, signed.options, referrers=True)
    for about in (COPY, f"r.example/copied@{child}"):
        found = list(belonging.referrers(about, signed.options))
        assert [each.artifact_type for _, each in found] == ["example/signature"]
    assert load(f"r.example/copied:sha256-{child.hex}.sig", signed.options)
    assert signed.notices[-1] == f"{place}: copied 3 that belong to it"
    assert list(tags("r.example/copied", client=signed.options.client)) == [
        "1",
        f"sha256-{child.hex}.sig",
    ]


def test_a_layout_tells_what_refers(signed: Reach, tmp_path: Path) -> None:
    """
    As a registry does: by name, and described with the type of the artifact.
    """
    place = f"oci:{tmp_path}:v1"
    copying.copy(APP, place, signed.options, referrers=True)
    [(name, found)] = belonging.referrers(place, signed.options)
    assert name == f"oci:{tmp_path}:{found.digest}"
    assert found == next(belonging.referrers(APP, signed.options))[1]
    assert load(name, signed.options).digest == found.digest
    wanted = list(belonging.referrers(place, signed.options, artifact_types=["other"]))
    assert wanted == []


@pytest.mark.parametrize(
    ("source", "target"),
    [
        *[(APP, "oci-archive:{}/x.tar"), (APP, "docker-archive:{}/x.tar")],
        *[("oci-archive:{}/y", COPY)],
    ],
)
def test_some_places_cannot(signed: Reach, tmp_path: Path, source: str, target: str) -> None:
    """
    They know nothing of referrers, or hold one image.
    """
    flush(f"oci-archive:{tmp_path}/y", INDEX, signed.options)
    places = [text.format(tmp_path) for text in (source, target)]
    with pytest.raises(PlaceUnsupported, match="refer"):
        copying.copy(places[0], places[1], signed.options, referrers=True)


def test_tags_may_be_chosen(reach: Reach) -> None:
    """
    Those that are kept, and no other.
    """
    for tag in ("1.0", "1.1", "2.0"):
        flush(f"r.example/app:{tag}", INDEX, reach.options)
    copies = copying.copy_repository(
        "r.example/app", "r.example/copied", reach.options, keep=lambda tag: tag.startswith("1.")
    )
    assert [tag for tag, _ in copies] == ["r.example/copied:1.0", "r.example/copied:1.1"]


def test_no_tag_that_is_meant_is_told(reach: Reach) -> None:
    """
    It would look as if all had been copied.
    """
    flush("r.example/app:1.0", INDEX, reach.options)
    copies = copying.copy_repository(
        "r.example/app", "r.example/copied", reach.options, keep=lambda tag: False
    )
    assert list(copies) == []
    assert reach.notices == ["r.example/app: has no tag that is meant; nothing was copied"]


def test_what_a_copy_would_do_is_told(signed: Reach, tmp_path: Path) -> None:
    """
    Nothing is written anywhere.
    """
    steps = copying.survey_copy(APP, COPY, signed.options)
    assert [step.action for step in steps].count("mount") == 4
    assert [step.action for step in steps][-2:] == ["put", "tag"]
    more = copying.survey_copy(APP, COPY, signed.options, referrers=True)
    assert len(more) > len(steps)
    assert not any(line.split()[0] in ("PUT", "POST") for line in signed.asked())
    with pytest.raises(Missing):
        load(COPY, signed.options)
    archive = copying.survey_copy(APP, f"oci-archive:{tmp_path}/x", signed.options)
    assert {step.action for step in archive} == {"write"}
    assert list(tmp_path.iterdir()) == []


def test_a_layout_tells_what_it_has(signed: Reach, tmp_path: Path) -> None:
    """
    By the size of its files.
    """
    place = f"oci:{tmp_path}/x:v1"
    first = copying.survey_copy(APP, place, signed.options)
    assert {step.action for step in first} == {"write", "tag"}
    assert not (tmp_path / "x").exists()
    copying.copy(APP, place, signed.options)
    assert {step.action for step in copying.survey_copy(APP, place, signed.options)} == {"exists"}


def test_a_repository_is_surveyed_tag_by_tag(reach: Reach) -> None:
    """
    What tags share is told once.
    """
    for tag in ("1", "2"):
        flush(f"r.example/app:{tag}", INDEX, reach.options)
    steps = list(copying.survey_repository("r.example/app", "r.example/new", reach.options))
    one = copying.survey_copy("r.example/app:1", "r.example/new:1", reach.options)
    assert len(steps) == len(one) + 1


def test_several_places_get_it_at_once(reach: Reach, tmp_path: Path) -> None:
    """
    Registries each piece once, and other places as ever; names come in their order.
    """
    targets = ["r.example/a:1", f"oci:{tmp_path}:v1", "r.example/b:1"]
    names = write.push_all(INDEX, targets, reach.options)
    pinned = [f"r.example/{name}@{INDEX.digest}" for name in ("a", "b")]
    assert names == (pinned[0], targets[1], pinned[1])
    for name in names:
        assert load(name, reach.options) == INDEX


def test_a_registry_that_deletes_more_than_a_tag_is_told_of(reach: Reach) -> None:
    """
    What else is gone is said afterwards, for nobody can know before.
    """
    held = reach.wire.send

    def greedy(request: Request) -> Response:
        if request.method == "DELETE":
            return held(evolve(request, url=request.url.replace("/1", f"/{INDEX.digest}")))
        return held(request)

    for tag in ("1", "2"):
        flush(f"r.example/app:{tag}", INDEX, reach.options)
    write.delete("r.example/app:2", reach.options)
    assert reach.notices == []
    client = evolve(reach.options.client, send=greedy)
    write.delete("r.example/app:1", reach.but(client=client))
    assert reach.notices == [
        f"r.example/app:1: the registry deleted {INDEX.digest} as well, and with it all its tags"
    ]
