"""
What is told of documents that are no pipelines, and how much of one is read.
"""

from __future__ import annotations

from typing import Final

import pytest

from ocikit.mutate.pipeline import Pipeline
from ocikit.mutate.recipe import (
    MAX_SIZE,
    NotWritable,
    RecipeInvalid,
    from_json,
    from_toml,
    to_json,
    to_toml,
)
from ocikit.mutate.steps import SetEnv

WRONG: Final = [
    ("", "pipeline: not JSON: line 1 column 1: Expecting value"),
    ('{"steps": [], "steps": []}', "pipeline: not JSON: duplicate member 'steps'"),
    ("[]", "pipeline: expected a table of steps, select, attestations, got a list"),
    ("{}", "pipeline: steps is missing: a list, each a step"),
    ('{"steps": {}}', "pipeline, steps: expected a list, each a step, as a table"),
    ('{"steps": ["to-oci"]}', "pipeline, step 1: expected a step, as a table of its name, got"),
    ('{"steps": [{}]}', "pipeline, step 1: expected one step by its name, got none"),
    (
        '{"steps": [{"to-oci": {}}, {"to-oci": {}, "keep": {}}]}',
        "pipeline, step 2: expected one step by its name, got 'to-oci', 'keep'",
    ),
    ('{"steps": [{"set-evn": {}}]}', "step 1: unknown step 'set-evn'; did you mean set-env?"),
    ('{"steps": [{"SetEnv": {}}]}', "step 1: unknown step 'SetEnv'; did you mean set-env"),
    ('{"steps": [{"to_oci": {}}]}', "step 1: unknown step 'to_oci'; did you mean to-oci?"),
    (
        '{"steps": [{"set-env": {"sett": {"A": "1"}}}]}',
        "pipeline, step 1, set-env: unknown member 'sett'; did you mean set?",
    ),
    ('{"steps": [{"set-env": {"set": {"A": 1}}}]}', "set-env.set.A: expected text, got 1"),
    ('{"steps": [{"set-env": {"set": {"A": null}}}]}', "A: expected text, got null"),
    ('{"steps": [{"set-env": {"remove": "A"}}]}', "remove: expected a list, each text, got 'A'"),
    ('{"steps": [{"set-env": {"set": {"A": "\\ud800"}}}]}', "A: expected text, got"),
    ('{"steps": [{"to-oci": {"a": 1}}]}', "to-oci: unknown member 'a'; known are none"),
    ('{"steps": [{"keep": {"platfrom": "a"}}]}', "keep: unknown predicate 'platfrom'; did you"),
    ('{"steps": [{"keep": {"platform": "a//"}}]}', "keep.platform: expected a platform such as"),
    ('{"steps": [{"keep": {"digest": ["x"]}}]}', "keep.digest[0]: expected a digest such as"),
    ('{"steps": [{"set-config": {"cdm": []}}]}', "set-config.cdm: unknown field 'cdm'; did you"),
    ('{"steps": [{"set-config": {"remove": ["x"]}}]}', "set-config.remove: unknown field 'x'"),
    ('{"steps": [{"set-config": {"tty": 1}}]}', "set-config.tty: expected true or false, got 1"),
    (
        '{"steps": [{"set-config": {"env": {"set": {"A": ""}, "remove": ["A"]}}}]}',
        "set-config.env: 'A' is both set and removed",
    ),
    (
        '{"steps": [{"set-config": {"history": [{"created_by": 5}]}}]}',
        "history[0]: expected an entry of history; $.created_by: expected string, got integer",
    ),
    ('{"steps": [{"set-subject": "{"}]}', "set-subject: expected a descriptor; $: line 1"),
    ('{"steps": [], "attestations": "drops"}', "attestations: unknown word 'drops'; did you"),
    (
        '{"steps": [{"pipeline": {"steps": [{"keep": {}}]}}]}',
        "pipeline, step 1, pipeline, step 1, keep: expected one predicate by its name, got none",
    ),
    ('{"steps": [{"' + "x" * 500 + '": 1}]}', "step 1: unknown step 'xxxx"),
]


