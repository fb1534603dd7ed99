"""
Pipelines written by people, and what is told of those that are none.
"""

from __future__ import annotations

import re
import textwrap
from typing import Any, Final

import attrs
import pytest

from ocikit import media, mutate
from ocikit._records import FrozenMap, evolve, record
from ocikit.content.compression import Gzip
from ocikit.content.image import Child, Content, Image
from ocikit.content.spool import Spool
from ocikit.content.streams import BytesOpener
from ocikit.digest import Digest
from ocikit.mutate.pipeline import Pipeline
from ocikit.mutate.recipe import (
    NotWritable,
    RecipeInvalid,
    from_json,
    from_toml,
    to_json,
    to_toml,
)
from ocikit.mutate.recipe_content import MAX_INLINE
from ocikit.mutate.recipe_types import known_steps
from ocikit.mutate.steps import (
    Append,
    Keep,
    SetArtifactType,
    SetConfig,
    SetEnv,
    SetPlatform,
    SetSubject,
    ToDocker,
    ToOCI,
)
from ocikit.platforms import Platform
from ocikit.query import match
from ocikit.spec.config import Healthcheck, History
from ocikit.spec.descriptor import Descriptor
from ocikit.testing.refusing import Refusing
from tests.query.builders import image, index, layer, listed

TOP: Final = layer("top")
BY_HAND = """
attestations = "drop"
select.platform = "linux/arm64"
steps = [
    { set-env = { set = { MODE = "prod" }, remove = ["DEBUG"] } },
    { set-platform = "linux/arm64" },
    { to-oci = {} },
]
"""


def test_documents_look_as_people_write_them() -> None:
    """
    A step is its name and what it is given; in TOML each has a table.
    """
    made = Pipeline(
        [
            SetEnv({"MODE": "prod", "a.b": "é\n"}, ["DEBUG"]),
            ToOCI(),
            Keep(match.all_of(match.platform("linux"), match.annotation("key"))),
            SetConfig({"env": {"A": "1", "B": None}, "cmd": None, "working_dir": "/"}),
            Pipeline([ToDocker()], select=match.exactly("linux/arm64")),
        ],
        attestations="keep",
    )
    as_json = """\
        {
          "steps": [
            {"set-env": {"set": {"MODE": "prod", "a.b": "é\\n"}, "remove": ["DEBUG"]}},
            {"to-oci": {}},
            {"keep": {"all-of": [{"platform": "linux"}, {"annotation": "key"}]}},
            {
              "set-config": {
                "env": {"set": {"A": "1"}, "remove": ["B"]},
                "working-dir": "/",
                "remove": ["cmd"]
              }
            },
            {"pipeline": {"steps": [{"to-docker": {}}], "select": {"exactly": ["linux/arm64"]}}}
          ],
          "attestations": "keep"
        }
        """
    as_toml = """\
        attestations = "keep"

        [[steps]]
        set-env.set.MODE = "prod"
        set-env.set."a.b" = "é\\n"
        set-env.remove = ["DEBUG"]

        [[steps]]
        to-oci = {}

        [[steps]]
        keep.all-of = [{ platform = "linux" }, { annotation = "key" }]

        [[steps]]
        set-config.env.set.A = "1"
        set-config.env.remove = ["B"]
        set-config.working-dir = "/"
        set-config.remove = ["cmd"]

        [[steps]]
        [steps.pipeline]
        select.exactly = ["linux/arm64"]

        [[steps.pipeline.steps]]
        to-docker = {}
        """
    assert to_json(made) == textwrap.dedent(as_json)
    assert to_toml(made) == textwrap.dedent(as_toml)


def test_toml_may_be_written_in_any_of_its_ways() -> None:
    """
    Inline tables, headers and dotted keys are the same.
    """
    made = Pipeline(
        [SetEnv({"MODE": "prod"}, ["DEBUG"]), SetPlatform("linux/arm64"), ToOCI()],
        select=match.platform("linux/arm64"),
        attestations="drop",
    )
    assert from_toml(BY_HAND) == from_toml(to_toml(made)) == made
    headers = '[[steps]]\n[steps.set-env.set]\nMODE = "prod"\n[[steps]]\n[steps.to-oci]\n'
    assert from_toml(headers).steps == (SetEnv({"MODE": "prod"}), ToOCI())


def test_what_is_none_is_left_out() -> None:
    """
    There is no null: an empty table has nothing, and what is removed is listed.
    """
    steps = (SetSubject(None), SetArtifactType(None), SetConfig({"user": None}))
    text = to_json(Pipeline(steps))
    assert "null" not in text
    assert text.startswith('{"steps": [{"set-subject": {}}, {"set-artifact-type": {}}, {"set-c')
    assert from_json(text).steps == from_toml(to_toml(Pipeline(steps))).steps == steps


