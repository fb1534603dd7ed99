"""
What holds of every keychain, to run against any: subclass the contract.

    class TestMyKeychain(KeychainContract):
        def keychain(self, folder, entries):
            write_my_file(folder / "secrets", entries)
            return MyKeychain(folder / "secrets")
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hypothesis import strategies as st

from ocikit.auth.combine import first_of
from ocikit.http.credentials import (
    Anonymous,
    Basic,
    Credentials,
    IdentityToken,
    RegistryToken,
    Resource,
    anonymous,
)
from ocikit.name.parse import parse_repository
from ocikit.name.records import Registry
from ocikit.testing.contract import share
from ocikit.testing.contracts_keychain_asked import ASKED, HOSTS, Asked, expected
from ocikit.testing.contracts_keychain_names import Names, Paths
from ocikit.testing.contracts_keychain_secrets import Secrets

__all__ = ["KeychainContract"]


class Stable(Asked):
    """
    Asking is no event: not the first time, nor the hundredth, nor from many threads.
    """

    @share(2)
    def law_asking_changes_nothing(self, data: st.DataObject) -> None:
        """
        Whatever was asked before, the answer is the same.
        """
        entries, asked = self.entries(data), data.draw(st.lists(ASKED, max_size=4))
        with self.place() as folder:
            keychain = self.keychain(folder, entries)
            for each in asked:
                assert keychain(each) == expected(entries, each)

    @share(4)
    def law_the_order_of_what_it_knows_does_not_count(self, data: st.DataObject) -> None:
        """
        The most specific is not what happens to come first.
        """
        entries, asked = self.entries(data), data.draw(ASKED)
        keys = data.draw(st.permutations(sorted(entries)))
        with self.place() as folder:
            keychain = self.keychain(folder, {key: entries[key] for key in keys})
            assert keychain(asked) == expected(entries, asked)

    def test_who_knows_nothing_says_nothing(self, tmp_path: Path) -> None:
        """
        Neither of a registry nor of a repository.
        """
        keychain = self.keychain(tmp_path, {})
        assert keychain(Registry("quay.io")) == Anonymous()
        assert keychain(parse_repository("quay.io/team/app")) == Anonymous()

    def test_it_gives_nothing_but_credentials(self, tmp_path: Path) -> None:
        """
        Never None, a pair or a text.
        """
        keychain = self.keychain(tmp_path, {"quay.io": Basic("me", "pw")})
        kinds = (Anonymous, Basic, RegistryToken, IdentityToken)
        for asked in ("quay.io", "r.example"):
            assert isinstance(keychain(Registry(asked)), kinds)
            assert isinstance(keychain(parse_repository(f"{asked}/a/b")), kinds)

    def test_no_name_is_an_error(self, tmp_path: Path) -> None:
        """
        Who is not known is anonymous, whatever the name looks like.
        """
        keychain = self.keychain(tmp_path, {"quay.io": Basic("me", "pw")})
        odd = (
            "[2001:db8::1]",
            "10.0.0.1",
            "a-b.example:65535",
            "xn--bcher-kva.example",
            "a.b.c.d.e",
        )
        for host in odd:
            assert keychain(Registry(host)) == Anonymous()
            assert keychain(parse_repository(f"{host}/{'a/' * 40}b")) == Anonymous()

    def test_many_times(self, tmp_path: Path) -> None:
        """
        Nothing is used up, known and unknown in turn.
        """
        keychain = self.keychain(tmp_path, {"quay.io": Basic("me", "pw")})
        for _ in range(20):
            assert keychain(Registry("quay.io")) == Basic("me", "pw")
            assert keychain(Registry("r.example")) == Anonymous()

    def test_threads_ask_at_once(self, tmp_path: Path) -> None:
        """
        Each is given what it asked for.
        """
        entries = {host: Basic(f"user{at}", f"of {host}") for at, host in enumerate(HOSTS)}
        keychain = self.keychain(tmp_path, entries)
        asked = [*HOSTS] * 5
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(lambda host: keychain(Registry(host)), asked))
        assert found == [entries[host] for host in asked]

    def test_what_it_was_given_stays_as_it_was(self, tmp_path: Path) -> None:
        """
        The entries are the caller's.
        """
        entries = {"Quay.IO": Basic("me", "pw"), "r.example": Basic("you", "word")}
        before = list(entries.items())
        keychain = self.keychain(tmp_path, entries)
        keychain(Registry("quay.io"))
        assert list(entries.items()) == before

    def test_two_of_them_do_not_mix(self, tmp_path: Path) -> None:
        """
        Each knows its own.
        """
        for name in ("a", "b"):
            (tmp_path / name).mkdir()
        one = self.keychain(tmp_path / "a", {"quay.io": Basic("one", "1")})
        two = self.keychain(tmp_path / "b", {"r.example": Basic("two", "2")})
        quay, example = Registry("quay.io"), Registry("r.example")
        assert (one(quay), two(quay)) == (Basic("one", "1"), Anonymous())
        assert (one(example), two(example)) == (Anonymous(), Basic("two", "2"))

    def test_a_change_counts_at_once_or_never(self, tmp_path: Path) -> None:
        """
        As it says by `follows`: who logged in should not be asked to start anew.
        """
        old, new = Basic("old", "1"), Basic("new", "2")
        keychain = self.keychain(tmp_path, {"quay.io": old})
        assert keychain(Registry("quay.io")) == old
        later = self.keychain(tmp_path, {"quay.io": new, "r.example": new})
        assert keychain(Registry("quay.io")) == (new if self.follows else old)
        assert keychain(Registry("r.example")) == (new if self.follows else Anonymous())
        assert later(Registry("quay.io")) == new

    def test_a_logout_counts_at_once_or_never(self, tmp_path: Path) -> None:
        """
        What was taken away is not given from memory by who follows.
        """
        keychain = self.keychain(tmp_path, {"quay.io": Basic("me", "pw")})
        keychain(Registry("quay.io"))
        self.keychain(tmp_path, {})
        found = keychain(Registry("quay.io"))
        assert found == (Anonymous() if self.follows else Basic("me", "pw"))

    def test_many_registries(self, tmp_path: Path) -> None:
        """
        Each of five hundred has its own.
        """
        entries = {f"r{number}.example": Basic(f"u{number}", "pw") for number in range(500)}
        keychain = self.keychain(tmp_path, entries)
        for host in ("r0.example", "r1.example", "r10.example", "r499.example"):
            assert keychain(Registry(host)) == entries[host]
        assert keychain(Registry("r500.example")) == Anonymous()

    def test_another_may_be_asked_after_it(self, tmp_path: Path) -> None:
        """
        For what it does not know, and only for that.
        """
        asked: list[Resource] = []

        def last(resource: Resource) -> Credentials:
            asked.append(resource)
            return Basic("last", "3")

        both = first_of(self.keychain(tmp_path, {"quay.io": Basic("me", "pw")}), last)
        assert both(Registry("quay.io")) == Basic("me", "pw")
        assert asked == []
        assert both(Registry("r.example")) == Basic("last", "3")

    def test_it_may_be_asked_after_another(self, tmp_path: Path) -> None:
        """
        Of one that knows nothing.
        """
        both = first_of(anonymous, self.keychain(tmp_path, {"quay.io": Basic("me", "pw")}))
        assert both(parse_repository("quay.io/team/app")) == Basic("me", "pw")


class KeychainContract(Stable, Names, Paths, Secrets):
    """
    A keychain gives the credentials that are for what is asked, and those of nobody else.
    """

    def law_the_most_specific_counts(self, data: st.DataObject) -> None:
        """
        Of the registry and the parts of a path, the longest that is known; else nothing.
        """
        entries, asked = self.entries(data), data.draw(ASKED)
        with self.place() as folder:
            found = self.keychain(folder, entries)(asked)
        assert found == expected(entries, asked)
