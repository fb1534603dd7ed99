"""
Credential helpers: real little programs, good and bad.
"""

from __future__ import annotations

import json
import os

import pytest

from ocikit.auth import helper
from ocikit.auth.helper import HelperFailed
from ocikit.http.credentials import Anonymous, Basic, Credentials, IdentityToken
from ocikit.testing.helpers import Helpers

SECRET = "hunter2-SECRET"


def _saying(text: str, code: int = 0) -> str:
    return f"cat >/dev/null; cat <<'END'\n{text}\nEND\nexit {code}"


def _json(user: str, secret: str) -> str:
    return json.dumps({"ServerURL": "r.io", "Username": user, "Secret": secret})


ANSWERS: list[tuple[str, Credentials]] = [
    (_saying(_json("me", SECRET)), Basic("me", SECRET)),
    (_saying(_json("<token>", SECRET)), IdentityToken(SECRET)),
    (_saying(_json("", SECRET)), Basic("", SECRET)),
    (_saying(_json("", "")), Anonymous()),
    (_saying("{}"), Anonymous()),
    (_saying('{"Username":null,"Secret":null}'), Anonymous()),
    (_saying("credentials not found in native keychain", 1), Anonymous()),
    # One that does not listen, and one that leaves somebody behind with its output.
    (f"echo '{_json('me', SECRET)}'", Basic("me", SECRET)),
    (f"sleep 5 & echo '{_json('me', SECRET)}'", Basic("me", SECRET)),
]


@pytest.mark.parametrize(("script", "found"), ANSWERS)
def test_answers(helpers: Helpers, script: str, found: Credentials) -> None:
    """
    The protocol; `pass` answers an unknown host with empty texts and success.
    """
    helpers.add("x", script)
    assert helper.get("x", "r.io", helpers.environ) == found


def test_the_server_is_told_on_standard_input_without_a_newline(helpers: Helpers) -> None:
    """
    And `get` is the only argument.
    """
    seen = helpers.folder / "seen"
    helpers.add("x", f'printf "%s|" "$#" "$1" >{seen}; cat >>{seen}; echo "{{}}"')
    helper.get("x", "https://index.docker.io/v1/", helpers.environ)
    assert seen.read_bytes() == b"1|get|https://index.docker.io/v1/"


def test_helpers_run_in_the_given_environment_alone(helpers: Helpers) -> None:
    """
    What the caller did not hand in does not reach them.
    """
    said = '{"Username":"\'"$ONLY-${HYPOTHESIS_PROFILE-}${PYTEST_CURRENT_TEST-}"\'","Secret":"s"}'
    helpers.add("x", f"echo '{said}'")
    found = helper.get("x", "r.io", {**helpers.environ, "ONLY": "this"})
    assert found == Basic("this-", "s")


FAILURES = [
    (_saying(f"boom {SECRET}", 1), "status 1"),
    (_saying(_json("me", SECRET), 3), "status 3"),
    (f"echo {SECRET} >&2; exit 2", "status 2"),
    ("kill -9 $$", "status -9"),
    (_saying(f"not JSON {SECRET}"), "not a JSON object"),
    (_saying(f'["{SECRET}"]'), "not a JSON object"),
    (_saying(f'{{"Username":"{SECRET}","Secret":5}}'), "else than texts"),
    ("exit 0", "not a JSON object"),
    (f"while :; do echo {SECRET}; done", "more than 65536 bytes"),
]


@pytest.mark.parametrize(("script", "said"), FAILURES)
def test_failures_are_told_and_what_was_printed_is_not(
    helpers: Helpers, script: str, said: str
) -> None:
    """
    CVE-2021-41092: a helper that fails ends the search; it may print a secret as it does.
    """
    helpers.add("x", script)
    with pytest.raises(HelperFailed, match=said) as caught:
        helper.get("x", "r.io", helpers.environ)
    assert "docker-credential-x" in str(caught.value)
    assert "r.io" in str(caught.value)
    assert SECRET not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize(
    "script", ["exec sleep 60", "exec >&-; exec sleep 60", "cat >/dev/null; sleep 5 &\nwait"]
)
def test_a_helper_that_hangs_is_ended(helpers: Helpers, script: str) -> None:
    """
    After its time, whether it keeps its output open or not.
    """
    pid = helpers.folder / "pid"
    helpers.add("x", f"echo $$ >{pid}; {script}")
    with pytest.raises(HelperFailed, match=r"more than 0\.5 s"):
        helper.get("x", "r.io", helpers.environ, patience=0.5)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


