"""
WWW-Authenticate: what servers write, right and wrong.
"""

from __future__ import annotations

import pytest

from ocikit.http.challenge import Challenge, challenges_of, choose
from ocikit.http.message import Headers

REALM = "https://auth.docker.io/token"
DOCKER = f'Bearer realm="{REALM}",service="registry.docker.io",scope="repository:a:pull,push"'

LINES: list[tuple[str, list[tuple[str, dict[str, str]]]]] = [
    (
        DOCKER,
        [
            (
                "bearer",
                {
                    "realm": REALM,
                    "service": "registry.docker.io",
                    "scope": "repository:a:pull,push",
                },
            )
        ],
    ),
    ('Basic realm="r"', [("basic", {"realm": "r"})]),
    ("BASIC REALM=r", [("basic", {"realm": "r"})]),
    ('Basic realm="he\\"\\l\\lo"', [("basic", {"realm": 'he"llo'})]),
    ('Basic realm="a, Bearer realm=b"', [("basic", {"realm": "a, Bearer realm=b"})]),
    ('Basic realm = "r" , charset = UTF-8', [("basic", {"realm": "r", "charset": "UTF-8"})]),
    ('Basic realm="a", realm="b"', [("basic", {"realm": "b"})]),
    ("Basic", [("basic", {})]),
    ("Basic,Bearer", [("basic", {}), ("bearer", {})]),
    ('Basic realm="", Bearer realm=""', [("basic", {"realm": ""}), ("bearer", {"realm": ""})]),
    (
        'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"',
        [
            ("newauth", {"realm": "apps", "type": "1", "title": 'Login to "apps"'}),
            ("basic", {"realm": "simple"}),
        ],
    ),
    ('Negotiate abc/+-._~==, Basic realm="r"', [("negotiate", {}), ("basic", {"realm": "r"})]),
    ('Negotiate , Basic realm="r"', [("negotiate", {}), ("basic", {"realm": "r"})]),
    (f"Bearer realm={REALM},service=r.io", [("bearer", {"realm": REALM, "service": "r.io"})]),
    ('Bearer realm="x",,service="y",', [("bearer", {"realm": "x", "service": "y"})]),
    ('Bearer scope="",realm="x"', [("bearer", {"scope": "", "realm": "x"})]),
    ('Bearer realm="x" service="y"', [("bearer", {"realm": "x", "service": "y"})]),
    ('Bearer realm="x', [("bearer", {})]),
    ('Basic realm="r", Bearer realm="x', [("basic", {"realm": "r"}), ("bearer", {})]),
    ('Bearer realm="x", "lost', [("bearer", {"realm": "x"})]),
    ('realm="x"', []),
    ('"Bearer" realm="x"', []),
    ("=", []),
    ("", []),
    (" , ,", []),
]


@pytest.mark.parametrize(("line", "found"), LINES)
def test_lines(line: str, found: list[tuple[str, dict[str, str]]]) -> None:
    """
    RFC 9110, 11.6.1: several in a line, quoted or not; what is malformed ends the line.
    """
    challenges = challenges_of(Headers({"WWW-Authenticate": line}))
    assert [(c.scheme, dict(c.parameters)) for c in challenges] == found


def test_headers_may_come_several_times() -> None:
    """
    A broken line does not hide the next one.
    """
    headers = Headers(
        (("WWW-Authenticate", 'Basic realm="x'), ("www-authenticate", 'Bearer realm="y"'))
    )
    assert [c.scheme for c in challenges_of(headers)] == ["basic", "bearer"]


def test_a_token68_is_kept_and_not_shown() -> None:
    """
    It may be a secret.
    """
    (found,) = challenges_of(Headers({"WWW-Authenticate": "Negotiate YWJj="}))
    assert found.token68 == "YWJj="
    assert "YWJj" not in repr(found)


@pytest.mark.parametrize(
    ("schemes", "chosen"),
    [
        ([("basic", ""), ("bearer", "r")], "bearer"),
        ([("bearer", "r"), ("basic", "")], "bearer"),
        ([("bearer", ""), ("basic", "")], "basic"),
        ([("negotiate", ""), ("basic", "r")], "basic"),
        ([("bearer", "")], None),
        ([("digest", "r")], None),
        ([], None),
    ],
)
def test_the_best_that_can_be_met_is_chosen(
    schemes: list[tuple[str, str]], chosen: str | None
) -> None:
    """
    Bearer keeps the password from the registry; without a realm it leads nowhere.
    """
    headers = Headers(tuple(("WWW-Authenticate", f'{s} realm="{r}"') for s, r in schemes))
    found = choose(challenges_of(headers))
    assert (None if found is None else found.scheme) == chosen


@pytest.mark.parametrize("junk", ['"\\', "a=", "a ", ",", '="', "a=b ", "~", 'Basic r="'])
def test_junk_takes_no_time(junk: str) -> None:
    """
    A line is looked at to a bound, in time that grows with its length.
    """
    # A reader that goes back and forth would not end before the test's time does.
    found = challenges_of(Headers({"WWW-Authenticate": "Basic " + junk * 200_000}))
    assert found[0].scheme == "basic"


def test_a_challenge_is_a_value() -> None:
    """
    Challenges compare and hash.
    """
    assert len({Challenge("basic"), Challenge("basic")}) == 1
