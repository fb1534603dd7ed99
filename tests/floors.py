"""
The plan of the house: which file may import what, and touch what.

Each check takes a file's place inside the package and its source, and gives what is
wrong with it as "LINE: what".
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs

ROOT: Final = Path(__file__).parent.parent
PACKAGE: Final = ROOT / "ocikit"

#: Floor of each room; "" are the files beside the front door.
FLOORS: Final = {
    **dict.fromkeys([""], 0),
    **dict.fromkeys(["name", "spec"], 1),
    **dict.fromkeys(["content", "tree"], 2),
    **dict.fromkeys(["mutate", "query", "picture"], 3),
    **dict.fromkeys(["http"], 4),
    **dict.fromkeys(["registry", "tarball", "layout", "daemon", "cache"], 5),
    **dict.fromkeys(["files", "auth", "server", "google"], 5),
    **dict.fromkeys(["crane"], 6),
    **dict.fromkeys(["bulk"], 7),
    **dict.fromkeys(["cli", "testing"], 8),
}

#: Rooms of one floor that may know each other, and why.
NEIGHBOURS: Final = {
    ("tree", "content"): "trees are read from streams, and made of layers",
    ("registry", "auth"): "a client asks a keychain who it is",
    ("registry", "files"): "what lies in a file is sent from there, without a copy",
    ("tarball", "files"): "archives are written atomically, and read by slices of a file",
    ("layout", "files"): "blobs are written atomically, and read as files",
    ("tarball", "layout"): "an OCI archive is a layout inside a tar",
    ("daemon", "tarball"): "engines load and save archives",
    ("daemon", "files"): "an archive on its way to an engine may lie in a file",
    ("server", "files"): "the storage on disk writes atomically",
    ("cache", "files"): "a cache on disk writes atomically",
    ("picture", "query"): "what is drawn was found out there",
    ("google", "registry"): "listings are asked for by a client",
    ("google", "auth"): "Google's registries have a keychain of their own",
}

#: The only places of each third-party package.
THIRD_PARTY: Final = {
    "attrs": ("",),
    # No package: what only checkers of types know.
    "_typeshed": ("content/streams.py",),
    "cattrs": ("spec/converter.py",),
    "urllib3": (
        *(f"registry/{name}.py" for name in ("transport", "lines", "received", "causes")),
        # What google-auth sends requests by wants a pool of it.
        "auth/googling.py",
    ),
    "truststore": ("registry/trust.py",),
    **dict.fromkeys(
        ["isal", "zlib_ng", "backports", "compression"],
        ("content/compression.py", "content/gzip.py", "content/zstd.py"),
    ),
    # Only for files of accounts that have its hashes, where it is installed.
    "bcrypt": ("server/auth/accounts.py",),
    "obstore": ("server/objects/",),
    # Credentials of clouds: each an extra, imported when it is asked for them.
    "google": ("auth/google.py", "auth/googling.py"),
    "botocore": ("auth/ecr.py",),
    "azure": ("auth/acr.py",),
    "keyring": ("auth/oskeyring.py",),
    "click": ("cli/",),
    "rich": ("cli/",),
    "cryptography": ("testing/certificates.py",),
    "hypothesis": ("testing/",),
    "pytest": ("testing/",),
}


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


@attrs.frozen
class Effect:
    """
    A way to touch the world: the names that do it, and the only places that may.
    """

    names: frozenset[str]
    places: tuple[str, ...]


EFFECTS: Final = {
    "sockets": Effect(
        _names(
            "socket ssl select selectors asyncio socketserver http.client http.server "
            "urllib.request"
        ),
        (
            *(f"registry/{name}.py" for name in ("transport", "lines", "received", "causes")),
            *("registry/trust.py", "daemon/", "server/", "testing/"),
        ),
    ),
    "processes": Effect(
        _names("subprocess multiprocessing signal os.system os.fork"),
        # Engines on other machines are reached by ssh; what is to be killed amid a call is a
        # process of its own.
        ("auth/", "cli/", "daemon/dial.py", "testing/disk.py"),
    ),
    "environment": Effect(
        _names(
            "os.environ os.getenv os.environb os.path.expanduser Path.home Path.expanduser "
            "getpass pwd platform locale"
        ),
        # A fixture gives tests a home of their own.
        ("auth/", "cli/", "testing/plugin.py"),
    ),
    "threads": Effect(
        _names("threading concurrent queue"),
        (
            *("registry/", "server/", "cli/", "daemon/", "testing/", "bulk/"),
            # Threads that want the same credentials wait for one that asks.
            "auth/held.py",
            # They change when bytes are there, and never which; no thread outlives its stream.
            *("content/ahead.py", "content/deflate.py"),
        ),
    ),
    "clock and randomness": Effect(
        _names(
            "time random secrets uuid datetime.now datetime.utcnow datetime.today date.today "
            "os.urandom"
        ),
        (
            *("registry/transport.py", "server/", "auth/", "cli/"),
            *(f"testing/{name}.py" for name in ("time", "sockets", "certificates")),
        ),
    ),
    "files": Effect(
        _names("os pathlib tempfile shutil glob fcntl mmap open io.open io.FileIO"),
        (
            *("files/", "tarball/", "layout/", "cache/", "server/", "auth/", "cli/", "testing/"),
            # Journals, and what is to be in sync.
            "bulk/",
            # Docker's contexts.
            "daemon/contexts.py",
            # Layers whose bytes exist nowhere yet are computed once and kept in a spool.
            "content/spool.py",
            # No file: `os` also tells which process this is, after a fork, ...
            "registry/process.py",
            # ... and how many processors there are.
            "content/deflate.py",
        ),
    ),
    "terminal": Effect(
        _names("print input breakpoint sys.stdin sys.stdout sys.stderr sys.argv"),
        ("cli/",),
    ),
}

BUILTINS: Final = frozenset(["open", "print", "input", "breakpoint"])

MOST_LINES: Final = 400
MOST_LINES_OF_A_FUNCTION: Final = 60


@attrs.frozen
class Use:
    """
    A name that a file uses, written out in full.
    """

    line: int
    name: str
    imported: bool
    #: For type checkers alone: nothing runs.
    typing: bool


def _inside(place: str, places: tuple[str, ...]) -> bool:
    return any(place == p or p == "" or (p.endswith("/") and place.startswith(p)) for p in places)


def _room(place: str) -> str:
    if place == "__main__.py":
        return "cli"
    return place.partition("/")[0] if "/" in place else ""


def _is_front_door(name: str) -> bool:
    # `from ocikit.spec import x` names a module, or a thing of the room's front door.
    path = ROOT.joinpath(*name.split("."))
    return not path.with_suffix(".py").exists() and (path.is_dir() or path.parent.is_dir())


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        # Whatever the value is, `x.y().expanduser` ends in the same way.
        return f"{_dotted(node.value)}.{node.attr}"
    return "Path" if isinstance(node, ast.Call) and _dotted(node.func) == "Path" else ""


def _uses(node: ast.AST, typing: bool = False) -> Iterator[Use]:
    if isinstance(node, ast.Import):
        yield from (Use(node.lineno, alias.name, True, typing) for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        names = (f"{node.module}.{alias.name}" for alias in node.names)
        yield from (Use(node.lineno, name, True, typing) for name in names)
    elif isinstance(node, ast.Attribute):
        yield Use(node.lineno, _dotted(node), False, typing)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        yield Use(node.lineno, node.func.id, False, typing)
    guarded = isinstance(node, ast.If) and _dotted(node.test).endswith("TYPE_CHECKING")
    for child in ast.iter_child_nodes(node):
        hidden = guarded and isinstance(node, ast.If) and child in node.body
        yield from _uses(child, typing or hidden)


def _imports(source: str) -> list[Use]:
    return [use for use in _uses(ast.parse(source)) if use.imported]


def upward(place: str, source: str) -> list[str]:
    """
    Find imports of upper floors, of neighbours, and through a room's front door.
    """
    found: list[str] = []
    room = _room(place)
    if place == "__init__.py":
        return found
    for use in _imports(source):
        parts = use.name.split(".")
        if parts[0] != "ocikit" or use.name == "ocikit.__version__":
            continue
        if _is_front_door(use.name):
            found.append(f"{use.line}: {use.name} comes through a front door; name its module")
        other = parts[1] if len(parts) > 1 and parts[1] in FLOORS else ""
        known = other == room or (room, other) in NEIGHBOURS
        if not known and FLOORS[other] >= FLOORS[room]:
            found.append(f"{use.line}: {room or 'F0'} may not know {other} ({use.name})")
    return found


def strangers(place: str, source: str) -> list[str]:
    """
    Find third-party packages where they do not belong.
    """
    found = []
    for use in _imports(source):
        package = {"attr": "attrs"}.get(use.name.split(".")[0], use.name.split(".")[0])
        ours = package == "ocikit" or package in sys.stdlib_module_names
        if package not in THIRD_PARTY and not ours:
            found.append(f"{use.line}: {package} is in no table of tests/floors.py")
        elif package in THIRD_PARTY and not _inside(place, THIRD_PARTY[package]):
            found.append(f"{use.line}: {package} only in {', '.join(THIRD_PARTY[package])}")
    return found


def effects(place: str, source: str) -> list[str]:
    """
    Find names that touch the world where nothing may.
    """
    found = set()
    for use in _uses(ast.parse(source)):
        # A type is not an effect.
        if use.typing:
            continue
        for kind, effect in EFFECTS.items():
            if _touches(use, effect.names) and not _inside(place, effect.places):
                found.add(f"{use.line}: {use.name} ({kind}) only in {', '.join(effect.places)}")
    return sorted(found)


def _touches(use: Use, names: frozenset[str]) -> bool:
    if use.imported:
        return any(use.name == n or use.name.startswith(f"{n}.") for n in names)
    # Only builtins are bare; `datetime.now` may be spelled `datetime.datetime.now`.
    if "." not in use.name:
        return use.name in names & BUILTINS
    return use.name in names or ".".join(use.name.split(".")[-2:]) in names


def long_parts(place: str, source: str) -> list[str]:
    """
    Find files and functions that nobody can hold in their head.
    """
    lines = source.count("\n")
    found = [f"1: {lines} lines, {MOST_LINES} is a wall"] if lines > MOST_LINES else []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            # What is said about a function does not make it longer.
            first = node.body[0]
            told = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            said = (first.end_lineno or 0) - first.lineno + 1 if told else 0
            length = (node.end_lineno or 0) - node.lineno + 1 - said
            if length > MOST_LINES_OF_A_FUNCTION:
                wall = MOST_LINES_OF_A_FUNCTION
                found.append(f"{node.lineno}: {node.name} has {length} lines, {wall} is a wall")
    return found


def patches(place: str, source: str) -> list[str]:
    """
    Find where tests reach into a module instead of handing in another part.
    """
    return [
        f"{use.line}: {use.name}: pass another Send, opener or clock instead"
        for use in _uses(ast.parse(source))
        if {"mock", "mocker"} & set(use.name.split(".")) or use.name == "monkeypatch.setattr"
    ]
