"""
What the distribution specification says of registries, to run against any.

    class TestMyRegistry(RegistryContract):
        @pytest.fixture
        def place(self):
            return Place(send=my_registry)  # or Place(send=network(), base="http://localhost:5000")

What a registry is known to do otherwise is declared in `known_differences`.
"""

from __future__ import annotations

import pytest

from ocikit import media
from ocikit.testing.asking import image, index
from ocikit.testing.contracts_registry_lists import RegistryLists
from ocikit.testing.corner import Corner, named
from ocikit.testing.modelled import Place

NONE = named(b"none")


class _Blobs(RegistryLists):
    @pytest.mark.parametrize(
        "data", [b"", b"one", b"large" * 99_999], ids=["empty", "one", "large"]
    )
    def test_a_blob_is_pulled_as_it_was_pushed(self, here: Corner, data: bytes) -> None:
        """
        To the byte; an empty one too.
        """
        name = here.push_blob(data)
        assert here.read("GET", f"blobs/{name}") == (200, data)

    def test_head_tells_size_and_digest(self, here: Corner) -> None:
        """
        And has no body.
        """
        response = here("HEAD", f"blobs/{here.push_blob(b'one')}")
        assert response.status == 200
        assert response.headers.get("Content-Length") == "3"
        assert response.headers.get("Docker-Content-Digest") == named(b"one")
        assert response.body.read() == b""

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    def test_a_blob_that_is_not_there_is_404(self, here: Corner, method: str) -> None:
        """
        Though the repository is there.
        """
        here.push_blob(b"one")
        assert here(method, f"blobs/{NONE}").status == 404

    def test_a_blob_is_of_its_repository_only(self, here: Corner) -> None:
        """
        Another repository gives it only when it was mounted, or pushed, there.
        """
        name = here.push_blob(b"one")
        assert here.other("elsewhere")("GET", f"blobs/{name}").status == 404

    def test_a_range_is_a_part(self, here: Corner) -> None:
        """
        By 206, with what part of how many bytes it is.
        """
        name = here.push_blob(b"0123456789")
        response = here("GET", f"blobs/{name}", headers={"Range": "bytes=3-5"})
        assert (response.status, response.body.read()) == (206, b"345")
        assert response.headers.get("Content-Range") == "bytes 3-5/10"

    def test_a_push_says_where_the_blob_is(self, here: Corner) -> None:
        """
        The location that ends an upload can be read.
        """
        response = here.upload(b"one", named(b"one"))
        assert response.status == 201
        assert here.read_at(response.headers.get("Location")) == (200, b"one")

    def test_a_push_in_one_request_is_taken(self, here: Corner) -> None:
        """
        By one POST with the digest; the blob is there then.
        """
        name = named(b"one")
        response = here("POST", f"blobs/uploads/?digest={name}", b"one")
        # A registry that does not know it begins an upload.
        assert response.status in (201, 202)
        if response.status == 201:
            assert here.read("GET", f"blobs/{name}") == (200, b"one")

    def test_other_bytes_than_the_digest_are_refused(self, here: Corner) -> None:
        """
        And kept under neither digest.
        """
        response = here.upload(b"other", named(b"one"))
        assert response.status == 400
        assert here.codes(response) == {"DIGEST_INVALID"}
        for data in (b"one", b"other"):
            assert here("HEAD", f"blobs/{named(data)}").status == 404

    def test_chunks_become_one_blob(self, here: Corner) -> None:
        """
        Each answer says how far the upload is, and where it goes on.
        """
        location = here.begin()
        for at, data in ((0, b"one"), (3, b"two")):
            headers = {"Content-Range": f"{at}-{at + 2}"}
            response = here.ask("PATCH", location, data, headers)
            assert response.status == 202
            assert response.headers.get("Range") == f"0-{at + 2}"
            location = response.headers.get("Location")
        assert here.end(location, named(b"onetwo")).status == 201
        assert here.read("GET", f"blobs/{named(b'onetwo')}") == (200, b"onetwo")

    def test_a_last_chunk_may_come_with_the_end(self, here: Corner) -> None:
        """
        The request that ends an upload may have a body.
        """
        location = here.ask("PATCH", here.begin(), b"one").headers.get("Location")
        assert here.end(location, named(b"onetwo"), b"two").status == 201
        assert here.read("GET", f"blobs/{named(b'onetwo')}") == (200, b"onetwo")

    def test_chunks_come_in_their_order(self, here: Corner) -> None:
        """
        A gap is refused by 416.
        """
        headers = {"Content-Range": "3-5"}
        response = here.ask("PATCH", here.begin(), b"two", headers)
        assert response.status == 416

    def test_an_upload_tells_where_it_stands(self, here: Corner) -> None:
        """
        So that who was interrupted can go on.
        """
        location = here.ask("PATCH", here.begin(), b"one").headers.get("Location")
        response = here.ask("GET", location)
        assert response.status == 204
        assert response.headers.get("Range") == "0-2"

    def test_an_upload_can_be_given_up(self, here: Corner) -> None:
        """
        It is not known any more.
        """
        location = here.begin()
        assert here.ask("DELETE", location).status == 204
        assert here.ask("GET", location).status == 404

    def test_a_blob_of_another_repository_is_mounted(self, here: Corner) -> None:
        """
        Without its bytes; or else an upload is begun.
        """
        other = here.other("source")
        name = other.push_blob(b"one")
        response = here("POST", f"blobs/uploads/?mount={name}&from={other.name}")
        # A registry need not mount; it begins an upload then.
        assert response.status in (201, 202)
        assert here("HEAD", f"blobs/{name}").status == (200 if response.status == 201 else 404)

    def test_what_cannot_be_mounted_is_to_be_uploaded(self, here: Corner) -> None:
        """
        An upload is begun, and its location given.
        """
        other = here.other("source")
        other.push_blob(b"one")
        response = here("POST", f"blobs/uploads/?mount={NONE}&from={other.name}")
        assert response.status == 202
        assert response.headers.get("Location")

    def test_a_blob_is_deleted(self, here: Corner) -> None:
        """
        And not given any more.
        """
        name = here.push_blob(b"one")
        assert here("DELETE", f"blobs/{name}").status == 202
        assert here("GET", f"blobs/{name}").status == 404