@pytest.mark.parametrize(("text", "told"), WRONG)
def test_what_is_wrong_is_told(text: str, told: str) -> None:
    """
    Which step, where in it, what was expected, and which name may have been meant.
    """
    with pytest.raises(RecipeInvalid) as caught:
        from_json(text)
    assert told in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("steps = ", "pipeline: not TOML: Invalid value (at end of document)"),
        ("steps = [1979-05-27]", 'pipeline, step 1: times are written as text: "1979-05-27"'),
        ("steps = [nan]", "pipeline, step 1: nan is no number"),
        ("a = " + "1" * 5000, "pipeline: not TOML: Exceeds the limit"),
        ("[[steps]]\nset-env.set = 1.5", "step 1, set-env.set: expected a table, each text, got"),
    ],
)
def test_what_is_wrong_in_toml_is_told(text: str, told: str) -> None:
    """
    Likewise, and what TOML has but a pipeline has not.
    """
    with pytest.raises(RecipeInvalid) as caught:
        from_toml(text)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 100 + "]" * 100,
        "a = " + "[" * 100_000,
        "a = " + "{a = " * 5000,
        "[" + "a." * 65 + "a]\n",
        "a." * 100_000 + "a = 1",
        "a." * 30 + "b = {" + "c." * 40 + "d = 1}",
    ],
)
def test_toml_has_bounds(text: str) -> None:
    """
    Trap: the time that a dotted key takes grows with the square of its parts.
    """
    with pytest.raises(RecipeInvalid, match="nested deeper than 64 levels"):
        from_toml(text)


def test_text_with_dots_is_no_deep_key() -> None:
    """
    Trap: dots count in keys alone, not in text, comments or numbers.
    """
    dots = ".".join("a" * 200)
    made = Pipeline([SetEnv({"A": f"'{dots}'", f'"{dots}': dots, f"'''{dots}\\": "#"})])
    assert from_toml(to_toml(made) + f"# {dots}\n") == made
    literal = f"[[steps]]\nset-env.set.A = '''\n{dots}'{dots}'''''\n"
    assert from_toml(literal).steps == (SetEnv({"A": f"{dots}'{dots}''"}),)
    lines = f'[[steps]]\nset-env.set.A = """\n\\"{dots}""\\"""{dots}\\\\"""\n'
    assert from_toml(lines).steps == (SetEnv({"A": f'"{dots}"""""{dots}\\'}),)


def test_documents_have_bounds() -> None:
    """
    In size and nesting, when they are read and when they are written.
    """
    for read in (from_json, from_toml):
        with pytest.raises(RecipeInvalid, match=f"larger than {MAX_SIZE} bytes"):
            read(" " * (MAX_SIZE + 1))
    with pytest.raises(RecipeInvalid, match="nested deeper than 64 levels"):
        from_json('{"steps": ' + "[" * 70 + "]" * 70 + "}")
    with pytest.raises(NotWritable, match=f"are more than the {MAX_SIZE} that are read"):
        to_json(Pipeline([SetEnv({"A": "x" * MAX_SIZE})]))
    deep, deeper = Pipeline([]), Pipeline([])
    for _ in range(30):
        deep = Pipeline([deep])
    for _ in range(3000):
        deeper = Pipeline([deeper])
    for nested in (deep, deeper):
        with pytest.raises(NotWritable, match="nested too deeply"):
            to_json(nested)


def test_errors_are_values() -> None:
    """
    They tell where by steps and members, and compare.
    """
    with pytest.raises(RecipeInvalid) as caught:
        from_json('{"steps": [{"set-evn": {}}]}')
    assert caught.value == RecipeInvalid(
        where=("steps", 0), reason="unknown step 'set-evn'", near=("set-env",)
    )
