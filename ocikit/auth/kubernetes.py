"""
The image pull secrets of a pod's own cluster, as a kubelet would take them.

They are, in this order: those that are named; those of a service account
(`imagePullSecrets`); and, if asked for, those that it may mount (`secrets`), where
OpenShift has them. The service account that asks needs the right to `get` both kinds.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import attrs

from ocikit._records import FrozenMap, evolve, record
from ocikit.auth.cluster import FOLDER, Cluster, NotInCluster, cluster_of
from ocikit.auth.configfile import frozen, surroundings
from ocikit.auth.held import Held
from ocikit.auth.offers import NOTHING, Lease, NotConnected
from ocikit.auth.pullsecrets import PullSecrets, from_secrets
from ocikit.auth.step import Step
from ocikit.http.credentials import Credentials, Keychain, Resource
from ocikit.http.message import Send

#: How long secrets are kept, in seconds: they change, and each image asks for them.
KEPT: Final = 60.0


@record(kw_only=True)
class Kubernetes:
    """
    The keychain of a cluster's pull secrets; a recipe that holds none when it pickles.

    Raises, when it is asked:
        NotInCluster: there is no cluster around us, unless it is `optional`.
        NotConnected: it was given no way to servers.
        ClusterRefused: the cluster does not give the secrets.
        SecretInvalid: a secret cannot be read.
        Unreachable: the cluster does not answer.
    """

    #: Where the secrets are; the pod's own namespace when empty.
    namespace: str = ""
    #: Whose secrets; empty for nobody's.
    service_account: str = "default"
    pull_secrets: tuple[str, ...] = ()
    #: Whether those that the service account may mount count, too.
    mounted: bool = False
    #: Whether it has nothing, and does not fail, outside a cluster.
    optional: bool = False
    #: Where the pod's token, authorities and namespace are.
    folder: str = FOLDER
    send: Send | None = attrs.field(default=None, repr=False)
    environ: FrozenMap[str, str] | None = attrs.field(default=None, repr=False)
    clock: Callable[[], float] = attrs.field(default=time.time, repr=False)
    _held: Held[PullSecrets] = attrs.field(
        factory=Held[PullSecrets], init=False, eq=False, repr=False
    )

    def __call__(self, resource: Resource) -> Credentials:
        """
        Find the credentials for a registry or repository.
        """
        return self.lease(resource).credentials

    def lease(self, resource: Resource) -> Lease:
        """
        Find them, and until when they are good.
        """
        secrets = self._secrets()
        if secrets is None:
            return NOTHING
        return Lease(credentials=secrets(resource), until=self.clock() + KEPT)

    def steps(self, resource: Resource) -> Iterator[Step]:
        """
        Tell which secret has something for a registry or repository.
        """
        secrets = self._secrets()
        if secrets is None:
            yield Step(source="kubernetes", said="not in a cluster")
            return
        for step in secrets.steps(resource):
            yield evolve(step, source="kubernetes")

    def over(self, send: Send) -> Keychain:
        """
        Give the same keychain with a way to servers, if it has none.
        """
        return evolve(self, send=send) if self.send is None else self

    def _secrets(self) -> PullSecrets | None:
        try:
            cluster = cluster_of(surroundings(self.environ), self.folder)
        except NotInCluster:
            if self.optional:
                return None
            raise
        if self.send is None:
            raise NotConnected(keychain="kubernetes")
        send = self.send
        return self._held.get("", lambda: self._ask(cluster, send), self.clock)

    def _ask(self, cluster: Cluster, send: Send) -> tuple[PullSecrets, float]:
        namespace = self.namespace or cluster.namespace()
        until = self.clock() + KEPT
        names = [*self.pull_secrets]
        if self.service_account:
            account = cluster.get(send, namespace, "serviceaccounts", self.service_account)
            members = ("imagePullSecrets", "secrets") if self.mounted else ("imagePullSecrets",)
            names += [name for member in members for name in _named(account, member)]
        found = (cluster.get(send, namespace, "secrets", name) for name in dict.fromkeys(names))
        return from_secrets(each for each in found if each is not None), until


def _named(account: Mapping[str, object] | None, member: str) -> Iterator[str]:
    listed = (account or {}).get(member)
    for each in listed if isinstance(listed, list) else ():
        name: object = each.get("name") if isinstance(each, Mapping) else None
        if isinstance(name, str) and name:
            yield name


def kubernetes(
    *,
    namespace: str = "",
    service_account: str | None = "default",
    pull_secrets: tuple[str, ...] | list[str] = (),
    mounted: bool = False,
    optional: bool = False,
    folder: str = FOLDER,
    send: Send | None = None,
    environ: Mapping[str, str] | None = None,
    clock: Callable[[], float] = time.time,
) -> Kubernetes:
    """
    Make a keychain of the pull secrets of the cluster that we run in.

    They are asked for when a registry is, and kept for a minute. One that is not there is
    warned of, in the log `ocikit`, and passed over. A client that has this keychain gives
    it its own way to servers.

    Args:
        namespace: where the secrets are; the pod's own when empty.
        service_account: whose secrets; None for nobody's.
        pull_secrets: names of further ones, which count before those.
        mounted: take those that the service account may mount, too.
        optional: have nothing, and do not fail, outside a cluster.
        folder: where the pod's `token`, `ca.crt` and `namespace` are. They are read each
            time: tokens rotate.
        send: carries requests.
        environ: has KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT; the process's own
            when None.
        clock: tells the time in seconds since 1970.

    >>> kubernetes(namespace="ci", pull_secrets=["regcred"]).pull_secrets
    ('regcred',)
    """
    return Kubernetes(
        namespace=namespace,
        service_account=service_account or "",
        pull_secrets=tuple(pull_secrets),
        mounted=mounted,
        optional=optional,
        folder=folder,
        send=send,
        environ=frozen(environ),
        clock=clock,
    )
