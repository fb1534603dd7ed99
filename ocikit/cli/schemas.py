"""
What results have as JSON: the members of each command's, stable and versioned.

A later version may add members. One that takes a member away, or gives it another meaning,
counts `VERSION` up.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

#: Of all that is written here.
VERSION: Final = 1

_CONTENT: Final = "reference digest mediaType size"
_FILE: Final = (
    "path kind mode uid gid user? group? size modified target? device? xattrs? links? layer"
)
_DESCRIPTOR: Final = "mediaType digest size urls? annotations? data? platform:object? artifactType?"
_ENTRY: Final = "digest size used"
_IMAGE: Final = (
    "place digest mediaType size artifactType? platform? created? author? config:object? "
    "annotations? subject:object? layers:array? waste:object? files:object? graph:object?"
)
_MANIFEST: Final = (
    "repository digest tags mediaType:string|null size:integer|null created:string|null "
    "uploaded:string|null"
)
_ACTION: Final = (
    "action entry source:string|null target digest:string|null reason error:string|null"
)

#: By command: its members; several shapes where results are of several kinds. A `?` marks
#: what may be missing, and what follows a colon is a type other than that of `TYPES`.
MEMBERS: Final[dict[str, tuple[str, ...]]] = {
    "append": (_CONTENT,),
    "attach": ("reference subject artifactType",),
    "auth explain": ("server source entry said answers",),
    "auth get": ("Username? Secret?",),
    "auth login": ("server path helper",),
    "auth logout": ("server erased",),
    "auth token": ("token refresh_token? expires_in",),
    "blob delete": ("deleted",),
    "blob get": ("path digest mediaType size",),
    "blob head": (_CONTENT,),
    "blob put": ("reference",),
    "cache clear": (_ENTRY,),
    "cache info": (_ENTRY,),
    "cache prune": (_ENTRY,),
    "catalog": ("registry repository",),
    "config": ("place digest mediaType size document",),
    "convert": (_CONTENT,),
    "copy": ("source target reference mediaType?", "action bytes digest mediaType name"),
    "delete": ("deleted",),
    "demo": ("step source language results seconds",),
    "diff": ("level path:array field left? right?",),
    "digest": ("place digest mediaType size",),
    "doctor": ("registry check verdict detail",),
    "edit config": (_CONTENT,),
    "edit fs": (_CONTENT,),
    "edit manifest": (_CONTENT,),
    "explain": ("level path:array cause message offset? left? right?",),
    "export": ("place path digest mediaType size",),
    "files find": (_FILE,),
    "files list": (_FILE,),
    "files ls": (_FILE,),
    "files stat": (f"{_FILE} layerDigest? createdBy?",),
    "flatten": (_CONTENT,),
    "gc": (f"{_MANIFEST} deleted:boolean", "repository tag deleted:boolean"),
    "help": ("topic name text schema:object?",),
    "history": ("place created instruction createdBy comment author layer? digest? size?",),
    "index annotate": (_CONTENT,),
    "index append": (_CONTENT,),
    "index filter": (_CONTENT,),
    "index list": (_DESCRIPTOR,),
    "index remove": (_CONTENT,),
    "index replace": (_CONTENT,),
    "index set-platform": (_CONTENT,),
    "inspect": (_IMAGE, f"{_IMAGE} manifests:array image:object|null"),
    "layout annotate": (_CONTENT,),
    "layout fsck": ("severity path message repair repaired",),
    "layout gc": ("path size digest:string|null",),
    "layout list": (f"place position name:string|null {_DESCRIPTOR}",),
    "layout remove": ("place digest mediaType size",),
    "ls": ("repository tag? digest? mediaType? size?", _MANIFEST),
    "man": ("path",),
    "manifest": ("place digest mediaType size document",),
    "mutate": (_CONTENT,),
    "pull": ("place path digest mediaType size",),
    "push": (_CONTENT,),
    "rebase": (_CONTENT, "place platform:string|null severity kind path message layer?"),
    "referrers": ("reference digest mediaType size artifactType annotations",),
    "registry fsck": ("kind path repository digest:string|null problem repaired",),
    "registry gc": ("kind repository digest:string|null upload size",),
    "registry passwd": ("user path",),
    "registry serve": ("address url",),
    "scan": (
        "place kind digest mediaType image:string|null platform:string|null "
        "artifactType:string|null created:string|null size layers:integer|null "
        "user:string|null baseName:string|null baseDigest:string|null source:string|null "
        "revision:string|null version:string|null missing:boolean|null labels:object?",
        "place image platform:string|null position layer:string diffId:string|null size mediaType",
    ),
    "size": ("place platform digest size shared:integer unpacked:integer? layers:array",),
    "sync": (_ACTION, f"{_ACTION} outcome targetDigest:string|null bytes"),
    "tag": ("reference tag",),
    "tree": ("place root nodes:array edges:array others:integer",),
    "validate": ("place ok findings",),
    "version": ("version output",),
}
#: What prints no results as JSON: exact bytes, scripts and pages for other programs.
BARE: Final = frozenset(("completion", "files cat", "files read"))

#: By member; all others are strings.
TYPES: Final = {
    **dict.fromkeys(("size", "bytes", "position", "uid", "gid", "offset", "output"), "integer"),
    **dict.fromkeys(("answers", "erased", "repaired", "ok"), "boolean"),
    **dict.fromkeys(("annotations", "xattrs"), "object"),
    **dict.fromkeys(("results", "findings", "links", "urls", "tags"), "array"),
    **dict.fromkeys(("used", "seconds", "expires_in"), "number"),
    # Whatever is there.
    **dict.fromkeys(("document", "left", "right"), ""),
    "layer": "integer|null",
}


def names(command: str) -> tuple[str, ...]:
    """
    List the members that results of a command may have, such as "index list".
    """
    shapes = MEMBERS.get(command, ())
    return tuple(dict.fromkeys(name for shape in shapes for name, _, _ in _members(shape)))


def schema(command: str) -> dict[str, Any]:
    """
    Give the JSON Schema of each result of a command.

    >>> schema("blob put")["required"]
    ['reference']
    """
    shapes = [_schema(shape) for shape in MEMBERS[command]]
    return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}


def _schema(shape: str) -> dict[str, Any]:
    members = list(_members(shape))
    return {
        "type": "object",
        "properties": {name: _type(kind) for name, kind, _ in members},
        "required": [name for name, _, needed in members if needed],
    }


def _members(shape: str) -> Iterator[tuple[str, str, bool]]:
    for text in shape.split():
        name, colon, kind = text.removesuffix("?").partition(":")
        yield name, kind if colon else TYPES.get(name, "string"), not text.endswith("?")


def _type(kind: str) -> dict[str, Any]:
    kinds = kind.split("|") if kind else []
    return {"type": kinds[0] if len(kinds) == 1 else kinds} if kinds else {}
