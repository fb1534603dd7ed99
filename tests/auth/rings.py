"""
A keyring for tests, as the package `keyring` takes one.
"""

from __future__ import annotations

import json
import os
from typing import ClassVar

from keyring.backend import KeyringBackend
from keyring.credentials import SimpleCredential
from keyring.errors import KeyringLocked


class Ring(KeyringBackend):
    """
    One that reads users and passwords by service from a file, which RING names.
    """

    priority: ClassVar[float] = 1

    def get_credential(self, service: str, username: str | None) -> SimpleCredential | None:
        """
        Give what the file has.
        """
        with open(os.environ["RING"], encoding="utf-8") as file:
            known = json.load(file)
        if "locked" in known:
            raise KeyringLocked("the keyring is locked: password=SECRETSECRET")
        return SimpleCredential(*known[service]) if service in known else None

    def get_password(self, service: str, username: str) -> str | None:
        """
        Give a password.
        """
        found = self.get_credential(service, username)
        return found.password if found else None

    def set_password(self, service: str, username: str, password: str) -> None:
        """
        Keep none.
        """
        raise KeyringLocked