def test_documents_of_the_specifications_stay_what_they_are() -> None:
    """
    Descriptors, history and the like are their own JSON, with members nobody knows; what
    TOML cannot say of it is text.
    """
    odd: Any = {"x": None, "y": [1 << 70]}
    about = Descriptor(media_type="a/b", size=1, digest=Digest.of(b"a"), extra=FrozenMap(odd))
    plain = evolve(about, extra=FrozenMap(z=1))
    check = Healthcheck(test=("CMD", "true"), interval=10**10)
    steps = (SetSubject(about), SetSubject(plain), SetConfig({"healthcheck": check}))
    for again in (from_json(to_json(Pipeline(steps))), from_toml(to_toml(Pipeline(steps)))):
        assert again.steps == steps
    assert 'set-subject = "{\\"mediaType\\":' in to_toml(Pipeline(steps))
    assert "set-subject.z = 1" in to_toml(Pipeline(steps))
    assert "set-config.healthcheck.Interval = 10000000000" in to_toml(Pipeline(steps))


def test_platforms_that_text_cannot_say_are_objects() -> None:
    """
    OS features have no place in the text.
    """
    odd = SetPlatform(Platform(os="windows", architecture="amd64", os_features=("win32k",)))
    assert '"os.features": ["win32k"]' in to_json(Pipeline([odd]))
    assert from_json(to_json(Pipeline([odd]))).steps == (odd,)


def test_layers_in_memory_are_written_whole() -> None:
    """
    With their bytes, which are checked when they are read.
    """
    step = Append([TOP], history=History(author="me"))
    text = to_toml(Pipeline([step]))
    again = from_toml(text).steps[0]
    assert isinstance(again, Append)
    assert again == step
    assert again.layers[0].blob.content == TOP.blob.content
    assert again(image()) == step(image())
    with pytest.raises(RecipeInvalid, match=r"append.layers\[0\]: expected a layer: content of"):
        from_toml(text.replace('data = "H4sI', 'data = "H4sJ'))
    with pytest.raises(RecipeInvalid, match="expected its bytes once"):
        from_toml(re.sub('data = "[^"]*", ', "", text))


def test_layers_that_repeat_themselves_stay_so() -> None:
    """
    Inline data of a descriptor is in the manifest, and must not get there by being written.
    """
    said = evolve(TOP.descriptor, data=TOP.blob.content)
    inline = evolve(TOP, blob=evolve(TOP.blob, descriptor=said))
    for one in (TOP, inline):
        again: Any = from_json(to_json(Pipeline([Append([one])])))
        assert again.steps[0].layers[0].descriptor == one.descriptor
        assert again(image()) == mutate.append(image(), one)
    both = to_json(Pipeline([Append([inline])])).replace('"diff-id"', '"data": "", "diff-id"')
    with pytest.raises(RecipeInvalid, match="expected its bytes once"):
        from_json(both)


def test_layers_elsewhere_are_found_by_the_caller() -> None:
    """
    Any value but a table with a descriptor is what the caller calls a layer.
    """
    asked: list[Any] = []

    def find(value: Any) -> Any:
        asked.append(value)
        return TOP

    text = '{"steps": [{"append": ["build/", {"path": "x", "into": "/app"}, 7]}]}'
    step: Any = from_json(text, layer=find).steps[0]
    assert step.layers == (TOP, TOP, TOP)
    assert asked == ["build/", {"path": "x", "into": "/app"}, 7]
    named = to_json(Pipeline([Append([TOP])]), layer=lambda each: {"path": str(each.size)})
    assert named == f'{{"steps": [{{"append": [{{"path": "{TOP.size}"}}]}}]}}\n'
    with pytest.raises(RecipeInvalid, match=r"layers\[0\]: nothing says which layer 'a' is; pass"):
        from_json('{"steps": [{"append": ["a"]}]}')
    with pytest.raises(RecipeInvalid, match="expected a layer of the hook, got str"):
        from_json('{"steps": [{"append": ["a"]}]}', layer=lambda each: each)


def test_layers_that_are_nowhere_cannot_be_written() -> None:
    """
    Those in a temporary file, those elsewhere, those that are too large, those that lie.
    """
    spool = Spool(memory=0)
    spool.write(TOP.blob.content)

    def opened_by(opener: Any) -> Pipeline:
        return Pipeline([ToOCI(), Append([evolve(TOP, blob=evolve(TOP.blob, opener=opener))])])

    told = r"step 2, append.layers\[0\]: the bytes of layer sha256:\w+ are not in memory \(Spool"
    with pytest.raises(NotWritable, match=told):
        to_json(opened_by(spool.opener()))
    with pytest.raises(NotWritable, match=r"not in memory \(Refusing\); pass `layer`"):
        to_toml(opened_by(Refusing()))
    with pytest.raises(NotWritable, match="sha256"):
        to_json(opened_by(BytesOpener(b"other")))
    with pytest.raises(NotWritable, match="expected text, numbers"):
        to_json(Pipeline([Append([TOP])]), layer=lambda _: [None])
    large = bytes(MAX_INLINE + 1)
    whole = mutate.steps.Append([evolve(TOP, blob=_blob(large))])
    with pytest.raises(NotWritable, match="more than the 1048576 that are written whole"):
        to_json(Pipeline([whole]))


