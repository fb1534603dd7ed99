"""
Runs as people know them: mirrors of many tags, of parts of indexes, with signatures, with limits.
"""

from __future__ import annotations

import pickle
import random
from functools import partial
from pathlib import Path

import pytest

from ocikit import layout
from ocikit.bulk.journal import JournalInUse
from ocikit.bulk.sync import survey_sync
from ocikit.bulk.sync_file import read_sync
from ocikit.bulk.sync_limits import Limits, Rate, paced
from ocikit.bulk.sync_state import State
from ocikit.bulk.sync_survey import EntryUnknown
from ocikit.bulk.sync_work import carry_out, works_of
from ocikit.content import synthetic
from ocikit.content.image import Index
from ocikit.content.partial import artifact
from ocikit.crane.options import Options
from ocikit.http.message import Request, Response
from ocikit.query.cosign import tags_for
from ocikit.registry.client import Client
from ocikit.registry.load import load
from ocikit.server.handler import registry
from ocikit.server.quirks.profiles import profile
from ocikit.testing.wires import answer, client
from tests.bulk.syncing import ALL, IMAGES, INDEX, Mirrors


@pytest.fixture
def mirrors() -> Mirrors:
    """
    Two registries; the source has three tags, two of them the same image.
    """
    made = Mirrors()
    made.put({"s.io/app:1": IMAGES[0], "s.io/app:2": IMAGES[1], "s.io/app:latest": IMAGES[1]})
    return made


def test_five_thousand_tags_that_are_the_same(tmp_path: Path) -> None:
    """
    The cost of nothing to do: one HEAD a tag, and a page of tags for each thousand on each side.
    """
    mirrors, state = Mirrors(), tmp_path / "state"
    mirrors.put({"s.io/app:v0": IMAGES[0], "t.io/mirror:v0": IMAGES[0]})
    digest, tags = IMAGES[0].digest, [f"v{n}" for n in range(5000)]
    for storage, repository in ((mirrors.source, "app"), (mirrors.target, "mirror")):
        stored = storage.manifest(repository, digest)
        assert stored is not None
        storage.keep(repository, digest, stored, tags)
    assert mirrors.done(state=state) == "5000 the same"
    assert (mirrors.count("HEAD"), mirrors.count("GET")) == (10_000, 10)
    assert mirrors.done(state=state) == "5000 the same"
    assert (mirrors.count("HEAD"), mirrors.count("GET"), mirrors.writes) == (5000, 10, 0)
    assert mirrors.done(ALL + 'immutable = "v*"') == "5000 left as they are"
    assert (mirrors.count("HEAD"), mirrors.count("GET")) == (0, 10)


def test_an_image_is_loaded_once_whatever_its_tags(mirrors: Mirrors) -> None:
    """
    One copy, and a tag for each other name; several targets cost the source no pull more.
    """
    text = ALL.replace('"t.io/mirror"', '["t.io/mirror", "t.io/other"]')
    kinds = [action.kind for action in mirrors.plan(text)]
    assert kinds == ["copy", "copy", "copy", "copy", "tag", "tag"]
    assert mirrors.writes == 0
    assert mirrors.done(text) == "4 copied, 2 tagged"
    pulls = [each for each in mirrors.world.asked("s.io") if "GET /v2/app/manifests/" in each]
    assert len(pulls) == 2
    assert mirrors.tags("other") == mirrors.tags("mirror")


def test_an_image_is_loaded_once_however_its_tags_change(mirrors: Mirrors) -> None:
    """
    Trap: of an image with a tag that never changes and one that does, both were works of their
    own, and each loaded it.
    """
    assert mirrors.done(ALL + 'immutable = ["2"]') == "2 copied, 1 tagged"
    pulls = [each for each in mirrors.world.asked("s.io") if "GET /v2/app/manifests/" in each]
    assert len(pulls) == 2


def test_a_tag_that_moves_to_what_is_there_costs_no_pull(mirrors: Mirrors, tmp_path: Path) -> None:
    """
    `latest` follows a release that the target has: the source is not asked for it again.
    """
    state = tmp_path / "state"
    mirrors.run(state=state)
    mirrors.put({"s.io/app:latest": IMAGES[0]})
    assert mirrors.done(state=state) == "1 tagged, 2 the same"
    assert mirrors.count("GET", host="s.io") == 1
    assert mirrors.tags()["latest"] == str(IMAGES[0].digest)


def test_what_was_taken_from_the_target_is_put_back(mirrors: Mirrors, tmp_path: Path) -> None:
    """
    What is remembered is no reason to tag what is gone.
    """
    state = tmp_path / "state"
    mirrors.run(state=state)
    mirrors.target.drop_manifest("mirror", IMAGES[1].digest)
    assert mirrors.tags().keys() == {"1"}
    assert mirrors.done(state=state) == "1 copied, 1 tagged, 1 the same"
    assert mirrors.tags().keys() == {"1", "2", "latest"}


