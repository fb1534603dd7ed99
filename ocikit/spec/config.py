"""
Image configurations (image-spec, config.md).

Members are in the order in which Go tools write them, so that a new document has the
digest that they would give it. Times stay the RFC 3339 texts that were read.
"""

from __future__ import annotations

from typing import Any, Final

import attrs

from ocikit._records import EMPTY, JSON, FrozenMap, member, record
from ocikit.digest import Digest
from ocikit.platforms import Platform

#: The time that Go writes when there is none.
ZERO_TIME: Final = "0001-01-01T00:00:00Z"


@record(kw_only=True)
class History:
    """
    How one layer, or one change of configuration, came to be.
    """

    author: str = ""
    created: str = attrs.field(default=ZERO_TIME, metadata=member("created", always=True))
    created_by: str = attrs.field(default="", metadata=member("created_by"))
    comment: str = ""
    #: True when this step made no layer.
    empty_layer: bool = attrs.field(default=False, metadata=member("empty_layer"))
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)


@record(kw_only=True)
class RootFS:
    """
    The digests of the uncompressed layers, lowest first.
    """

    type: str = attrs.field(default="layers", metadata=member("type", always=True))
    diff_ids: tuple[Digest, ...] = attrs.field(default=(), metadata=member("diff_ids", always=True))
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)


@record(kw_only=True)
class Healthcheck:
    """
    How an engine finds out whether a container is well; durations in nanoseconds.
    """

    test: tuple[str, ...] = attrs.field(default=(), metadata=member("Test"))
    interval: int = attrs.field(default=0, metadata=member("Interval"))
    timeout: int = attrs.field(default=0, metadata=member("Timeout"))
    start_period: int = attrs.field(default=0, metadata=member("StartPeriod"))
    start_interval: int = attrs.field(default=0, metadata=member("StartInterval"))
    retries: int = attrs.field(default=0, metadata=member("Retries"))
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)


@record(kw_only=True)
class Config:
    """
    What a container is run with: the `config` member of a configuration.
    """

    attach_stderr: bool = attrs.field(default=False, metadata=member("AttachStderr"))
    attach_stdin: bool = attrs.field(default=False, metadata=member("AttachStdin"))
    attach_stdout: bool = attrs.field(default=False, metadata=member("AttachStdout"))
    cmd: tuple[str, ...] = attrs.field(default=(), metadata=member("Cmd"))
    healthcheck: Healthcheck | None = attrs.field(default=None, metadata=member("Healthcheck"))
    domainname: str = attrs.field(default="", metadata=member("Domainname"))
    entrypoint: tuple[str, ...] = attrs.field(default=(), metadata=member("Entrypoint"))
    env: tuple[str, ...] = attrs.field(default=(), metadata=member("Env"))
    hostname: str = attrs.field(default="", metadata=member("Hostname"))
    image: str = attrs.field(default="", metadata=member("Image"))
    labels: FrozenMap[str, str] = attrs.field(default=EMPTY, metadata=member("Labels"))
    on_build: tuple[str, ...] = attrs.field(default=(), metadata=member("OnBuild"))
    open_stdin: bool = attrs.field(default=False, metadata=member("OpenStdin"))
    stdin_once: bool = attrs.field(default=False, metadata=member("StdinOnce"))
    tty: bool = attrs.field(default=False, metadata=member("Tty"))
    user: str = attrs.field(default="", metadata=member("User"))
    #: Mount points: the members of a JSON object whose values are empty objects.
    volumes: frozenset[str] = attrs.field(default=frozenset(), metadata=member("Volumes"))
    working_dir: str = attrs.field(default="", metadata=member("WorkingDir"))
    #: Ports such as `80/tcp`, likewise.
    exposed_ports: frozenset[str] = attrs.field(
        default=frozenset(), metadata=member("ExposedPorts")
    )
    args_escaped: bool = attrs.field(default=False, metadata=member("ArgsEscaped"))
    network_disabled: bool = attrs.field(default=False, metadata=member("NetworkDisabled"))
    mac_address: str = attrs.field(default="", metadata=member("MacAddress"))
    stop_signal: str = attrs.field(default="", metadata=member("StopSignal"))
    shell: tuple[str, ...] = attrs.field(default=(), metadata=member("Shell"))
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)


@record(kw_only=True)
class ConfigFile:
    """
    An image configuration: platform, run configuration, root file system, history.
    """

    architecture: str = attrs.field(default="", metadata=member("architecture", always=True))
    author: str = ""
    container: str = ""
    created: str = attrs.field(default=ZERO_TIME, metadata=member("created", always=True))
    docker_version: str = attrs.field(default="", metadata=member("docker_version"))
    history: tuple[History, ...] = ()
    os: str = attrs.field(default="", metadata=member("os", always=True))
    rootfs: RootFS = attrs.field(default=RootFS(), metadata=member("rootfs", always=True))
    config: Config = attrs.field(default=Config(), metadata=member("config", always=True))
    os_version: str = attrs.field(default="", metadata=member("os.version"))
    variant: str = ""
    os_features: tuple[str, ...] = attrs.field(default=(), metadata=member("os.features"))
    extra: FrozenMap[str, JSON] = attrs.field(default=EMPTY, hash=False)
    source: dict[str, Any] | None = attrs.field(default=None, eq=False, repr=False)

    @property
    def platform(self) -> Platform | None:
        """
        The platform this image runs on; None when the configuration does not say.
        """
        platform = Platform(
            architecture=self.architecture,
            os=self.os,
            os_version=self.os_version,
            os_features=self.os_features,
            variant=self.variant,
        )
        return None if platform == Platform() else platform
