"""
Pull secrets as the API of Kubernetes gives them.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from ocikit.auth.dockerconfig import encode_auth
from ocikit.http.credentials import Basic


def _document(name: str, kind: str, member: str, config: Any) -> dict[str, Any]:
    coded = base64.b64encode(json.dumps(config).encode()).decode()
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name, "namespace": "ci", "resourceVersion": "7"},
        "type": kind,
        "data": {member: coded},
    }


def auths_of(name: str, auths: Mapping[str, Any]) -> dict[str, Any]:
    """
    Make a secret of entries as they stand in `auths`.
    """
    config = {"auths": auths}
    return _document(name, "kubernetes.io/dockerconfigjson", ".dockerconfigjson", config)


def secret(name: str, entries: Mapping[str, Basic]) -> dict[str, Any]:
    """
    Make a secret of users and passwords, as `kubectl create secret docker-registry` does.
    """
    auths = {
        key: {
            "username": each.username,
            "password": each.password,
            "auth": encode_auth(each.username, each.password),
        }
        for key, each in entries.items()
    }
    return auths_of(name, auths)


def dockercfg(name: str, entries: Mapping[str, Basic]) -> dict[str, Any]:
    """
    Make a secret of the older kind.
    """
    auths = {
        key: {"auth": encode_auth(each.username, each.password)} for key, each in entries.items()
    }
    return _document(name, "kubernetes.io/dockercfg", ".dockercfg", auths)
