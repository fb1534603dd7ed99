"""
Every field of a configuration, set and removed.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from ocikit import media
from ocikit._records import FrozenMap
from ocikit.content.image import NotAnImage
from ocikit.mutate.changes import ConfigInvalid
from ocikit.mutate.settings import config, configure, env, labels, platform
from ocikit.platforms import Platform, PlatformInvalid
from ocikit.query.validate import validate
from ocikit.spec.config import ZERO_TIME, Healthcheck, History
from tests.query.builders import artifact, image, layer


def test_documents_are_those_of_go() -> None:
    """
    The same edit of a configuration in Go's form gives Go's bytes: order, escapes, sorting.
    """
    made = config(
        image(),
        entrypoint=["/run", "<&>"],
        env={"B": "2", "A": "1"},
        labels={"z": "1", "a": "\u2028"},
        user="me",
        working_dir="/app",
        exposed_ports=["443/tcp", "80/tcp"],
        volumes={"/data"},
        healthcheck=Healthcheck(test=("CMD", "x"), interval=10**9),
    )
    assert made.config.content == (
        b'{"architecture":"amd64","created":"0001-01-01T00:00:00Z","os":"linux",'
        b'"rootfs":{"type":"layers","diff_ids":[]},"config":{'
        b'"Healthcheck":{"Test":["CMD","x"],"Interval":1000000000},'
        b'"Entrypoint":["/run","\\u003c\\u0026\\u003e"],"Env":["B=2","A=1"],'
        b'"Labels":{"a":"\\u2028","z":"1"},"User":"me","Volumes":{"/data":{}},'
        b'"WorkingDir":"/app","ExposedPorts":{"443/tcp":{},"80/tcp":{}}}}'
    )


FIELDS: list[tuple[str, Any, Any]] = [
    ("architecture", "arm64", "architecture"),
    ("author", "me", "author"),
    ("container", "c", "container"),
    ("created", "2026-01-02T03:04:05.6+02:00", "created"),
    ("docker_version", "1", "docker_version"),
    ("os", "windows", "os"),
    ("os_version", "10", "os.version"),
    ("variant", "v8", "variant"),
    ("os_features", ["win32k"], "os.features"),
    ("attach_stderr", True, "AttachStderr"),
    ("attach_stdin", True, "AttachStdin"),
    ("attach_stdout", True, "AttachStdout"),
    ("cmd", ["a", "b"], "Cmd"),
    ("domainname", "d", "Domainname"),
    ("entrypoint", ("a",), "Entrypoint"),
    ("env", ["A=1"], "Env"),
    ("hostname", "h", "Hostname"),
    ("image", "i", "Image"),
    ("labels", {"a": ""}, "Labels"),
    ("on_build", ["RUN x"], "OnBuild"),
    ("open_stdin", True, "OpenStdin"),
    ("stdin_once", True, "StdinOnce"),
    ("tty", True, "Tty"),
    ("user", "1000:1000", "User"),
    ("working_dir", "/w", "WorkingDir"),
    ("args_escaped", True, "ArgsEscaped"),
    ("network_disabled", True, "NetworkDisabled"),
    ("mac_address", "m", "MacAddress"),
    ("stop_signal", "SIGINT", "StopSignal"),
    ("shell", ["/bin/bash", "-c"], "Shell"),
]


@pytest.mark.parametrize(("field", "value", "member"), FIELDS)
def test_every_field_is_set_and_removed(field: str, value: Any, member: str) -> None:
    """
    Trap: what can be set can be removed, with None or with nothing in it.
    """
    base = image("linux/amd64", layer("a"))
    made = configure(base, {field: value})
    written = json.loads(made.config.content)
    found = {**written["config"], **{k: v for k, v in written.items() if k != "config"}}
    assert found[member] == (list(value) if isinstance(value, tuple) else value)
    assert validate(made) == ()
    if member in ("architecture", "os", "created"):
        # Go writes these even when they are empty.
        gone = json.loads(configure(made, {field: None}).config.content)
        assert gone[member] == (ZERO_TIME if field == "created" else "")
    else:
        assert configure(made, {field: None}) == base


@pytest.mark.parametrize("nothing", [None, [], ()])
def test_commands_can_be_emptied(nothing: Any) -> None:
    """
    An empty entrypoint is none; cmd and entrypoint do not touch one another.
    """
    base = image(config={"config": {"Cmd": ["c"], "Entrypoint": ["e"]}})
    made = config(base, entrypoint=nothing)
    assert json.loads(made.config.content)["config"] == {"Cmd": ["c"]}
    assert config(base, entrypoint=["x"]).config_file.config.cmd == ("c",)


def test_what_has_no_text_form_is_set_too() -> None:
    """
    Health checks, history, ports and volumes.
    """
    check = Healthcheck(test=("NONE",))
    made = config(image(), healthcheck=check, exposed_ports={"80/tcp"}, volumes=["/a", "/b"])
    assert made.config_file.config.healthcheck == check
    assert made.config_file.config.volumes == {"/a", "/b"}
    assert config(made, healthcheck=None, exposed_ports=None, volumes=()) == image()
    entries = [History(created_by="x", empty_layer=True)]
    assert config(image(), history=entries).config_file.history == tuple(entries)
    assert config(image(), workdir="/w").config_file.config.working_dir == "/w"
    with pytest.raises(ConfigInvalid, match="workdir: is working_dir"):
        config(image(), workdir="/w", working_dir=None)


def test_ports_are_replaced_as_a_whole() -> None:
    """
    A set is the whole of what is to be there, and what stays of it keeps its place.
    """
    base = image(config={"config": {"ExposedPorts": {"9/tcp": {}, "1/tcp": {"x": 1}}}})
    made = config(base, exposed_ports=["1/tcp", "5/udp"])
    assert json.loads(made.config.content)["config"]["ExposedPorts"] == {
        "1/tcp": {"x": 1},
        "5/udp": {},
    }


def test_single_ports_and_volumes_come_and_go() -> None:
    """
    A mapping leaves those that it does not name, and what is in them.
    """
    base = image(config={"config": {"Volumes": {"/b": {"x": 1}, "/a": {}}, "User": "me"}})
    made = config(
        base, volumes={"/a": None, "/c": True, "/d": False}, exposed_ports={"80/tcp": True}
    )
    assert json.loads(made.config.content)["config"] == {
        "Volumes": {"/b": {"x": 1}, "/c": {}},
        "User": "me",
        "ExposedPorts": {"80/tcp": {}},
    }
    back = config(made, volumes={"/a": True, "/c": None}, exposed_ports={"80/tcp": None})
    assert json.loads(back.config.content) == json.loads(base.config.content)
    assert config(base, volumes={"/b": True, "/e": None}) is base


def test_variables_are_set_in_place() -> None:
    """
    Trap: order is kept, PATH of the base stays, a variable twice is once afterwards.
    """
    base = image(config={"config": {"Env": ["PATH=/bin", "A=1", "odd", "B=2", "A=3", "AB=4"]}})
    made = env(base, {"A": "x=y", "C": ""}, remove=["B", "gone"])
    assert made.config_file.config.env == ("PATH=/bin", "A=x=y", "odd", "AB=4", "C=")
    assert config(base, env={"A": None}).config_file.config.env == (
        "PATH=/bin",
        "odd",
        "B=2",
        "AB=4",
    )
    assert config(base, env=["ONLY=1"]).config_file.config.env == ("ONLY=1",)


def test_windows_knows_no_case_in_variables() -> None:
    """
    A variable keeps the case it has; a new one is in upper case, as crane writes it.
    """
    base = image("windows/amd64", config={"config": {"Env": ["Path=c:\\"]}})
    made = env(base, {"PATH": "d:\\", "mode": "x"})
    assert made.config_file.config.env == ("Path=d:\\", "MODE=x")
    assert env(base, remove=["path"]).config_file.config.env == ()
    for both in ({"PATH": None, "path": "d:\\"}, {"path": "d:\\", "PATH": None}):
        assert config(base, env=both).config_file.config.env == ("Path=d:\\",)


def test_labels_are_merged() -> None:
    """
    Labels that are not named stay; an empty one is a label; None or `remove` takes one out.
    """
    base = image(config={"config": {"Labels": {"z": "1", "a": "2", "m": "3"}}})
    made = labels(base, {"m": "", "b": "4"}, remove=["a"])
    assert json.loads(made.config.content)["config"]["Labels"] == {"z": "1", "m": "", "b": "4"}
    assert config(made, labels=None).config_file.config.labels == FrozenMap()
    assert config(base, labels={"a": None}) == labels(base, remove=["a"])


def test_nothing_changed_is_the_image_itself() -> None:
    """
    What is set to what it is already leaves the bytes, however they are written.
    """
    base = image(config={"config": {"Env": ["A=1"], "Cmd": None, "Labels": {}}, "weird": 1})
    same = config(base, env={"A": "1"}, cmd=None, labels=None, user="", os="linux")
    assert same is base
    assert platform(base, "linux/amd64") is base


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"entrypoint": "sh"}, "expected a sequence"),
        ({"cmd": {"a"}}, "expected a sequence"),
        ({"cmd": [1]}, "expected text, got 1"),
        ({"volumes": "/data"}, "expected a sequence"),
        ({"volumes": 5}, "expected a sequence"),
        ({"volumes": {"/a": {}}}, "expected true or false"),
        ({"exposed_ports": {80: True}}, "expected text"),
        ({"user": 1000}, "expected text, got 1000"),
        ({"tty": 1}, "expected true or false"),
        ({"env": {"A": 1}}, "expected text"),
        ({"env": {"A=B": "1"}}, "cannot be the name of a variable"),
        ({"env": {"": "1"}}, "cannot be the name"),
        ({"env": "A=1"}, "expected a sequence"),
        ({"labels": ["a"]}, "expected a mapping"),
        ({"labels": {1: "a"}}, "expected text"),
        ({"healthcheck": {"Test": []}}, "expected a Healthcheck"),
        ({"history": ["x"]}, "expected a History"),
        ({"created": "2026-01-02"}, "is not like"),
        ({"created": 0}, "expected text"),
        ({"rootfs": None}, "no such field"),
        ({"extra": None}, "no such field"),
        ({"Cmd": ["a"]}, "no such field"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], message: str) -> None:
    """
    Trap: text is a sequence of letters, 1 is true, and a number is no user.
    """
    with pytest.raises(ConfigInvalid, match=message):
        configure(image(), changes)


def test_artifacts_have_no_configuration() -> None:
    """
    An artifact's config is opaque: it is neither opened nor replaced.
    """
    with pytest.raises(NotAnImage):
        config(artifact(), user="me")
    with pytest.raises(NotAnImage):
        platform(artifact(), "linux/amd64")


def test_platforms_are_overwritten() -> None:
    """
    OS, architecture, variant and version all, also with nothing; features where named.
    """
    old = {"os.version": "10.0", "os.features": ["win32k"], "variant": "v7"}
    base = image("windows/arm", config=old)
    made = platform(base, "linux/arm64/v8")
    assert made.platform == Platform(
        os="linux", architecture="arm64", variant="v8", os_features=("win32k",)
    )
    assert str(platform(made, "linux/aarch64").platform) == "linux/arm64"
    named = Platform(os="windows", architecture="amd64", os_features=("x",))
    assert platform(base, named).platform == named
    with pytest.raises(PlatformInvalid):
        platform(base, "a/b/c/d")


def test_layers_know_their_diff_ids_by_the_new_configuration() -> None:
    """
    The old configuration need not be fetched again for a layer's diff ID.
    """
    made = config(image("linux/amd64", layer("a", closed=True)), user="me")
    listed = made.layers[0].listed
    assert listed is not None
    assert listed.config is made.config
    assert made.layers[0].diff_id == layer("a").diff_id
    assert made.config.media_type == media.OCI_CONFIG