def test_somebody_else_writes_to_the_target(mirrors: Mirrors, tmp_path: Path) -> None:
    """
    Trap: what is remembered hides it, until it is asked for.
    """
    state = tmp_path / "state"
    mirrors.run(state=state)
    mirrors.put({"t.io/mirror:1": IMAGES[2]})
    assert mirrors.done(state=state) == "3 the same"
    (action,) = [a for a in mirrors.plan(state=state, verify=True) if a.changes]
    assert action.reason == "the target was changed by somebody else"
    assert mirrors.done(state=state, verify=True) == "1 copied, 2 the same"
    assert mirrors.tags()["1"] == str(IMAGES[0].digest)


def test_a_part_of_an_index_stays_an_index(mirrors: Mirrors, tmp_path: Path) -> None:
    """
    Of three platforms two are an index of two; and that is known to be the same by one HEAD.
    """
    mirrors.put({"s.io/many:1": INDEX})
    text = '[[sync]]\nrepository = "s.io/many"\ntargets = "t.io/many"\n'
    text += 'platforms = ["linux/amd64", "linux/arm64"]'
    state = tmp_path / "state"
    assert mirrors.done(text, state=state) == "1 copied"
    made = load("t.io/many:1", client=client(mirrors.world))
    assert isinstance(made, Index)
    wanted = [child.descriptor.digest for child in INDEX.children[:2]]
    assert [child.descriptor.digest for child in made.children] == wanted
    assert mirrors.done(text, state=state) == "1 the same"
    assert mirrors.count("HEAD", host="s.io") == 1
    assert mirrors.count("GET") == 1
    # Without the memory it is made again, and found to be there.
    assert mirrors.done(text) == "1 the same"
    assert mirrors.writes == 0


def test_signatures_that_come_late(mirrors: Mirrors, tmp_path: Path) -> None:
    """
    With `referrers = true` each run looks for them; with "new" only what is copied has them.
    """
    state = tmp_path / "state"
    always, new = ALL + "referrers = true", ALL.replace("t.io/mirror", "t.io/new")
    new += 'referrers = "new"'
    early = artifact("text/early", subject=IMAGES[0].descriptor)
    mirrors.put({f"s.io/app@{early.digest}": early})
    assert mirrors.done(always, state=state) == "2 copied, 1 tagged"
    assert mirrors.done(new) == "2 copied, 1 tagged"
    late = artifact("text/late", subject=IMAGES[1].descriptor)
    cosign = tags_for(IMAGES[0].digest)[0]
    mirrors.put({f"s.io/app@{late.digest}": late, f"s.io/app:{cosign}": IMAGES[2]})
    assert mirrors.done(always, state=state) == "2 copied, 1 the same"
    assert mirrors.target.tagged("mirror", cosign) == IMAGES[2].digest
    assert mirrors.target.manifest("mirror", late.digest) is not None
    assert mirrors.done(always, state=state) == "3 the same"
    assert mirrors.writes == 0
    assert mirrors.done(new) == "3 the same"
    assert mirrors.target.manifest("new", early.digest) is not None
    assert mirrors.target.manifest("new", late.digest) is None
    # It belongs to an image, and is none of its own.
    assert cosign not in mirrors.tags("new")


def test_deleting_has_a_guard(mirrors: Mirrors) -> None:
    """
    A source that lists nothing, or nearly, does not empty its mirror; nor does one that fails.
    """
    text = ALL + "delete = true\ndelete-at-most = 0.3"
    mirrors.run(text)
    mirrors.source.untag("app", "2")
    mirrors.source.untag("app", "1")
    (conflict,) = [a for a in mirrors.plan(text) if a.kind == "conflict"]
    assert "2 of 3 tags would be deleted, more than 30%" in conflict.reason
    assert mirrors.done(text) == "1 the same, 1 in conflict"
    assert len(mirrors.tags()) == 3
    mirrors.world.servers = {**mirrors.world.servers, "s.io": lambda _: answer(403)}
    (failed,) = [r for r in mirrors.run(text, force_delete=True) if r.outcome == "failed"]
    assert "403" in str(failed.error)
    assert len(mirrors.tags()) == 3
    mirrors.world.servers = {**mirrors.world.servers, "s.io": registry(mirrors.source)}
    assert mirrors.done(text, force_delete=True) == "2 deleted, 1 the same"
    assert mirrors.tags().keys() == {"latest"}


