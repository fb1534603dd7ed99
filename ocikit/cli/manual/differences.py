"""
`ocikit help differences`: where we mean to differ from crane, and why.
"""

from __future__ import annotations

from typing import Final

INTRODUCTION: Final = (
    "Commands and flags of crane, gcrane and krane mean here what they mean there, but for "
    "these. Each is on purpose.",
)
ROWS: Final = (
    ("an index", "stays one in every command; crane makes one linux/amd64 image of it"),
    ("one of an index", "where a single image must be taken, stderr says which it was"),
    ("unknown members", "of configurations and manifests are kept; crane drops them"),
    ("--platform", "may be repeated, and aarch64 or x86_64 are understood"),
    ("places", "layouts, archives and engines are read and written by every command"),
    ("exit codes", "tell what went wrong; crane always ends with 1"),
    ("warnings", "of registries are shown when a command fails, too"),
    ("append", "to an index goes to every image of it"),
    ("append -f FOLDER", "makes a layer of it, the same each time; crane takes tars only"),
    ("append -f", "makes layers of the types of the image's own family"),
    ("auth get", "finds the credentials of a path as well"),
    ("auth login", "asks the registry first whether they are right; --no-verify does not"),
    ("auth token", "takes access_token where a service gives nothing else"),
    ("auth, with --insecure", "heeds it, and all other options about registries"),
    ("copy -a", "heeds -n for each tag, and skips it with a word"),
    ("delete", "tells when a registry deleted more than the tag"),
    ("digest of many", "goes on past what fails, and keeps the order given"),
    ("edit", "writes nothing where nothing changed, and keeps documents byte for byte"),
    ("edit fs", "knows /etc/motd and etc/motd as one file, and keeps mode and owner"),
    ("export", "leaves no partial file: it is there when all of it is"),
    ("flatten -t", "is heeded for an image named by digest, too"),
    ("flatten", "gives the same digest each time, in types of one family"),
    ("index append", "of an index finds each child once, however often it is appended"),
    ("index filter A,B", "is refused with what to write; crane drops everything"),
    ("index filter", "that leaves nothing is an error; crane pushes null"),
    ("mutate -l, -a, -e", "can be taken back: --remove-label, --remove-annotation, --remove-env"),
    ("mutate --entrypoint ''", "removes the entrypoint"),
    ("mutate of an index", "changes every image in it, and annotates the index itself"),
    ("pull", "twice into one layout leaves one entry; crane's leaves two"),
    ("pull of many", "finds all of them before it writes any"),
    ("pull to an archive", "keeps types and annotations, so that push gives the same digest"),
    ("push", "of an archive of several images says so, and how to name one"),
    ("rebase --original", "means IMAGE, as its name says; crane's always fails"),
    ("rebase of an index", "goes over every image, each on the base of its platform"),
    ("registry serve", "listens on this machine only, unless --address says otherwise"),
    ("registry serve --disk", "keeps manifests and tags, too"),
    ("validate", "tells all that is wrong, of any place; of no name it is a fault of usage"),
)
