"""
The API of the Kubernetes cluster that we run in, as far as pull secrets need it.

A pod has in a folder a token, the certificates of the authorities that its cluster is
trusted by, and the name of its namespace (Kubernetes, "Accessing the Kubernetes API from
a Pod"). The token is shown to the cluster and nobody else, by TLS that is checked, and is
read each time, for it is replaced before it ends.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping
from typing import Any, Final, Literal, TypeAlias

import attrs

from ocikit._records import record
from ocikit._regex import regex
from ocikit.errors import Corrupt, Invalid, Refused
from ocikit.http.answers import read_body
from ocikit.http.faults import quieted
from ocikit.http.message import Headers, Request, Response, Send
from ocikit.http.redact import redact_text
from ocikit.http.terms import Terms

#: Where a pod has what it needs.
FOLDER: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
#: The largest document that is read, in bytes: a secret has 1 MiB, in base64.
_MOST: Final = 4 << 20
#: RFC 1123, and what Kubernetes makes of it for the names of most of what it has.
_NAME = regex(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_SENDABLE = regex(r"[\x21-\x7e]+")

_LOG: Final = logging.getLogger("ocikit")

Kind: TypeAlias = Literal["secrets", "serviceaccounts"]
_KINDS: Final[dict[Kind, str]] = {"secrets": "secret", "serviceaccounts": "service account"}


@attrs.frozen(kw_only=True)
class NotInCluster(Invalid):
    """
    There is no Kubernetes around this process, or it does not say where.
    """

    reason: str

    def __str__(self) -> str:
        return f"not in a Kubernetes cluster: {self.reason}"


@attrs.frozen(kw_only=True)
class ClusterRefused(Refused):
    """
    The API of Kubernetes did not give what was asked for.
    """

    what: str
    status: int
    said: str = ""

    def __str__(self) -> str:
        hint = ""
        if self.status == 403:
            hint = "; let our service account `get` secrets and serviceaccounts there"
        said = f", {self.said}" if self.said else ""
        return f"Kubernetes, {self.what}: {self.status}{said}{hint}"


@attrs.frozen(kw_only=True)
class ClusterInvalid(Corrupt):
    """
    The API of Kubernetes, or a name that it gave, makes no sense.
    """

    what: str
    reason: str

    def __str__(self) -> str:
        return f"Kubernetes, {self.what}: {self.reason}"


@record(kw_only=True)
class Cluster:
    """
    Where the API answers, and where our token for it is.
    """

    #: As "https://10.96.0.1:443".
    base: str
    folder: str

    def namespace(self) -> str:
        """
        Give the namespace of this pod, or else `default`.
        """
        try:
            return self._read("namespace") or "default"
        except NotInCluster:
            return "default"

    def get(self, send: Send, namespace: str, kind: Kind, name: str) -> dict[str, Any] | None:
        """
        Get an object; None, and a warning, when it is not there.

        Raises:
            ClusterRefused: the API gave an error.
            ClusterInvalid: a name cannot be one, or the answer is no object.
            NotInCluster: the pod has no token.
        """
        what = f"{_KINDS[kind]} {namespace}/{name}"
        if not _NAME.fullmatch(name) or not _NAME.fullmatch(namespace):
            raise ClusterInvalid(what=what, reason="that cannot be its name")
        request = self._request(f"/api/v1/namespaces/{namespace}/{kind}/{name}")
        response = send(request)
        if response.status == 404:
            response.body.close()
            _LOG.warning("%s is not there; it is passed over", what)
            return None
        if response.status != 200:
            said = _said(quieted(response, request.headers))
            raise ClusterRefused(what=what, status=response.status, said=said)
        return _object(request, response, what)

    def _request(self, path: str) -> Request:
        token = self._read("token")
        if not _SENDABLE.fullmatch(token):
            raise NotInCluster(reason=f"{os.path.join(self.folder, 'token')} has no token")
        authorities = os.path.join(self.folder, "ca.crt")
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        return Request(
            method="GET",
            url=f"{self.base}{path}",
            headers=Headers(headers),
            terms=Terms(authorities=(authorities,), checked=True),
        )

    def _read(self, name: str) -> str:
        path = os.path.join(self.folder, name)
        try:
            with open(path, encoding="utf-8") as file:
                return file.read(1 << 20).strip()
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "it is no text"
            raise NotInCluster(reason=f"{path}: {reason}") from None


def cluster_of(environ: Mapping[str, str], folder: str = FOLDER) -> Cluster:
    """
    Find the cluster that an environment and a pod's folder tell of.

    Raises:
        NotInCluster: KUBERNETES_SERVICE_HOST is not set, or there is no token.

    >>> cluster_of({"KUBERNETES_SERVICE_HOST": "fd00::1"}, "/dev").base
    Traceback (most recent call last):
        ...
    ocikit.auth.cluster.NotInCluster: not in a Kubernetes cluster: there is no /dev/token
    """
    host = environ.get("KUBERNETES_SERVICE_HOST", "")
    port = environ.get("KUBERNETES_SERVICE_PORT", "") or "443"
    if not host:
        raise NotInCluster(reason="KUBERNETES_SERVICE_HOST is not set")
    token = os.path.join(folder, "token")
    if not os.path.exists(token):
        raise NotInCluster(reason=f"there is no {token}")
    return Cluster(base=f"https://{f'[{host}]' if ':' in host else host}:{port}", folder=folder)


def _object(request: Request, response: Response, what: str) -> dict[str, Any]:
    from ocikit.spec.gojson import JSONInvalid, loads

    try:
        found: Any = loads(read_body(request, response, _MOST))
    except JSONInvalid:
        found = None
    if not isinstance(found, dict):
        raise ClusterInvalid(what=what, reason="the answer is not a JSON object")
    return found


def _said(response: Response) -> str:
    """
    Read what a Status of Kubernetes says, or the beginning of whatever there is.
    """
    from ocikit.spec.gojson import JSONInvalid, loads

    raw = response.body.read(_MOST)
    try:
        status: Any = loads(raw)
    except JSONInvalid:
        status = None
    message = status.get("message") if isinstance(status, dict) else raw.decode(errors="replace")
    return redact_text(message) if isinstance(message, str) else ""
