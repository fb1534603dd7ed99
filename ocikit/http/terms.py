"""
Terms: what the network goes by when it carries a request, beside the request itself.
"""

from __future__ import annotations

from ocikit._records import record


@record(kw_only=True)
class Terms:
    """
    Whom to trust for one request, what to show, and who sent us there.

    A client's certificate is a credential: as all credentials it is bound to an origin,
    and attached where they are.
    """

    #: Files of certificates (PEM) that are trusted beside those of the system.
    authorities: tuple[str, ...] = ()
    #: The file (PEM) of a certificate that is shown to a server which asks for one.
    certificate: str = ""
    #: The file of its key; empty when it is in the same file.
    key: str = ""
    #: The origin of the registry that named this place, when it is not its own.
    named_by: str = ""
    #: Whether its certificate must be trusted even where others need not be: a secret goes
    #: there that no `insecure` was meant for.
    checked: bool = False


PLAIN = Terms()