class _Manifests(RegistryLists):
    def test_a_tag_gives_the_manifest(self, here: Corner) -> None:
        """
        With its media type and its digest.
        """
        raw = here.push_image("t", b"one")
        response = here("GET", "manifests/t", headers=here.accept)
        assert (response.status, response.body.read()) == (200, raw)
        assert response.headers.get("Content-Type") == media.OCI_MANIFEST
        assert response.headers.get("Docker-Content-Digest") == named(raw)

    def test_a_digest_gives_the_manifest(self, here: Corner) -> None:
        """
        Though it never had a tag.
        """
        raw = here.push_image(None, b"one")
        response = here("GET", f"manifests/{named(raw)}", headers=here.accept)
        assert (response.status, response.body.read()) == (200, raw)

    def test_bytes_are_kept_as_they_are(self, here: Corner) -> None:
        """
        White space, members that nobody knows and ways to write numbers included.
        """
        here.push_blob(b"{}")
        raw = image([]).replace(b'{"schema', b'{ "x":\t[1.50,"\xc3\xbc\\u00fc"],\n"schema')
        assert here.put("t", raw).status == 201
        assert here.read("GET", "manifests/t", here.accept) == (200, raw)

    def test_head_is_get_without_a_body(self, here: Corner) -> None:
        """
        With the same length and digest.
        """
        raw = here.push_image("t", b"one")
        response = here("HEAD", "manifests/t", headers=here.accept)
        assert (response.status, response.body.read()) == (200, b"")
        assert response.headers.get("Content-Length") == str(len(raw))
        assert response.headers.get("Docker-Content-Digest") == named(raw)

    @pytest.mark.parametrize("method", ["GET", "HEAD"])
    @pytest.mark.parametrize("what", ["none", NONE], ids=["tag", "digest"])
    def test_a_manifest_that_is_not_there_is_404(
        self, here: Corner, method: str, what: str
    ) -> None:
        """
        By tag and by digest, though the repository is there.
        """
        here.push_image("t", b"one")
        assert here(method, f"manifests/{what}").status == 404

    def test_a_push_says_where_the_manifest_is(self, here: Corner) -> None:
        """
        And what its digest is.
        """
        here.push_blob(b"{}")
        response = here.put("t", image([]))
        assert response.status == 201
        assert response.headers.get("Docker-Content-Digest") == named(image([]))
        assert here.read_at(response.headers.get("Location")) == (200, image([]))

    def test_a_manifest_under_another_digest_is_refused(self, here: Corner) -> None:
        """
        And kept under neither.
        """
        here.push_blob(b"{}")
        assert here.put(NONE, image([])).status == 400
        assert here("GET", f"manifests/{named(image([]))}").status == 404

    def test_a_manifest_whose_blobs_are_missing_is_refused(self, here: Corner) -> None:
        """
        And its tag not put.
        """
        here.push_blob(b"{}")
        response = here.put("t", image([b"missing"]))
        assert response.status in (400, 404)
        assert here.codes(response) == {"MANIFEST_BLOB_UNKNOWN"}
        assert here("GET", "manifests/t").status == 404

    def test_what_is_no_manifest_is_refused(self, here: Corner) -> None:
        """
        Be it no JSON, or JSON of another kind.
        """
        for raw in (b"", b"{", b"[]", b"null"):
            assert here.put("t", raw).status == 400
        assert here("GET", "manifests/t").status == 404

    def test_a_tag_moves(self, here: Corner) -> None:
        """
        The manifest that it was put to before stays.
        """
        old, new = here.push_image("t", b"old"), here.push_image("t", b"new")
        assert here.read("GET", "manifests/t", here.accept) == (200, new)
        assert here.read("GET", f"manifests/{named(old)}", here.accept) == (200, old)

    def test_an_index_is_kept_whole(self, here: Corner) -> None:
        """
        With all its children.
        """
        children = [here.push_image(None, b"%d" % each) for each in range(5)]
        raw = index([here.described(child) for child in children])
        assert here.put("i", raw, media.OCI_INDEX).status == 201
        assert here.read("GET", "manifests/i", {"Accept": media.OCI_INDEX}) == (200, raw)

    def test_a_manifest_is_deleted_with_its_tags(self, here: Corner) -> None:
        """
        Other manifests, and their tags, stay.
        """
        gone, there = here.push_image("t", b"one"), here.push_image("u", b"two")
        assert here("DELETE", f"manifests/{named(gone)}").status == 202
        assert here("GET", "manifests/t", headers=here.accept).status == 404
        assert here("GET", f"manifests/{named(gone)}", headers=here.accept).status == 404
        assert here.read("GET", "manifests/u", here.accept) == (200, there)

    def test_what_was_deleted_can_be_pushed_again(self, here: Corner) -> None:
        """
        Under the same digest.
        """
        raw = here.push_image("t", b"one")
        here("DELETE", f"manifests/{named(raw)}")
        assert here.push_image("u", b"one") == raw
        assert here.read("GET", f"manifests/{named(raw)}", here.accept) == (200, raw)
        assert here("GET", "manifests/t", headers=here.accept).status == 404

    def test_a_tag_is_deleted_alone(self, here: Corner) -> None:
        """
        The manifest, and its other tags, stay.
        """
        raw = here.push_image("t", b"one")
        here.put("u", raw)
        assert here("DELETE", "manifests/t").status == 202
        assert here("GET", "manifests/t", headers=here.accept).status == 404
        assert here.read("GET", "manifests/u", here.accept) == (200, raw)


