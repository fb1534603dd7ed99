"""
The part of the contract of storages that is about manifests, tags and referrers.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable

from ocikit import media
from ocikit.digest import Digest
from ocikit.server.storage import Storage, StoredManifest
from ocikit.spec.descriptor import Descriptor
from ocikit.testing.contract import Contract

SUBJECT = Digest.of(b"subject")
#: In ASCII order.
TAGS = ("0", "10", "9", "T", "_", "latest", "t", "t-1", "t.1")


def keep(
    storage: Storage,
    repository: str,
    data: bytes,
    tags: Iterable[str] = (),
    *,
    subject: Digest | None = None,
    kind: str = media.OCI_MANIFEST,
) -> Digest:
    """
    Keep a manifest.
    """
    digest = Digest.of(data)
    referrer = Descriptor(media_type=kind, digest=digest, size=len(data)) if subject else None
    manifest = StoredManifest(media_type=kind, data=data, subject=subject, referrer=referrer)
    storage.keep(repository, digest, manifest, tags)
    return digest


class StorageManifests(Contract):
    """
    Manifests are kept as they are, tags point to them, and subjects list them.
    """

    def test_a_manifest_is_kept_as_it_is(self, storage: Storage) -> None:
        """
        To the byte, with its media type.
        """
        data = b'{ "x" : [1.50, "\xc3\xbc"] }\n'
        digest = keep(storage, "a", data, kind="application/x")
        found = storage.manifest("a", digest)
        assert found is not None
        assert (found.data, found.media_type) == (data, "application/x")
        assert (found.subject, found.referrer) == (None, None)

    def test_an_index_of_many_is_kept_whole(self, storage: Storage) -> None:
        """
        However long it is.
        """
        data = b'{"manifests":[%b]}' % b",".join([b'{"size":1}'] * 9000)
        found = storage.manifest("a", keep(storage, "a", data, kind=media.OCI_INDEX))
        assert found is not None
        assert found.data == data

    def test_a_manifest_is_of_its_repository_only(self, storage: Storage) -> None:
        """
        And so are its tags.
        """
        digest = keep(storage, "a", b"{}", ["t"])
        assert storage.manifest("b", digest) is None
        assert storage.tagged("b", "t") is None

    def test_a_manifest_is_no_blob(self, storage: Storage) -> None:
        """
        Though its digest is of the same form.
        """
        digest = keep(storage, "a", b"{}")
        assert storage.blob("a", digest) is None
        assert not storage.drop_blob("a", digest)
        assert storage.manifest("a", digest) is not None

    def test_the_type_that_was_pushed_last_counts(self, storage: Storage) -> None:
        """
        The same bytes may be pushed as something else.
        """
        keep(storage, "a", b"{}", kind=media.OCI_MANIFEST)
        found = storage.manifest("a", keep(storage, "a", b"{}", kind=media.DOCKER_MANIFEST))
        assert found is not None
        assert found.media_type == media.DOCKER_MANIFEST

    def test_tags_point_to_what_they_were_put_to(self, storage: Storage) -> None:
        """
        Several may point to one manifest.
        """
        one, two = keep(storage, "a", b"{}", ["x", "y"]), keep(storage, "a", b"[]", ["z"])
        assert [storage.tagged("a", tag) for tag in "xyz"] == [one, one, two]
        assert storage.tagged("a", "none") is None

    def test_a_tag_moves(self, storage: Storage) -> None:
        """
        What it pointed to stays, with its other tags.
        """
        old, new = keep(storage, "a", b"{}", ["t", "u"]), keep(storage, "a", b"[]", ["t"])
        assert (storage.tagged("a", "t"), storage.tagged("a", "u")) == (new, old)
        assert storage.manifest("a", old) is not None
        assert list(storage.tags("a", "", 10) or ()) == ["t", "u"]

    def test_what_is_kept_again_keeps_its_tags(self, storage: Storage) -> None:
        """
        And gets those that are new.
        """
        digest = keep(storage, "a", b"{}", ["t"])
        keep(storage, "a", b"{}", ["u"])
        keep(storage, "a", b"{}")
        assert storage.tagged("a", "t") == storage.tagged("a", "u") == digest

    def test_a_tag_is_taken_away_alone(self, storage: Storage) -> None:
        """
        And cannot be taken away again.
        """
        digest = keep(storage, "a", b"{}", ["t", "u"])
        assert storage.untag("a", "t")
        assert storage.tagged("a", "t") is None
        assert storage.tagged("a", "u") == digest
        assert storage.manifest("a", digest) is not None
        assert not storage.untag("a", "t")

    def test_the_last_tag_leaves_the_manifest(self, storage: Storage) -> None:
        """
        Then the repository has tags, namely none.
        """
        digest = keep(storage, "a", b"{}", ["t"])
        storage.untag("a", "t")
        assert storage.manifest("a", digest) is not None
        assert list(storage.tags("a", "", 10) or ()) == []
        assert storage.tags("a", "", 10) is not None

    def test_a_manifest_takes_its_tags_along(self, storage: Storage) -> None:
        """
        Those of others stay.
        """
        gone, there = keep(storage, "a", b"{}", ["t", "u"]), keep(storage, "a", b"[]", ["v"])
        assert storage.drop_manifest("a", gone)
        assert storage.manifest("a", gone) is None
        assert [storage.tagged("a", tag) for tag in "tuv"] == [None, None, there]
        assert list(storage.tags("a", "", 10) or ()) == ["v"]
        assert not storage.drop_manifest("a", gone)

    def test_what_was_dropped_comes_back_without_tags(self, storage: Storage) -> None:
        """
        Old tags are not remembered.
        """
        digest = keep(storage, "a", b"{}", ["t"])
        storage.drop_manifest("a", digest)
        keep(storage, "a", b"{}")
        assert storage.manifest("a", digest) is not None
        assert storage.tagged("a", "t") is None

    def test_repositories_do_not_share_manifests(self, storage: Storage) -> None:
        """
        What one drops the other keeps, with its tags.
        """
        digest = keep(storage, "a", b"{}", ["t"])
        keep(storage, "b", b"{}", ["t"])
        storage.drop_manifest("a", digest)
        assert storage.manifest("b", digest) is not None
        assert storage.tagged("b", "t") == digest

    def test_tags_are_in_ascii_order(self, storage: Storage) -> None:
        """
        Capitals first.
        """
        keep(storage, "a", b"{}", reversed(TAGS))
        assert tuple(storage.tags("a", "", 99) or ()) == TAGS

    def test_pages_of_tags_lose_none(self, storage: Storage) -> None:
        """
        However large a page is.
        """
        keep(storage, "a", b"{}", TAGS)
        for size in (1, 2, 4, len(TAGS)):
            found: list[str] = []
            while page := storage.tags("a", found[-1] if found else "", size):
                assert len(page) <= size
                found += page
            assert tuple(found) == TAGS

    def test_a_page_may_begin_after_what_is_no_tag(self, storage: Storage) -> None:
        """
        It begins with what comes next in order.
        """
        keep(storage, "a", b"{}", TAGS)
        assert list(storage.tags("a", "m", 2) or ()) == ["t", "t-1"]
        assert list(storage.tags("a", "z", 2) or ()) == []

    def test_who_holds_nothing_has_no_tags(self, storage: Storage) -> None:
        """
        Which is not the same as having none of them left.
        """
        assert storage.tags("a", "", 10) is None
        assert storage.tagged("a", "t") is None
        assert not storage.untag("a", "t")
        assert not storage.drop_manifest("a", SUBJECT)

    def test_a_subject_lists_what_is_about_it(self, storage: Storage) -> None:
        """
        In the order of digests; the subject need not be there.
        """
        made = [keep(storage, "a", b"%d" % each, subject=SUBJECT) for each in range(5)]
        keep(storage, "a", b"{}", subject=Digest.of(b"other"))
        keep(storage, "a", b"[]")
        found = [each.digest for each in storage.referrers("a", SUBJECT)]
        assert found == sorted(made, key=str)

    def test_referrers_are_of_their_repository(self, storage: Storage) -> None:
        """
        Another does not list them.
        """
        keep(storage, "a", b"{}", subject=SUBJECT)
        assert list(storage.referrers("b", SUBJECT)) == []

    def test_referrers_go_with_their_manifests(self, storage: Storage) -> None:
        """
        And come back with them.
        """
        gone, there = (keep(storage, "a", data, subject=SUBJECT) for data in (b"{}", b"[]"))
        storage.drop_manifest("a", gone)
        assert [each.digest for each in storage.referrers("a", SUBJECT)] == [there]
        keep(storage, "a", b"{}", subject=SUBJECT)
        assert len(storage.referrers("a", SUBJECT)) == 2

    def test_a_referrer_is_listed_once(self, storage: Storage) -> None:
        """
        However often it is kept.
        """
        for _ in range(3):
            keep(storage, "a", b"{}", ["t"], subject=SUBJECT)
        assert len(storage.referrers("a", SUBJECT)) == 1

    def test_referrers_stay_when_their_tags_go(self, storage: Storage) -> None:
        """
        It is manifests that are about something.
        """
        keep(storage, "a", b"{}", ["t"], subject=SUBJECT)
        storage.untag("a", "t")
        assert len(storage.referrers("a", SUBJECT)) == 1

    def test_many_at_once_lose_no_tag(self, storage: Storage) -> None:
        """
        Threads put tags and take them away, each its own and one that they share.
        """

        def work(name: int) -> None:
            for number in range(50):
                keep(storage, "a", b"{}", [f"{name}-{number}", "shared"])
                if number % 2:
                    storage.untag("a", f"{name}-{number}")

        threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        expected = sorted([f"{name}-{n}" for name in range(4) for n in range(0, 50, 2)])
        assert list(storage.tags("a", "", 999) or ()) == [*expected, "shared"]
