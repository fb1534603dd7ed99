"""
`ocikit help places`.
"""

from __future__ import annotations

from typing import Final

INTRODUCTION: Final = (
    "Wherever a command takes an IMAGE, any of these places may stand, to be read as well as "
    "to be written. In a registry a name without a host is Docker Hub's, and one without a "
    "tag has the tag latest.",
)
ROWS: Final = (
    ("debian:12", "a tag in a registry; docker://debian:12 is the same"),
    ("r.example/app@sha256:...", "an image or index by its digest, in a registry"),
    ("oci:DIR[:NAME]", "an OCI layout; NAME is that of an entry, and may be left out of one"),
    ("oci:DIR:@0", "an entry of a layout by its position; to be read only"),
    ("oci-archive:FILE[:NAME]", "a layout in a tar; FILE may be - for stdin and stdout"),
    ("docker-archive:FILE[:NAME]", "what `docker save` writes; packed or not, of any age"),
    ("docker-archive:FILE:@0", "an image of it by its position"),
    ("docker-daemon:NAME", "an engine, docker's or podman's: see `ocikit help environment`"),
    ("dir:PATH", "a plain directory, as skopeo has it"),
    ("./PATH, /PATH", "for `index` and `push`: all that a layout holds, or an archive"),
    ("-", "for commands that take many names: a list of them on stdin, one a line"),
)
