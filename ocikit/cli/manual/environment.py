"""
`ocikit help environment`: every variable that commands read.
"""

from __future__ import annotations

from typing import Final

#: By name: what it says. Options on the command line win over all of these.
VARIABLES: Final = {
    "OCIKIT_CREDS": "as --creds: USER:PASSWORD, or REGISTRY[/PATH]=USER:PASSWORD",
    "OCIKIT_SRC_CREDS": "as --src-creds: the same, only for what is read",
    "OCIKIT_DEST_CREDS": "as --dest-creds: the same, only for what is written",
    "OCIKIT_KEYCHAIN": "as --keychain: what is asked for credentials, as default,ecr",
    "OCIKIT_CACHE": "as --cache: the folder that keeps what comes from registries",
    "OCIKIT_CACHE_SIZE": "how much it keeps, such as 10G",
    "DOCKER_AUTH_CONFIG": "credentials as docker's config.json has them; looked at first",
    "REGISTRY_AUTH_FILE": "the file of credentials, as podman's and skopeo's",
    "DOCKER_CONFIG": "the folder of docker's config.json, contexts and certificates",
    "XDG_RUNTIME_DIR": "where podman keeps containers/auth.json",
    "XDG_CONFIG_HOME": "where podman keeps it otherwise, and we what `auth login` trusts",
    "HOME": "where docker and podman keep what they keep, when nothing else says so",
    "PATH": "where credential helpers are, and ssh for engines on other machines",
    "GITHUB_TOKEN": "the token for ghcr.io, with --github-token",
    "GITHUB_ACTOR": "whose token that is",
    "GOOGLE_APPLICATION_CREDENTIALS": "a file of credentials for Google's registries",
    "CLOUDSDK_CONFIG": "the folder of gcloud, whose credentials serve Google's registries",
    "NO_GCE_CHECK": "true: do not ask Google's machines for a token",
    "GCE_METADATA_HOST": "where those are asked; GCE_METADATA_IP is the same",
    "GCE_METADATA_IP": "see GCE_METADATA_HOST",
    "KUBERNETES_SERVICE_HOST": "the cluster that is asked for pull secrets",
    "KUBERNETES_SERVICE_PORT": "its port",
    "DOCKER_HOST": "the engine of docker-daemon: places",
    "DOCKER_CONTEXT": "the docker context that names the engine",
    "DOCKER_TLS_VERIFY": "speak TLS to DOCKER_HOST",
    "DOCKER_CERT_PATH": "the folder of the certificates for that",
    "CONTAINER_HOST": "podman's engine, when no docker is named",
    "DOCKER_DEFAULT_PLATFORM": "the platform that is taken where one must be, as linux/arm64",
    "HTTP_PROXY": "the proxy for plain HTTP; in small letters as well",
    "HTTPS_PROXY": "the proxy for HTTPS",
    "NO_PROXY": "hosts, domains and ranges of addresses that are reached without a proxy",
    "SSL_CERT_FILE": "authorities to trust, in place of the system's",
    "SSL_CERT_DIR": "a folder of such",
    "REQUESTS_CA_BUNDLE": "authorities to trust as well",
    "CURL_CA_BUNDLE": "the same",
    "SOURCE_DATE_EPOCH": "the latest time of what is made, in seconds since 1970",
    "NO_COLOR": "use no colours, when it is not empty",
    "FORCE_COLOR": "use colours though nobody may see them, when it is not empty",
    "CLICOLOR_FORCE": "the same, when it is not 0",
    "TERM": "dumb is a terminal for neither colours nor bars",
    "COLUMNS": "how wide pictures are, where the terminal does not say or is not to",
    "VISUAL": "the editor of `ocikit edit`",
    "EDITOR": "the editor, when there is no VISUAL; else vi",
    "PORT": "the port of `ocikit registry serve`, when --address names none",
}
INTRODUCTION: Final = (
    "What options say on the command line wins over a variable. Where docker, podman, "
    "skopeo or OpenSSL read a variable, it means the same here.",
)
ROWS: Final = tuple(VARIABLES.items())
