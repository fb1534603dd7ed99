"""
How results are printed: as text, as JSON and by templates; colours, and errors in detail.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit.cli.output import emit, emit_all
from ocikit.cli.template import TemplateInvalid, parse, render
from ocikit.content.image import Image, Index
from ocikit.errors import Missing
from tests.cli.running import done, run

MEMBERS = {
    "digest": "sha256:0123",
    "size": 7,
    "mediaType": "a/b",
    "none": None,
    "flag": True,
    "platform": {"os": "linux", "os.version": "1"},
    "list": [{"a": "x"}, "y"],
}


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{digest} {size}", "sha256:0123 7"),
        ("{digest:.9}|{size:>3}|{size:<3}|", "sha256:01|  7|7  |"),
        ("{platform.os} {list.0.a} {list.1} {list.9}{nope}", "linux x y "),
        ("{none}{flag}", "true"),
        ("{list}", '[{"a": "x"}, "y"]'),
        ("{{x}} {{ }}", "{x} { }"),
        (r"{size}\t{size}\n\\", "7\t7\n\\"),
        ("{{.Digest}} {{ .MediaType }} {{.Platform.Os}}", "sha256:0123 a/b linux"),
        ("{{json .Digest}} {{json .None}} {{json .Platform.Os}}", '"sha256:0123" null "linux"'),
    ],
)
def test_templates(template: str, text: str) -> None:
    """
    Members by their path, widths, and what Docker's tools write.
    """
    assert render(parse(template), MEMBERS) == text


def test_all_of_a_result() -> None:
    """
    As JSON, as Docker's users print it.
    """
    for template in ("{{json .}}", "{{.}}", "{}"):
        assert json.loads(render(parse(template), MEMBERS)) == MEMBERS


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "}",
        "{a",
        "a}",
        "{a!r}",
        "{a[0]}",
        "{a:x}",
        "{a:9999}",
        "{{.a | upper}}",
        "{{range .x}}",
    ],
)
def test_what_is_no_template(text: str) -> None:
    """
    Nothing but names of members and widths: neither calls nor conversions.
    """
    with pytest.raises(TemplateInvalid, match="ocikit help output"):
        parse(text)


@given(st.text())
def test_templates_are_total(text: str) -> None:
    """
    Any text is a template or is refused; one that has neither braces nor backslashes is
    written as it is.
    """
    try:
        written = render(parse(text), MEMBERS)
    except TemplateInvalid:
        assert re.search(r"[{}]", text)
    else:
        assert written == text or re.search(r"[{}\\]", text)


def test_results_by_a_template(host: str, image: Image, index: Index) -> None:
    """
    A line for each result, before the command or after.
    """
    places = (f"{host}/app:1", f"{host}/both:1")
    ran = done("digest", "--format", "{place} {{.Size}}", *places)
    assert ran.lines == [f"{places[0]} {image.size}", f"{places[1]} {index.size}"]
    ran = done("--format", "{document.config.digest}", "manifest", places[0])
    assert ran.lines == [str(image.config.digest)]
    listed = done("index", "list", "--format", "{platform.os}/{platform.architecture}", places[1])
    assert listed.lines == ["linux/amd64", "linux/arm64"]


def test_slips_are_told_before_anything_is_done(host: str, image: Image) -> None:
    """
    A member that no result of the command has is told with those that it has.
    """
    ran = run("tag", f"{host}/app:1", "2", "--format", "{digset}")
    assert (ran.code, ran.out) == (2, "")
    assert "there are reference, tag" in ran.err
    assert done("ls", f"{host}/app").lines == ["1"]
    assert run("cp", f"{host}/app:1", f"{host}/b:1", "--format", "{nope}").code == 2


def test_json_by_all_its_names(host: str, image: Image) -> None:
    """
    `json`, `jsonl` and Docker's `--format json` are one.
    """
    place = f"{host}/app:1"
    said = done("digest", place, "--output", "json").objects
    assert done("digest", place, "--output", "jsonl").objects == said
    assert done("digest", place, "--format", "json").objects == said
    assert done("digest", place, "--format", "text").lines == [str(image.digest)]
    made = done("mutate", place, "-t", f"{host}/app:2", "-o", "jsonl").objects
    assert made[0]["digest"] == str(image.digest)


def test_pull_has_a_format_of_its_own(host: str, image: Image, tmp_path_factory: object) -> None:
    """
    It names the kind of archive as crane's does, and else how results are printed.
    """
    assert isinstance(tmp_path_factory, pytest.TempPathFactory)
    path = tmp_path_factory.mktemp("pull") / "a.tar"
    assert done("pull", f"{host}/app:1", path, "--format", "{digest}").lines == [str(image.digest)]
    assert done("pull", f"{host}/app:1", path, "--format", "json").objects[0]["path"] == str(path)
    ran = run("pull", f"{host}/app:1", path, "--format", "zip")
    assert ran.code == 2
    assert "tarball, legacy or oci" in ran.err


def test_colours_when_they_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """
    --color goes before every variable; CLICOLOR_FORCE forces them as FORCE_COLOR does.
    """
    assert "\x1b[31m" in run("--color", "always", "digest").err
    assert (
        "\x1b[" in run("digest", "-v", "--retries", "0", "--color", "always", "127.0.0.1:1/a").err
    )
    monkeypatch.setenv("CLICOLOR_FORCE", "1")
    assert "\x1b[31m" in run("digest").err
    assert "\x1b[" not in run("digest", "--color", "never").err
    monkeypatch.setenv("CLICOLOR_FORCE", "0")
    assert "\x1b[" not in run("digest").err
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" in run("digest", "--color", "always").err


def test_errors_in_detail(host: str, image: Image) -> None:
    """
    --debug shows the exchange that failed and where the error arose, without secrets.
    """
    argv = ("digest", f"{host}/app:nope")
    assert run(*argv).err.count("\n") == 1
    ran = run(*argv, "--debug", "--creds", "me:verysecret")
    assert ran.code == 3
    lines = ran.err.splitlines()
    assert lines[0].startswith("Error: ")
    assert "/v2/app/manifests/nope: 404" in lines[1]
    assert any(line.startswith("  < ") for line in lines)
    assert "ManifestUnknown" in lines[-1]
    assert "Traceback" in ran.err
    assert "verysecret" not in ran.err


def test_of_many_the_name_that_failed_is_said_first(host: str, image: Image) -> None:
    """
    So that a list of errors can be read against the list of names.
    """
    names = [f"{host}/app:no", f"{host}/app:1", "oci:nowhere"]
    ran = run("digest", "-", stdin="\n".join(names).encode())
    assert ran.code == 3
    told = ran.err.splitlines()
    assert [line.split(": ")[1] for line in told] == [names[0], names[2]]


@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=4), max_size=9
    ),
    st.sampled_from([{}, {"output": "json"}, {"format": "{x}"}]),
)
def test_many_are_printed_as_one_by_one(texts: list[str], said: dict[str, str]) -> None:
    """
    Together or each on its own, in any form: the same bytes.
    """
    results = [(text, {"x": text}) for text in texts]

    def one_by_one() -> None:
        for text, members in results:
            emit(text, **members)

    assert _printed(said, lambda: emit_all(results)) == _printed(said, one_by_one)


def test_what_is_slow_to_come_is_not_held() -> None:
    """
    A list that comes slowly is shown as it comes, and one that fails shows all that it had.
    """
    seen = []

    def results() -> Iterator[tuple[str, dict[str, Any]]]:
        yield "first", {}
        time.sleep(0.06)
        yield "second", {}
        seen.append(out.getvalue())
        yield "third", {}
        raise Missing("no more")

    out = io.BytesIO()
    with pytest.raises(Missing):
        _printed({}, lambda: emit_all(results()), out)
    assert (seen, out.getvalue()) == ([b"first\nsecond\n"], b"first\nsecond\nthird\n")


def _printed(
    said: dict[str, str], act: Callable[[], object], out: io.BytesIO | None = None
) -> bytes:
    out = out or io.BytesIO()
    with click.Context(click.Command("ls")) as context, contextlib.ExitStack() as stack:
        context.meta["ocikit.shared"] = said
        stack.callback(setattr, sys, "stdout", sys.stdout)
        sys.stdout = io.TextIOWrapper(out, encoding="utf-8", newline="\n", write_through=True)
        stack.callback(sys.stdout.detach)
        act()
    return out.getvalue()
