"""
Google's registries: Artifact Registry and Container Registry.

Access tokens are looked for in turn: the file that GOOGLE_APPLICATION_CREDENTIALS names;
the one that `gcloud auth application-default login` writes; what gcloud itself is logged
in as; and the metadata server of Google's machines. All but gcloud need google-auth, the
extra `google`. Tokens are kept until a tenth of their life is left.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC
from typing import Any, Final

import attrs

from ocikit._records import FrozenMap, evolve, record
from ocikit.auth import gcloud, sources
from ocikit.auth.configfile import frozen, home, surroundings
from ocikit.auth.extras import ExtraMissing
from ocikit.auth.googling import credentials_of, transport
from ocikit.auth.held import Held
from ocikit.auth.keys import registry_of
from ocikit.auth.offers import NOTHING, Lease
from ocikit.auth.sources import Tried
from ocikit.auth.step import Step
from ocikit.errors import Refused
from ocikit.http.credentials import Basic, Credentials, Keychain, Resource
from ocikit.http.message import Send
from ocikit.http.redact import redact_text
from ocikit.name.records import Registry

#: The variable that names a file of credentials.
_NAMED: Final = "GOOGLE_APPLICATION_CREDENTIALS"
#: The scope of all that an account may do in Google's cloud.
CLOUD: Final = "https://www.googleapis.com/auth/cloud-platform"
#: The user that Google's registries take a key from: the file of a service account, whole.
KEY_USER: Final = "_json_key"
#: Where the metadata server is, and how long it may be silent, in seconds, before there is
#: none: it is on the same machine.
_METADATA: Final = "169.254.169.254"
_PATIENCE: Final = 3
_MOST_KEY: Final = 64 << 10
_HOSTS: Final = "gcr.io, *.gcr.io, *.pkg.dev and *.google.com"


@attrs.frozen(kw_only=True)
class GoogleFailed(Refused):
    """
    There are credentials for Google, and they give no token.
    """

    source: str
    reason: str

    def __str__(self) -> str:
        return f"Google credentials, {self.source}: {self.reason}"


def is_google(registry: Registry) -> bool:
    """
    Tell whether a registry is Google's, by its host.

    >>> is_google(Registry("europe-docker.pkg.dev")), is_google(Registry("gcr.io.evil.org"))
    (True, False)
    """
    host = registry.host
    return host == "gcr.io" or host.endswith((".gcr.io", ".pkg.dev", ".google.com"))


@record(kw_only=True)
class Google:
    """
    The keychain of Google's registries; a recipe that pickles without what it found.

    Raises, when it is asked for one of them:
        GoogleFailed: credentials that there are give no token, and there are no others.
        ExtraMissing: google-auth is not installed, and gcloud has nothing.
    """

    #: The file of a service account, which is sent whole; empty for tokens.
    key_file: str = ""
    #: The only file that credentials are taken from; empty to look for some.
    credentials_file: str = ""
    scopes: tuple[str, ...] = (CLOUD,)
    #: Whether a failure is warned of, and the registry asked as nobody.
    optional: bool = False
    send: Send | None = attrs.field(default=None, repr=False)
    environ: FrozenMap[str, str] | None = attrs.field(default=None, repr=False)
    clock: Callable[[], float] = attrs.field(default=time.time, repr=False)
    _held: Held[Lease] = attrs.field(factory=Held[Lease], init=False, eq=False, repr=False)

    def __call__(self, resource: Resource) -> Credentials:
        """
        Find the credentials for a registry or repository.
        """
        return self.lease(resource).credentials

    def lease(self, resource: Resource) -> Lease:
        """
        Find them, and until when they are good.
        """
        if not is_google(registry_of(resource)):
            return NOTHING
        tried = self._tried()
        return sources.kept(self._held, "", tried, self.clock, optional=self.optional)

    def steps(self, resource: Resource) -> Iterator[Step]:
        """
        Tell which source has a token, and why those before it had none.
        """
        if not is_google(registry_of(resource)):
            yield sources.not_mine("google", _HOSTS)
            return
        yield from sources.steps("google", self._tried(), optional=self.optional)

    def over(self, send: Send) -> Keychain:
        """
        Give the same keychain with a way to servers, if it has none.
        """
        return evolve(self, send=send) if self.send is None else self

    def _tried(self) -> Iterator[Tried]:
        environ = surroundings(self.environ)
        if self.key_file:
            yield _of_key(self.key_file)
            return
        if self.credentials_file:
            yield self._of_file(self.credentials_file, self.credentials_file)
            return
        given, path = environ.get(_NAMED, ""), _adc_path(environ)
        yield self._of_file(_NAMED, given) if given else Tried(entry=_NAMED, said="not set")
        there = os.path.exists(path)
        yield self._of_file(path, path) if there else Tried(entry=path, said="no such file")
        lease, reason = gcloud.ask(environ)
        yield Tried(entry="gcloud", said=reason, lease=lease)
        yield self._of_metadata(environ)

    def _of_file(self, entry: str, path: str) -> Tried:
        try:
            import google.auth.exceptions
        except ImportError:
            return Tried(entry=entry, error=_missing())
        try:
            return _refreshed(entry, credentials_of(path, self.scopes), self.send)
        except (google.auth.exceptions.GoogleAuthError, OSError, ValueError) as error:
            return _failed(entry, error)

    def _of_metadata(self, environ: Mapping[str, str]) -> Tried:
        entry = "metadata server"
        if environ.get("NO_GCE_CHECK", "").lower() == "true":
            return Tried(entry=entry, said="not asked: NO_GCE_CHECK is set")
        try:
            import google.auth.compute_engine
            import google.auth.exceptions
        except ImportError:
            return Tried(entry=entry, error=_missing())
        if not _is_on_google(environ):
            return Tried(entry=entry, said="this is no machine of Google's")
        make: Any = google.auth.compute_engine.Credentials
        try:
            return _refreshed(entry, make(scopes=list(self.scopes)), self.send)
        except google.auth.exceptions.GoogleAuthError as error:
            return _failed(entry, error)


def _adc_path(environ: Mapping[str, str]) -> str:
    folder = environ.get("CLOUDSDK_CONFIG") or os.path.join(home(environ), ".config", "gcloud")
    return os.path.join(folder, "application_default_credentials.json")


def _missing() -> ExtraMissing:
    return ExtraMissing(what="the keychain google", package="google-auth", extra="google")


def _failed(source: str, error: Exception) -> Tried:
    # A server's answer may be in it, and that may say back what it was told.
    reason = redact_text(str(error)) or type(error).__name__
    return Tried(entry=source, error=GoogleFailed(source=source, reason=reason))


def _refreshed(entry: str, found: Any, send: Send | None) -> Tried:
    found.refresh(transport(send))
    # It is in UTC, and does not say so.
    until = found.expiry.replace(tzinfo=UTC).timestamp() if found.expiry else 0.0
    credentials = Basic(gcloud.TOKEN_USER, found.token)
    return Tried(entry=entry, lease=Lease(credentials=credentials, until=until))


def _is_on_google(environ: Mapping[str, str]) -> bool:
    """
    Ask the metadata server whether it is there (Google, "Detecting if a VM is running").
    """
    import google.auth.exceptions

    host = environ.get("GCE_METADATA_HOST") or environ.get("GCE_METADATA_IP") or _METADATA
    flavour = {"Metadata-Flavor": "Google"}
    try:
        response = transport()(f"http://{host}/", headers=flavour, timeout=_PATIENCE)
    except google.auth.exceptions.TransportError:
        return False
    return bool(response.status == 200 and response.headers.get("Metadata-Flavor") == "Google")


def _of_key(path: str) -> Tried:
    try:
        with open(path, encoding="utf-8") as file:
            key = file.read(_MOST_KEY + 1)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        return Tried(entry=path, error=GoogleFailed(source=path, reason=reason))
    if not key.strip().startswith("{") or len(key) > _MOST_KEY:
        reason = "it is not the JSON key of a service account"
        return Tried(entry=path, error=GoogleFailed(source=path, reason=reason))
    return Tried(entry=path, lease=Lease(credentials=Basic(KEY_USER, key)))


def google(
    *,
    key_file: str | os.PathLike[str] = "",
    credentials_file: str | os.PathLike[str] = "",
    scopes: tuple[str, ...] = (CLOUD,),
    optional: bool = False,
    send: Send | None = None,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
) -> Google:
    """
    Make the keychain of gcr.io, *.gcr.io, *.pkg.dev and *.google.com.

    For other hosts it has nothing, and does nothing. The metadata server is asked as
    google-auth has it, by the environment of this process.

    Args:
        key_file: the JSON key of a service account, to be sent as it is by the user
            `_json_key`; by default an access token is sent, by `_token`.
        credentials_file: a file that tokens are made from, and no other source.
        scopes: what a token is to allow.
        optional: warn of a failure, in the log `ocikit`, and ask as nobody.
        send: carries requests to Google; google-auth's own way when None, which knows no
            proxies. A client that has this keychain gives it its own.
        environ: the process's own when None.
        clock: tells the time in seconds since 1970.

    >>> google()(Registry("ghcr.io"))
    Anonymous()
    """
    return Google(
        key_file=os.path.abspath(key_file) if key_file else "",
        credentials_file=os.path.abspath(credentials_file) if credentials_file else "",
        scopes=tuple(scopes),
        optional=optional,
        send=send,
        environ=frozen(environ),
        clock=clock,
    )
