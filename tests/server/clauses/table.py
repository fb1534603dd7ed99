"""
What the specifications ask of a registry: section, and how each clause begins.

distribution-spec 1.1, and what has been added to it since; image-spec 1.1, in so far as
it binds who stores images. What they ask of clients is in `tests.registry.clauses`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

#: Each of these has a test that quotes it, with its section in parentheses.
CLAUSES: Final[Mapping[str, tuple[str, ...]]] = {
    "Requirements": (
        "All registries conforming to this specification MUST support",
        "Registries SHOULD also support the **Push**",
        "A registry claiming conformance with one of these specification categories MUST",
    ),
    "Pull": ("Typically, the first step in pulling an object is to retrieve the manifest.",),
    "Pulling manifests": (
        "`<reference>` MUST be either (a) the digest of the manifest or (b) a tag.",
        "The `<reference>` MUST NOT be in any other format.",
        "Throughout this document, `<name>` MUST match the following regular expression",
        "For compatibility with those clients, registries should avoid values of `<name>`",
        "`<reference>` as a tag MUST be at most 128 characters in length and MUST match",
        "In a successful response, the `Content-Type` header will indicate the type",
        "The registry SHOULD NOT include parameters on the `Content-Type` header.",
        "The `Content-Type` header SHOULD match what the client pushed",
        "A GET request to an existing manifest URL MUST provide the expected manifest",
        "A successful response MUST contain the digest of the uploaded blob",
        "The `Docker-Content-Digest` header, if present on the response, returns the digest",
        "If the manifest is not found in the repository, the response code MUST be `404",
    ),
    "Pulling blobs": (
        "A GET request to an existing blob URL MUST provide the expected blob",
        "A successful response MUST contain the digest of the uploaded blob",
        "If present, the value of this header MUST be a digest matching that of the response",
        "If the blob is not found in the repository, the response code MUST be `404",
        "A registry SHOULD support the `Range` request header",
    ),
    "Checking if content exists in the registry": (
        "A HEAD request to an existing blob or manifest URL MUST return `200 OK`.",
        "A successful response MUST contain the digest of the uploaded blob or manifest",
        "A successful response MUST contain the size in bytes",
        "If the blob or manifest is not found in the repository, the response code MUST",
    ),
    "Push": (
        "A registry MUST initially accept an otherwise valid manifest with a `subject`",
        "A registry MAY reject a manifest uploaded to the manifest endpoint with descriptors",
        "When a manifest is rejected for this reason, it MUST result in one or more",
    ),
    "Pushing blobs": (
        "There are two ways to push blobs: chunked or monolithic.",
        "In each implementation, if the client provided digest is invalid or uses an",
    ),
    "POST then PUT": (
        "Upon success, the response MUST have a code of `202 Accepted`, and MUST include",
        "The `<location>` MUST contain a UUID representing a unique session ID",
        "Registries MUST support concurrent uploads from one or more clients",
        "Optionally, the location MAY be absolute",
        "The `<location>` MAY contain critical query parameters.",
        "Upon successful completion of the request, the response MUST have code `201 Created`",
    ),
    "Single POST": (
        "Registries MAY support pushing blobs using a single POST request.",
        "The `Content-Length` header MUST match the blob's actual content length.",
        "Likewise, the `<digest>` MUST match the blob's digest.",
        "Successful completion of the request MUST return a `201 Created`",
    ),
    "Pushing a blob in chunks": (
        "When pushing a blob with a digest algorithm other than `sha256`, the post request",
        "If the registry has a minimum chunk size, the `POST` response SHOULD include",
        "The `<range>` refers to the byte range of the chunk, and MUST be inclusive",
        "The first chunk's range MUST begin with `0`.",
        "It MUST match the following regular expression",
        "The final chunk MAY have any length.",
        "The response for each successful chunk upload MUST be `202 Accepted`",
        "Chunks MUST be uploaded in order",
        "If a chunk is uploaded out of order, the registry MUST respond with a `416",
        "If the final chunk is uploaded out of order, the registry MUST respond with a `416",
        "The final chunk MAY be uploaded using a `PATCH` request or it MAY be uploaded in",
        "Regardless of how the final chunk is uploaded, the session MUST be closed",
        "The closing `PUT` request MUST include the `<digest>` of the whole blob",
        "The response to a successful closing of the session MUST be `201 Created`",
        "The response to an active upload `<location>` MUST be a `204 No Content`",
    ),
    "Cancel a blob upload": (
        "If successful, the response SHOULD be a `204 No Content` response code.",
        "If this request fails or is not called, the server SHOULD eventually timeout",
    ),
    "Mounting a blob from another repository": (
        "The response to a successful mount MUST be `201 Created`, and MUST contain",
        "The Docker-Content-Digest header returns the digest of the uploaded blob which MAY",
        "The registry MAY treat the `from` parameter as optional, and it MAY cross-mount",
        "is unable to mount the requested blob, it SHOULD return a `202`.",
    ),
    "Pushing Manifests": (
        "The registry SHOULD ignore parameters on the `Content-Type` header.",
        "All manifests SHOULD include a `mediaType` field",
        "If a manifest includes a `mediaType` field, clients MUST set the `Content-Type`",
        "the `<reference>` MUST be either a) a digest or b) a tag.",
        "The uploaded manifest MUST reference any blobs that make up the object.",
        "However, the list of blobs MAY be empty.",
        "The registry MUST store the manifest in the exact byte representation",
        "Upon a successful upload, the registry MUST return response code `201 Created`",
        "The Docker-Content-Digest header returns the digest of the uploaded blob, and MUST",
        "When pushing a manifest by digest, the registry MAY support the pushing of tags",
        "An attempt to pull a nonexistent repository MUST return response code `404",
        "A registry SHOULD enforce some limit on the maximum manifest size",
        "A registry that enforces this limit SHOULD respond to a request to push a manifest",
        "Client and registry implementations SHOULD expect to be able to support manifest",
    ),
    "Pushing Manifests with Subject": (
        "When processing a request for an image manifest with the `subject` field",
    ),
    "Listing Tags": (
        "Assuming a repository is found, this request MUST return a `200 OK`",
        "The list of tags MAY be empty if there are no tags on the repository.",
        "If the list is not empty, the tags MUST be in lexical",
        "Upon success, the response MUST be a json body in the following format",
        "The response to such a request MAY return fewer than `<int>` results",
        "Otherwise, the response MUST include `<int>` results.",
        "A `Link` header MAY be included in the response when additional tags are available.",
        "If included, the `Link` header MUST be set according to RFC5988",
        "When `n` is zero, this endpoint MUST return an empty list, and MUST NOT include",
        "As above, the tags MUST be in lexical",
        "`<tagname>` MUST NOT be a numerical index, but rather it MUST be a proper tag.",
        "The tags MUST be in lexical",
        "When using the `last` query parameter, the `n` parameter is OPTIONAL.",
    ),
    "Listing Referrers": (
        "Assuming a repository is found, this request MUST return a `200 OK`",
        "If the registry supports the referrers API, the registry MUST NOT return a `404",
        "If the request is invalid, such as a `<digest>` with an invalid syntax, a `400",
        "Upon success, the response MUST be a JSON body with an image index",
        "The `Content-Type` header MUST be set to `application/vnd.oci.image.index.v1+json`.",
        "Each descriptor is of an image manifest or index in the same `<name>` namespace",
        "The descriptors MUST include an `artifactType` field",
        "If the `artifactType` is empty or missing in the image manifest, the value of",
        "If the `artifactType` is empty or missing in an index, the `artifactType` MUST be",
        "The descriptors MUST include annotations",
        "If a query results in no matching referrers, an empty manifest list MUST be returned.",
        "A `Link` header MUST be included in the response when the descriptor list cannot",
        "The `Link` header MUST be set according to RFC5988",
        "The registry SHOULD support filtering on `artifactType`.",
        "If filtering is requested and applied, the response MUST include a header",
    ),
    "Enabling the Referrers API": (
        "Registries MUST include preexisting image manifests that are listed",
        "Registries MAY include all preexisting image manifests with a `subject` field",
        "After the referrers API is enabled, Registries MUST include all newly pushed",
    ),
    "Content Management": (
        "Registries MAY implement deletion or they MAY disable it.",
        "Similarly, a registry MAY implement tag deletion",
    ),
    "Deleting tags": (
        "Upon success, the registry MUST respond with a `202 Accepted` code.",
        "If tag deletion is disabled, the registry MUST respond with either a `400",
        "Once deleted, a `GET` to `/v2/<name>/manifests/<tag>` will return a 404.",
    ),
    "Deleting Manifests": (
        "Upon success, the registry MUST respond with a `202 Accepted` code.",
        "If the repository does not exist, the response MUST return `404 Not Found`.",
        "If manifest deletion is disabled, the registry MUST respond with either a `400",
        "Once deleted, a `GET` to `/v2/<name>/manifests/<digest>` and any tag pointing to",
    ),
    "Deleting Blobs": (
        "Upon success, the registry MUST respond with code `202 Accepted`.",
        "If the blob is not found, a `404 Not Found` code MUST be returned.",
        "If blob deletion is disabled, the registry MUST respond with either a `400",
    ),
    "Registry Proxying": ("A registry MAY choose to ignore the `ns` query parameter.",),
    "API": ("Below is a summary of the endpoints used by the API.",),
    "Determining Support": (
        "If the response is `200 OK`, then the registry implements this specification.",
    ),
    "Legacy Docker support HTTP headers": (
        "Unless documented elsewhere in the spec, these headers are OPTIONAL",
    ),
    "Legacy Docker support error codes": (
        "The client MAY encounter error codes targeting Docker schema1 manifests",
        "These error codes are OPTIONAL and clients SHOULD NOT depend on them.",
    ),
    "Error Codes": (
        "A `4XX` response code from the registry MAY return a body in any format.",
        "If the response body is in JSON format, it MUST have the following format",
        "The `code` field MUST be a unique identifier, containing only uppercase",
        "The `message` field is OPTIONAL, and if present, it SHOULD be a human readable",
        "The `code` field MUST be one of the following",
    ),
    "Warnings": ("Registry implementations MAY include informational warnings",),
    "descriptor.md": (
        "Implementations MUST implement SHA-256 digest verification",
        "Implementations MAY implement SHA-512 digest verification",
        "When the _algorithm identifier_ is `sha256`, the _encoded_ portion MUST match",
        "If the length of the retrieved content does not match the specified length",
        "Implementations MUST NOT populate the `data` field",
    ),
    "considerations.md": (
        "Implementations storing or copying content MUST NOT modify or alter the content",
        "Implementations that are reading/processing manifests or image indexes MUST NOT",
    ),
    "manifest.md": (
        "For this version of the specification, this MUST be `2`",
        "MUST NOT error on encountering a `mediaType` that is unknown",
        "MUST NOT error on encountering a value that is unknown",
        "MUST NOT error on encountering an `artifactType` that is unknown",
    ),
    "image-index.md": (
        "While this property MUST be present, the size of the array MAY be zero.",
        "An encountered `mediaType` that is unknown to the implementation MUST NOT generate",
    ),
    "annotations.md": (
        "Annotations MUST be a key-value map where both the key and value MUST be strings.",
        "Consumers MUST NOT generate an error if they encounter an unknown annotation key.",
    ),
    "layer.md": ("Implementations SHOULD NOT upload layers tagged with this media type",),
}

#: What has no test here, and why.
WITHOUT: Final[Mapping[tuple[str, str], str]] = {
    (
        "POST then PUT",
        "The `<blob-push-location>` MAY be provided by a server other than the registry itself.",
    ): "uploads go to the registry itself",
    (
        "Single POST",
        "Registries that do not support single request monolithic uploads SHOULD return a `202",
    ): "it supports them",
    (
        "Pushing Manifests",
        "MAY return a `414 URI Too Long`",
    ): "optional: a hundred parameters are read, and more are 400",
    (
        "Listing Referrers",
        "If multiple filters are applied, the header MUST contain a comma separated list",
    ): "there is one filter",
    (
        "Registry Proxying",
        "A registry MAY operate as a proxy to another registry",
    ): "tests/server/test_proxy.py is about the proxy",
    (
        "Registry Proxying",
        "A proxy registry MAY use the `ns` query parameter to resolve an upstream registry host.",
    ): "a proxy of ours is of one registry, which whoever starts it names",
    (
        "Registry Proxying",
        "A registry that uses the `ns` query parameter to scope the request SHOULD return",
    ): "it does not use it",
    (
        "Determining Support",
        "This endpoint MAY be used for authentication/authorization purposes",
    ): "tests/server/test_access.py and test_bearer.py are about who may come in",
    (
        "Error Codes",
        "The `detail` field is OPTIONAL",
    ): "all is said in the message",
    (
        "Warnings",
        "If included, `Warning` headers MUST specify a `warn-code` of `299`",
    ): "there are none",
    (
        "Warnings",
        "A registry MUST NOT send more than 4096 bytes of warning data",
    ): "there are none",
    (
        "descriptor.md",
        "implementations SHOULD allow digests with unrecognized algorithms to pass validation",
    ): "distribution-spec has a registry refuse what it cannot verify",
    (
        "manifest.md",
        "manifests SHOULD use one of the media types above",
    ): "binds who makes images",
}
