"""
What is to be in sync, read from TOML::

    [defaults]                              # for every entry that does not say otherwise
    platforms = ["linux/amd64", "linux/arm64"]
    referrers = true                        # or "new": only together with what is copied

    [registries."docker.io"]                # how often it may be asked
    pulls = "100/6h"
    requests = "600/m"

    [[sync]]
    repository = "docker.io/library/debian" # or oci:DIR
    targets = ["r.example/mirror/debian", "oci:/srv/mirror/debian"]
    tags.semver = ">=12"                    # see ocikit.query.tagged.TagFilter
    tags.newest = 3
    delete = true                           # tags of the filter that are no longer wanted

    [[sync]]
    image = "debian:12"                     # one image
    targets = "r.example/base:12"

    [[sync]]
    registry = "quay.example"               # or oci:DIR, a folder of layouts
    repositories = ["team/**"]              # * is within a component, ** are any
    targets = "r.example/quay"              # what it is put under
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from ocikit import platforms
from ocikit._records import FrozenMap
from ocikit.bulk.sync_entries import Entry, Referrers, Source, SyncFile, Target, Whole
from ocikit.bulk.sync_faults import SyncInvalid, Where, located
from ocikit.bulk.sync_limits import Limits, Rate
from ocikit.bulk.sync_names import same_place, targets_of, whole_or_named
from ocikit.bulk.sync_table import Table
from ocikit.mutate.recipe_faults import RecipeInvalid
from ocikit.mutate.recipe_toml import loads
from ocikit.name.parse import parse_registry
from ocikit.query.tagged import EVERY, FilterInvalid, TagFilter

T = TypeVar("T")

SOURCES: Final = ("image", "repository", "registry")
#: What an entry says, or `[defaults]` for all of them.
_HOW: Final = (
    *("tags", "platforms", "referrers", "delete", "delete-at-most", "overwrite", "immutable"),
)
_ENTRY: Final = (*SOURCES, "name", "targets", "repositories", "exclude-repositories", *_HOW)
_TAGS: Final = (
    *("include", "exclude", "include-regex", "exclude-regex", "keep"),
    *("semver", "prereleases", "short", "newest", "order"),
)
_ORDERS: Final = ("semver", "natural")


def read_sync(text: str, path: str = "sync.toml") -> SyncFile:
    """
    Read what is to be in sync.

    Args:
        text: TOML, as this module's documentation shows it.
        path: what the file is called, for errors.

    Raises:
        SyncInvalid: it is no TOML, or says what cannot be; with the line, the keys that
            lead there, and what to write.

    >>> file = read_sync('''
    ... [[sync]]
    ... repository = "debian"
    ... targets = "r.example/debian"
    ... tags = ["12*"]
    ... ''')
    >>> str(file.entries[0].source), file.entries[0].tags.include
    ('docker.io/library/debian', ('12*',))
    """
    try:
        return _file(loads(text), path)
    except RecipeInvalid as error:
        where: Where = error.where
        raise located(SyncInvalid(where=where, reason=error.reason), path, text) from None
    except SyncInvalid as error:
        raise located(error, path, text) from error.__cause__


def _file(value: Any, path: str) -> SyncFile:
    table = Table(value, ())
    table.check(("defaults", "registries", "sync"))
    defaults = table.table("defaults")
    defaults.check(_HOW)
    _how(defaults, defaults, EVERY)
    hosts = table.table("registries")
    limits = {_host(hosts, name): _limits(hosts.table(name)) for name in hosts.names}
    entries = tuple(_entry(each, defaults) for each in table.tables("sync"))
    if not entries:
        table.refuse("nothing is to be in sync; write a [[sync]]", "sync")
    _see_that_names_differ(entries)
    return SyncFile(path=path, entries=entries, limits=FrozenMap(limits))


def _see_that_names_differ(entries: tuple[Entry, ...]) -> None:
    seen: set[str] = set()
    for number, entry in enumerate(entries):
        if entry.name in seen:
            reason = f"another entry is called {entry.name!r}; give each a name of its own"
            raise SyncInvalid(where=("sync", number, "name"), reason=reason)
        seen.add(entry.name)


def _host(hosts: Table, name: str) -> str:
    return hosts.made(name, parse_registry, name).host


def _limits(table: Table) -> Limits:
    table.check(("requests", "pulls"))
    rates = {name: table.made(name, Rate.parse, table.text(name)) for name in table.names}
    return Limits(**rates)


def _entry(table: Table, defaults: Table) -> Entry:
    table.check(_ENTRY)
    kinds = [kind for kind in SOURCES if kind in table.names]
    if len(kinds) != 1:
        said = " and ".join(kinds) or "nothing"
        table.refuse(f"{said} says what to copy; write one of {', '.join(SOURCES)}")
    kind = kinds[0]
    source = table.made(kind, whole_or_named, kind, table.text(kind))
    if "targets" not in table.names:
        table.refuse("where to is missing; write targets = [...]", "targets")
    targets = tuple(
        table.made("targets", targets_of, kind, source, text) for text in table.texts("targets")
    )
    _see_that_kinds_suit(table, kind, source, targets)
    return Entry(
        name=table.text("name") if "name" in table.names else str(source),
        source=_narrowed(table, source),
        targets=targets,
        **_how(table, defaults, EVERY),
    )


def _see_that_kinds_suit(
    table: Table, kind: str, source: Source, targets: tuple[Target, ...]
) -> None:
    for name in ("repositories", "exclude-repositories"):
        if kind != "registry" and name in table.names:
            table.refuse("goes with registry = ..., for it chooses among its repositories", name)
    for name in ("tags", "delete"):
        if kind == "image" and name in table.names:
            table.refuse("one image has no others to choose from; write repository = ...", name)
    if not targets:
        table.refuse("where to is missing; name at least one target", "targets")
    for target in targets:
        if same_place(source, target):
            table.refuse(f"{target} is the source itself", "targets")
    if len(set(targets)) < len(targets):
        table.refuse("a target is named twice", "targets")


def _narrowed(table: Table, source: Source) -> Source:
    if not isinstance(source, Whole):
        return source
    chosen = table.texts("repositories") or source.repositories
    return Whole(source.registry, chosen, table.texts("exclude-repositories"))


def _how(table: Table, defaults: Table, every: TagFilter) -> dict[str, Any]:
    def said(name: str) -> Table | None:
        return next((each for each in (table, defaults) if name in each.names), None)

    made: dict[str, Any] = {}
    readers: dict[str, Callable[[Table], Any]] = {
        "tags": _tags,
        "platforms": _platforms,
        "referrers": _referrers,
        "delete": lambda where: where.flag("delete"),
        "delete-at-most": _share,
        "overwrite": lambda where: where.flag("overwrite"),
        "immutable": lambda where: where.texts("immutable"),
    }
    # What has one image only is not chosen by tags, nor deleted from, whatever is usual.
    single = "image" in table.names
    for name, read in readers.items():
        where = said(name)
        if where is not None and not (single and name in ("tags", "delete")):
            made[name.replace("-", "_")] = read(where)
    return made


def _tags(table: Table) -> TagFilter:
    if not table.is_table("tags"):
        return TagFilter(include=table.texts("tags"))
    tags = table.table("tags")
    tags.check(_TAGS)
    fields: dict[str, Any] = {}
    for name in tags.names:
        if name in ("prereleases", "short"):
            fields[name] = tags.flag(name)
        elif name == "newest":
            fields[name] = tags.number(name)
        elif name in ("semver", "order"):
            fields[name] = tags.text(name)
        else:
            fields[name.replace("-", "_")] = tags.texts(name)
    if fields.get("order", "semver") not in _ORDERS:
        tags.refuse(f"a list of tags has no other order than {' and '.join(_ORDERS)}", "order")
    try:
        return TagFilter(**fields)
    except FilterInvalid as error:
        tags.refuse(error.reason, error.field.replace("_", "-"))


def _platforms(table: Table) -> tuple[platforms.Platform, ...]:
    return tuple(
        table.made("platforms", platforms.parse, text) for text in table.texts("platforms")
    )


def _referrers(table: Table) -> Referrers:
    value = table.any("referrers")
    known: dict[Any, Referrers] = {True: "all", False: "none", "new": "new"}
    if not isinstance(value, bool | str) or value not in known:
        table.refuse('expected true, false, or "new"', "referrers")
    return known[value]


def _share(table: Table) -> float:
    value = table.any("delete-at-most")
    if isinstance(value, str) and value.endswith("%") and value[:-1].isdecimal():
        value = int(value[:-1]) / 100
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= 1:
        table.refuse('expected a share, as 0.3 or "30%"', "delete-at-most")
    return float(value)