def _blob(data: bytes) -> Any:
    from ocikit.content.blob import of_bytes

    return of_bytes(data, media.OCI_LAYER)


def test_functions_cannot_be_written() -> None:
    """
    It is said which step is one, and what to do; a function that matches likewise.
    """
    with pytest.raises(NotWritable, match=r"step 2: <function .* is no step .* record with its"):
        to_json(Pipeline([ToOCI(), lambda each: each]))
    with pytest.raises(NotWritable, match=r"step 1, keep: <function .* is no predicate"):
        to_toml(Pipeline([Keep(lambda _: True)]))
    with pytest.raises(NotWritable, match=r"step 1, set-env.set.A: expected text, got 1"):
        to_json(Pipeline([SetEnv({"A": 1})]))  # type: ignore[dict-item]
    with pytest.raises(NotWritable, match=r"history: expected an entry of history; \$.author: exp"):
        to_json(Pipeline([Append([], history=History(author=1))]))  # type: ignore[arg-type]
    with pytest.raises(NotWritable, match=r"step 1, set-env.set.A: expected text"):
        to_json(Pipeline([SetEnv({"A": "\ud800"})]))


@record
class Shout:
    """
    A step that somebody else wrote.
    """

    word: str
    loud: bool = False
    compression: Gzip = attrs.field(factory=Gzip)

    def __call__(self, image: Image) -> Image:
        """
        Label the image.
        """
        return mutate.labels(image, {"said": self.word.upper() if self.loud else self.word})


def test_steps_of_others_are_written_by_their_fields() -> None:
    """
    Their class is all that is needed.
    """
    made = Pipeline([Shout("a"), Shout("b", True, Gzip(9))])
    text = to_json(made, steps=[Shout])
    assert text == (
        '{"steps": [{"shout": "a"},'
        ' {"shout": {"word": "b", "loud": true, "compression": "gzip:9"}}]}\n'
    )
    assert from_json(text, steps=[Shout]) == made
    assert from_toml(to_toml(made, steps=[Shout]), steps=[Shout]) == made
    with pytest.raises(RecipeInvalid, match="unknown step 'shout'"):
        from_json(text)
    with pytest.raises(TypeError, match="Shout: there is another"):
        from_json(text, steps=[Shout, attrs.make_class("Shout", [])])
    with pytest.raises(TypeError, match="int: is no attrs class"):
        from_json(text, steps=[int])


@record
class Beside:
    """
    A step that has images, and whatever an index may list.
    """

    base: Image
    others: tuple[Content | Child, ...] = ()

    def __call__(self, image: Image) -> Image:
        """
        Leave the image.
        """
        return image


def test_images_are_named_and_found_by_the_caller() -> None:
    """
    An entry of an index keeps its descriptor beside what the caller calls its content.
    """
    base, among = image("linux/amd64"), index(listed(image("linux/arm64"), "linux/arm64"))
    known: dict[str, Any] = {"base": base, "index": among, "child": among.children[0].content}
    step = Beside(base, (among, among.children[0], base))
    names = {content.digest: name for name, content in known.items()}
    text = to_toml(Pipeline([step]), image=lambda each: names[each.digest], steps=[Beside])
    assert 'beside.base = "base"\n' in text
    assert 'content = "child"' in text
    again: Any = from_toml(text, image=known.__getitem__, steps=[Beside]).steps[0]
    assert again == step
    assert again.others[1].content == known["child"]
    hooks: list[tuple[Any, str]] = [
        (None, r"beside.base: nothing says which image 'base' is; pass `image`"),
        (lambda _: among, "beside.base: expected an image of the hook, got Index"),
        (lambda _: 1, "beside.base: expected content of the hook, got int"),
    ]
    for find, told in hooks:
        with pytest.raises(RecipeInvalid, match=told):
            from_toml(text, image=find, steps=[Beside])
    with pytest.raises(NotWritable, match=r"beside.base: nothing says how sha256:\w+ is found"):
        to_json(Pipeline([step]), steps=[Beside])


def test_every_step_has_a_name_of_its_own() -> None:
    """
    The names are those of the classes, and no two are alike.
    """
    known = known_steps()
    assert known["to-oci"] is ToOCI
    assert known["set-artifact-type"] is SetArtifactType
    assert known["pipeline"] is Pipeline
    assert len(known) == len(mutate.steps.__all__) + 1
