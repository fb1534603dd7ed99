"""
What distribution-spec asks of clients, and the test of each: section, how it begins, test.
"""

from __future__ import annotations

from typing import Final

CLIENTS: Final[tuple[tuple[str, str, str], ...]] = (
    (
        "Pulling manifests",
        "The client SHOULD include an `Accept` header",
        "registry/test_manifests.py::test_accepts_all_kinds",
    ),
    (
        "Pulling manifests",
        "The client SHOULD ignore parameters on the `Content-Type` header.",
        "registry/test_clauses.py::test_parameters_of_a_type_are_ignored",
    ),
    (
        "Pulling manifests",
        "if it is used, the client MUST verify the value matches the returned manifest",
        "registry/test_manifests.py::test_bytes_that_stay_wrong_are_refused",
    ),
    (
        "Pulling manifests",
        "clients SHOULD verify the returned manifest matches this digest",
        "registry/test_manifests.py::test_a_pin_wins_over_what_the_registry_says",
    ),
    (
        "Pulling blobs",
        "Clients SHOULD verify that the response body matches the requested digest.",
        "registry/test_load.py::test_wrong_bytes_of_a_blob_are_told",
    ),
    (
        "POST then PUT",
        "it SHOULD match exactly the `<location>` obtained from the `POST` request",
        "http/test_answers.py::test_locations_are_resolved_and_their_query_is_untouched",
    ),
    (
        "Pushing a blob in chunks",
        "the post request MUST include the following header",
        "registry/test_clauses.py::test_an_upload_begins_with_nothing",
    ),
    (
        "Pushing a blob in chunks",
        "The `<range>` refers to the byte range of the chunk, and MUST be inclusive",
        "registry/test_chunks.py::test_says_where_each_chunk_belongs",
    ),
    (
        "Pushing a blob in chunks",
        "the size of each chunk, except for the final chunk, SHOULD be greater or equal",
        "registry/test_upload.py::test_heeds_the_least_size_of_a_chunk",
    ),
    (
        "Pushing a blob in chunks",
        "Each consecutive chunk upload SHOULD use the `<location>` provided in the response",
        "registry/test_chunks.py::test_goes_to_the_newest_location",
    ),
    (
        "Pushing a blob in chunks",
        "To get the current status after a 416 error, issue a `GET` request",
        "registry/test_chunks.py::test_out_of_order_is_asked_about",
    ),
    (
        "Cancel a blob upload",
        "Clients SHOULD send this request when aborting a blob upload",
        "registry/test_blob.py::test_an_upload_whose_source_fails_is_given_up",
    ),
    (
        "Cancel a blob upload",
        "Clients SHOULD ignore any failures.",
        "registry/test_chunks.py::test_giving_up_is_silent",
    ),
    (
        "Mounting a blob from another repository",
        "the client MAY proceed with the upload",
        "registry/test_flush.py::test_a_registry_that_does_not_mount_is_sent_the_blob",
    ),
    (
        "Pushing Manifests",
        "Clients SHOULD set the `Content-Type` header to the type of the manifest",
        "registry/test_clauses.py::test_a_manifest_is_pushed_as_what_it_says_it_is",
    ),
    (
        "Pushing Manifests",
        "the client SHOULD verify the value against the uploaded blob data",
        "registry/test_manifests.py::test_what_arrived_is_what_was_sent",
    ),
    (
        "Pushing Manifests with Subject",
        "If that pull returns a manifest other than the expected image index, the client SHOULD",
        "registry/test_fallback.py::test_another_thing_under_that_tag_is_not_overwritten",
    ),
    (
        "Pushing Manifests with Subject",
        "If the tag returns a 404, the client MUST begin with an empty image index.",
        "registry/test_fallback.py::test_others_are_listed_by_tag",
    ),
    (
        "Pushing Manifests with Subject",
        "duplicate entries SHOULD NOT be created",
        "registry/test_fallback.py::test_each_is_listed_once",
    ),
    (
        "Pushing Manifests with Subject",
        "All annotations from the pushed manifest MUST be copied to this descriptor.",
        "registry/test_fallback.py::test_others_are_listed_by_tag",
    ),
    (
        "Pushing Manifests with Subject",
        "The client MAY use conditional HTTP requests",
        "registry/test_fallback.py::test_says_which_list_it_has_read",
    ),
    (
        "Listing Tags",
        "clients should prefer the `Link` header over using the `last` parameter",
        "registry/test_list.py::test_follows_pages",
    ),
    (
        "Listing Referrers",
        "the client MUST fallback to pulling the referrers tag schema",
        "registry/test_referrers.py::test_all_that_refers_to_it_is_given",
    ),
    (
        "Listing Referrers",
        "the client SHOULD assume there are no referrers to the manifest",
        "registry/test_referrers.py::test_a_registry_that_does_not_know_them_may_say_so_in_any_way",
    ),
    (
        "Deleting Manifests",
        "When deleting an image manifest that contains a `subject` field",
        "registry/test_delete.py::test_a_referrer_is_taken_out_of_the_list",
    ),
    (
        "Registry Proxying",
        "A client SHOULD avoid sending `ns` query parameters to non-proxy registries.",
        "registry/test_clauses.py::test_no_registry_is_told_of_another_host",
    ),
    (
        "Pushing a blob in chunks",
        "the client SHOULD also provide a `digest-algorithm` query parameter",
        "registry/test_clauses.py::test_another_algorithm_is_told_at_the_beginning",
    ),
    (
        "Unavailable Referrers API",
        "A client that pushes an image manifest with a defined `subject` field MUST verify",
        "registry/test_fallback.py::test_a_registry_that_lists_them_is_left_alone",
    ),
    (
        "Referrers Tag Schema",
        "The Truncated Encoded section associated with a Content Digest MUST match",
        "registry/test_fallback.py::test_a_long_digest_is_cut",
    ),
    (
        "Warnings",
        "it SHOULD report the warnings to the user in an unobtrusive way",
        "cli/test_wire.py::test_warnings_are_said_once_at_the_end",
    ),
    (
        "Warnings",
        "clients MUST NOT take any automated action",
        "http/test_logged.py::test_no_warning_harms",
    ),
)
