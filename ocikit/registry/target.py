"""
A repository that is written to.
"""

from __future__ import annotations

from ocikit._records import record
from ocikit.content.blob import Blob
from ocikit.name.records import Repository
from ocikit.progress import Event, Report, Update
from ocikit.registry.client import Client
from ocikit.registry.parallel import Stop
from ocikit.registry.session import Access


@record(kw_only=True)
class Target:
    """
    A repository that is written to, and what all parts of that work share.
    """

    client: Client
    repository: Repository
    access: Access
    report: Report
    stop: Stop

    def tell(self, event: Event, blob: Blob, count: int = 0) -> None:
        """
        Report what happened to a blob.
        """
        self.report(Update(event=event, digest=blob.digest, bytes=count))
