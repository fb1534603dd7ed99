"""
`ocikit help differences`: each line has a test that shows it.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocikit import mutate
from ocikit.cli.manual.differences import ROWS
from ocikit.content.image import Image
from ocikit.registry.flush import flush
from ocikit.registry.load import load
from ocikit.server.handler import registry
from ocikit.server.quirks.profiles import profile
from ocikit.server.web.serve import serve
from ocikit.testing.certificates import CertificateAuthority
from tests.cli.running import done, run

TESTS = Path(__file__).parent.parent
#: By line: the file below `tests`, and the test in it.
SHOWN = {
    "an index": "cli/test_moving.py::test_copy_keeps_an_index_whole",
    "one of an index": "cli/test_looking.py::test_config_of_an_index_is_a_choice",
    "unknown members": "cli/test_differences.py::test_unknown_members_are_kept",
    "--platform": "cli/test_looking.py::test_digest_of_a_platform",
    "places": "crane/test_matrix.py::test_what_arrives_is_what_left",
    "exit codes": "cli/test_exits.py::test_each_kind_has_its_code",
    "warnings": "cli/test_wire.py::test_warnings_are_said_of_failures_too",
    "append": "cli/test_making.py::test_append_to_every_platform",
    "append -f FOLDER": "cli/test_making.py::test_append_is_the_same_each_time",
    "append -f": "mutate/test_layers.py::test_types_are_made_to_fit",
    "auth get": "cli/test_auth.py::test_get_of_a_repository",
    "auth login": "cli/test_auth.py::test_login_is_verified_and_kept",
    "auth token": "cli/test_differences.py::test_a_token_of_another_name",
    "auth, with --insecure": "cli/test_differences.py::test_logins_heed_insecure",
    "copy -a": "cli/test_moving.py::test_copy_all_tags",
    "delete": "crane/test_copying.py::test_a_registry_that_deletes_more_than_a_tag_is_told_of",
    "digest of many": "cli/test_looking.py::test_digest_of_many",
    "edit": "cli/test_edit.py::test_nothing_is_written_when_nothing_changes",
    "edit fs": "crane/test_onefile.py::test_however_the_path_is_written",
    "export": "cli/test_export.py::test_what_breaks_leaves_no_file",
    "flatten -t": "cli/test_remaking.py::test_flatten_of_a_digest_heeds_the_tag",
    "flatten": "crane/test_layering.py::test_types_are_of_one_family",
    "index append": "crane/test_indexes.py::test_what_is_listed_is_not_listed_again",
    "index filter A,B": "cli/test_index.py::test_filter_by_a_list_is_refused",
    "index filter": "cli/test_index.py::test_filter_that_leaves_nothing_is_an_error",
    "mutate -l, -a, -e": "cli/test_making.py::test_mutate_removes",
    "mutate --entrypoint ''": "cli/test_differences.py::test_an_entrypoint_is_removed",
    "mutate of an index": "cli/test_making.py::test_mutate_every_image_of_an_index",
    "pull": "cli/test_moving.py::test_pull_into_a_layout",
    "pull of many": "cli/test_moving.py::test_pull_finds_all_before_it_writes",
    "pull to an archive": "cli/test_moving.py::test_push_a_path",
    "push": "cli/test_differences.py::test_an_archive_of_several_is_told",
    "rebase --original": "cli/test_remaking.py::test_rebase_by_name",
    "rebase of an index": (
        "crane/test_rebasing.py::test_every_image_of_an_index_goes_on_its_own_platform"
    ),
    "registry serve": "cli/test_serve.py::test_addresses_that_cannot_be",
    "registry serve --disk": "cli/test_serve.py::test_a_folder_keeps_what_was_pushed",
    "validate": "cli/test_making.py::test_validate",
}


def test_each_line_is_shown() -> None:
    """
    No line without a test, and no test that is not there.
    """
    assert [row[0] for row in ROWS] == list(SHOWN)
    for place in SHOWN.values():
        path, _, name = place.partition("::")
        assert name in set(_tests(TESTS / path)), place


def _tests(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    yield from (node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_unknown_members_are_kept(host: str, image: Image) -> None:
    """
    What nobody knows in a configuration and a manifest stays when something else changes.
    """
    old = json.loads(done("config", f"{host}/app:1").raw)
    done("edit", "config", f"{host}/app:1", stdin=json.dumps({**old, "x-odd": [1]}).encode())
    manifest = json.loads(done("manifest", f"{host}/app:1").raw)
    told = json.dumps({**manifest, "x-more": None}).encode()
    done("edit", "manifest", f"{host}/app:1", stdin=told)
    done("mutate", "-l", "a=b", f"{host}/app:1")
    assert json.loads(done("config", f"{host}/app:1").raw)["x-odd"] == [1]
    assert "x-more" in json.loads(done("manifest", f"{host}/app:1").raw)


def test_an_entrypoint_is_removed(host: str, image: Image) -> None:
    """
    With nothing in its place.
    """
    flush(f"{host}/app:1", mutate.config(image, entrypoint=["/run"], cmd=["x"]))
    done("mutate", "--entrypoint", "", "--cmd", "", f"{host}/app:1")
    said = json.loads(done("config", f"{host}/app:1").raw)["config"]
    assert not said.get("Entrypoint")
    assert not said.get("Cmd")


def test_an_archive_of_several_is_told(host: str, image: Image, tmp_path: Path) -> None:
    """
    What is in it is listed, and each can be named.
    """
    done("mutate", "-l", "a=b", f"{host}/app:1", "-t", f"{host}/app:2")
    archive = tmp_path / "a.tar"
    done("pull", f"{host}/app:1", f"{host}/app:2", archive)
    ran = run("push", archive, f"{host}/new:1")
    assert (ran.code, ran.out) == (3, "")
    assert f"{host}/app:1" in ran.err
    assert f"{host}/app:2" in ran.err
    done("push", f"docker-archive:{archive}:{host}/app:2", f"{host}/new:1")
    assert load(f"{host}/new:1") == load(f"{host}/app:2")


def test_a_token_of_another_name() -> None:
    """
    Where a service gives `access_token` alone, that is the token.
    """
    with serve(profile("red_hat")(registry(), {"me": "secret"})) as server:
        argv = ("auth", "token", "--creds", "me:secret", f"{server.host}/app")
        assert done(*argv, "-H").out.removeprefix("Authorization: Bearer ")
        assert done(*argv).objects[0]["token"]


def test_logins_heed_insecure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """
    A registry whose certificate nobody knows is logged in to, when that is wanted.
    """
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "docker"))
    tls = CertificateAuthority(tmp_path).context()
    with serve(registry(), tls=tls) as server:
        argv = ("auth", "login", server.host, "-u", "me", "--password-stdin", "--retries", "0")
        assert run(*argv, stdin=b"secret").code == 7
        done(*argv, "--insecure", stdin=b"secret")


def test_shells_that_are_completed() -> None:
    """
    Those of crane; who has another is told which they are.
    """
    shells = ("bash", "zsh", "fish", "powershell")
    assert all(done("completion", shell).out for shell in shells)
    assert ", ".join(map(repr, shells)) in run("completion", "tcsh").err
