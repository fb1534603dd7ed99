"""
Whose credentials they are: names that are one, and names that only look alike.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ocikit.http.credentials import Anonymous, Basic
from ocikit.testing.contract import needs
from ocikit.testing.contracts_keychain_asked import Asked

_ME: Final = Basic("me", "pw")
_NONE: Final = Anonymous()


class Names(Asked):
    """
    Credentials of a registry are for it, by whichever of its names, and for no other.
    """

    def test_a_port_is_a_part_of_the_name(self, tmp_path: Path) -> None:
        """
        Another service may listen there.
        """
        found = self.asked(
            tmp_path, {"r.example:5000": _ME}, "r.example:5000", "r.example", "r.example:5001"
        )
        assert found == [_ME, _NONE, _NONE]

    def test_a_registry_without_a_port_has_none(self, tmp_path: Path) -> None:
        """
        Its credentials are not for all ports of its host.
        """
        found = self.asked(tmp_path, {"r.example": _ME}, "r.example", "r.example:5000")
        assert found == [_ME, _NONE]

    def test_ports_apart(self, tmp_path: Path) -> None:
        """
        Two registries of one host have two accounts.
        """
        other = Basic("other", "pw")
        entries = {"r.example:5000": _ME, "r.example:50": other}
        assert self.asked(tmp_path, entries, "r.example:50", "r.example:5000") == [other, _ME]

    def test_a_port_belongs_to_its_repositories(self, tmp_path: Path) -> None:
        """
        The colon is no end of a name.
        """
        assert self.asked(tmp_path, {"r.example:5000": _ME}, "r.example:5000/a/b") == [_ME]

    def test_localhost(self, tmp_path: Path) -> None:
        """
        It is a registry as others are, and not every port of this machine.
        """
        found = self.asked(
            tmp_path,
            {"localhost:5000": _ME},
            "localhost:5000/app",
            "localhost/app",
            "127.0.0.1:5000",
        )
        assert found == [_ME, _NONE, _NONE]

    def test_addresses(self, tmp_path: Path) -> None:
        """
        Of IPv4, whose dots stand for no letter, and whose numbers are whole.
        """
        found = self.asked(tmp_path, {"10.0.0.1": _ME}, "10.0.0.1", "10.0.0.10", "10.0.0.1:80")
        assert found == [_ME, _NONE, _NONE]

    def test_addresses_of_version_6(self, tmp_path: Path) -> None:
        """
        In brackets, with a port or without.
        """
        entries = {"[::1]:5000": _ME, "[2001:db8::1]": Basic("six", "6")}
        found = self.asked(tmp_path, entries, "[::1]:5000/app", "[2001:db8::1]", "[::1]")
        assert found == [_ME, Basic("six", "6"), _NONE]

    def test_an_address_has_many_spellings(self, tmp_path: Path) -> None:
        """
        Zeros may be left out (RFC 5952).
        """
        assert self.asked(tmp_path, {"[::1]:5000": _ME}, "[0:0:0::1]:5000/app") == [_ME]

    def test_hosts_are_of_any_case(self, tmp_path: Path) -> None:
        """
        Names of hosts are the same in capitals.
        """
        assert self.asked(tmp_path, {"quay.io": _ME}, "Quay.IO", "QUAY.IO/a") == [_ME, _ME]

    def test_hosts_may_be_written_in_any_case(self, tmp_path: Path) -> None:
        """
        Also where the credentials are kept.
        """
        assert self.asked(tmp_path, {"Quay.IO": _ME}, "quay.io", "quay.io/a") == [_ME, _ME]

    def test_hosts_that_end_alike(self, tmp_path: Path) -> None:
        """
        Whoever registers a name must not get what is for its end.
        """
        names = ("evilquay.io", "evil-quay.io", "quay.io.evil.example", "quay.iox")
        assert self.asked(tmp_path, {"quay.io": _ME}, *names) == [_NONE] * 4

    def test_hosts_below_another(self, tmp_path: Path) -> None:
        """
        A host is not those below it, nor that which it is below.
        """
        entries = {"cdn.quay.io": _ME}
        assert self.asked(tmp_path, entries, "quay.io", "eu.cdn.quay.io") == [_NONE, _NONE]

    def test_dots_are_dots(self, tmp_path: Path) -> None:
        """
        And no pattern for any letter.
        """
        assert self.asked(tmp_path, {"a.b.example": _ME}, "axb.example", "a-b.example") == [
            _NONE,
            _NONE,
        ]

    def test_docker_hub_has_one_account(self, tmp_path: Path) -> None:
        """
        However it is named, and of official images too.
        """
        names = ("docker.io/debian", "docker.io/library/debian", "index.docker.io/me/app")
        assert self.asked(tmp_path, {"docker.io": _ME}, *names) == [_ME] * 3

    def test_docker_hub_is_asked_for_by_its_hosts(self, tmp_path: Path) -> None:
        """
        As the registry that it is.
        """
        names = ("docker.io", "index.docker.io", "registry-1.docker.io")
        assert self.asked(tmp_path, {"docker.io": _ME}, *names) == [_ME] * 3

    def test_docker_hub_may_be_written_by_another_name(self, tmp_path: Path) -> None:
        """
        As older tools did.
        """
        entries = {"index.docker.io": _ME}
        assert self.asked(tmp_path, entries, "docker.io", "docker.io/me/app") == [_ME, _ME]

    def test_what_is_not_docker_hub(self, tmp_path: Path) -> None:
        """
        It is told by its whole name.
        """
        names = ("ghcr.io", "docker.io.evil.example", "mydocker.io", "hub.docker.io")
        assert self.asked(tmp_path, {"docker.io": _ME}, *names) == [_NONE] * 4

    def test_each_registry_has_its_own(self, tmp_path: Path) -> None:
        """
        What they have in common does not count.
        """
        entries = {"quay.io": _ME, "ghcr.io": Basic("me", "other"), "docker.io": Basic("you", "pw")}
        found = self.asked(tmp_path, entries, "ghcr.io", "docker.io", "quay.io", "gcr.io")
        assert found == [Basic("me", "other"), Basic("you", "pw"), _ME, _NONE]

    def test_a_registry_is_for_all_that_is_in_it(self, tmp_path: Path) -> None:
        """
        However deep.
        """
        names = ("quay.io/a", "quay.io/a/b/c/d/e/f", "quay.io/library/debian")
        assert self.asked(tmp_path, {"quay.io": _ME}, *names) == [_ME] * 3


class Paths(Asked):
    """
    Credentials of a part of a registry are for that part, by whole segments.
    """

    @needs("paths")
    def test_a_part_is_for_what_is_below_it(self, tmp_path: Path) -> None:
        """
        And for itself.
        """
        names = ("quay.io/team", "quay.io/team/app", "quay.io/team/app/deep")
        assert self.asked(tmp_path, {"quay.io/team": _ME}, *names) == [_ME] * 3

    @needs("paths")
    def test_a_part_is_not_the_registry(self, tmp_path: Path) -> None:
        """
        Who has an account for one team has none for the rest.
        """
        names = ("quay.io", "quay.io/other", "quay.io/other/team")
        assert self.asked(tmp_path, {"quay.io/team": _ME}, *names) == [_NONE] * 3

    @needs("paths")
    def test_segments_are_whole(self, tmp_path: Path) -> None:
        """
        A name that begins so is another.
        """
        names = ("quay.io/teams/app", "quay.io/team-app", "quay.io/team.x", "quay.io/te")
        assert self.asked(tmp_path, {"quay.io/team": _ME}, *names) == [_NONE] * 4

    @needs("paths")
    def test_one_repository(self, tmp_path: Path) -> None:
        """
        The most specific that there is, over its team and its registry.
        """
        one, two = Basic("one", "1"), Basic("two", "2")
        entries = {"quay.io": _ME, "quay.io/team/app": one, "quay.io/team": two}
        names = ("quay.io/team/app", "quay.io/team/other", "quay.io/other")
        assert self.asked(tmp_path, entries, *names) == [one, two, _ME]

    @needs("paths")
    def test_the_rest_is_the_registrys(self, tmp_path: Path) -> None:
        """
        What no part is for has what the registry has.
        """
        entries = {"quay.io/team": Basic("team", "t"), "quay.io": _ME}
        assert self.asked(tmp_path, entries, "quay.io", "quay.io/teams/x") == [_ME, _ME]

    @needs("paths")
    def test_parts_of_another_registry(self, tmp_path: Path) -> None:
        """
        A team of that name is another elsewhere.
        """
        names = ("ghcr.io/team/app", "quay.io:5000/team/app", "docker.io/team/app")
        assert self.asked(tmp_path, {"quay.io/team": _ME}, *names) == [_NONE] * 3

    @needs("paths")
    def test_parts_of_one_with_a_port(self, tmp_path: Path) -> None:
        """
        The port is the registry's.
        """
        names = ("localhost:5000/team/app", "localhost:5000/app", "localhost/team/app")
        found = self.asked(tmp_path, {"localhost:5000/team": _ME}, *names)
        assert found == [_ME, _NONE, _NONE]

    @needs("paths")
    def test_official_images_are_a_part(self, tmp_path: Path) -> None:
        """
        `debian` is `docker.io/library/debian`.
        """
        entries = {"docker.io/library": Basic("lib", "l"), "docker.io": _ME}
        found = self.asked(tmp_path, entries, "docker.io/debian", "docker.io/me/debian")
        assert found == [Basic("lib", "l"), _ME]

    @needs("paths")
    def test_a_team_in_the_middle(self, tmp_path: Path) -> None:
        """
        A part begins at the registry.
        """
        assert self.asked(tmp_path, {"quay.io/team": _ME}, "quay.io/x/team/app") == [_NONE]
