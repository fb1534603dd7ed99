"""
Image pull secrets of Kubernetes, read purely, and matched as a kubelet matches them.

A secret has, by its type, Docker's configuration of today (`kubernetes.io/dockerconfigjson`)
or its `auths` alone, as they were of old (`kubernetes.io/dockercfg`). Their keys are hosts
with a port and a path, where they have one; `https://`, `http://`, and `/v1/` and `/v2/`
before a path mean nothing. Of the keys that fit a name, the last in the order of the
alphabet counts, so that longer paths come before shorter ones and names before globs; of
several secrets with the same key, the first.

A key fits when its port is that of the name, its host does label by label (`*`, `?`,
`[a-z]`), and the path of the name begins with its own, letter by letter: `r.io/te` is for
`r.io/team/app` too (Kubernetes, "Images", "Interpretation of config.json").
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, TypeAlias

import attrs

from ocikit._records import record
from ocikit.auth.dockerconfig import ConfigInvalid, credentials_of
from ocikit.auth.hosts import matches
from ocikit.auth.keys import registry_of
from ocikit.auth.step import Step, describe
from ocikit.errors import Invalid
from ocikit.http.credentials import Anonymous, Credentials, Resource, keep_here
from ocikit.name import grammar
from ocikit.name.records import Registry

#: By the type of a secret: where its configuration is, and where `auths` are in that.
_TYPES: Final = {
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson", "auths"),
    "kubernetes.io/dockercfg": (".dockercfg", ""),
}
_SCHEMES: Final = ("https://", "http://")
_VERSIONS: Final = ("/v1/", "/v2/")

#: A Secret, or a list of some, as the API of Kubernetes gives them, parsed or not.
SecretDocument: TypeAlias = Mapping[str, Any] | str | bytes


@attrs.frozen(kw_only=True)
class SecretInvalid(Invalid):
    """
    A pull secret cannot be read; what it holds is not told.
    """

    secret: str
    reason: str

    def __str__(self) -> str:
        return f"pull secret {self.secret}: {self.reason}"


@record(kw_only=True)
class _Entry:
    """
    What one secret says of one key.
    """

    #: The host and the path, which begins with a slash where there is one.
    host: str
    path: str
    secret: str
    credentials: Credentials = attrs.field(repr=False)

    def fits(self, registry: Registry, path: str) -> bool:
        return path.startswith(self.path) and matches(self.host, registry)


@record(kw_only=True)
class PullSecrets:
    """
    The keychain of image pull secrets; it holds them, and so it does not pickle.
    """

    #: The best first.
    entries: tuple[_Entry, ...] = attrs.field(repr=lambda known: f"<{len(known)} keys>")

    __reduce__ = keep_here

    def __call__(self, resource: Resource) -> Credentials:
        """
        Find the credentials for a registry or repository.
        """
        found = self._find(resource)
        return Anonymous() if found is None else found.credentials

    def steps(self, resource: Resource) -> Iterator[Step]:
        """
        Tell which secret has something for a registry or repository.
        """
        found = self._find(resource)
        if found is None:
            count = len(self.entries)
            yield Step(source="pull secrets", said=f"none of {count} keys is for {resource}")
            return
        entry = f'{found.secret} "{found.host}{found.path}"'
        said = describe(found.credentials)
        yield Step(source="pull secrets", entry=entry, said=said, answers=True)

    def _find(self, resource: Resource) -> _Entry | None:
        registry = registry_of(resource)
        path = str(resource).removeprefix(registry.host)
        return next((each for each in self.entries if each.fits(registry, path)), None)


def from_secrets(secrets: Iterable[SecretDocument]) -> PullSecrets:
    """
    Make a keychain of Secret documents, as `kubectl get secret -o json` gives them.

    Args:
        secrets: mappings or JSON, each a Secret or a list of them. Those of other types
            are passed over.

    Raises:
        SecretInvalid: one cannot be read.

    >>> from ocikit.name.parse import parse_repository
    >>> config = '{"auths": {"*.r.io/team": {"username": "me", "password": "pw"}}}'
    >>> secret = {"type": "kubernetes.io/dockerconfigjson",
    ...           "metadata": {"name": "regcred"}, "stringData": {".dockerconfigjson": config}}
    >>> from_secrets([secret])(parse_repository("a.r.io/team/app"))
    Basic(username='me')
    """
    found: dict[tuple[str, str], _Entry] = {}
    for secret in secrets:
        for each in _documents(secret):
            for entry in _entries(each):
                found.setdefault((entry.host, entry.path), entry)
    best = sorted(found.values(), key=lambda each: each.host + each.path, reverse=True)
    return PullSecrets(entries=tuple(best))


def _documents(secret: SecretDocument) -> Iterator[Mapping[str, Any]]:
    parsed: Any = secret
    if isinstance(secret, str | bytes):
        parsed = _json(secret.encode() if isinstance(secret, str) else secret, "document")
    if not isinstance(parsed, Mapping):
        raise SecretInvalid(secret="document", reason="it is not a JSON object")  # noqa: S106
    if "items" not in parsed:
        yield parsed
        return
    for each in _listed(parsed["items"]):
        yield from _documents(each)


def _listed(items: Any) -> list[Any]:
    if not isinstance(items, list):
        raise SecretInvalid(secret="document", reason="its items are not a list")  # noqa: S106
    return items


def _entries(secret: Mapping[str, Any]) -> Iterator[_Entry]:
    name = _name(secret)
    member, inside = _TYPES.get(str(secret.get("type")), ("", ""))
    raw = _data(secret, member, name) if member else b""
    if not raw.strip():
        return
    config = _json(raw, name)
    auths = config.get(inside) if inside and isinstance(config, dict) else config
    if auths is None:
        return
    if not isinstance(auths, dict):
        raise SecretInvalid(secret=name, reason=f"{inside or member} is not an object")
    for key, entry in auths.items():
        try:
            credentials = credentials_of(entry, key, name)
        except ConfigInvalid as error:
            raise SecretInvalid(secret=name, reason=error.reason) from None
        host, path = _key(key)
        if credentials != Anonymous():
            yield _Entry(host=host, path=path, secret=name, credentials=credentials)


def _name(secret: Mapping[str, Any]) -> str:
    known = secret.get("metadata")
    about: Mapping[str, Any] = known if isinstance(known, Mapping) else {}
    parts = (str(about[part]) for part in ("namespace", "name") if about.get(part))
    return "/".join(parts) or "without a name"


def _data(secret: Mapping[str, Any], member: str, name: str) -> bytes:
    # As a person writes it; the server would have made `data` of it.
    plain = secret.get("stringData")
    if isinstance(plain, Mapping) and isinstance(text := plain.get(member), str):
        return text.encode()
    data = secret.get("data")
    coded: Any = data.get(member) if isinstance(data, Mapping) else None
    if coded is None:
        return b""
    try:
        return base64.b64decode(coded, validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise SecretInvalid(secret=name, reason=f"data {member!r} is not base64") from None


def _json(raw: bytes, name: str) -> Any:
    from ocikit.spec.gojson import JSONInvalid, loads

    try:
        return loads(raw)
    except JSONInvalid as error:
        reason = f"not JSON: {error.problems[0][1]}"
        raise SecretInvalid(secret=name, reason=reason) from None


def _key(text: str) -> tuple[str, str]:
    """
    Give the host of a key and its path, which is empty where there is none.
    """
    scheme = next((each for each in _SCHEMES if text.startswith(each)), "")
    host, slash, path = text.removeprefix(scheme).partition("/")
    path = slash + path
    if path.startswith(_VERSIONS):
        path = path[len("/v1") :]
    return grammar.canonical_host(host), "" if path == "/" else path
