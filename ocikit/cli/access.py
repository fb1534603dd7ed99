"""
Options about registries: who we are to them, whom we trust, how long we wait.

There are many, and every command takes them: the help of the whole program lists them,
and that of a command says so in a line.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import click

_SECONDS: Final = click.FloatRange(min=0, min_open=True)
#: Shown in the help of commands, in place of all these options.
_IN_SHORT: Final = (
    "--creds, --cacert, --retries ...",
    "Credentials, certificates, timeouts and retries: see `ocikit --help`.",
)


class AccessOption(click.Option):
    """
    An option that only the help of the whole program tells in full.
    """

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        """
        Give its own line, or one for all of its kind.
        """
        if ctx.parent is None:
            return super().get_help_record(ctx)
        return _IN_SHORT if self.name == "creds" else None


def option(
    *names: str, cls: type[click.Option] = click.Option, **rest: Any
) -> Callable[[Any], Any]:
    """
    Make an option once, as a decorator for all commands: making them takes time.
    """
    made = cls(names, **rest)
    return click.option(cls=lambda *_, **__: made)  # type: ignore[arg-type]  # a function serves


def _option(*names: str, **rest: Any) -> Callable[[Any], Any]:
    return option(*names, cls=AccessOption, **rest)


def _several(*names: str, **rest: Any) -> Callable[[Any], Any]:
    return _option(*names, multiple=True, **rest)


def _keychains(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    from ocikit.cli.keychains import names

    return names(incomplete)


#: By the name of what they set.
OPTIONS: Final = {
    "creds": _several(
        "--creds",
        metavar="[REGISTRY[/PATH]=]USER[:PASSWORD]",
        help="Be this user; repeat it for several registries or paths. A terminal is asked for "
        "what is missing; the user `<token>` has an identity token.  [env: OCIKIT_CREDS]",
    ),
    "src_creds": _several(
        "--src-creds",
        metavar="...",
        help="The same, only for what is read.  [env: OCIKIT_SRC_CREDS]",
    ),
    "dest_creds": _several(
        "--dest-creds",
        metavar="...",
        help="The same, only for what is written.  [env: OCIKIT_DEST_CREDS]",
    ),
    "no_creds": _option("--no-creds", is_flag=True, help="Be nobody, whatever is kept."),
    "src_no_creds": _option("--src-no-creds", is_flag=True, hidden=True),
    "dest_no_creds": _option("--dest-no-creds", is_flag=True, hidden=True),
    "authfile": _option(
        "--authfile",
        metavar="FILE",
        help="Find and keep credentials in this file only, as docker's or podman's.",
    ),
    "src_authfile": _option(
        "--src-authfile",
        metavar="FILE",
        help="Find credentials there for what is read.",
    ),
    "dest_authfile": _option(
        "--dest-authfile",
        metavar="FILE",
        help="Find credentials there for what is written.",
    ),
    "keychain": _several(
        "--keychain",
        metavar="NAME",
        shell_complete=_keychains,
        help="Find credentials there; repeat it, and each is asked in turn. `default` are the "
        "files of docker and podman, which are also `docker`, `podman` and `env` alone; `google`, "
        "`ecr` and `acr` are asked for their own registries; `github`, `kubernetes`, `keyring`; "
        "`all` are default, github and the clouds; `none`.  [env: OCIKIT_KEYCHAIN; default: "
        "default]",
    ),
    "github_token": _option(
        "--github-token",
        is_flag=True,
        help="Use GITHUB_TOKEN for ghcr.io when no other credentials are kept.",
    ),
    "trust_realm": _several(
        "--trust-realm",
        metavar="HOST[:PORT]",
        help="Let registries send us there, and show their token service our credentials, "
        "though it is of another domain; `auth login` remembers it.",
    ),
    "cacert": _several("--cacert", metavar="FILE", help="Trust these authorities (PEM), too."),
    "cert": _option("--cert", metavar="FILE", help="Show registries this certificate (PEM)."),
    "key": _option("--key", metavar="FILE", help="Its key; in the same file if none."),
    "cert_dir": _option(
        "--cert-dir",
        metavar="DIR",
        help="Take all three from a folder: *.crt, *.cert, *.key. Each registry's own is looked "
        "for where docker and podman have them (certs.d).",
    ),
    "src_cert_dir": _option("--src-cert-dir", metavar="DIR", hidden=True),
    "dest_cert_dir": _option("--dest-cert-dir", metavar="DIR", hidden=True),
    "src_insecure": _option(
        "--src-insecure", is_flag=True, help="As --insecure, for what is read."
    ),
    "dest_insecure": _option(
        "--dest-insecure", is_flag=True, help="As --insecure, for what is written."
    ),
    "unix_socket": _several(
        "--unix-socket", metavar="HOST=PATH", help="Reach this host over a unix socket."
    ),
    "retries": _option(
        "--retries",
        "--retry-times",
        type=click.IntRange(min=0),
        metavar="N",
        help="Try again so often what may pass.  [default: 4]",
    ),
    "retry_delay": _option(
        "--retry-delay",
        type=_SECONDS,
        metavar="SECONDS",
        help="Wait so long before the second try, and longer each time.  [default: 0.5]",
    ),
    "connect_timeout": _option(
        "--connect-timeout",
        type=_SECONDS,
        metavar="SECONDS",
        help="Wait so long for a connection.  [default: 15]",
    ),
    "idle_timeout": _option(
        "--idle-timeout",
        type=_SECONDS,
        metavar="SECONDS",
        help="Wait so long for the next byte.  [default: 60]",
    ),
    "least_speed": _option(
        "--least-speed",
        type=click.IntRange(min=0),
        metavar="BYTES",
        help="Give up what moves fewer a second, measured over --idle-timeout; 0 never does.  "
        "[default: 1024]",
    ),
}