class RegistryContract(_Blobs, _Manifests):
    """
    What holds of every registry.
    """

    @pytest.fixture
    def place(self) -> Place:
        """
        Give a registry; one that others use has a prefix for names of the test's own.
        """
        pytest.fail("a registry contract needs a fixture `place`", pytrace=False)

    @pytest.fixture
    def here(self, place: Place) -> Corner:
        """
        Give a repository that holds nothing.
        """
        return Corner.of(place)

    def test_it_says_that_it_is_one(self, here: Corner) -> None:
        """
        At the root of its interface, to whoever asks.
        """
        assert here.ask("GET", "/v2/").status == 200

    def test_errors_say_what_they_are(self, here: Corner) -> None:
        """
        By the codes of the specification.
        """
        here.push_blob(b"one")
        assert here.codes(here("GET", f"blobs/{NONE}")) == {"BLOB_UNKNOWN"}
        assert here.codes(here("GET", "manifests/none")) == {"MANIFEST_UNKNOWN"}

    @pytest.mark.parametrize("name", ["..", "A", "a//b", "a/../b"])
    def test_what_is_no_name_is_refused(self, here: Corner, name: str) -> None:
        """
        Or who asks is sent to another name.
        """
        # Some send clients to the name that they take it for.
        assert 300 <= here.ask("GET", f"/v2/{name}/manifests/t").status < 500
