"""
`ocikit help faults`: what to do when something does not go well.
"""

from __future__ import annotations

from typing import Final

INTRODUCTION: Final = (
    "An error is told in a line on stderr: what happened, where, and what to do. Nothing is "
    "left half-written: a file is there when all of it is, a tag comes last. --debug adds "
    "what was asked and answered, without secrets; -v logs every request.",
)
ROWS: Final = (
    (
        "not found (3)",
        "See what there is: `ocikit catalog REGISTRY`, `ocikit ls REPOSITORY`, `ocikit layout "
        "list DIR`. Many registries say this, too, to who may not know.",
    ),
    (
        "unauthorised (4)",
        "`ocikit auth explain NAME` tells as whom it was asked; `ocikit auth login` keeps other "
        "credentials, --creds gives them once.",
    ),
    (
        "corrupt (5)",
        "What came is not what its digest says, also after another try: a proxy on the way or a "
        "disk may be at fault. `ocikit validate` finds all of it, `ocikit layout fsck --rebuild` "
        "and `ocikit registry fsck --repair` mend.",
    ),
    (
        "refused (6)",
        "The registry does not do that: tags that cannot change, deletes that are switched off, "
        "limits. `ocikit doctor REGISTRY` tells what it does.",
    ),
    (
        "unreachable (7)",
        "Nobody answers, or not in time. Several attempts were made; --retries, --retry-delay, "
        "--connect-timeout and --idle-timeout say how many. See to the name, the proxy "
        "(HTTPS_PROXY, NO_PROXY) and the network; run it again, and it goes on from there.",
    ),
    (
        "a certificate",
        "Give its authority with --cacert, or where docker keeps it: /etc/docker/certs.d. "
        "--insecure trusts whoever answers.",
    ),
    (
        "TLS to a plain server",
        "A registry on a machine other than this one is asked by HTTPS; --insecure allows HTTP.",
    ),
    (
        "429, too many requests",
        "It is waited as long as the registry says. Log in, for guests have less; --jobs 1 asks "
        "less at once; --cache DIR asks for nothing twice.",
    ),
    (
        "the wrong platform",
        "Where one image of an index is taken, stderr says which; --platform takes another, "
        "`ocikit index list` shows which there are.",
    ),
    (
        "digests that differ",
        "`ocikit explain A B` tells the first cause, `ocikit diff A B` everything.",
    ),
    (
        "unsupported (8)",
        "A place cannot hold what it was given, such as an index in an archive of docker's; copy "
        "to a layout (oci:DIR), which holds everything.",
    ),
    ("a fault of ocikit (70)", "Please report it, with the traceback and --debug."),
)
