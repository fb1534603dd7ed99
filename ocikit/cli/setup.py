"""
Options and environment to what the verbs are told: the only reader of both.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from ocikit._records import FrozenMap
from ocikit.cli.colour import say
from ocikit.cli.identity import Side, has_sides, keychain_of_person
from ocikit.cli.pipes import Pipes
from ocikit.cli.shared import EXCHANGE, said_of_registries, shared
from ocikit.cli.wire import Wire
from ocikit.crane.options import Options, unnoticed
from ocikit.http.credentials import Keychain
from ocikit.http.retry import Policy
from ocikit.platforms import LINUX_AMD64, Platform, parse
from ocikit.registry.client import Client
from ocikit.registry.proxies import proxies_of
from ocikit.registry.settings import Settings

if TYPE_CHECKING:
    from ocikit.cache.store import Cache


def verb_options() -> Options:
    """
    Make the verbs' options.

    Raises:
        PlatformInvalid: a `--platform` is none.
        UsageError: options about registries make no sense.
    """
    said, pipes = shared(), Pipes()
    apart = has_sides()
    return Options(
        client=client(side="src" if apart else ""),
        target=client(side="dest") if apart else None,
        engine=FrozenMap((name, os.environ[name]) for name in _OF_ENGINES if name in os.environ),
        platforms=_platforms(said.platform),
        preferred=_preferred(os.environ),
        foreign=said.allow_nondistributable_artifacts,
        cache=cache(),
        stdin=pipes.stdin,
        stdout=pipes.stdout,
        # Threads tell things too, and the context of the command is this one's.
        notice=unnoticed if said.quiet else say,
    )


def cache() -> Cache | None:
    """
    Give the cache that the options or the environment name, if they do.

    Raises:
        UsageError: its size is none.
    """
    folder = shared().cache or os.environ.get("OCIKIT_CACHE", "")
    if not folder:
        return None
    from ocikit.cache.store import LIMIT, Cache

    size = os.environ.get("OCIKIT_CACHE_SIZE", "")
    limit = size_said(size, "OCIKIT_CACHE_SIZE") if size else LIMIT
    return Cache(folder, limit)


def client(keychain: Keychain | None = None, side: Side = "") -> Client:
    """
    Make the way to registries; what they warn of is said when the command ends.
    """
    said, known = shared(), settings(side)
    insecure = said.insecure or bool(said_of_registries().get(f"{side}_insecure"))
    return Client(
        send=_wire(known, insecure=insecure),
        keychain=keychain or keychain_of_person(side),
        insecure=insecure,
        jobs=said.jobs,
        settings=known,
        foreign=said.allow_nondistributable_artifacts,
    )


def _wire(known: Settings, *, insecure: bool) -> Wire:
    said = shared()
    wire = Wire(settings=known, insecure=insecure, jobs=said.jobs, verbose=said.verbose)
    context = click.get_current_context()
    context.call_on_close(wire.tell_warnings)
    context.meta[EXCHANGE] = wire.failed
    return wire


def connected_keychain() -> Keychain:
    """
    Find credentials where the person wants them found, with a way to servers.

    Raises:
        UsageError: options about credentials or registries make no sense.
    """
    from ocikit.auth.offers import over

    return over(keychain_of_person(), _wire(settings(), insecure=False))


def settings(side: Side = "") -> Settings:
    """
    Say how registries are reached, as the options and the environment want it.

    Raises:
        UsageError: options exclude each other, or cannot be read.
    """
    from ocikit.auth.certificates import folders
    from ocikit.auth.headers import headers
    from ocikit.auth.realms import pinned

    said = said_of_registries()
    given = {name: said[name] for name in _TIMES if name in said}
    return Settings(
        **given,
        **_certificates({**said, "cert_dir": said.get(f"{side}_cert_dir") or said.get("cert_dir")}),
        retry=_policy(said),
        proxies=proxies_of(os.environ),
        certificate_folders=folders(os.environ),
        sockets=FrozenMap(_socket(text) for text in said.get("unix_socket", ())),
        headers=headers(said.get("authfile", ""), os.environ),
        trusted_realms=said.get("trust_realm", ()),
        pinned_realms=pinned(os.environ),
    )


#: Which engine is meant; HOME is where Docker keeps its contexts.
_OF_ENGINES = (
    *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", "DOCKER_CONFIG"),
    *("CONTAINER_HOST", "HOME"),
)


def size_said(text: str, what: str) -> int:
    """
    Read the size that an option or a variable says.

    Raises:
        UsageError: it is none.
    """
    from ocikit.sizes import SizeInvalid, bytes_of

    try:
        return bytes_of(text)
    except SizeInvalid as error:
        raise click.UsageError(f"{what}: {error}") from None


_TIMES = ("connect_timeout", "idle_timeout", "least_speed")
#: Where users of Python and of curl name authorities. OpenSSL reads SSL_CERT_FILE itself.
_BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def _policy(said: Mapping[str, Any]) -> Policy:
    known = Policy()
    return Policy(
        attempts=said.get("retries", known.attempts - 1) + 1,
        base=said.get("retry_delay", known.base),
        cap=max(known.cap, said.get("retry_delay", 0)),
    )


def _certificates(said: Mapping[str, Any]) -> dict[str, Any]:
    from ocikit.auth.certificates import certificates

    files = [path for name in _BUNDLES if os.path.isfile(path := os.environ.get(name, ""))]
    folder, certificate = said.get("cert_dir") or "", said.get("cert", "")
    if said.get("key") and not certificate:
        raise click.UsageError("--key goes with --cert")
    if folder and not os.path.isdir(folder):
        raise click.UsageError(f"--cert-dir {folder}: there is no such folder")
    found = certificates([""], [folder] if folder else [])
    key = said.get("key", "") if certificate else found.key
    return {
        "ca_files": (*said.get("cacert", ()), *found.authorities, *dict.fromkeys(files)),
        "certificate": certificate or found.certificate,
        "key": key,
    }


def _socket(text: str) -> tuple[str, str]:
    host, equals, path = text.partition("=")
    if not host or not path or not equals:
        raise click.UsageError(f"--unix-socket {text!r}: write it as HOST=PATH")
    return host.lower(), os.path.abspath(path)


def _platforms(given: tuple[str, ...]) -> tuple[Platform, ...]:
    texts = [text for item in given for text in item.split(",")]
    return () if "all" in texts else tuple(parse(text) for text in texts)


def _preferred(environ: Mapping[str, str]) -> Platform:
    # Docker's own variable. It decides only what a person is told was chosen for them.
    text = environ.get("DOCKER_DEFAULT_PLATFORM")
    return parse(text) if text else LINUX_AMD64
