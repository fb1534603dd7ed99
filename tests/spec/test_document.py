"""
Documents: bytes are identity, and an edit touches what it changes.
"""

from __future__ import annotations

import pickle

import pytest

from ocikit._records import FrozenMap, evolve
from ocikit.digest import Digest
from ocikit.platforms import Platform
from ocikit.spec.config import Config, ConfigFile, Healthcheck, History, RootFS
from ocikit.spec.descriptor import MAX_SIZE, Descriptor, SizeInvalid
from ocikit.spec.dockersave import SavedImage
from ocikit.spec.document import Document, edit, make, read
from ocikit.spec.gojson import JSONInvalid
from ocikit.spec.layout import LayoutMarker
from ocikit.spec.manifest import IndexManifest, Manifest

DIGEST = Digest("sha256", "a" * 64)
CONFIG = Descriptor(media_type="x/y", size=2, digest=DIGEST)
SAID = f'{{"mediaType":"x/y","size":2,"digest":"{DIGEST}"}}'

GOLDEN = {
    "manifest": (
        Manifest(config=CONFIG),
        f'{{"schemaVersion":2,"config":{SAID},"layers":[]}}',
    ),
    "manifest with all": (
        Manifest(
            artifact_type="a/b",
            subject=CONFIG,
            annotations=FrozenMap(b="<&>", a="é"),
            layers=(CONFIG,),
            config=CONFIG,
            media_type="m/t",
        ),
        f'{{"schemaVersion":2,"mediaType":"m/t","config":{SAID},"layers":[{SAID}],'
        f'"annotations":{{"a":"é","b":"\\u003c\\u0026\\u003e"}},"subject":{SAID},'
        f'"artifactType":"a/b"}}',
    ),
    "index": (
        IndexManifest(manifests=(CONFIG,), subject=CONFIG),
        f'{{"schemaVersion":2,"manifests":[{SAID}],"subject":{SAID}}}',
    ),
    "descriptor with all": (
        Descriptor(
            artifact_type="a/b",
            platform=Platform(
                features=("sse4",),
                variant="v8",
                os_features=("win32k",),
                os_version="10",
                os="linux",
                architecture="arm64",
            ),
            annotations=FrozenMap(a="b"),
            urls=("https://a/?b&c",),
            data=b"{}",
            digest=DIGEST,
            size=2,
            media_type="x/y",
        ),
        f'{{"mediaType":"x/y","size":2,"digest":"{DIGEST}","data":"e30=",'
        '"urls":["https://a/?b\\u0026c"],"annotations":{"a":"b"},"platform":{"architecture":'
        '"arm64","os":"linux","os.version":"10","os.features":["win32k"],"variant":"v8",'
        '"features":["sse4"]},"artifactType":"a/b"}',
    ),
    "platform of nothing": (Platform(), '{"architecture":"","os":""}'),
    "config": (
        ConfigFile(),
        '{"architecture":"","created":"0001-01-01T00:00:00Z","os":"","rootfs":{"type":"layers",'
        '"diff_ids":[]},"config":{}}',
    ),
    "config with all": (
        ConfigFile(
            os_features=("f",),
            variant="v8",
            os_version="10",
            config=Config(user="1"),
            rootfs=RootFS(diff_ids=(DIGEST,)),
            os="linux",
            history=(
                History(empty_layer=True, comment="c", created_by="<b>", author="a"),
                History(),
            ),
            docker_version="1",
            created="2024-01-01T00:00:00.5Z",
            container="id",
            author="me",
            architecture="arm64",
        ),
        '{"architecture":"arm64","author":"me","container":"id","created":"2024-01-01T00:00:00.5Z",'
        '"docker_version":"1","history":[{"author":"a","created":"0001-01-01T00:00:00Z",'
        '"created_by":"\\u003cb\\u003e","comment":"c","empty_layer":true},'
        '{"created":"0001-01-01T00:00:00Z"}],"os":"linux","rootfs":{"type":"layers",'
        f'"diff_ids":["{DIGEST}"]}},"config":{{"User":"1"}},"os.version":"10","variant":"v8",'
        '"os.features":["f"]}',
    ),
    "run config": (
        Config(
            shell=("s",),
            stop_signal="T",
            mac_address="m",
            network_disabled=True,
            args_escaped=True,
            exposed_ports=frozenset(["80/tcp", "53/udp"]),
            working_dir="/",
            volumes=frozenset(["/v"]),
            user="u",
            tty=True,
            stdin_once=True,
            open_stdin=True,
            on_build=("o",),
            labels=FrozenMap(b="1", a="2"),
            image="i",
            hostname="h",
            env=("A=b",),
            entrypoint=("e",),
            domainname="d",
            healthcheck=Healthcheck(retries=3, start_period=2, timeout=1, interval=9, test=("t",)),
            cmd=("c",),
            attach_stdout=True,
            attach_stdin=True,
            attach_stderr=True,
        ),
        '{"AttachStderr":true,"AttachStdin":true,"AttachStdout":true,"Cmd":["c"],"Healthcheck":'
        '{"Test":["t"],"Interval":9,"Timeout":1,"StartPeriod":2,"Retries":3},"Domainname":"d",'
        '"Entrypoint":["e"],"Env":["A=b"],"Hostname":"h","Image":"i","Labels":{"a":"2","b":"1"},'
        '"OnBuild":["o"],"OpenStdin":true,"StdinOnce":true,"Tty":true,"User":"u","Volumes":'
        '{"/v":{}},"WorkingDir":"/","ExposedPorts":{"53/udp":{},"80/tcp":{}},"ArgsEscaped":true,'
        '"NetworkDisabled":true,"MacAddress":"m","StopSignal":"T","Shell":["s"]}',
    ),
    "saved image": (
        SavedImage(config="c", layer_sources=FrozenMap({DIGEST: CONFIG})),
        f'{{"Config":"c","RepoTags":[],"Layers":[],"LayerSources":{{"{DIGEST}":{SAID}}}}}',
    ),
    "layout": (LayoutMarker(), '{"imageLayoutVersion":"1.0.0"}'),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_new_documents_are_written_as_go_writes_them(name: str) -> None:
    """
    The order of Go's structs, sorted maps, its escapes, and its omissions.
    """
    record, written = GOLDEN[name]
    assert make(record).raw.decode() == written
    assert read(written.encode(), type(record)).value == record


RAW = (
    b'{\n  "layers": [], "x": null, "config": {"size": 2, "digest": "sha256:'
    + b"a" * 64
    + b'", "y": 1.50, "mediaType": "x/y", "urls": null},\n  "annotations": {"b": "1", "a": "2"},'
    b' "schemaVersion": 2\n}'
)


def compact(raw: bytes) -> bytes:
    """
    Drop the whitespace of `RAW`.
    """
    return raw.replace(b"\n", b"").replace(b" ", b"")


def test_unchanged_documents_keep_their_bytes() -> None:
    """
    Whitespace too, as long as nothing was changed.
    """
    document = read(RAW, Manifest, "m/t", "sha512")
    for same in (
        edit(document, lambda manifest: manifest),
        edit(document, lambda manifest: evolve(manifest, schema_version=2)),
        edit(document, lambda _: evolve(read(RAW, Manifest).value)),
    ):
        assert same.raw is RAW
        assert same == document
        assert (same.media_type, same.algorithm) == ("m/t", "sha512")


@pytest.mark.parametrize(
    ("change", "before", "after"),
    [
        ({"schema_version": 3}, b'"schemaVersion": 2', b'"schemaVersion":3'),
        ({"media_type": "m/t"}, b'"schemaVersion": 2', b'"schemaVersion":2,"mediaType":"m/t"'),
        ({"annotations": FrozenMap()}, b'"annotations": {"b": "1", "a": "2"},', b""),
        (
            {"annotations": FrozenMap(c="3", a="2", b="<")},
            b'{"b": "1", "a": "2"}',
            b'{"b":"\\u003c","a":"2","c":"3"}',
        ),
        ({"layers": (CONFIG,)}, b'"layers": []', f'"layers":[{SAID}]'.encode()),
        ({"extra": FrozenMap()}, b'"x": null, ', b""),
        ({"extra": FrozenMap(x=None, z=[])}, b'"schemaVersion": 2', b'"schemaVersion":2,"z":[]'),
        ({"extra": FrozenMap(x=1)}, b'"x": null', b'"x":1'),
        (
            {"subject": CONFIG},
            b'"a": "2"},',
            f'"a":"2"}},"subject":{SAID},'.encode(),
        ),
    ],
)
def test_an_edit_touches_one_member(change: dict[str, object], before: bytes, after: bytes) -> None:
    """
    Order, nulls, unknown members and odd numbers of all others stay.
    """
    assert RAW.count(before) == 1
    edited = edit(read(RAW, Manifest), lambda manifest: evolve(manifest, **change))
    assert edited.raw == compact(RAW.replace(before, after))
    assert edited.value == evolve(read(RAW, Manifest).value, **change)


def test_an_edit_inside_touches_one_member() -> None:
    """
    A descriptor that is changed keeps what it had, nulls too.
    """
    edited = edit(
        read(RAW, Manifest),
        lambda manifest: evolve(manifest, config=evolve(manifest.config, size=3)),
    )
    assert edited.raw == compact(RAW.replace(b'"size": 2', b'"size": 3'))


def test_sorted_maps_stay_sorted() -> None:
    """
    Go writes maps sorted: what is added to a sorted one goes where Go puts it.
    """
    raw = b'{"Labels":{"a":"1","c":"3"},"Volumes":{"/b":{"x":1}}}'
    edited = edit(
        read(raw, Config),
        lambda config: evolve(
            config, labels=config.labels.set("b", "2"), volumes=config.volumes | {"/a"}
        ),
    )
    assert edited.raw == (b'{"Labels":{"a":"1","b":"2","c":"3"},"Volumes":{"/a":{},"/b":{"x":1}}}')


def test_what_was_null_can_be_given_and_taken() -> None:
    """
    A null stays while its member is empty, and gives its place to a value.
    """
    raw = b'{"Env":null,"Cmd":null}'
    edited = edit(read(raw, Config), lambda config: evolve(config, cmd=("a",)))
    assert edited.raw == b'{"Env":null,"Cmd":["a"]}'
    assert edit(edited, lambda config: evolve(config, cmd=())).raw == b'{"Env":null}'


def test_documents_are_values() -> None:
    """
    Equal when their bytes are, whatever they were served as; they pickle.
    """
    document = read(RAW, Manifest)
    assert document == read(RAW, Manifest, "other/type")
    assert hash(document) == hash(read(RAW, Manifest, "other/type"))
    assert document != read(RAW + b" ", Manifest)
    assert pickle.loads(pickle.dumps(document)).value == document.value
    assert document.size == len(RAW)
    assert document.digest == Digest.of(RAW)
    assert read(RAW, Manifest, algorithm="sha512").digest == Digest.of(RAW, "sha512")


def test_errors_name_the_document() -> None:
    """
    Whoever reads the log knows what was read.
    """
    wrong: Document[ConfigFile] = read(b"[]", ConfigFile)
    with pytest.raises(JSONInvalid, match=r"^config: \$: expected object"):
        _ = wrong.value
    for size in (-1, MAX_SIZE + 1):
        with pytest.raises(SizeInvalid):
            Descriptor(media_type="", digest=DIGEST, size=size)
