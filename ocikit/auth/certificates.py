"""
Certificates of registries, where Docker and podman keep them: `certs.d`.

Each registry has a folder there, named for its host and port. Its `*.crt` are trusted
for the registry, and its first `*.cert`, with the `*.key` of the same name, is shown to
it (containers-certs.d(5)). The first folder that exists is the one.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

import attrs

from ocikit.auth.configfile import home
from ocikit.errors import Invalid
from ocikit.http.terms import Terms


@attrs.frozen(kw_only=True)
class CertificatesInvalid(Invalid):
    """
    A registry's folder of certificates is not as it should be.
    """

    path: str
    reason: str

    def __str__(self) -> str:
        return f"certificates folder {self.path}: {self.reason}"


def folders(environ: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """
    Say where certificates are looked for, in order.

    >>> folders({"HOME": "/home/me"})[0]
    '/home/me/.config/containers/certs.d'
    """
    person = home(os.environ if environ is None else environ)
    return (
        os.path.join(person, ".config", "containers", "certs.d"),
        os.path.join(person, ".config", "docker", "certs.d"),
        "/etc/containers/certs.d",
        "/etc/docker/certs.d",
    )


def certificates(hosts: Iterable[str], places: Iterable[str]) -> Terms:
    """
    Find the certificates for a registry.

    Args:
        hosts: the names it goes by, each with its port where it has one.
        places: the folders that have one for each registry.

    Raises:
        CertificatesInvalid: the registry's folder has half of a pair, or cannot be read.
    """
    names = tuple(hosts)
    for place in places:
        for name in names:
            folder = os.path.join(place, name)
            if (there := _names(folder)) is not None:
                return _terms(folder, there)
    return Terms()


def _names(folder: str) -> list[str] | None:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        # Others' folders may be closed to us, and the next one open.
        if isinstance(error, PermissionError):
            return None
        raise CertificatesInvalid(path=folder, reason=f"{error.strerror}") from None


def _terms(folder: str, names: list[str]) -> Terms:
    certificates = [name for name in names if name.endswith(".cert")]
    keys = [name for name in names if name.endswith(".key")]
    wanted = [f"{name.removesuffix('.cert')}.key" for name in certificates]
    for key in wanted:
        if key not in keys:
            raise CertificatesInvalid(path=folder, reason=f"{key} is missing beside its .cert")
    for key in keys:
        if key not in wanted:
            reason = f"{key} has no .cert beside it; certificates of authorities end in .crt"
            raise CertificatesInvalid(path=folder, reason=reason)
    return Terms(
        authorities=tuple(os.path.join(folder, name) for name in names if name.endswith(".crt")),
        certificate=os.path.join(folder, certificates[0]) if certificates else "",
        key=os.path.join(folder, wanted[0]) if wanted else "",
    )
