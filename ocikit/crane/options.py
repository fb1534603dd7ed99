"""
What every verb may be told, given explicitly: no verb reads the environment.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import attrs

from ocikit._records import FrozenMap, evolve, record
from ocikit.name.locator import Locator, RegistryPlace
from ocikit.name.records import Repository
from ocikit.platforms import LINUX_AMD64, Platform
from ocikit.progress import Report, quiet
from ocikit.registry.client import Client

if TYPE_CHECKING:
    from ocikit.cache.store import Cache
    from ocikit.content.compression import Compression
    from ocikit.content.streams import Opener
    from ocikit.daemon.engine import Engine
    from ocikit.files.copy import Sink

Notice = Callable[[str], None]


def unnoticed(text: str) -> None:
    """
    Tell nobody.
    """


@record(kw_only=True)
class Options:
    """
    How verbs reach places, and what they tell on the way.
    """

    #: How registries are reached, and with which credentials.
    client: Client = attrs.field(factory=Client)
    #: How registries are reached that are written to; as those that are read when None.
    target: Client | None = None
    #: The container engine behind `docker-daemon:`; or the variables that choose one
    #: (DOCKER_HOST, DOCKER_CONTEXT...), none of them for Docker's own socket.
    engine: Engine | Mapping[str, str] = FrozenMap()
    #: The platforms wanted of an index; none means the index as it is.
    platforms: tuple[Platform, ...] = ()
    #: What is taken of an index where only one image can be, and none was asked for.
    preferred: Platform = LINUX_AMD64
    #: Whether layers that are not to be distributed travel too.
    foreign: bool = False
    #: Whether blobs in files get a second name in layouts and plain directories, rather
    #: than be copied; whoever then writes into one of the files changes both.
    link: bool = False
    #: Whether names are read as go-containerregistry reads them.
    weak: bool = False
    #: How layers are compressed that come from a docker archive or an engine, which have
    #: them uncompressed; None leaves them so, but on their way to a registry.
    compression: Compression | None = None
    #: What comes from registries is kept there, and not fetched again; None for nowhere.
    cache: Cache | None = None
    #: What is read where an archive is called `-`, as often as that is; without it `-` is
    #: the name of a file.
    stdin: Callable[[], Opener] | None = None
    #: What is written to where an archive is called `-`.
    stdout: Callable[[], Sink] | None = None
    #: Told what moves, one update at a time.
    report: Report = quiet
    #: Told what a person should know though nothing failed.
    notice: Notice = unnoticed


def writing(options: Options) -> Client:
    """
    Give the way to registries that are written to.
    """
    return options.target or options.client


def read_from(path: str, options: Options) -> str | Opener:
    """
    Give what an archive is read from: the file of that path, or for `-` what is piped in.
    """
    return options.stdin() if path == "-" and options.stdin is not None else path


def written_to(path: str, options: Options) -> str | Sink:
    """
    Give what an archive is written to: the file of that path, or for `-` what is piped to.
    """
    return options.stdout() if path == "-" and options.stdout is not None else path


def for_registry(options: Options) -> Options:
    """
    Have layers compressed that a docker archive or an engine has uncompressed, as is due
    where content travels and is kept; said otherwise, it is as it was said.
    """
    if options.compression is not None:
        return options
    from ocikit.content.compression import DEFAULT

    return evolve(options, compression=DEFAULT)


def for_target(target: Locator | Repository, options: Options) -> Options:
    """
    Tell how content is loaded that goes to a place: as `for_registry` has it for registries.

    >>> from ocikit.name.parse import parse_repository
    >>> for_target(parse_repository("r.example/a"), Options()).compression is None
    False
    """
    return for_registry(options) if isinstance(target, RegistryPlace | Repository) else options


def engine_of(options: Options) -> Engine:
    """
    Give the container engine that is meant.

    Raises:
        EngineHostInvalid: its address is none.
        ContextMissing, ContextInvalid: a context of Docker's cannot be used.
    """
    if not isinstance(options.engine, Mapping):
        return options.engine
    from ocikit.daemon.contexts import chosen

    return chosen(options.engine)
