"""
Files that say what is to be in sync: what they mean, and what is said of mistakes.
"""

from __future__ import annotations

import contextlib
import pickle
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit import platforms
from ocikit._records import FrozenMap
from ocikit.bulk.sync_entries import Entry, Named, SyncFile, Whole
from ocikit.bulk.sync_faults import SyncInvalid
from ocikit.bulk.sync_file import read_sync
from ocikit.bulk.sync_limits import Limits, Rate
from ocikit.bulk.sync_shelf import Folder, Prefix
from ocikit.name.parse import parse_registry, parse_repository
from ocikit.query.tagged import TagFilter

README = (Path(__file__).parents[2] / "README.md").read_text()

WHOLE = """
[defaults]
platforms = ["linux/amd64"]
referrers = true
delete-at-most = "30%"

[registries."docker.io"]
pulls = "100/6h"
requests = "600 / m"

[[sync]]
name = "debian"
repository = "debian"
targets = ["r.example/mirror/debian", "oci:/srv/debian"]
delete = true
immutable = "*.*"

[sync.tags]
include = ["12*", "v*"]
exclude = "*-rc*"
include-regex = ['\\d+']
semver = ">=12"
newest = 3
short = true

[[sync]]
image = "debian:12"
targets = ["r.example/base", "oci:out:base"]
referrers = "new"
platforms = []

[[sync]]
registry = "quay.example"
repositories = ["team/**", "one"]
exclude-repositories = ["team/secret"]
targets = ["r.example/quay", "oci:/srv/quay", "other.example"]
tags = ["1.*"]
overwrite = false
"""


def test_what_a_file_says() -> None:
    """
    Every key reaches its record; what an entry says is stronger than what is usual.
    """
    file = read_sync(WHOLE, "here.toml")
    amd64 = (platforms.parse("linux/amd64"),)
    hub, quay = parse_registry("docker.io"), parse_registry("quay.example")
    debian, mine = parse_repository("debian"), parse_registry("r.example")
    assert file == SyncFile(
        path="here.toml",
        limits=FrozenMap({hub.host: Limits(requests=Rate(600, 60), pulls=Rate(100, 21600))}),
        entries=(
            Entry(
                name="debian",
                source=debian,
                targets=(parse_repository("r.example/mirror/debian"), Folder("/srv/debian")),
                tags=TagFilter(
                    include=("12*", "v*"),
                    exclude=("*-rc*",),
                    include_regex=(r"\d+",),
                    semver=">=12",
                    newest=3,
                    short=True,
                ),
                platforms=amd64,
                referrers="all",
                delete=True,
                delete_at_most=0.3,
                immutable=("*.*",),
            ),
            Entry(
                name="docker.io/library/debian:12",
                source=Named(debian, "12"),
                targets=(
                    Named(parse_repository("r.example/base"), "12"),
                    Named(Folder("out"), "base"),
                ),
                referrers="new",
                delete_at_most=0.3,
            ),
            Entry(
                name="quay.example",
                source=Whole(quay, ("team/**", "one"), ("team/secret",)),
                targets=(
                    Prefix(mine, "quay"),
                    Prefix(None, "/srv/quay"),
                    Prefix(parse_registry("other.example"), ""),
                ),
                tags=TagFilter(include=("1.*",)),
                platforms=amd64,
                referrers="all",
                delete_at_most=0.3,
                overwrite=False,
            ),
        ),
    )
    assert pickle.loads(pickle.dumps(file)) == file


def test_the_example_of_the_readme_can_be_read() -> None:
    """
    What people copy from there works.
    """
    blocks = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (example,) = [block for block in blocks if "[[sync]]" in block]
    assert len(read_sync(example).entries) >= 2


ONE = '[[sync]]\nrepository = "a.example/b"\ntargets = "r.example/b"\n'


