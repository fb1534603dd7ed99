"""
Pull, push and copy while everything goes wrong: `python -m tests.faults [--runs N]`.

The registry is docker-registry, behind a proxy that breaks, stalls, cuts and garbles.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocikit.http.credentials import Basic, Keychain
from tests.faults.plan import HOPELESS, READING, WRITING, Scenario
from tests.faults.runs import Ground, Verb, behind_proxies
from tests.faults.table import Count, Grounds, count
from tests.real.docker_registry import PASSWORD, USER, started, started_with_tokens

CHAOS = (0.05, 0.1, 0.2)
#: How many more runs there are with chaos, of which no two are alike.
_MORE = 4


def main() -> int:
    """
    Count runs of each scenario, print them as a table, and fail if any lied.
    """
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--runs", type=int, default=100, help="runs of each scenario and verb")
    parser.add_argument("--jobs", type=int, default=3, help="runs at once")
    said = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _both(Path(folder)) as (open_, guarded):
        survived, hopeless = Count(), Count()
        for title, verbs, troubles in _SECTIONS:
            print(f"| {title} | {' | '.join(verbs)} |\n|---{'|---' * len(verbs)}|")
            for trouble in troubles:
                grounds = guarded if getattr(trouble, "fault", "") == "token" else open_
                seeds = range(said.runs * (_MORE if isinstance(trouble, float) else 1))
                row = [count(v, trouble, grounds, seeds, said.jobs) for v in verbs]
                print(f"| {_name(trouble)} | {' | '.join(map(str, row))} |", flush=True)
                for each in row:
                    _tell(trouble, each)
                total = sum(row, Count())
                if isinstance(trouble, Scenario) and not trouble.recoverable:
                    hopeless += total
                else:
                    survived += total
            print()
    return _judge(survived, hopeless)


_SECTIONS: tuple[tuple[str, tuple[Verb, ...], tuple[Scenario | float, ...]], ...] = (
    ("what befalls reading", ("pull", "copy"), READING),
    ("what befalls writing", ("push", "copy"), WRITING),
    ("any of these, to this share of requests", ("pull", "push", "copy"), CHAOS),
    ("what cannot be survived", ("pull", "copy"), HOPELESS),
)


@contextmanager
def _both(folder: Path) -> Iterator[tuple[Grounds, Grounds]]:
    """
    Run a registry that is open, and one that asks for tokens.
    """

    def knows(resource: object) -> Basic:
        return Basic(USER, PASSWORD)

    with started() as plain, started_with_tokens(folder) as guarded:
        yield _grounds(plain.host), _grounds(guarded.host, knows, "/private")


def _grounds(host: str, keychain: Keychain | None = None, folder: str = "") -> Grounds:
    @contextmanager
    def ground(seed: int) -> Iterator[Ground]:
        known = {} if keychain is None else {"keychain": keychain}
        with behind_proxies(host, seed, folder=folder, **known) as made:
            yield made

    with ground(0) as made:
        made.prepare()
    return ground


def _name(trouble: Scenario | float) -> str:
    return f"{trouble:.0%}" if isinstance(trouble, float) else trouble.name


def _tell(trouble: Scenario | float, found: Count) -> None:
    if found.errors:
        told = ", ".join(f"{name} {times}" for name, times in found.errors.most_common(3))
        print(f"{_name(trouble)}: {told}", file=sys.stderr, flush=True)


def _judge(survived: Count, hopeless: Count) -> int:
    share = survived.fine / survived.runs if survived.runs else 0.0
    lies = survived.wrong + hopeless.wrong
    partial = survived.partial + hopeless.partial
    print(
        f"{survived.fine} of {survived.runs} runs ({share:.2%}) got through "
        f"{survived.faults} faults; of all {survived.runs + hopeless.runs} runs {lies} ended "
        f"well with wrong bytes, and {partial} left a part to be seen."
    )
    return int(share < 0.99 or lies > 0 or partial > 0 or hopeless.fine > 0)


if __name__ == "__main__":
    sys.exit(main())
