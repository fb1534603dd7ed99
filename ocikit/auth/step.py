"""
One place where credentials may be, as it is told: what it said, and no secret.
"""

from __future__ import annotations

from ocikit._records import record
from ocikit.http.credentials import Basic, Credentials, IdentityToken, RegistryToken


@record(kw_only=True)
class Step:
    """
    One place where credentials may be, and what it said.
    """

    #: A variable, a file, or another keychain.
    source: str
    #: Which entry or helper of it; empty when it has none for this.
    entry: str = ""
    said: str
    #: Whether these are the credentials.
    answers: bool = False

    def __str__(self) -> str:
        place = f"{self.source}, {self.entry}" if self.entry else self.source
        return f"{place}: {self.said}"


def describe(found: Credentials) -> str:
    """
    Say what credentials are, and not which.

    >>> describe(Basic("me", "pw"))
    'a password of me'
    """
    match found:
        case Basic(username):
            return f"a password of {username}"
        case IdentityToken():
            return "an identity token"
        case RegistryToken():
            return "a token of the registry"
        case _:
            return "nothing"
