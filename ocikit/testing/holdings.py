"""
Strategies of what whole registries hold: repositories, tags, and what refers to images.

    @given(held=oci.registries())
    def test_my_mirror(held):
        source, target = TestRegistry("source.test"), TestRegistry("target.test")
        held.flush(source)
        my_mirror(source, target)
        held.assert_in(target)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from ocikit import media
from ocikit._records import EMPTY, FrozenMap, record
from ocikit.content.image import Content, Image, Index
from ocikit.digest import Digest
from ocikit.errors import OciError
from ocikit.spec.descriptor import Descriptor
from ocikit.testing.contents import artifacts, images, indexes
from ocikit.testing.registries import TestRegistry
from ocikit.testing.same import differing

_REPOSITORIES: Final[tuple[str, ...]] = ("app", "team/app", "team/base")
_TAGS: Final[tuple[str, ...]] = ("1", "2", "latest")
_DANGLING: Final = Descriptor(media_type=media.OCI_MANIFEST, digest=Digest.of(b"none"), size=4)


@record(kw_only=True)
class Holding:
    """
    What a repository holds.

    >>> Holding().referrers
    ()
    """

    tags: FrozenMap[str, Content] = EMPTY
    #: Artifacts that have no tag: each is about something, be it there or not.
    referrers: tuple[Image, ...] = ()


@record
class Holdings:
    """
    What a registry holds, by repository.

    >>> from ocikit.content.empty import IMAGE
    >>> held = Holdings(FrozenMap(app=Holding(tags=FrozenMap({"1": IMAGE}))))
    >>> [name for name, _ in held]
    ['app:1']
    """

    repositories: FrozenMap[str, Holding] = EMPTY

    def __iter__(self) -> Iterator[tuple[str, Content]]:
        """
        Give all that it holds, by names such as "app:1" and "app@sha256:...".
        """
        for name, held in self.repositories.items():
            for tag, content in held.tags.items():
                yield f"{name}:{tag}", content
            for artifact in held.referrers:
                yield f"{name}@{artifact.digest}", artifact

    def flush(self, registry: TestRegistry) -> None:
        """
        Put all of it into a registry.
        """
        for name, content in self:
            registry.flush(name, content)

    def assert_in(self, registry: TestRegistry) -> None:
        """
        See that a registry has all of it, and lists what refers to what.

        Raises:
            AssertionError: something is missing, or is not the same.

        >>> from hypothesis import find
        >>> small = registries(contents=images(max_layers=0), referrers=False)
        >>> held = find(small, lambda held: len([*held]) == 1)
        >>> there = TestRegistry()
        >>> held.flush(there)
        >>> held.assert_in(there)
        """
        from ocikit.registry.referrers import referrers

        for name, content in self:
            try:
                found = registry.load(name)
            except OciError as error:
                raise AssertionError(f"{name} is not there: {error}") from None
            assert found == content, f"{name}:\n{differing(content, found)}"
        for name, held in self.repositories.items():
            for each in held.referrers:
                subject = each.manifest.subject
                assert subject is not None
                about = registry.name(f"{name}@{subject.digest}")
                listed = {one.digest for one in referrers(about, client=registry.client)}
                assert each.digest in listed, f"{about} does not list {each.digest}"


def registries(
    *,
    contents: SearchStrategy[Content] | None = None,
    max_repositories: int = 2,
    max_tags: int = 2,
    referrers: bool = True,
    dangling: bool = True,
) -> SearchStrategy[Holdings]:
    """
    What registries hold; they shrink to nothing.

    Args:
        contents: what is tagged; images and indexes when None.
        max_repositories: how many at most, three of them.
        max_tags: of each repository at most, three of them.
        referrers: whether artifacts are about what is there.
        dangling: whether some are about what is not there.

    >>> from hypothesis import find
    >>> held = registries(contents=images(max_layers=0), referrers=False)
    >>> [name for name, _ in find(held, lambda held: len([*held]) == 1)]
    ['app:1']
    """
    tagged = images(max_layers=2) | indexes(max_children=2) if contents is None else contents
    named = st.lists(st.sampled_from(_REPOSITORIES), max_size=max_repositories, unique=True)
    tagging = st.dictionaries(st.sampled_from(_TAGS).map(str), tagged, max_size=max_tags)

    @st.composite
    def holdings(draw: DrawFn) -> Holdings:
        held = {}
        for name in draw(named):
            tags = draw(tagging)
            found = _referrers(draw, tags, dangling) if referrers else ()
            held[name] = Holding(tags=FrozenMap(tags), referrers=found)
        return Holdings(FrozenMap(held))

    return holdings()


def _referrers(draw: DrawFn, tags: Mapping[str, Content], dangling: bool) -> tuple[Image, ...]:
    about = [each.descriptor for each in tags.values() if isinstance(each, Image | Index)]
    about += [_DANGLING] * dangling
    if not about:
        return ()
    made = draw(st.lists(artifacts(subject=st.sampled_from(about)), max_size=2))
    return tuple({each.digest: each for each in made}.values())
