"""
Options and environment to what the verbs are told: the only reader of both.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

import click

from ocikit.auth.default import default
from ocikit.cli.output import notice
from ocikit.cli.shared import shared
from ocikit.cli.wire import Wire
from ocikit.crane.options import Options
from ocikit.http.credentials import Keychain
from ocikit.platforms import LINUX_AMD64, Platform, parse
from ocikit.registry.client import Client
from ocikit.registry.proxies import Proxies
from ocikit.registry.settings import Settings


def verb_options() -> Options:
    """
    Make the verbs' options.

    Raises:
        PlatformInvalid: a `--platform` is none.
    """
    said = shared()
    return Options(
        client=client(),
        engine=os.environ.get("DOCKER_HOST") or os.environ.get("CONTAINER_HOST", ""),
        platforms=_platforms(said.platform),
        preferred=_preferred(os.environ),
        foreign=said.allow_nondistributable_artifacts,
        notice=notice,
    )


def client(keychain: Keychain | None = None) -> Client:
    """
    Make the way to registries; what they warn of is said when the command ends.
    """
    said = shared()
    return Client(
        send=wire(),
        keychain=keychain or keychain_of_person(),
        insecure=said.insecure,
        jobs=said.jobs,
    )


def keychain_of_person() -> Keychain:
    """
    Find credentials where the person who runs this has put them.
    """
    return default(os.environ)


def wire() -> Wire:
    """
    Make the network, as the options and the environment want it.
    """
    said = shared()
    settings = Settings(proxies=proxies(os.environ))
    made = Wire(settings=settings, insecure=said.insecure, jobs=said.jobs, verbose=said.verbose)
    click.get_current_context().call_on_close(made.tell_warnings)
    return made


def proxies(environ: Mapping[str, str]) -> Proxies:
    """
    Read the variables by which proxies are named, in capitals or not.
    """

    def said(name: str) -> str:
        return environ.get(name.upper()) or environ.get(name, "")

    exempt = tuple(entry.strip() for entry in said("no_proxy").split(",") if entry.strip())
    # A web server hands the header `Proxy` of any client on as HTTP_PROXY.
    http = "" if "REQUEST_METHOD" in environ else said("http_proxy")
    return Proxies(http=http, https=said("https_proxy"), exempt=exempt)


def _platforms(given: tuple[str, ...]) -> tuple[Platform, ...]:
    texts = [text for item in given for text in item.split(",")]
    return () if "all" in texts else tuple(parse(text) for text in texts)


def _preferred(environ: Mapping[str, str]) -> Platform:
    # Docker's own variable. It decides only what a person is told was chosen for them.
    text = environ.get("DOCKER_DEFAULT_PLATFORM")
    return parse(text) if text else LINUX_AMD64
