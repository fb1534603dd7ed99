"""
Amazon's registries: ECR and ECR Public, by botocore, the extra `aws`.

Credentials are those that botocore finds: of the environment, of files and single sign-on,
of web identity, of containers and machines. A token is good for all registries of a
region, lives for twelve hours, and is kept until a tenth of its life is left.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import attrs

from ocikit._records import record
from ocikit._regex import regex
from ocikit._unlogged import unlogged
from ocikit.auth import sources
from ocikit.auth.extras import ExtraMissing
from ocikit.auth.held import Held
from ocikit.auth.keys import registry_of
from ocikit.auth.offers import NOTHING, Lease
from ocikit.auth.sources import Tried
from ocikit.auth.step import Step
from ocikit.errors import Refused
from ocikit.http.credentials import Basic, Credentials, Resource
from ocikit.http.redact import redact_text
from ocikit.name.records import Registry

# All partitions, and the domains of dual-stack endpoints (amazon-ecr-credential-helper,
# kubelet's ecr-credential-provider).
_PRIVATE: Final = regex(
    r"[0-9]{12}\.dkr[.-]ecr(?P<fips>-fips)?\.(?P<region>[a-z0-9][a-z0-9_-]*)\."
    r"(?:amazonaws\.(?:com|com\.cn|eu)|(?P<dual>on\.(?:aws|amazonwebservices\.(?:com\.cn|eu)))"
    r"|sc2s\.sgov\.gov|c2s\.ic\.gov|cloud\.adc-e\.uk|csp\.hci\.ic\.gov)"
)
_PUBLIC: Final = frozenset({"public.ecr.aws", "ecr-public.aws.com"})
#: The only region in which ECR Public gives tokens.
_PUBLIC_REGION: Final = "us-east-1"
#: What botocore logs a token and signed headers by, at the level DEBUG.
_LOGGERS: Final = ("botocore.auth", "botocore.endpoint", "botocore.parsers")
_HOSTS: Final = "registries of ECR and ECR Public"


@attrs.frozen(kw_only=True)
class ECRFailed(Refused):
    """
    Amazon gave no token.
    """

    service: str
    region: str
    reason: str

    def __str__(self) -> str:
        return f"Amazon {self.service} in {self.region}: {self.reason}"


@record(kw_only=True)
class Place:
    """
    Where a registry of ECR is: what its tokens are good for, and who gives them.
    """

    #: "ecr", or "ecr-public".
    service: str
    region: str
    #: Whether its cryptography is approved, and whether it is reached by IPv6 too.
    fips: bool = False
    dual_stack: bool = False


def place_of(registry: Registry) -> Place | None:
    """
    Say where a registry of ECR is, by its host; None for any other.

    >>> place_of(Registry("123456789012.dkr.ecr-fips.us-gov-west-1.amazonaws.com")).region
    'us-gov-west-1'
    >>> place_of(Registry("123456789012.dkr.ecr.eu-west-1.amazonaws.com.evil.org"))
    """
    if registry.host in _PUBLIC:
        return Place(service="ecr-public", region=_PUBLIC_REGION)
    found = _PRIVATE.fullmatch(registry.host)
    if found is None:
        return None
    fips, dual = found["fips"] is not None, found["dual"] is not None
    return Place(service="ecr", region=found["region"], fips=fips, dual_stack=dual)


@record(kw_only=True)
class ECR:
    """
    The keychain of Amazon's registries; a recipe that pickles without what it found.

    Raises, when it is asked for one of them:
        ECRFailed: there are credentials, and they give no token.
        ExtraMissing: botocore is not installed.
    """

    #: The profile of Amazon's configuration; that of AWS_PROFILE, or the default, if empty.
    profile: str = ""
    #: Whether a failure is warned of, and the registry asked as nobody.
    optional: bool = False
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
        place = place_of(registry_of(resource))
        if place is None:
            return NOTHING
        tried = self._tried(place)
        return sources.kept(self._held, place, tried, self.clock, optional=self.optional)

    def steps(self, resource: Resource) -> Iterator[Step]:
        """
        Tell whose token there is, or why there is none.
        """
        place = place_of(registry_of(resource))
        if place is None:
            yield sources.not_mine("ecr", _HOSTS)
            return
        yield from sources.steps("ecr", self._tried(place), optional=self.optional)

    def _tried(self, place: Place) -> Iterator[Tried]:
        with unlogged(*_LOGGERS):
            found = _asked(self.profile, place)
        yield found


def _asked(profile: str, place: Place) -> Tried:
    try:
        import botocore.exceptions  # pyright: ignore[reportMissingTypeStubs]  # it has none
        import botocore.session  # pyright: ignore[reportMissingTypeStubs]  # nor this
    except ImportError:
        missing = ExtraMissing(what="the keychain ecr", package="botocore", extra="aws")
        return Tried(entry="", error=missing)
    try:
        session = botocore.session.Session(profile=profile or None)
        known = session.get_credentials()
        if known is None:
            return Tried(entry="", said="no credentials of Amazon's were found")
        entry = f"{place.service} in {place.region}, by {known.method}"
        return Tried(entry=entry, lease=_lease(session, place))
    except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError) as error:
        return Tried(entry="", error=_failed(place, error))


def _failed(place: Place, error: Exception) -> ECRFailed:
    reason = redact_text(str(error)) or type(error).__name__
    return ECRFailed(service=place.service, region=place.region, reason=reason)


def client_of(session: Any, place: Place) -> Any:
    """
    Make botocore's client of the service that gives tokens for a place.
    """
    from botocore.config import Config  # pyright: ignore[reportMissingTypeStubs]  # it has none

    # Options that were not asked for are left to the person's own configuration.
    asked = {"use_fips_endpoint": place.fips, "use_dualstack_endpoint": place.dual_stack}
    config = Config(**{name: True for name, wanted in asked.items() if wanted})
    return session.create_client(place.service, region_name=place.region, config=config)


def _lease(session: Any, place: Place) -> Lease:
    said: Any = client_of(session, place).get_authorization_token()["authorizationData"]
    data = said[0] if isinstance(said, list) else said
    user, _, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
    return Lease(credentials=Basic(user, password), until=data["expiresAt"].timestamp())


def ecr(
    *, profile: str = "", optional: bool = False, clock: Callable[[], float] = time.time
) -> ECR:
    """
    Make the keychain of Amazon's registries: private ones of all partitions, with FIPS
    and dual-stack hosts, and public.ecr.aws.

    For other hosts it has nothing, and does nothing. Without credentials of Amazon's it
    has nothing either. botocore looks at the environment of this process, and at no other.

    Args:
        profile: of Amazon's configuration; AWS_PROFILE, or the default, when empty.
        optional: warn of a failure, in the log `ocikit`, and ask as nobody.
        clock: tells the time in seconds since 1970.

    >>> ecr()(Registry("ghcr.io"))
    Anonymous()
    """
    return ECR(profile=profile, optional=optional, clock=clock)
