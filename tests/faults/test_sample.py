"""
A sample of what `python -m tests.faults` does at length.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from ocikit.http.credentials import Basic
from tests.faults.plan import HOPELESS, READING, WRITING, Chaos, Scenario, kind_of
from tests.faults.runs import Ground, Verb, behind_proxies, in_process
from tests.faults.table import Grounds, count
from tests.real.docker_registry import DockerRegistry

# A line that broke amid chaos has once been closed by the collector of garbage alone.
pytestmark = pytest.mark.filterwarnings(
    "default:unclosed <socket:ResourceWarning",
    "default:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning",
)

READ_BY: tuple[Verb, ...] = ("pull", "copy")
WRITTEN_BY: tuple[Verb, ...] = ("push", "copy")
CASES = [
    *((scenario, verb) for scenario in READING for verb in READ_BY),
    *((scenario, verb) for scenario in WRITING for verb in WRITTEN_BY),
]


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """
    See that what a test left is collected with it, and not within another.
    """
    yield
    gc.collect()


@contextmanager
def memory(seed: int) -> Iterator[Ground]:
    """
    A new registry in this process.
    """
    ground = in_process(seed)
    ground.prepare()
    yield ground


@pytest.mark.parametrize(("scenario", "verb"), CASES, ids=lambda v: getattr(v, "name", v))
def test_it_gets_through_in_process(scenario: Scenario, verb: Verb) -> None:
    """
    Over a `Send` that fails, nothing is lost, and nothing wrong is taken for right.
    """
    found = count(verb, scenario, memory, range(2))
    assert (found.fine, found.wrong, found.partial) == (found.runs, 0, 0), found.errors


@pytest.mark.parametrize("verb", ["pull", "push", "copy"])
def test_it_gets_through_chaos_in_process(verb: Verb) -> None:
    """
    With a fifth of all requests struck, in any way that fits them.
    """
    found = count(verb, 0.2, memory, range(15))
    assert found.runs
    assert (found.wrong, found.partial) == (0, 0)
    assert found.fine >= 0.9 * found.runs, found.errors


@pytest.mark.parametrize("scenario", HOPELESS, ids=lambda v: v.name)
@pytest.mark.parametrize("verb", ["pull", "copy"])
def test_it_does_not_lie_about_what_is_hopeless(scenario: Scenario, verb: Verb) -> None:
    """
    It ends with an error, and nothing of the image is to be seen.
    """
    found = count(verb, scenario, memory, range(2))
    assert found.runs
    assert (found.fine, found.wrong, found.partial) == (0, 0, 0)


def _open(registry: DockerRegistry) -> Grounds:
    @contextmanager
    def ground(seed: int) -> Iterator[Ground]:
        with behind_proxies(registry.host, seed) as made:
            made.prepare()
            yield made

    return ground


@pytest.mark.real
@pytest.mark.parametrize(("trouble", "verb"), [(READING[0], "pull"), (WRITING[0], "push")])
def test_it_gets_through_with_a_real_registry(
    docker_registry: DockerRegistry, trouble: Scenario, verb: Verb
) -> None:
    """
    Behind a proxy that breaks lines byte by byte.
    """
    found = count(verb, trouble, _open(docker_registry), range(2), jobs=2)
    assert (found.fine, found.wrong, found.partial) == (found.runs, 0, 0), found.errors


@pytest.mark.real
def test_it_gets_through_chaos_with_a_real_registry(docker_registry: DockerRegistry) -> None:
    """
    A copy, in which a tenth of all requests are struck.
    """
    found = count("copy", 0.1, _open(docker_registry), range(6), jobs=2)
    assert (found.wrong, found.partial) == (0, 0)
    assert found.fine >= found.runs - 1, found.errors


@pytest.mark.real
def test_tokens_past_their_time_are_replaced(docker_registry_token: DockerRegistry) -> None:
    """
    The registry itself refuses them; uploads are not sent in vain for long.
    """
    registry = docker_registry_token

    @contextmanager
    def ground(seed: int) -> Iterator[Ground]:
        def knows(resource: object) -> Basic:
            return Basic(registry.user, registry.password)

        with behind_proxies(registry.host, seed, knows, "/private") as made:
            made.prepare()
            yield made

    for verb in WRITTEN_BY:
        scenario = next(each for each in WRITING if each.fault == "token")
        found = count(verb, scenario, ground, range(2))
        assert found.fine == found.runs, found.errors


def test_a_seed_gives_the_same_faults() -> None:
    """
    What went wrong once can be looked at again.
    """
    requests = [("GET", "/v2/a/blobs/x"), ("PUT", "/v2/a/manifests/1"), ("GET", "/v2/")] * 20
    one, two = ([Chaos(0.3, 7).decide(*each) for each in requests] for _ in range(2))
    assert one == two


@pytest.mark.parametrize(
    ("method", "target", "kind"),
    [
        ("GET", "/v2/a/blobs/sha256:00", "GET blob"),
        ("PUT", "/v2/a/blobs/uploads/1?digest=sha256:00", "PUT upload"),
        ("HEAD", "/v2/a/manifests/1", "HEAD manifest"),
        ("GET", "/v2/", "other"),
    ],
)
def test_requests_are_told_apart(method: str, target: str, kind: str) -> None:
    """
    Each fault fits some of them.
    """
    assert kind_of(method, target) == kind
