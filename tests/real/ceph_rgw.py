"""
Ceph's object gateway: S3 by a server that we did not write, on a cluster of one in memory.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import Request, urlopen
from uuid import uuid4

import attrs
import pytest

from tests.real.process import (
    PATIENCE,
    Command,
    CommandFailed,
    answers,
    free_port,
    require,
    running,
    short_folder,
)

USER, SECRET, BUCKET = "ada", "geheim", "registry"

if TYPE_CHECKING:
    from obstore.store import S3Store

_PACKAGES = "ceph-mon ceph-osd radosgw ceph-common"


@attrs.frozen
class CephGateway:
    """
    A running gateway with one bucket. All tests of a run share it: give each a prefix.
    """

    #: "http://127.0.0.1:PORT".
    endpoint: str
    user: str = USER
    secret: str = attrs.field(default=SECRET, repr=False)

    def store(self, prefix: str | None = None) -> S3Store:
        """
        Give the part of the bucket below a prefix.
        """
        from obstore.store import S3Store

        return S3Store(
            BUCKET,
            prefix=prefix,
            endpoint=self.endpoint,
            region="us-east-1",
            access_key_id=self.user,
            secret_access_key=self.secret,
            client_options={"allow_http": True},
            retry_config={"max_retries": 1},
        )


def _conf(folder: Path, port: int, fsid: str) -> str:
    # Without authentication the modes of messages have to agree: else the gateway hangs.
    return f"""
[global]
fsid = {fsid}
mon host = v2:127.0.0.1:{port}
mon initial members = a
public addr = 127.0.0.1
cluster addr = 127.0.0.1
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
run dir = {folder}
admin socket = {folder}/$name.$pid.asok
log file = {folder}/$name.log
mon cluster log file = {folder}/cluster.log
keyring = {folder}/keyring
mon data = {folder}/mon
osd data = {folder}/osd
rgw data = {folder}/rgw
osd objectstore = memstore
memstore device bytes = 536870912
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
paxos propose interval = 0.2
paxos min wait = 0.05
"""


@pytest.fixture(scope="session")
def ceph_rgw() -> Iterator[CephGateway]:
    """
    A gateway that has a user and a bucket.
    """
    names = ("ceph-mon", "ceph-osd", "radosgw", "radosgw-admin", "ceph", "monmaptool")
    programs = {name: require(name, _PACKAGES) for name in names}
    with ExitStack() as stack:
        folder = stack.enter_context(short_folder("ceph"))
        for each in ("mon", "osd", "rgw"):
            (folder / each).mkdir()
        conf = folder / "ceph.conf"
        with_conf: dict[str, tuple[str, ...]]
        with_conf = {name: (path, "-c", str(conf)) for name, path in programs.items()}
        _cluster(stack, folder, with_conf)
        port = free_port()
        frontend = f"beast endpoint=127.0.0.1:{port}"
        argv = (*with_conf["radosgw"], "-f", "-n", "client.rgw", "--rgw-frontends", frontend)
        ready = lambda: answers(("127.0.0.1", port), "/") is not None  # noqa: E731
        limit = (require("timeout", "coreutils"), str(int(PATIENCE)))
        _user(Command((*limit, *with_conf["radosgw-admin"])))
        stack.enter_context(running(argv, folder / "rgw.out", ready))
        gateway = CephGateway(f"http://127.0.0.1:{port}")
        _make_bucket(gateway)
        yield gateway


def _cluster(stack: ExitStack, folder: Path, programs: dict[str, tuple[str, ...]]) -> None:
    """
    Run a monitor and a store of objects in memory.
    """
    port, fsid, uuid = free_port(), str(uuid4()), str(uuid4())
    (folder / "ceph.conf").write_text(_conf(folder, port, fsid))
    monmap = str(folder / "monmap")
    make = ("--create", "--fsid", fsid, "--addv", "a", f"[v2:127.0.0.1:{port}]", monmap)
    Command(programs["monmaptool"])(*make)
    Command(programs["ceph-mon"])("--mkfs", "-i", "a", "--monmap", monmap)
    monitor = (*programs["ceph-mon"], "-f", "-i", "a")
    stack.enter_context(running(monitor, folder / "mon.out", lambda: True))
    # It waits until the monitor answers.
    Command((*programs["ceph"], "--connect-timeout", str(int(PATIENCE))))("osd", "new", uuid)
    Command(programs["ceph-osd"])("-i", "0", "--mkfs", "--osd-uuid", uuid)
    store = (*programs["ceph-osd"], "-f", "-i", "0")
    stack.enter_context(running(store, folder / "osd.out", lambda: True))


def _user(admin: Command) -> None:
    """
    Make the user.
    """
    keys = ("--display-name", USER, "--access-key", USER, "--secret-key", SECRET)
    try:
        admin("user", "create", "--uid", USER, *keys)
    except CommandFailed:
        # It makes pools first, and may end over that when the user is made already.
        time.sleep(1)
        admin("user", "info", "--uid", USER)


def _make_bucket(gateway: CephGateway) -> None:
    import obstore

    # obstore makes no buckets, but it signs what does.
    url = obstore.sign(gateway.store(), "PUT", "", timedelta(minutes=1))
    with urlopen(Request(url, data=b"", method="PUT"), timeout=PATIENCE) as response:
        assert response.status == 200
