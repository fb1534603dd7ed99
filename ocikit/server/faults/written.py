"""
Plans of faults as JSON: a list of objects, each with what befalls and which requests.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs

from ocikit.server.faults import mishaps
from ocikit.server.faults.plan import Fault, FaultInvalid
from ocikit.server.quirks.uploads import MountNever

#: What may befall requests, by the name that JSON has for it.
NAMES: Final[Mapping[str, type[Any]]] = {
    "answer-lost": mishaps.AnswerLost,
    "digest-lie": mishaps.DigestLie,
    "drop": mishaps.Drop,
    "flip": mishaps.Flip,
    "latency": mishaps.Latency,
    "link-garbled": mishaps.LinkGarbled,
    "mount-refused": MountNever,
    "no-referrers": mishaps.NoReferrers,
    "range-lie": mishaps.RangeLie,
    "redirected": mishaps.Redirected,
    "status": mishaps.Status,
    "token-expired": mishaps.TokenExpired,
    "upload-lost": mishaps.UploadLost,
}
_WHAT: Final = "befalls"


def faults_to_json(faults: Iterable[Fault]) -> str:
    """
    Write a plan; what is as by default is left out.

    Raises:
        FaultInvalid: something befalls that has no name.

    >>> faults_to_json([Fault(mishaps.Drop(after=9), method="GET", times=None)])
    '[{"befalls": "drop", "after": 9, "method": "GET", "times": null}]'
    """
    return json.dumps([_written(fault) for fault in faults])


def faults_from_json(text: str) -> tuple[Fault, ...]:
    """
    Read a plan.

    Raises:
        FaultInvalid: it is none.

    >>> faults_from_json('[{"befalls": "status", "status": 429, "kind": "blob"}]')[0].befalls.status
    429
    """
    try:
        plan = json.loads(text)
    except ValueError as error:
        raise FaultInvalid(field="JSON", reason=str(error)) from None
    if not isinstance(plan, list):
        raise FaultInvalid(field="JSON", reason="expected a list of objects")
    return tuple(_read(each) for each in plan)


def _written(fault: Fault) -> dict[str, Any]:
    names: dict[type[Any], str] = {kind: name for name, kind in NAMES.items()}
    name = names.get(type(fault.befalls))
    if name is None:
        kind = type(fault.befalls).__name__
        raise FaultInvalid(field=_WHAT, reason=f"{kind} has no name in JSON")
    changed = {**_changed(fault.befalls), **_changed(fault)}
    return {_WHAT: name, **changed}


def _changed(value: Any) -> dict[str, Any]:
    return {
        field.name: getattr(value, field.name)
        for field in _fields(type(value))
        if getattr(value, field.name) != field.default
    }


def _fields(kind: type[Any]) -> list[attrs.Attribute[Any]]:
    return [field for field in attrs.fields(kind) if field.eq and field.name != _WHAT]


def _read(given: Any) -> Fault:
    if not isinstance(given, dict):
        raise FaultInvalid(field="JSON", reason="expected a list of objects")
    members: dict[str, Any] = dict(given)
    kind = NAMES.get(str(members.pop(_WHAT, None)))
    if kind is None:
        raise FaultInvalid(field=_WHAT, reason=f"expected one of {', '.join(NAMES)}")
    befalls = kind(**_taken(kind, members))
    fault = Fault(befalls, **_taken(Fault, members))
    if members:
        raise FaultInvalid(field=next(iter(members)), reason="there is no such member")
    return fault


def _taken(kind: type[Any], members: dict[str, Any]) -> dict[str, Any]:
    """
    Take what a record has out of the members.
    """
    names = [field for field in _fields(kind) if field.name in members]
    return {field.name: _checked(field, members.pop(field.name)) for field in names}


def _checked(field: attrs.Attribute[Any], value: Any) -> Any:
    default = field.default
    if isinstance(default, tuple):
        return _pairs(field.name, value)
    if field.name == "of" and value not in ("request", "response"):
        raise FaultInvalid(field="of", reason="expected request or response")
    if field.name == "times" and value is None:
        return None
    wanted = (int, float) if isinstance(default, float) else type(default)
    if not isinstance(value, wanted) or isinstance(value, bool) != isinstance(default, bool):
        raise FaultInvalid(field=field.name, reason=f"expected something as {default!r}")
    return value


def _pairs(name: str, value: Any) -> tuple[tuple[str, str], ...]:
    pairs = [tuple(pair) for pair in value if isinstance(pair, list)] if value else []
    if not isinstance(value, list) or len(pairs) != len(value):
        raise FaultInvalid(field=name, reason="expected a list of pairs")
    for pair in pairs:
        if len(pair) != 2 or not all(isinstance(text, str) for text in pair):
            raise FaultInvalid(field=name, reason="expected a list of pairs of text")
    return tuple((first, second) for first, second in pairs)
