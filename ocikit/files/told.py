"""
What a layer says of a file on disk, where others say something of it below.
"""

from __future__ import annotations

import stat
from typing import Final

from ocikit._records import FrozenMap, evolve, record
from ocikit.files.folder import HAS_XATTRS, LOCAL_XATTRS
from ocikit.files.found import Found
from ocikit.tree import fields
from ocikit.tree.entry import Entry

_SECOND: Final = 10**9
_SET_IDS: Final = stat.S_ISUID | stat.S_ISGID
#: Attributes that an ordinary user may set.
_USERS: Final = fields.XATTR + "user."
_LOCAL: Final = tuple(fields.XATTR + prefix.decode() for prefix in LOCAL_XATTRS)


@record(kw_only=True)
class Rules:
    """
    What is taken from the disk; see `ocikit.files.repack.difference`.
    """

    owners: bool
    epoch: int | None


def told(found: Found, old: Entry | None, rules: Rules, *, same: bool = True) -> Entry:
    """
    Give the facts of a file as a layer would have them.

    Args:
        found: the file.
        old: what layers below say of it.
        rules: what is taken from the disk.
        same: whether it is still the file that they speak of, with the same content; then
            it keeps what the disk cannot say.
    """
    entry = found.file.entry
    kept = old if old is not None and same and old.kind == entry.kind else None
    entry = evolve(entry, mtime_ns=_time(entry.mtime_ns, old, rules))
    if entry.kind == "symlink":
        # It has no permissions, and every system and writer shows some.
        entry = evolve(entry, mode=kept.mode if kept is not None else 0o777)
    if not rules.owners:
        uid, gid = (0, 0) if old is None else (old.uid, old.gid)
        entry = evolve(entry, uid=uid, gid=gid)
        if kept is not None and not (entry.mode ^ kept.mode) & ~_SET_IDS:
            entry = evolve(entry, mode=kept.mode)
    if old is not None and (old.uid, old.gid) == (entry.uid, entry.gid):
        entry = evolve(entry, uname=old.uname, gname=old.gname)
    return evolve(entry, pax=_attributes(entry, kept, rules))


def has_late_time(found: Found, old: Entry, rules: Rules) -> bool:
    """
    Tell whether the time of a file is that of layers only because none may be later.
    """
    now = found.file.entry.mtime_ns
    freely = _time(now, old, evolve(rules, epoch=None))
    return freely != _time(now, old, rules) == old.mtime_ns


def _time(now: int, old: Entry | None, rules: Rules) -> int:
    if old is None or not old.mtime_ns % _SECOND:
        now -= now % _SECOND
    if rules.epoch is None or (old is not None and now == old.mtime_ns):
        return now
    return min(now, rules.epoch * _SECOND)


def _attributes(entry: Entry, kept: Entry | None, rules: Rules) -> FrozenMap[str, bytes]:
    there = {key: value for key, value in entry.pax.items() if not _is_unknown(key, rules)}
    if kept is not None:
        attributes = (
            (key, value) for key, value in kept.pax.items() if key.startswith(fields.XATTR)
        )
        there |= {key: value for key, value in attributes if _is_unknown(key, rules)}
    return FrozenMap({key: there[key] for key in sorted(there)})


def _is_unknown(key: str, rules: Rules) -> bool:
    # What the disk has under this name, if anything, is not what a layer would say.
    mine = rules.owners or key.startswith(_USERS)
    return not HAS_XATTRS or not mine or key.startswith(_LOCAL)
