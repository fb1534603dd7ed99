"""
`ocikit help credentials`.
"""

from __future__ import annotations

from typing import Final

INTRODUCTION: Final = (
    "Credentials are looked for in this order; the first place that has some for the registry, "
    "or for a path in it, decides. They go to that registry and to the token service that it "
    "may name, and nowhere else. `ocikit auth explain NAME` tells what was found where, and "
    "shows no secret.",
)
ROWS: Final = (
    ("--creds, OCIKIT_CREDS", "given: [REGISTRY[/PATH]=]USER[:PASSWORD]; a terminal is asked"),
    ("--src-creds, --dest-creds", "given for what is read, and for what is written"),
    ("--keychain, OCIKIT_KEYCHAIN", "names of what is asked, in order; `default` without any"),
    ("  default", "env, docker and podman together"),
    ("  env", "DOCKER_AUTH_CONFIG: the content of a config.json"),
    ("  docker", "config.json in DOCKER_CONFIG or ~/.docker, with its credential helpers"),
    (
        "  podman",
        "REGISTRY_AUTH_FILE, and auth.json in XDG_RUNTIME_DIR or XDG_CONFIG_HOME",
    ),
    ("  github", "GITHUB_TOKEN, for ghcr.io"),
    ("  google", "google-auth and gcloud, for gcr.io, *.gcr.io, *.pkg.dev and *.google.com"),
    ("  ecr", "whatever Amazon's tools find, for ECR and public.ecr.aws"),
    ("  acr", "whatever azure-identity finds, for *.azurecr.io, .cn and .us"),
    ("  kubernetes", "the image pull secrets of the cluster around us"),
    ("  keyring", "the keyring of the operating system"),
    ("  all", "default, github, google, ecr and acr; a cloud that fails is warned of"),
    ("  none", "nothing"),
    (
        "--authfile FILE",
        "this file for those of docker and podman; --src-authfile, --dest-authfile",
    ),
    ("--github-token", "GITHUB_TOKEN for ghcr.io, when nothing else is there"),
    ("--no-creds", "nobody, whatever is kept"),
    (
        "ocikit auth login",
        "asks the registry whether they are right, and keeps them as docker does",
    ),
    ("ocikit auth logout", "forgets them"),
    ("the user <token>", "says that the password is an identity token"),
    ("--trust-realm HOST", "lets a token service of another domain see them"),
)
