"""
Laws of plans: whatever is wanted and whatever is there.
"""

from __future__ import annotations

import pickle

from hypothesis import given
from hypothesis import strategies as st

from ocikit._records import evolve
from ocikit.bulk.sync_actions import Action, How, Memory, Scope, Seen, Want
from ocikit.bulk.sync_delete import Care, deletions
from ocikit.bulk.sync_plan import Key, key_of, plan, sources_to_ask, targets_to_ask
from ocikit.bulk.sync_shelf import Folder, Shelf, bare, tagged
from ocikit.digest import Digest
from ocikit.errors import Missing
from ocikit.name.parse import parse_repository
from ocikit.platforms import LINUX_AMD64
from ocikit.query.cosign import belongs
from ocikit.query.tagged import TagFilter, covers

DIGESTS = [Digest("sha256", letter * 64) for letter in "abc"]
TARGETS: list[Shelf] = [parse_repository("r.io/a"), parse_repository("r.io/b"), Folder("out")]
SOURCE = parse_repository("s.io/a")
TAGS = ["1", "2", "3", "latest", f"sha256-{'0' * 64}.sig"]

hows = st.builds(
    How,
    platforms=st.sampled_from([(), (LINUX_AMD64,)]),
    referrers=st.sampled_from(["none", "new", "all"]),
    overwrite=st.booleans(),
    immutable=st.booleans(),
)
wants = st.builds(
    Want,
    entry=st.sampled_from(["one", "two"]),
    source=st.just(SOURCE),
    tag=st.sampled_from(TAGS),
    target=st.sampled_from(TARGETS),
    name=st.sampled_from(TAGS),
    how=hows,
)
digests = st.sampled_from(DIGESTS)
lost: Exception = OSError("lost")


@st.composite
def worlds(draw: st.DrawFn) -> tuple[list[Want], Seen]:
    """
    What is wanted, and what would be seen of it if everything were asked for.
    """
    wanted = draw(st.lists(wants, max_size=8))
    found: st.SearchStrategy[Digest | Exception] = digests | st.just(lost)
    sources: dict[Key, Digest | Exception] = {(SOURCE, tag): draw(found) for tag in TAGS}
    tags = {each: frozenset(draw(st.sets(st.sampled_from(TAGS)))) for each in TARGETS}
    targets = {(each, tag): draw(digests) for each in TARGETS for tag in tags[each]}
    memory = {
        key: Memory(source=str(draw(digests)), target=str(targets.get(key, DIGESTS[0])), how="")
        for key in draw(st.sets(st.sampled_from([(t, tag) for t in TARGETS for tag in TAGS])))
    }
    return wanted, Seen(sources=sources, tags=tags, targets=targets, memory=memory)


def asked(wanted: list[Want], world: Seen, *, verify: bool = False) -> Seen:
    """
    What is seen when no more is asked for than has to be.
    """
    seen = Seen(tags=world.tags, memory=world.memory)
    keys = sources_to_ask(wanted, seen)
    seen = evolve(seen, sources={key: world.sources[key] for key in keys})
    return evolve(
        seen,
        targets={key: world.targets[key] for key in targets_to_ask(wanted, seen, verify=verify)},
    )


@given(worlds(), st.booleans())
def test_every_wanted_tag_has_an_action(world: tuple[list[Want], Seen], verify: bool) -> None:
    """
    Exactly one, or a conflict for each who wants it; and what is to be done is data that travels.
    """
    wanted, there = world
    seen = asked(wanted, there, verify=verify)
    actions = plan(wanted, seen)
    assert pickle.loads(pickle.dumps(actions)) == actions or any(a.error for a in actions)
    told = [bare(action.target) for action in actions if action.kind != "conflict"]
    assert len(told) == len(set(told))
    keys = {bare(tagged(*key_of(want))) for want in wanted}
    assert {bare(action.target) for action in actions} == keys


@given(worlds())
def test_after_a_plan_nothing_is_left_to_do(world: tuple[list[Want], Seen]) -> None:
    """
    What is true when all actions are done, and remembered, needs no more of them.
    """
    wanted, there = world
    actions = plan(wanted, asked(wanted, there, verify=True))
    tags, targets, memory = dict(there.tags), dict(there.targets), dict(there.memory)
    for want in wanted:
        for action in actions:
            if action.target != tagged(*key_of(want)) or not action.changes:
                continue
            assert action.digest is not None
            shelf, name = key_of(want)
            already = tags[shelf]
            assert isinstance(already, frozenset)
            tags[shelf] = already | {name}
            # Of parts of an index another digest is made.
            made = DIGESTS[2] if action.how.platforms else action.digest
            targets[shelf, name] = made
            key = action.how.key
            memory[shelf, name] = Memory(source=str(action.digest), target=str(made), how=key)
    after = evolve(there, tags=tags, targets=targets, memory=memory)
    again = plan(wanted, asked(wanted, after, verify=True))
    assert [action for action in again if action.changes] == []