@pytest.mark.parametrize(
    "name", ["", "/../bin/x", "../x", "a/b", ".x", "-x", "x y", "x;y", "x\n", "$(x)", "x\0"]
)
def test_a_name_is_a_name(helpers: Helpers, name: str) -> None:
    """
    S25: credHelpers of "/../bin/x" runs a program of the attacker's choice.
    """
    (helpers.folder / "docker-credential-").mkdir()
    (helpers.folder / "bin").mkdir()
    (helpers.folder / "bin" / "x").write_text("#!/bin/sh\ntouch ran\n")
    (helpers.folder / "bin" / "x").chmod(0o700)
    with pytest.raises(HelperFailed, match="not the name of a helper"):
        helper.get(name, "r.io", helpers.environ)


@pytest.mark.parametrize("server", ["", "r.io\nhost=evil.io", "r.io\0", "r.io\x1b[0m"])
def test_a_server_is_one_line(helpers: Helpers, server: str) -> None:
    """
    CVE-2020-5260's kin: what a helper reads must not become two lines.
    """
    helpers.add("x", "echo '{}'")
    with pytest.raises(HelperFailed, match="nothing to ask"):
        helper.get("x", server, helpers.environ)


def test_a_helper_that_is_missing_is_told(helpers: Helpers) -> None:
    """
    Other credentials must not be taken in its place.
    """
    with pytest.raises(HelperFailed, match="no such program on PATH"):
        helper.get("x", "r.io", helpers.environ)


@pytest.mark.parametrize("path", ["", ".", "bin", f".{os.pathsep}bin{os.pathsep}"])
def test_the_current_folder_is_not_looked_in(
    helpers: Helpers, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """
    Empty and relative folders on the path would run what lies in a checkout.
    """
    helpers.add("x", "echo '{}'")
    (helpers.folder / "bin").mkdir()
    monkeypatch.chdir(helpers.folder)
    with pytest.raises(HelperFailed, match="no such program"):
        helper.get("x", "r.io", {"PATH": path})


def test_a_helper_that_cannot_be_run_is_told(helpers: Helpers) -> None:
    """
    Of another architecture, or of no format at all.
    """
    program = helpers.folder / "docker-credential-x"
    program.write_bytes(b"\x7fELF nonsense")
    program.chmod(0o700)
    with pytest.raises(HelperFailed, match="cannot be run"):
        helper.get("x", "r.io", helpers.environ)


@pytest.mark.parametrize("credentials", [Basic("me", SECRET), IdentityToken(SECRET)])
def test_what_is_kept_is_got_and_erased(
    helpers: Helpers, credentials: Basic | IdentityToken
) -> None:
    """
    store, get, erase, and nothing after.
    """
    helpers.keeping("x")
    helper.store("x", "r.io", credentials, helpers.environ)
    assert helper.get("x", "r.io", helpers.environ) == credentials
    assert helper.get("x", "other.io", helpers.environ) == Anonymous()
    assert helper.erase("x", "r.io", helpers.environ)
    assert helper.get("x", "r.io", helpers.environ) == Anonymous()


def test_keeping_and_erasing_may_fail(helpers: Helpers) -> None:
    """
    A login that was not kept must not look like one; there may be nothing to erase.
    """
    helpers.add("x", f"cat; echo {SECRET}; exit 1")
    with pytest.raises(HelperFailed, match=r"store r\.io") as caught:
        helper.store("x", "r.io", Basic("me", SECRET), helpers.environ)
    assert SECRET not in str(caught.value)
    with pytest.raises(HelperFailed, match=r"erase r\.io"):
        helper.erase("x", "r.io", helpers.environ)
    helpers.add("y", _saying("credentials not found in native keychain", 1))
    assert not helper.erase("y", "r.io", helpers.environ)


def test_a_secret_is_as_long_as_a_pipe_at_most(helpers: Helpers) -> None:
    """
    What a helper is told is bounded as well.
    """
    helpers.add("x", "cat >/dev/null")
    helper.store("x", "r.io", Basic("me", "x" * 60_000), helpers.environ)
    with pytest.raises(HelperFailed, match="nothing to ask"):
        helper.store("x", "r.io", Basic("me", "x" * 70_000), helpers.environ)


def test_no_process_is_left(helpers: Helpers) -> None:
    """
    Each helper is waited for; a warning about an open pipe would fail this test.
    """
    pid = helpers.folder / "pid"
    helpers.add("x", f"echo $$ >{pid}; echo '{{}}'")
    helper.get("x", "r.io", helpers.environ)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
