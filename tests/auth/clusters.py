"""
A Kubernetes API for tests: secrets and service accounts behind TLS, for who has the token.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs

from ocikit.http.message import Request, Response
from ocikit.server.web.serve import serve
from ocikit.testing.certificates import CertificateAuthority
from tests.auth.answers import answer


@attrs.define
class Cluster:
    """
    What an API server has, and what it was asked; it is a `Send`.
    """

    #: Where a pod has its token, authorities and namespace.
    folder: Path
    environ: dict[str, str] = attrs.field(factory=dict)
    #: By "secrets/ci/name".
    objects: dict[str, Any] = attrs.field(factory=dict)
    asked: list[str] = attrs.field(factory=list)
    #: What it answers to everything, when that is no object.
    status: int = 0

    def __call__(self, request: Request) -> Response:
        """
        Answer as an API server does.
        """
        path = request.url.partition("/api/v1/namespaces/")[2]
        namespace, kind, name = path.split("/")
        self.asked.append(f"{kind}/{namespace}/{name}")
        token = (self.folder / "token").read_text().strip()
        if request.headers.get("Authorization") != f"Bearer {token}":
            return _status(401, "Unauthorized")
        if self.status:
            shown = request.headers.get("Authorization")
            return _status(self.status, f'{kind} "{name}" is forbidden: {shown} cannot get it')
        found = self.objects.get(f"{kind}/{namespace}/{name}")
        if found is None:
            return _status(404, f'{kind} "{name}" not found')
        return answer(200, found)

    def account(
        self, name: str, *, pull: tuple[str, ...] = (), mount: tuple[str, ...] = ()
    ) -> None:
        """
        Add a service account with secrets of both kinds.
        """
        self.objects[f"serviceaccounts/ci/{name}"] = {
            "kind": "ServiceAccount",
            "imagePullSecrets": [{"name": each} for each in pull],
            "secrets": [{"name": each} for each in mount],
        }

    def add(self, document: dict[str, Any]) -> None:
        """
        Add a secret.
        """
        self.objects[f"secrets/ci/{document['metadata']['name']}"] = document

    def rotate(self, token: str) -> None:
        """
        Give the pod another token, which is the only good one from now on.
        """
        (self.folder / "token").write_text(f"{token}\n")


def _status(code: int, message: str) -> Response:
    return answer(code, {"kind": "Status", "status": "Failure", "code": code, "message": message})


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """
    Serve an API with an empty service account `default`, and make the folder of a pod.
    """
    authority = CertificateAuthority(folder)
    pod = folder / "pod"
    pod.mkdir()
    (pod / "ca.crt").write_bytes(authority.file.read_bytes())
    (pod / "namespace").write_text("ci")
    made = Cluster(pod)
    made.rotate("token-SECRET-1")
    made.account("default")
    with serve(made, tls=authority.context()) as server:
        made.environ = {
            "KUBERNETES_SERVICE_HOST": "127.0.0.1",
            "KUBERNETES_SERVICE_PORT": str(server.port),
        }
        yield made