@given(worlds())
def test_what_is_not_to_be_overwritten_is_not(world: tuple[list[Want], Seen]) -> None:
    """
    Nothing is done to a tag that is there and stays by its entry's word.
    """
    wanted, there = world
    kept = [evolve(want, how=evolve(want.how, overwrite=False)) for want in wanted]
    for action in plan(kept, asked(kept, there)):
        present = {bare(tagged(shelf, tag)) for shelf in TARGETS for tag in there.tags[shelf]}  # type: ignore[union-attr]  # all are lists of tags
        assert not (action.changes and bare(action.target) in present)


@given(worlds())
def test_a_tag_follows_its_copy(world: tuple[list[Want], Seen]) -> None:
    """
    What is only tagged is there already, or was copied to that target before.
    """
    wanted, there = world
    copied: set[object] = set()
    for action in plan(wanted, asked(wanted, there)):
        where = (bare(action.target).rpartition(":")[0], action.digest, action.how.key)
        if action.kind == "copy":
            assert where not in copied
            copied.add(where)
        assert action.kind != "tag" or action.held is not None or where in copied


@given(worlds())
def test_no_more_is_asked_than_has_to_be(world: tuple[list[Want], Seen]) -> None:
    """
    One question a tag at the source, none of what never changes; and none at the target of what
    is remembered.
    """
    wanted, there = world
    seen = Seen(tags=there.tags, memory=there.memory)
    sources = sources_to_ask(wanted, seen)
    assert len(sources) == len(set(sources)) <= len({want.tag for want in wanted})
    known = evolve(seen, sources={key: there.sources[key] for key in sources})
    for shelf, tag in targets_to_ask(wanted, known):
        assert (shelf, tag) not in there.memory
        assert tag in there.tags[shelf]  # type: ignore[operator]  # all are lists of tags


filters = st.builds(
    TagFilter,
    include=st.lists(st.sampled_from(["*", "[12]", "latest"]), max_size=2).map(tuple),
    exclude=st.lists(st.sampled_from(["1", "s*"]), max_size=1).map(tuple),
    newest=st.none() | st.integers(1, 2),
    order=st.just("natural"),
)
scopes = st.builds(
    Scope,
    entry=st.sampled_from(["one", "two"]),
    target=st.sampled_from(TARGETS),
    tags=filters,
    at_most=st.sampled_from([0.0, 0.3, 0.5, 1.0]),
)


@given(worlds(), st.lists(scopes, max_size=3), st.lists(scopes, max_size=2), st.booleans())
def test_deletions_touch_what_filters_are_about_only(
    world: tuple[list[Want], Seen], where: list[Scope], others: list[Scope], forced: bool
) -> None:
    """
    Never what nobody's filter is about, what is wanted, what belongs to a manifest, or what an
    entry that does not take part may want; and of each target no more than its share.
    """
    wanted, seen = world
    care = Care(others=tuple(others), forced=forced)
    gone = [a for a in deletions(wanted, where, seen, care) if a.kind == "delete"]
    names = [bare(action.target) for action in gone]
    assert len(names) == len(set(names))
    for action in gone:
        shelf, tag = _split(action)
        mine = [scope for scope in where if scope.target == shelf and scope.entry == action.entry]
        assert any(tag in covers(scope.tags, [tag]) for scope in mine)
        assert (shelf, tag) not in [key_of(want) for want in wanted]
        assert not belongs(tag)
        assert not any(o.target == shelf and covers(o.tags, [tag]) for o in others)
    if not forced and len(where) == 1:
        about = set(covers(where[0].tags, there_or_wanted(wanted, seen, where[0].target)))
        assert len(gone) <= where[0].at_most * len(about)


def there_or_wanted(wanted: list[Want], seen: Seen, shelf: Shelf) -> set[str]:
    """
    The tags of a target when all is copied, and nothing deleted.
    """
    there = seen.tags[shelf]
    assert isinstance(there, frozenset)
    return set(there) | {want.name for want in wanted if want.target == shelf}


def _split(action: Action) -> tuple[Shelf, str]:
    for shelf in TARGETS:
        for tag in TAGS:
            if tagged(shelf, tag) == action.target:
                return shelf, tag
    raise AssertionError(action)


@given(worlds(), scopes)
def test_nothing_is_deleted_where_it_is_not_known_what_is_wanted(
    world: tuple[list[Want], Seen], scope: Scope
) -> None:
    """
    A source that could not be listed may have it all; and a target that could not be has nothing.
    """
    wanted, seen = world
    care = Care(unknown=((scope.target, "s.io/x could not be listed"),), forced=True)
    assert all(a.kind == "conflict" for a in deletions(wanted, [scope], seen, care))
    blind = evolve(seen, tags={**seen.tags, scope.target: Missing()})
    assert deletions(wanted, [scope], blind, Care(forced=True)) == ()
