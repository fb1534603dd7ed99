"""
What holds of a registry whatever it is given, to run against any: drawn tags, ranges,
referrers and documents, where `RegistryContract` has one example each.

    class TestMyRegistry(RegistryLaws):
        def open(self):
            return Place(send=my_registry())  # empty, or with a prefix of the example's own
"""

from __future__ import annotations

import abc
import json
from typing import Any, Final
from urllib.parse import quote

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ocikit.http.message import Response
from ocikit.testing.asking import artifact, image
from ocikit.testing.contract import Contract
from ocikit.testing.corner import Corner, named
from ocikit.testing.documents import texts
from ocikit.testing.modelled import Place

#: Of any case and sign, and few, so that pages begin and end at each.
_TAGS: Final = ("a", "T", "b", "c", "t-1", "t.1", "10", "9")
_TYPES: Final = ("application/x", "application/y", "text/plain")
_SUBJECT: Final = b"subject"


class RegistryLaws(Contract):
    """
    Laws of registries; each example has a repository that holds nothing.

    >>> from ocikit.server.handler import registry
    >>> class TestOurs(RegistryLaws):
    ...     def open(self):
    ...         return Place(send=registry())
    >>> TestOurs().test_a_range_is_a_part()
    """

    @abc.abstractmethod
    def open(self) -> Place:
        """
        Give a registry, whose names with its prefix hold nothing yet.
        """

    def law_pages_of_tags_lose_none(self, data: st.DataObject) -> None:
        """
        However many tags there are, and however large a page is, links lead to all of them.
        """
        here = self._here()
        tags = data.draw(st.sets(st.sampled_from(_TAGS), min_size=1, max_size=5), "tags")
        size = data.draw(st.integers(1, 4), "pages of")
        for tag in sorted(tags):
            here.put(tag, image([]))
        found = list(here.pages(f"/v2/{here.name}/tags/list?n={size}", "tags"))
        assert sorted(found) == sorted(tags), f"pages of {size} have {found}"

    def law_a_range_is_a_part(self, data: st.DataObject) -> None:
        """
        By 206 and just these bytes; a registry without ranges gives all of it by 200.
        """
        here, content = self._here(), data.draw(st.binary(min_size=1, max_size=8), "blob")
        first = data.draw(st.integers(0, len(content) - 1), "from")
        last = data.draw(st.integers(first, len(content) - 1), "to")
        asked = {"Range": f"bytes={first}-{last}"}
        response = here("GET", f"blobs/{here.push_blob(content)}", headers=asked)
        read = response.body.read()
        if response.status == 200:
            assert read == content
            return
        assert (response.status, read) == (206, content[first : last + 1])
        said = response.headers.get("Content-Range")
        assert said == f"bytes {first}-{last}/{len(content)}"

    def law_bytes_are_kept_as_they_are(self, data: st.DataObject) -> None:
        """
        However a document is written, and whatever members it has: by tag and by digest.
        """
        here, raw = self._here(), data.draw(_written(), "manifest")
        assert here.put("t", raw).status == 201
        for reference in ("t", named(raw)):
            assert here.read("GET", f"manifests/{reference}", here.accept) == (200, raw)

    def law_referrers_are_filtered_by_what_they_are(self, data: st.DataObject) -> None:
        """
        All of the type that is asked for and no other, where it says that it chose.
        """
        here, types = self._here(), data.draw(_types(), "referrers")
        wanted = data.draw(st.sampled_from(_TYPES), "asked for")
        for each in types:
            here.put(named(_artifact(each)), _artifact(each))
        asked = f"referrers/{named(_SUBJECT)}?artifactType={quote(wanted, safe='')}"
        response = here("GET", asked)
        chosen = bool(response.headers.get("OCI-Filters-Applied"))
        expected = [each for each in types if each == wanted or not chosen]
        assert sorted(_listed(response)) == sorted(named(_artifact(each)) for each in expected)

    def law_referrers_are_those_that_are_there(self, data: st.DataObject) -> None:
        """
        What was pushed about a subject, without what was deleted again.
        """
        here, types = self._here(), data.draw(_types(), "referrers")
        gone = data.draw(st.sets(st.sampled_from(types)), "deleted") if types else set[str]()
        for each in types:
            here.put(named(_artifact(each)), _artifact(each))
        for each in sorted(gone):
            assert here("DELETE", f"manifests/{named(_artifact(each))}").status == 202
        found = _listed(here("GET", f"referrers/{named(_SUBJECT)}"))
        expected = [named(_artifact(each)) for each in types if each not in gone]
        assert sorted(found) == sorted(expected)

    def _here(self) -> Corner:
        here = Corner.of(self.open())
        here.push_blob(b"{}")
        return here


def _types() -> SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(_TYPES), max_size=3, unique=True)


def _written() -> SearchStrategy[bytes]:
    """
    Draw a manifest in any spelling: white space, order, and members that nobody knows.
    """

    def write(extra: dict[str, Any], indent: int | None, turned: bool) -> bytes:
        members = {**json.loads(image([])), **extra}
        ordered = dict(reversed(members.items())) if turned else members
        # A number of which a library of JSON would make another text.
        return json.dumps(ordered, indent=indent).replace('"1.50"', "1.50").encode()

    values: SearchStrategy[Any] = texts() | st.sampled_from(("1.50", 1, None, [{}], {"a": []}))
    extras = st.dictionaries(st.sampled_from(("x-vendor", "Ünknown")), values, max_size=2)
    return st.builds(write, extras, st.sampled_from((None, 1, 4)), st.booleans())


def _listed(response: Response) -> list[str]:
    assert response.status == 200
    found: Any = json.loads(response.body.read())["manifests"]
    return [str(each["digest"]) for each in found]


def _artifact(kind: str) -> bytes:
    return artifact(kind, _SUBJECT)
