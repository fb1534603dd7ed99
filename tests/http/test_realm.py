"""
Which realms are asked, and which see credentials.
"""

from __future__ import annotations

import pytest

from ocikit.http.realm import RealmInvalid, Withheld, may_see_credentials, realm_url

HUB = "https://registry-1.docker.io"


@pytest.mark.parametrize(
    ("base", "realm"),
    [
        (HUB, "https://auth.docker.io/token"),
        ("https://ghcr.io", "https://ghcr.io/token"),
        ("https://lscr.io", "https://ghcr.io/token"),
        ("https://quay.io", "https://quay.io/v2/auth"),
        ("https://registry.gitlab.com", "https://gitlab.com/jwt/auth"),
        ("https://registry.example.com:5000", "https://auth.example.com:8443/token"),
        ("https://r.corp.example.co.uk", "https://auth.example.co.uk/token"),
        (
            "https://registry.cn-hangzhou.aliyuncs.com",
            "https://dockerauth.cn-hangzhou.aliyuncs.com/auth",
        ),
        ("https://my.azurecr.io", "https://my.azurecr.io/oauth2/token"),
        ("http://localhost:5000", "http://127.0.0.1:5001/token"),
        ("http://127.0.0.1:5000", "http://[::1]:5001/token"),
        ("http://10.0.0.5:5000", "http://10.0.0.5:8080/token"),
        ("http://r.lan:5000", "http://r.lan:5001/token"),
        ("http://r.lan:5000", "https://r.lan/token"),
        ("https://10.0.0.5", "https://10.0.0.5:8443/token"),
    ],
)
def test_realms_of_the_same_owner_see_credentials(base: str, realm: str) -> None:
    """
    Docker Hub, GitLab, Alibaba and company registries have a service of another name.
    """
    assert realm_url(base, realm) == realm
    assert may_see_credentials(base, realm)


@pytest.mark.parametrize(
    ("base", "realm"),
    [
        ("https://ghcr.io", "https://ghcr.io.evil.io/token"),
        ("https://ghcr.io", "https://evilghcr.io/token"),
        ("https://a.azurecr.io", "https://b.azurecr.io/token"),
        ("https://a.co.uk", "https://b.co.uk/token"),
        ("https://co.uk", "https://co.uk.b.co.uk/token"),
        ("https://r.com.au", "https://com.au/token"),
        ("https://1.dkr.ecr.eu.amazonaws.com", "https://bucket.s3.amazonaws.com/token"),
        ("https://a.github.io", "https://b.github.io/t"),
        (HUB, "https://auth.docker.com/token"),
        ("https://8.8.8.8", "https://8.8.4.4/token"),
        ("http://10.0.0.5:5000", "http://10.0.0.6:5000/token"),
        ("https://r.example.com", "https://r.example.com.:443.evil.io/t"),
    ],
)
def test_realms_of_others_see_none(base: str, realm: str) -> None:
    """
    CVE-2026-48978 and its kin: whoever writes the challenge must not choose who is told.
    """
    try:
        asked = realm_url(base, realm)
    except RealmInvalid:
        return
    assert not may_see_credentials(base, asked)


@pytest.mark.parametrize(
    ("base", "realm"),
    [
        ("https://r.io", "http://r.io/token"),
        ("https://r.io", "http://auth.r.io/token"),
        ("https://r.io", "https://169.254.169.254/latest"),
        ("http://10.0.0.5:5000", "http://169.254.169.254/latest"),
        ("http://localhost:5000", "http://169.254.169.254/latest"),
        ("http://10.0.0.5:5000", "http://[::ffff:169.254.169.254]/latest"),
        ("https://r.io", "https://127.0.0.1/token"),
        ("http://10.0.0.5:5000", "http://localhost:8080/token"),
        ("https://r.io", "https://10.1.2.3/token"),
        ("https://8.8.8.8", "https://10.1.2.3/token"),
        ("https://r.io", "https://[::ffff:127.0.0.1]/token"),
        ("https://r.io", "https://0x7f.1/token"),
        ("https://r.io", "https://2130706433/token"),
        ("https://r.io", "https://0.0.0.0/token"),
        ("https://r.io", "https://[fd00::1]/token"),
        ("https://r.io", "ftp://r.io/token"),
        ("https://r.io", "file:///etc/passwd"),
        ("https://r.io", "https://me:SECRET@r.io/token"),
        ("https://r.io", "https://r.io\\@evil.io/"),
        ("https://r.io", "https://[r.io/token"),
        ("https://r.io", ""),
        ("https://r.io", "https://r.io/?" + "x" * 3000),
    ],
)
def test_realms_that_are_not_even_asked(base: str, realm: str) -> None:
    """
    Downgrades, metadata services, this machine seen from the world, and no realm.
    """
    with pytest.raises(RealmInvalid) as caught:
        realm_url(base, realm)
    assert base in str(caught.value)
    assert "SECRET" not in str(caught.value)
    assert len(str(caught.value)) < 2500


@pytest.mark.parametrize(
    ("base", "realm", "trusted"),
    [
        ("https://r.io", "https://10.1.2.3:8443/token", ("10.1.2.3",)),
        ("https://r.io", "https://auth.corp.net/token", ("auth.corp.net",)),
        ("https://r.io", "https://auth.corp.net:8443/token", ("auth.corp.net:8443",)),
    ],
)
def test_who_is_trusted_by_name_is_asked_and_told(
    base: str, realm: str, trusted: tuple[str, ...]
) -> None:
    """
    A private token service on another domain is somebody's legitimate setup.
    """
    assert realm_url(base, realm, trusted=trusted) == realm
    assert may_see_credentials(base, realm, trusted=trusted)
    assert not may_see_credentials(base, "https://x.org/token", trusted=trusted)


def test_trust_in_a_name_is_not_trust_in_plain_http() -> None:
    """
    The name is who; HTTPS is how it is known to be.
    """
    plain = "http://auth.corp.net/token"
    with pytest.raises(RealmInvalid, match="plain HTTP"):
        realm_url("https://r.io", plain, trusted=["auth.corp.net"])
    assert not may_see_credentials("https://r.io", plain, trusted=["auth.corp.net"])


def test_relative_realms_are_the_registrys_own() -> None:
    """
    Some registries write a path only.
    """
    assert realm_url("https://r.io:5000", "/auth/token?x=1") == "https://r.io:5000/auth/token?x=1"


def test_a_warning_says_what_was_not_done_and_what_to_do() -> None:
    """
    Who has credentials and gets "unauthorized" must learn that they were not sent.
    """
    text = str(Withheld("https://r.io", "https://evil.io"))
    assert "https://r.io" in text
    assert "https://evil.io" in text
    assert "trust" in text
