"""
`ocikit help`: commands and topics, and that what topics list is all there is.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import ocikit
from ocikit.cli import exits
from ocikit.cli.manual.environment import VARIABLES
from ocikit.cli.manual.places import ROWS as PLACES
from ocikit.cli.manual.topics import TOPICS
from ocikit.cli.program import COMMANDS, cli
from ocikit.name.locator import parse_locator
from tests.cli.running import done, run

PACKAGE = Path(ocikit.__file__).parent
README = PACKAGE.parent / "README.md"
#: Read by what we use: OpenSSL, and the proxies of the registry room.
ELSEWHERE = {
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"),
    "COLUMNS",
}
#: Between us and the shell, and between a web server and us: nobody sets them by hand.
INNER = {"_OCIKIT_COMPLETE", "COMP_WORDS", "COMP_CWORD", "REQUEST_METHOD"}


@pytest.mark.parametrize("name", TOPICS)
def test_topics(name: str) -> None:
    """
    Each has a title and rows, fits a terminal, and is an object a row as JSON.
    """
    ran = done("help", name)
    assert ran.lines[0] == f"{name}: {TOPICS[name]}"
    assert ran.err == ""
    assert max(map(len, ran.lines)) <= 80
    objects = done("help", name, "--output", "json").objects
    assert objects
    assert {each["topic"] for each in objects} == {name}
    assert all(each["name"] and each["text"] for each in objects)


def test_help_fits_a_terminal() -> None:
    """
    The help of every command does too, with its examples, which are never wrapped.
    """
    wide = [
        f"{context.command_path}: {line}"
        for context in _contexts(click.Context(cli, info_name="ocikit", terminal_width=80))
        for line in context.get_help().splitlines()
        if len(line) > 80
    ]
    assert wide == []


def test_every_command_shows_how_it_is_called() -> None:
    """
    By a line that can be copied; and in a list of commands its summary is whole.
    """
    for context in _contexts(click.Context(cli, info_name="ocikit")):
        command, path = context.command, context.command_path
        if isinstance(command, click.Group):
            continue
        if path.count(" ") > 1:
            assert not command.get_short_help_str(60).endswith("..."), path
        # Some have a second name, and are shown by the first.
        named = path.replace("files ls", "files list").replace("files cat", "files read")
        examples = [line for line in (command.help or "").splitlines() if line.startswith("  ")]
        assert any(named in line for line in examples), path


def _contexts(context: click.Context) -> Iterator[click.Context]:
    yield context
    if isinstance(context.command, click.Group):
        for name in context.command.list_commands(context):
            command = context.command.get_command(context, name)
            assert command is not None
            yield from _contexts(click.Context(command, parent=context, info_name=name))


def test_commands() -> None:
    """
    The help of a command is what its --help prints; alone it is that of the program.
    """
    for words in (("copy",), ("index", "append"), ("cp",)):
        assert done("help", *words).out == done(*words, "--help").out
    assert done("help").out == done("--help").out
    assert all(name in done("help").out for name in (*COMMANDS, *TOPICS))


def test_what_is_neither() -> None:
    """
    What is no command is told, with the topics there are.
    """
    ran = run("help", "nothing")
    assert (ran.code, ran.out) == (2, "")
    assert "topics are places" in ran.err
    assert run("help", "index", "nothing").code == 2
    assert run("help", "copy", "more").code == 2


def test_exit_codes_are_those_that_there_are() -> None:
    """
    The table has each code, under its name.
    """
    codes = {
        value: name
        for name, value in vars(exits).items()
        if name.isupper() and name[0] != "_" and isinstance(value, int)
    }
    assert {code: name for code, (name, _, _) in exits.CODES.items()} == codes
    told = [each["name"] for each in done("help", "exit-codes", "--output", "json").objects]
    assert told == [str(code) for code in sorted(codes)]


def test_places_are_read() -> None:
    """
    What the topic shows is what the commands take.
    """
    shown = [row[0].partition("[")[0] for row in PLACES if not row[0].startswith((".", "-"))]
    assert len(shown) > 6
    for text in shown:
        parse_locator(text.replace("sha256:...", f"sha256:{'0' * 64}").replace("NAME", "a:1"))


def test_variables_are_listed() -> None:
    """
    Every variable that commands, keychains and engines read is in the topic, and none
    that nobody reads.
    """
    read = {name for room in ("cli", "auth", "daemon") for name in _read(PACKAGE / room)} - INNER
    assert read - set(VARIABLES) == set(), "list them in ocikit/cli/manual/environment.py"
    assert set(VARIABLES) - read == ELSEWHERE


def test_readme_refers_to_the_topics() -> None:
    """
    What topics tell is not told twice, but pointed to.
    """
    said = README.read_text(encoding="utf-8")
    for name in ("environment", "exit-codes", "output", "differences"):
        assert f"ocikit help {name}" in said


def _read(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = dict(_constants(tree))
        for node in ast.walk(tree):
            for key in _keys(node):
                yield from _texts(key, constants)


def _keys(node: ast.AST) -> Iterator[ast.expr]:
    """
    Give what an environment is asked for.
    """
    if isinstance(node, ast.Subscript) and _is_environment(node.value):
        yield node.slice
    elif isinstance(node, ast.Compare) and any(map(_is_environment, node.comparators)):
        yield node.left
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        asked = node.func.attr in ("get", "pop", "getenv") and node.args
        if asked and (_is_environment(node.func.value) or node.func.attr == "getenv"):
            yield node.args[0]


def _is_environment(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
    return name in ("environ", "env", "engine")


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        targets: list[ast.expr] = [node.target] if isinstance(node, ast.AnnAssign) else []
        if isinstance(node, ast.Assign):
            targets = node.targets
        value = getattr(node, "value", None)
        for target in targets:
            if isinstance(target, ast.Name) and isinstance(value, ast.expr):
                yield target.id, value


def _texts(key: ast.expr, constants: dict[str, ast.expr]) -> Iterator[str]:
    if isinstance(key, ast.Constant):
        yield from [key.value] if isinstance(key.value, str) else []
        return
    names = [each.id for each in ast.walk(key) if isinstance(each, ast.Name)]
    known = [constants[name] for name in names if name in constants]
    # The variable of a loop over some of the module's constants: all their names count.
    loops = [each for each in constants.values() if isinstance(each, ast.Tuple)]
    for value in known or loops:
        yield from (text for text in _strings(value) if _looks_like_one(text))


def _strings(node: ast.expr) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield each.value


def _looks_like_one(text: str) -> bool:
    return text.isupper() and text.replace("_", "").isalnum() and len(text) > 3