def test_deleting_leaves_other_tags_of_the_same_image(mirrors: Mirrors) -> None:
    """
    Trap: registries that delete manifests only take all their tags along.
    """
    mirrors.run()
    mirrors.source.untag("app", "2")
    inner = registry(mirrors.target)
    mirrors.world.servers = {**mirrors.world.servers, "t.io": profile("distribution")(inner)}
    assert mirrors.done(ALL + "delete = true") == "1 deleted, 2 the same"
    assert mirrors.tags().keys() == {"1", "latest"}


def test_nothing_is_deleted_where_something_was_not_copied(mirrors: Mirrors) -> None:
    """
    As long as the new is not there, the old stays.
    """
    text = ALL + "delete = true\ntags.order = 'natural'\ntags.newest = 1\ntags.exclude = 'l*'"
    mirrors.put({"t.io/mirror:1": IMAGES[0]})
    whole = mirrors.world.servers["s.io"]
    mirrors.world.servers = {
        **mirrors.world.servers,
        "s.io": lambda request: answer(404) if "/blobs/" in request.url else whole(request),
    }
    assert mirrors.done(text) == "1 left as they are, 1 failed"
    assert mirrors.tags().keys() == {"1"}
    mirrors.world.servers = {**mirrors.world.servers, "s.io": whole}
    assert mirrors.done(text) == "1 copied, 1 deleted"
    assert mirrors.tags().keys() == {"2"}


def test_entries_that_want_the_same_tag(mirrors: Mirrors) -> None:
    """
    Different images are a conflict, and neither is put there; the same is no matter.
    """
    mirrors.put({"s.io/other:1": IMAGES[2], "s.io/other:2": IMAGES[1]})
    text = ALL + '[[sync]]\nrepository = "s.io/other"\ntargets = "t.io/mirror"'
    assert mirrors.done(text) == "1 copied, 1 tagged, 2 in conflict"
    assert mirrors.tags().keys() == {"2", "latest"}
    # The tags of an entry that does not take part are left alone.
    assert mirrors.done(text, only=("s.io/app",), delete=True) == "1 copied, 2 the same"
    with pytest.raises(EntryUnknown, match=r"no entry 'x'; there are s\.io/app, s\.io/other"):
        mirrors.run(text, only=("x",))


def test_a_registry_that_does_not_tell_its_repositories(mirrors: Mirrors) -> None:
    """
    It is told, and what it may have wanted is left alone by others that delete.
    """
    mirrors.put({"t.io/all/app:old": IMAGES[2]})
    text = '[[sync]]\nregistry = "s.io"\nrepositories = "*"\ntargets = "t.io/all"\n'
    text += '[[sync]]\nrepository = "s.io/app"\ntargets = "t.io/all/app"\ndelete = true'
    whole = mirrors.world.servers["s.io"]
    mirrors.world.servers = {
        **mirrors.world.servers,
        "s.io": lambda request: answer(401) if "_catalog" in request.url else whole(request),
    }
    assert mirrors.done(text) == "2 copied, 1 tagged, 1 failed"
    assert "old" in mirrors.tags("all/app")
    mirrors.world.servers = {**mirrors.world.servers, "s.io": whole}
    assert mirrors.done(text) == "1 deleted, 3 the same"


def test_tags_that_are_not_overwritten(mirrors: Mirrors) -> None:
    """
    Neither with what the source has now, nor what never changes.
    """
    mirrors.put({"t.io/mirror:1": IMAGES[2], "t.io/mirror:2": IMAGES[2]})
    text = ALL + "overwrite = false\nimmutable = '2'"
    assert mirrors.done(text) == "1 copied, 2 left as they are"
    assert mirrors.tags()["1"] == mirrors.tags()["2"] == str(IMAGES[2].digest)


def test_a_registry_to_layouts_and_back(tmp_path: Path, mirrors: Mirrors) -> None:
    """
    Through a folder of layouts every repository comes out as it went in, and once is enough.
    """
    mirrors.put({"s.io/team/deep/app:1": INDEX, "s.io/team/secret:1": IMAGES[2]})
    out = f'[[sync]]\nregistry = "s.io"\ntargets = "oci:{tmp_path}"\n'
    out += 'exclude-repositories = "**/secret"'
    back = f'[[sync]]\nregistry = "oci:{tmp_path}"\ntargets = "t.io/back"\nrepositories = "**"'
    assert mirrors.done(out) == "3 copied, 1 tagged"
    assert layout.load(tmp_path / "team/deep/app", "1") == INDEX
    assert mirrors.done(out) == "4 the same"
    assert mirrors.count("HEAD") == 4
    assert mirrors.done(back) == "3 copied, 1 tagged"
    assert mirrors.tags("back/app").keys() == {"1", "2", "latest"}
    assert mirrors.tags("back/team/deep/app") == {"1": str(INDEX.digest)}
    assert mirrors.done(back) == "4 the same"
    assert mirrors.done(out + "\ndelete = true\ntags = ['?']") == "3 the same"


