"""
Regular expressions that are compiled late.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocikit._regex import regex

_COUNT = """
import json, re, sys
import re._compiler as compiler
compiled, own = [], compiler.compile
compiler.compile = lambda text, flags=0: (compiled.append(str(text)), own(text, flags))[1]
for name in sys.argv[1:]:
    __import__(name)
print(json.dumps(compiled))
"""


@given(st.text(alphabet="ab1 ", max_size=6), st.sampled_from([0, re.IGNORECASE]))
def test_finds_as_compiled(text: str, flags: int) -> None:
    """
    It finds, splits and replaces what a compiled one does, asked once or again.
    """
    late, early = regex("(A|b)[0-9]?", flags), re.compile("(A|b)[0-9]?", flags)
    for _ in range(2):
        assert late.sub("x", text) == early.sub("x", text)
        assert late.split(text) == early.split(text)
        assert late.findall(text) == early.findall(text)
        assert bool(late.fullmatch(text)) == bool(early.fullmatch(text))
    assert (late.pattern, late.flags, late.groups) == (early.pattern, early.flags, early.groups)


def test_bytes_have_theirs() -> None:
    """
    One of bytes searches bytes.
    """
    assert regex(rb"[0-9]+").findall(b"a12b3") == [b"12", b"3"]


def test_compiled_when_used() -> None:
    """
    What is wrong in it is found at its first use, and no attribute is made up.
    """
    wrong = regex("(")
    with pytest.raises(re.error):
        wrong.match("")
    with pytest.raises(AttributeError):
        _ = regex("a").nothing  # type: ignore[attr-defined]  # it has none


def test_modules_compile_none() -> None:
    """
    To import what a command asks a registry with compiles no expression of ours.
    """
    modules = ["urllib3", "click", "attrs"]
    ours = ["ocikit.registry.transport", "ocikit.auth.default", "ocikit.cli.names"]
    assert _compiled(*modules, *ours) == _compiled(*modules)


def _compiled(*names: str) -> list[str]:
    out = subprocess.run([sys.executable, "-c", _COUNT, *names], capture_output=True, check=True)
    return sorted(json.loads(out.stdout))
