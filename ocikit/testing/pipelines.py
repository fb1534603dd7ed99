"""
Strategies of changes: steps and pipelines that every image can take.
"""

from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from ocikit import media
from ocikit.content.compression import Gzip, Plain, Zstd
from ocikit.content.layer import Layer
from ocikit.content.partial import image_of
from ocikit.digest import Digest
from ocikit.mutate import steps as known
from ocikit.mutate.attestations import Attestations
from ocikit.mutate.pipeline import Pipeline, Step
from ocikit.spec import match
from ocikit.spec.config import ConfigFile
from ocikit.spec.descriptor import Descriptor
from ocikit.spec.match import Match
from ocikit.testing.contents import layers as any_layers
from ocikit.testing.documents import Given, annotations, given, platforms

_NAMES: Final = st.lists(st.sampled_from(["PATH", "A", "key"]), max_size=2, unique=True)
_VARIABLES: Final[tuple[dict[str, str], ...]] = (
    {},
    {"A": "1"},
    {"PATH": "/bin", "B": ""},
    {"B": "é"},
)
_CHANGES: Final[tuple[Any, ...]] = (
    {"entrypoint": ("/app/run",), "cmd": None},
    {"cmd": ("sh", "-c", "a && b")},
    {"env": {"A": "1", "PATH": None}},
    {"user": "65532", "working_dir": "/app"},
    {"volumes": {"/data"}, "exposed_ports": {"80/tcp"}},
    {"created": "2026-01-02T03:04:05Z", "author": "A. <a@example.com>"},
    {"labels": None, "stop_signal": "SIGTERM"},
)
_CHECKS: Final[tuple[Any, ...]] = (
    {"test": None},
    {"test": "curl -f localhost", "interval": "1m30s"},
    {"test": ("NONE",), "retries": 3},
)
#: Steps that want something of the image they are for, or say of it what is not so.
NOT_FOR_ALL: Final = frozenset[type[Any]](
    [
        *(known.SetConfigType, known.SetMediaType, known.SetIndexType),
        *(known.EditHistory, known.Rebase, known.RemoveLayers, known.Replace),
    ]
)
_ATTESTATIONS: Final[tuple[Attestations, ...]] = ("relink", "keep", "drop")
_SUBJECT: Final = Descriptor(media_type=media.OCI_MANIFEST, size=2, digest=Digest.of(b"{}"))


def matches() -> SearchStrategy[Match]:
    """
    Predicates over the children of an index; they shrink to one that all satisfy.

    >>> from hypothesis import find
    >>> find(matches(), lambda match: True)
    AllOf(matches=())
    """
    plain = st.one_of(
        st.just(match.all_of()),
        platforms().map(match.platform),
        platforms().map(match.exactly),
        st.just(match.media_type(media.OCI_MANIFEST)),
        st.just(match.annotation("key")),
    )
    return (
        plain | plain.map(match.not_) | st.lists(plain, max_size=2).map(lambda m: match.any_of(*m))
    )


def steps(*, layers: SearchStrategy[Layer] | None = None) -> SearchStrategy[Step]:
    """
    Steps of every kind that any image takes and is good afterwards.

    Those of `NOT_FOR_ALL` are not among them.

    Args:
        layers: those that are appended.

    >>> from hypothesis import find
    >>> find(steps(), lambda step: True)
    ToOCI()
    """
    return st.one_of(*_by_class(any_layers() if layers is None else layers).values())


def _by_class(layers: SearchStrategy[Layer]) -> dict[type[Any], SearchStrategy[Any]]:
    texts = st.sampled_from(_VARIABLES)
    return {
        known.ToOCI: st.just(known.ToOCI()),
        known.ToDocker: st.just(known.ToDocker()),
        known.SetEnv: st.builds(known.SetEnv, texts, _NAMES),
        known.SetLabels: st.builds(known.SetLabels, annotations(), _NAMES),
        known.SetConfig: st.sampled_from(_CHANGES).map(known.SetConfig),
        known.SetPlatform: platforms().map(known.SetPlatform),
        known.Annotate: st.builds(known.Annotate, annotations(), _NAMES),
        known.AnnotateIndex: st.builds(known.AnnotateIndex, annotations(), _NAMES),
        known.SetSubject: st.sampled_from([None, _SUBJECT]).map(known.SetSubject),
        known.SetArtifactType: st.sampled_from([None, "application/vnd.example"]).map(
            known.SetArtifactType
        ),
        known.Append: st.builds(
            known.Append,
            st.lists(layers, max_size=2),
            created_by=st.sampled_from(["", "COPY . /app"]),
        ),
        known.Add: st.lists(layers, max_size=1).map(_added),
        known.Describe: st.builds(
            known.Describe, matches(), annotations=annotations(), remove_annotations=_NAMES
        ),
        known.SetIndexSubject: st.sampled_from([None, _SUBJECT]).map(known.SetIndexSubject),
        known.SetIndexArtifactType: st.sampled_from([None, "application/vnd.example"]).map(
            known.SetIndexArtifactType
        ),
        known.SetHealthcheck: st.sampled_from(_CHECKS).map(known.SetHealthcheck),
        **_remaking(),
        known.Keep: matches().map(known.Keep),
        known.Remove: matches().map(known.Remove),
    }


def _remaking() -> dict[type[Any], SearchStrategy[Any]]:
    compressions = st.sampled_from([Gzip(), Zstd(), Plain()])
    times = st.sampled_from([0, 10**9, "2026-01-02T03:04:05Z"])
    ends = st.integers(-2, 3)
    paths = st.lists(st.sampled_from(["etc", "app/lib/*", "**/run", "a"]), max_size=2)
    return {
        known.Canonical: st.just(known.Canonical()),
        known.Retime: st.builds(known.Retime, times, st.booleans()),
        known.Recompress: st.builds(known.Recompress, compressions),
        known.RemovePaths: paths.map(known.RemovePaths),
        known.Flatten: st.builds(known.Flatten, st.none() | compressions),
        known.Squash: st.builds(known.Squash, ends, st.none() | ends),
    }


def _added(layers: list[Layer]) -> known.Add:
    return known.Add([image_of(ConfigFile(os="linux", architecture="amd64"), layers)])


def pipelines(
    *,
    steps: SearchStrategy[Step] = steps(),
    max_steps: int = 4,
    select: Given[Match | None] = st.none() | matches(),
    attestations: Given[Attestations] = st.sampled_from(_ATTESTATIONS),
) -> SearchStrategy[Pipeline]:
    """
    Pipelines that any image or index takes; they shrink to one of no steps.

    Args:
        steps: what is in them.
        max_steps: how many at most.
        select: which images of an index are meant.
        attestations: what becomes of attestations.

    >>> from hypothesis import find
    >>> find(pipelines(), lambda pipeline: len(pipeline.steps) == 1).steps
    (ToOCI(),)
    """
    return st.builds(
        Pipeline,
        st.lists(steps, max_size=max_steps),
        select=given(select),
        attestations=given(attestations),
    )