def test_one_image_by_tag_and_digest(mirrors: Mirrors, tmp_path: Path) -> None:
    """
    What is named by its digest is not asked for; into a layout and out of it too.
    """
    text = f"""
    [[sync]]
    image = "s.io/app@{IMAGES[1].digest}"
    targets = ["t.io/one:x", "oci:{tmp_path}:x"]
    [[sync]]
    image = "s.io/app:1"
    targets = "t.io/one"
    """
    assert mirrors.done(text) == "3 copied"
    assert mirrors.tags("one") == {"x": str(IMAGES[1].digest), "1": str(IMAGES[0].digest)}
    assert layout.load(tmp_path, "x") == IMAGES[1]
    assert mirrors.done(text) == "3 the same"
    assert mirrors.count("HEAD", "GET", host="s.io") == 1


def test_what_is_not_there(mirrors: Mirrors) -> None:
    """
    A source that is missing is told, and keeps nothing else back.
    """
    text = ALL + '[[sync]]\nimage = "s.io/app:9"\ntargets = "t.io/x"\n'
    text += '[[sync]]\nregistry = "s.io"\nrepositories = "nope"\ntargets = "t.io"'
    assert mirrors.done(text) == "2 copied, 1 tagged, 2 failed"


def test_pulls_are_limited_and_heads_are_not(mirrors: Mirrors) -> None:
    """
    Of three pulls in a limit of two an hour the third waits; what only asks does not.
    """
    mirrors.put({f"s.io/app:v{n}": synthetic.image(random.Random(n), size=9) for n in range(3)})
    text = ALL + 'tags = ["v*"]\n[registries."s.io"]\npulls = "2/h"'
    assert mirrors.done(text) == "3 copied"
    assert sum(mirrors.time.slept) == pytest.approx(3600, abs=1)
    assert "s.io: its rate limit is used up; waiting 3600 s" in mirrors.notices
    mirrors.time.slept.clear()
    assert mirrors.done(text) == "3 the same"
    assert mirrors.time.slept == []


def test_limits_are_never_exceeded(mirrors: Mirrors) -> None:
    """
    In no window of ten seconds more than four requests of any kind, to that registry alone.
    """
    times: list[float] = []

    def note(request: Request) -> None:
        times.extend([mirrors.time.now] if "//s.io" in request.url else [])

    mirrors.before = note
    mirrors.run(ALL + '[registries."s.io"]\nrequests = "4/10s"')
    assert len(times) > 8
    assert all(later - first >= 10 for first, later in zip(times, times[4:], strict=False))


def test_a_registry_that_wants_us_to_wait_is_waited_for(mirrors: Mirrors) -> None:
    """
    429 is no failure: the client waits as it is told.
    """
    whole, left = mirrors.world.servers["s.io"], [2]

    def busy(request: Request) -> Response:
        left[0] -= 1
        return answer(429, Retry_After="7") if left[0] >= 0 else whole(request)

    mirrors.world.servers = {**mirrors.world.servers, "s.io": busy}
    assert mirrors.done() == "2 copied, 1 tagged"
    assert sum(mirrors.time.slept) >= 14


def test_what_is_to_be_done_travels_to_other_processes(mirrors: Mirrors) -> None:
    """
    Work, and how registries are reached within limits, are records that pickle.
    """
    limits = read_sync(ALL + '[registries."s.io"]\npulls = "2/h"').limits
    assert limits == {"s.io": Limits(pulls=Rate(2, 3600))}
    options = Options(client=paced(Client(), limits, print))
    for work in works_of(mirrors.plan()):
        task = partial(carry_out, options, work)
        again = pickle.loads(pickle.dumps(task))
        assert again.args[1] == work
        assert again.args[0].client == options.client


def test_a_state_is_of_one_run_at_a_time(tmp_path: Path, mirrors: Mirrors) -> None:
    """
    Two would overwrite what the other remembers; what only looks makes no file.
    """
    state = tmp_path / "state"
    mirrors.plan(state=state)
    assert not state.exists()
    held = State(str(state))
    with pytest.raises(JournalInUse):
        mirrors.run(state=state)
    held.close()
    state.write_bytes(state.read_bytes() + b'{"key":"t.io/mirror:1","value":[1]}\n{"key":"t.i')
    assert mirrors.done(state=state) == "2 copied, 1 tagged"
    assert survey_sync(read_sync(ALL), mirrors.options, state=state)[0].digest == IMAGES[0].digest