@pytest.mark.parametrize(
    ("line", "key", "told"),
    [
        ("tags.semvre = '1'", "tags.semvre", "there is no such key; did you mean semver?"),
        ("Tags = ['1']", "Tags", "there is no such key; did you mean tags?"),
        ("qqq = 1", "qqq", "there is no such key; there are image, repository, registry"),
        ("tags.newest = '3'", "tags.newest", "expected a whole number, got '3'"),
        ("tags.newest = 0", "tags.newest", "0 tags are none"),
        ("tags.order = 'time'", "tags.order", "no other order than semver and natural"),
        ("tags.semver = 'one'", "tags.semver", "is no range; they are as >=1.2,<2"),
        ("tags.include-regex = '(a'", "tags.include-regex", "'(a' is no pattern"),
        ("tags = 1", "tags", "expected a list of texts"),
        ("delete = 'yes'", "delete", "expected true or false, got 'yes'"),
        ("delete-at-most = 30", "delete-at-most", 'expected a share, as 0.3 or "30%"'),
        ("referrers = 'some'", "referrers", 'expected true, false, or "new"'),
        ("platforms = ['a/b/c/d/e']", "platforms", "a/b/c/d/e"),
        ("repositories = ['a']", "repositories", "goes with registry = "),
    ],
)
def test_mistakes_in_an_entry(line: str, key: str, told: str) -> None:
    """
    They are told with the file, the line, the keys that lead there, and what to write.
    """
    with pytest.raises(SyncInvalid) as caught:
        read_sync(ONE + line, "x.toml")
    assert str(caught.value).startswith(f"x.toml, line 4: sync 1, {key}: ")
    assert told in str(caught.value)
    assert pickle.loads(pickle.dumps(caught.value)) == caught.value


NO_DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "x.toml: sync: nothing is to be in sync; write a [[sync]]"),
        ("[[sync]", "x.toml: not TOML: "),
        ("sync = 1", "line 1: sync: expected [[sync]], an array of tables"),
        (ONE + ONE, "sync 2, name: another entry is called 'a.example/b'"),
        ("[[sync]]\ntargets = 'a/b'", "line 1: sync 1: nothing says what to copy; write one of"),
        ("[[sync]]\nimage = 'a'\nrepository = 'a'", "sync 1: image and repository says what"),
        ("[[sync]]\nrepository = 'a'", "sync 1, targets: where to is missing"),
        ("[[sync]]\nrepository = 'a:1'\ntargets='b'", "repository: name 'a:1': a repository has"),
        ("[[sync]]\nrepository = 'oci:a:1'\ntargets='b'", "one image; write oci:a for all"),
        ("[[sync]]\nrepository = 'dir:a'\ntargets='b'", "between registries and OCI layouts"),
        ("[[sync]]\nrepository = 'a'\ntargets='docker.io/a'", "docker.io/library/a is the source"),
        ("[[sync]]\nregistry = 'a.io/b'\ntargets='b.io'", 'in it repositories = ["b/**"]'),
        ("[[sync]]\nregistry = 'a.io'\ntargets='a.io'", "a.io is the source itself"),
        ("[[sync]]\nimage = 'a'\ntargets='b'\ntags = ['1']", "has no others to choose from"),
        (f"[[sync]]\nimage = 'a@{NO_DIGEST}'\ntargets='b'", "by a tag; write it as NAME:TAG"),
        ("[[sync]]\nimage = 'oci:a'\ntargets='b'", "name the image, as oci:DIR:NAME"),
        ("[[sync]]\nimage = 'a'\ntargets=['b', 'b']", "a target is named twice"),
        ("[defaults]\nimage = 'a'\n" + ONE, "line 2: defaults.image: there is no such key"),
        ("[defaults]\ntags.newest = 'x'\n" + ONE, "line 2: defaults.tags.newest: expected a"),
        ("[registries.'r.io']\npulls = 'many'\n" + ONE, "line 2: registries.r.io.pulls: 'many' is"),
        ("[registries.'r.io/a']\n" + ONE, "line 1: registries.r.io/a: "),
    ],
)
def test_mistakes(text: str, told: str) -> None:
    """
    So are those in the file as a whole.
    """
    with pytest.raises(SyncInvalid) as caught:
        read_sync(text, "x.toml")
    assert str(caught.value).startswith("x.toml")
    assert told in str(caught.value)


@given(st.text("[]{}=.'\"#\n ab1syn" + "\\", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    """
    Whatever a file holds, it is read, or refused as ours.
    """
    for whole in (text, ONE + text):
        with contextlib.suppress(SyncInvalid):
            read_sync(whole)
