"""
Registries as they are: profiles of known ones, each a handful of quirks around a handler.

A profile is for tests of clients: what pulls and pushes here gets through there. It has
what is known to trip clients up, and no more: neither limits nor features of a service.

- artifact_registry, gcr: a bare 401 but at /v2/; uploads on another host; tokens by GET
  only; tags come with all manifests and the repositories below.
- artifactory: HEAD answers 403 for 404; digests among tags; tokens by GET only; redirects.
- distribution: mounts become uploads; absolute Location; all tags at once, null for none;
  no referrers; to cancel needs delete.
- docker_hub: only the first scope of a token; 429 with HTML; tokens on another host;
  nothing is deleted.
- ecr: 201 to chunks; Range stuck at the first; no digest with GET; no page above 1000, nor
  by last; manifests name their type.
- ghcr: chunks of 4 MiB at most; no referrers; nothing is deleted.
- gitlab: only the last scope of a token; tokens on another host, without expires_in.
- harbor: cookies; schema 1 unless each type has its own Accept; what is unknown is UNKNOWN;
  no tag is deleted alone.
- nexus: null among tags.
- odd_tokens: access_token alone, for seconds; relative realm; several challenges; scopes
  with spaces between.
- olareg, zot: OCI-Chunk-Min-Length; only the newest Location is good (olareg).
- openshift: scopes are ignored; Docker's schema 2 is refused.
- quay: no mount without from; * instead of delete in scopes.
- red_hat: no digest header at all; gzip for whoever takes it; what is unknown is UNKNOWN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import attrs

from ocikit import media
from ocikit._records import FrozenMap, evolve, record
from ocikit.errors import Invalid
from ocikit.http.message import Middleware, Send
from ocikit.server.auth.accounts import Accounts
from ocikit.server.auth.basic import basic_auth
from ocikit.server.auth.bearer import token_auth
from ocikit.server.handler import RegistryHandler
from ocikit.server.quirks.answers import (
    Compressed,
    CookiesJudged,
    FieldUnsaid,
    MediaTypeNeeded,
    NamespaceNeeded,
    NotOffered,
    OldUnlessSeveral,
    StatusInstead,
    TypesRefused,
    UnknownCode,
)
from ocikit.server.quirks.elsewhere import SignedPlaces
from ocikit.server.quirks.limits import ReadsLimited
from ocikit.server.quirks.lists import (
    DigestsAmongTags,
    NullAmongTags,
    PageLimited,
    PagesIgnored,
    PagesOpaque,
    TagsNull,
)
from ocikit.server.quirks.tokens import (
    ActionsIgnored,
    ChallengeAtDoor,
    ChallengesAlso,
    DeleteUnknown,
    GrantSays,
    PostRefused,
    RealmAt,
    RealmRelative,
    ScopeOnlyOne,
    ScopesJoined,
)
from ocikit.server.quirks.uploads import (
    CancelNeedsDelete,
    ChunkAtLeast,
    ChunkAtMost,
    LocationCounts,
    LocationsAbsolute,
    MountFromUnknownRefused,
    MountNeedsSource,
    MountNever,
    RangeStuck,
)

_DIGEST: Final = "Docker-Content-Digest"
_DELETE: Final = ("DELETE",)
_READS: Final = ("GET", "HEAD")


@attrs.frozen(kw_only=True)
class ProfileUnknown(Invalid):
    """
    There is no profile of that name.
    """

    name: str

    def __str__(self) -> str:
        return f"no profile {self.name[:40]!r}; there are {', '.join(sorted(PROFILES))}"


@record(kw_only=True)
class Profile:
    """
    A kind of registry: how it asks who is there, and its quirks.

    >>> from ocikit.server.handler import registry
    >>> from ocikit.http.message import Request
    >>> send = profile("ecr")(registry())
    >>> send(Request(method="GET", url="http://localhost/v2/")).status
    200
    """

    name: str
    #: What it is of, for people.
    about: str
    #: The host that it is known by, or is like.
    host: str
    #: How it asks who is there.
    auth: Literal["bearer", "basic"] = "bearer"
    #: What its tokens, or its realm, are named for.
    service: str = "registry"
    #: Around the handler, from the inside out.
    quirks: tuple[Middleware, ...] = ()
    #: Whether it lists all manifests with tags, and the repositories below.
    extended: bool = False

    def __call__(self, send: Send, users: Mapping[str, str] | Accounts | None = None) -> Send:
        """
        Make a registry of this kind of a handler.

        Args:
            send: what it does at heart.
            users: who may use it, with passwords; when None everybody may do everything,
                and a token is wanted all the same where the kind has any.
        """
        if self.extended and isinstance(send, RegistryHandler):
            send = evolve(send, switches=evolve(send.switches, extended=True))
        made = self._guarded(send, users)
        for quirk in self.quirks:
            made = quirk(made)
        return made

    def _guarded(self, send: Send, users: Mapping[str, str] | Accounts | None) -> Send:
        if self.auth == "bearer":
            if users is None:
                return token_auth(send, {}, allow=_anybody, service=self.service)
            return token_auth(send, users, service=self.service)
        return send if users is None else basic_auth(send, users, realm=self.service)


def profile(name: str) -> Profile:
    """
    Find a profile by its name.

    Raises:
        ProfileUnknown: there is none.

    >>> profile("ghcr").host
    'ghcr.io'
    """
    found = PROFILES.get(name)
    if found is None:
        raise ProfileUnknown(name=name)
    return found


def _anybody(user: str, repository: str, action: str) -> bool:
    return True


_ECR: Final = Profile(
    name="ecr",
    about="Amazon Elastic Container Registry",
    host="123456789012.dkr.ecr.eu-west-1.amazonaws.com",
    auth="basic",
    service="ecr.amazonaws.com",
    quirks=(
        StatusInstead(methods=("PATCH",), kinds=("upload",), status=202, instead=201),
        RangeStuck(),
        FieldUnsaid(name=_DIGEST, methods=("GET",), kinds=("manifest",)),
        PageLimited(most=1000),
        PagesOpaque(),
        MediaTypeNeeded(),
        SignedPlaces(host="prod-eu-west-1-starport-layer-bucket.s3.eu-west-1.amazonaws.com"),
    ),
)
_GCR: Final = Profile(
    name="gcr",
    about="Google Container Registry",
    host="gcr.io",
    service="gcr.io",
    extended=True,
    quirks=(
        SignedPlaces(host="storage.googleapis.com", what="uploads"),
        PostRefused(status=404),
        ChallengeAtDoor(),
        RealmAt(path="/v2/token"),
    ),
)
_ARTIFACT_REGISTRY: Final = Profile(
    name="artifact_registry",
    about="Google Artifact Registry",
    host="europe-docker.pkg.dev",
    service="europe-docker.pkg.dev",
    extended=True,
    quirks=(
        SignedPlaces(host="artifacts.googleapis.com", what="uploads"),
        SignedPlaces(host="storage.googleapis.com"),
        PostRefused(status=404),
        ChallengeAtDoor(),
        RealmAt(path="/v2/token"),
    ),
)
_DOCKER_HUB: Final = Profile(
    name="docker_hub",
    about="Docker Hub",
    host="docker.io",
    service="registry.docker.io",
    quirks=(
        NamespaceNeeded(),
        MountFromUnknownRefused(),
        NotOffered(methods=_DELETE, kinds=("manifest",)),
        ReadsLimited(every=20),
        SignedPlaces(host="production.cloudflare.docker.com"),
        ScopeOnlyOne(which="first"),
        RealmAt(host="auth.docker.io"),
    ),
)
_GHCR: Final = Profile(
    name="ghcr",
    about="GitHub Container Registry",
    host="ghcr.io",
    service="ghcr.io",
    quirks=(
        ChunkAtMost(most=4 << 20),
        FieldUnsaid(name="OCI-Subject"),
        NotOffered(methods=("GET",), kinds=("referrers",), status=404),
        NotOffered(methods=_DELETE, kinds=("manifest",)),
        SignedPlaces(host="pkg-containers.githubusercontent.com"),
    ),
)
_QUAY: Final = Profile(
    name="quay",
    about="Quay, as at quay.io",
    host="quay.io",
    service="quay.io",
    quirks=(
        MountNeedsSource(),
        SignedPlaces(host="cdn01.quay.io", status=302),
        DeleteUnknown(),
        RealmAt(path="/v2/auth"),
    ),
)
_HARBOR: Final = Profile(
    name="harbor",
    about="Harbor",
    host="harbor.example.com",
    service="harbor-registry",
    quirks=(
        CookiesJudged(),
        OldUnlessSeveral(),
        UnknownCode(message="artifact not found"),
        NotOffered(methods=_DELETE, kinds=("manifest",), tags=True),
        RealmAt(path="/service/token"),
    ),
)
_ARTIFACTORY: Final = Profile(
    name="artifactory",
    about="JFrog Artifactory",
    host="example.jfrog.io",
    service="example.jfrog.io",
    quirks=(
        StatusInstead(methods=("HEAD",), kinds=("manifest", "blob"), status=404, instead=403),
        DigestsAmongTags(),
        SignedPlaces(host="jfrog-prod.s3.amazonaws.com", status=302),
        PostRefused(status=401),
        RealmAt(path="/v2/token"),
    ),
)
_GITLAB: Final = Profile(
    name="gitlab",
    about="GitLab's container registry",
    host="registry.gitlab.com",
    service="container_registry",
    quirks=(
        ScopeOnlyOne(which="last"),
        GrantSays(without=("access_token", "refresh_token", "expires_in")),
        PostRefused(status=404),
        RealmAt(path="/jwt/auth", host="gitlab.com"),
    ),
)
_NEXUS: Final = Profile(
    name="nexus",
    about="Sonatype Nexus Repository",
    host="nexus.example.com",
    auth="basic",
    service="Sonatype Nexus Repository Manager",
    quirks=(NullAmongTags(),),
)
_RED_HAT: Final = Profile(
    name="red_hat",
    about="Red Hat's registries",
    host="registry.redhat.io",
    service="docker-registry",
    quirks=(
        FieldUnsaid(name=_DIGEST, methods=_READS),
        UnknownCode(message="Not Found"),
        Compressed(),
        GrantSays(without=("token",)),
    ),
)
_OPENSHIFT: Final = Profile(
    name="openshift",
    about="OpenShift's integrated registry",
    host="default-route-openshift-image-registry.apps.example.com",
    service="openshift",
    quirks=(
        TypesRefused(types=(media.DOCKER_MANIFEST, media.DOCKER_MANIFEST_LIST)),
        ActionsIgnored(),
        RealmAt(path="/openshift/token"),
    ),
)
_DISTRIBUTION: Final = Profile(
    name="distribution",
    about="Docker's own registry, version 2",
    host="registry.example.com",
    service="registry.example.com",
    quirks=(
        CancelNeedsDelete(),
        MountNever(),
        LocationsAbsolute(),
        PagesIgnored(),
        TagsNull(),
        NotOffered(methods=("GET",), kinds=("referrers",), status=404, code="UNSUPPORTED"),
        FieldUnsaid(name="OCI-Subject"),
        NotOffered(methods=_DELETE, kinds=("manifest",), tags=True),
    ),
)
_ZOT: Final = Profile(
    name="zot",
    about="zot",
    host="zot.example.com",
    auth="basic",
    service="zot",
    quirks=(ChunkAtLeast(least=1 << 20),),
)
_OLAREG: Final = Profile(
    name="olareg",
    about="olareg",
    host="olareg.example.com",
    service="olareg",
    quirks=(ChunkAtLeast(least=1 << 10), LocationCounts()),
)
_ODD_TOKENS: Final = Profile(
    name="odd_tokens",
    about="what any token service may do: all that is odd about tokens at once",
    host="odd.example.com",
    service="odd tokens",
    quirks=(
        GrantSays(without=("token",), also=FrozenMap({"expires_in": 5})),
        ScopesJoined(),
        RealmRelative(),
        ChallengesAlso(),
    ),
)

#: All profiles, by name.
PROFILES: Final[Mapping[str, Profile]] = FrozenMap(
    {
        each.name: each
        for each in (
            *(_ARTIFACT_REGISTRY, _ARTIFACTORY, _DISTRIBUTION, _DOCKER_HUB, _ECR, _GCR, _GHCR),
            *(_GITLAB, _HARBOR, _NEXUS, _ODD_TOKENS, _OLAREG, _OPENSHIFT, _QUAY, _RED_HAT, _ZOT),
        )
    }
)
