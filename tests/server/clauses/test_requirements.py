"""
distribution-spec, "Requirements", "Endpoints" and "Determining Support".
"""

from __future__ import annotations

from ocikit.http.message import Send
from tests.server.clauses.conftest import Serving
from tests.server.samples import ask, begin, digest, image, push_blob, push_image, put, refused

NONE = digest(b"not there")


def test_all_of_pull_is_there(send: Send) -> None:
    """
    "All registries conforming to this specification MUST support, at a minimum, all APIs in
    the **Pull** category." (Requirements)
    """
    raw = push_image(send, "a", "t", b"layer")
    for place in ("manifests/t", f"manifests/{digest(raw)}", f"blobs/{digest(b'layer')}"):
        for method in ("GET", "HEAD"):
            assert ask(send, method, f"/v2/a/{place}").status == 200


def test_the_other_categories_are_there_too(send: Send) -> None:
    """
    "Registries SHOULD also support the **Push**, **Content Discovery**, and **Content
    Management** categories." (Requirements)
    """
    push_image(send, "a", "t", b"layer")
    assert ask(send, "GET", "/v2/a/tags/list").status == 200
    assert ask(send, "DELETE", "/v2/a/manifests/t").status == 202


def test_each_endpoint_of_a_category_succeeds_as_the_table_says(send: Send) -> None:
    """
    "A registry claiming conformance with one of these specification categories MUST implement
    all APIs in the claimed category." (Requirements)
    """
    blob, raw = push_blob(send, "a", b"{}"), image()
    pinned, uploads = digest(raw), "/v2/a/blobs/uploads/"
    rows = [
        ("GET", "/v2/", b"", 200),
        ("GET", f"/v2/a/blobs/{blob}", b"", 200),
        ("HEAD", f"/v2/a/blobs/{blob}", b"", 200),
        ("POST", uploads, b"", 202),
        ("POST", f"{uploads}?digest={digest(b'1')}", b"1", 201),
        ("POST", f"{uploads}?digest-algorithm=sha512", b"", 202),
        ("PATCH", begin(send, "a"), b"1", 202),
        ("PUT", f"{begin(send, 'a')}?digest={digest(b'1')}", b"1", 201),
        ("GET", "/v2/a/tags/list", b"", 200),
        ("GET", "/v2/a/tags/list?n=1&last=t", b"", 200),
        ("POST", f"/v2/b/blobs/uploads/?mount={blob}&from=a", b"", 201),
        ("GET", f"/v2/a/referrers/{pinned}", b"", 200),
        ("GET", f"/v2/a/referrers/{pinned}?artifactType=x/y", b"", 200),
        ("GET", begin(send, "a"), b"", 204),
        ("DELETE", begin(send, "a"), b"", 204),
    ]
    for method, path, data, status in rows:
        assert ask(send, method, path, data).status == status, (method, path)
    for reference in ("t", pinned, f"{pinned}?tag=1&tag=2"):
        assert put(send, "a", reference, raw).status == 201
    for path in ("manifests/t", f"manifests/{pinned}"):
        assert {ask(send, how, f"/v2/a/{path}").status for how in ("GET", "HEAD")} == {200}
    for path in ("manifests/t", f"manifests/{pinned}", f"blobs/{blob}"):
        assert ask(send, "DELETE", f"/v2/a/{path}").status == 202


def test_each_endpoint_fails_as_the_table_says(send: Send) -> None:
    """
    "Below is a summary of the endpoints used by the API." (API)
    """
    push_blob(send, "a", b"{}")
    upload, gone = begin(send, "a"), "/v2/a/blobs/uploads/" + "0" * 32
    rows = [
        ("GET", f"/v2/a/blobs/{NONE}", b"", 404),
        ("GET", "/v2/a/manifests/none", b"", 404),
        ("POST", f"/v2/a/blobs/uploads/?digest={NONE}", b"1", 400),
        ("PATCH", gone, b"1", 404),
        ("PUT", f"{gone}?digest={NONE}", b"1", 404),
        ("PUT", f"{upload}?digest={NONE}", b"1", 400),
        ("GET", "/v2/none/tags/list", b"", 404),
        ("DELETE", "/v2/a/manifests/none", b"", 404),
        ("DELETE", f"/v2/a/blobs/{NONE}", b"", 404),
        ("GET", "/v2/a/referrers/sha256:no", b"", 400),
        ("GET", gone, b"", 404),
        ("DELETE", gone, b"", 404),
    ]
    for method, path, data, status in rows:
        assert refused(ask(send, method, path, data))[0] == status, (method, path)


def test_it_says_that_it_implements_the_specification(send: Send) -> None:
    """
    "If the response is `200 OK`, then the registry implements this specification."
    (Determining Support)
    """
    assert ask(send, "GET", "/v2/").status == 200


def test_headers_of_docker_are_there_for_who_wants_them(send: Send) -> None:
    """
    "Unless documented elsewhere in the spec, these headers are OPTIONAL and clients SHOULD
    NOT depend on them." (Legacy Docker support HTTP headers)
    """
    response = ask(send, "GET", "/v2/")
    assert response.headers.get("Docker-Distribution-API-Version") == "registry/2.0"


def test_other_hosts_of_a_name_do_not_matter(send: Send) -> None:
    """
    "A registry MAY choose to ignore the `ns` query parameter." (Registry Proxying)
    """
    raw = push_image(send, "a", "t", b"layer")
    response = ask(send, "GET", "/v2/a/manifests/t?ns=elsewhere.test")
    assert response.body.read() == raw
    assert response.headers.get("OCI-Namespace") == ""


def test_switches_are_those_of_one_storage(serving: Serving) -> None:
    """
    "Registries SHOULD also support the **Push**, **Content Discovery**, and **Content
    Management** categories." (Requirements) A registry that is switched to pulls alone is
    one as well, of the same content.
    """
    raw = push_image(serving(), "a", "t", b"layer")
    send = serving(read_only=True, referrers=False, catalog=False)
    assert ask(send, "GET", "/v2/a/manifests/t").body.read() == raw
    assert refused(put(send, "a", "t", raw)) == (405, "UNSUPPORTED")
