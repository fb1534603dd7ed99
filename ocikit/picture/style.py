"""
How pages and drawings look, in light and dark.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Final

#: Hues of layers, neighbours far from each other; they come again after the last.
_HUES: Final = (212, 32, 140, 275, 52, 180, 345, 95, 245, 15, 160, 310)
#: How many classes of layers there are.
COLOURS: Final = len(_HUES)

#: Fonts of one width, so that it is known beforehand how much room a text takes.
_FONT: Final = '"DejaVu Sans Mono","Liberation Mono",Menlo,Consolas,monospace'

#: What colours are for, and which they are on light and on dark paper.
_COLOURS: Final = {
    "paper": ("#ffffff", "#15151a"),
    "ink": ("#1c1c22", "#e8e8ee"),
    "faint": ("#5a5a66", "#a2a2ae"),
    "line": ("#d5d5de", "#3a3a44"),
    "bar": ("#3b6fb6", "#6ea2e6"),
    "add": ("#1a7f37", "#4ac26b"),
    "del": ("#b3152e", "#ff7b86"),
    "chg": ("#8a5a00", "#e0b050"),
    "under": ("#f0f0f4", "#24242c"),
}


def _variables(paper: int, boxes: str, bars: str) -> str:
    colours = "".join(f"--{name}:{pair[paper]};" for name, pair in _COLOURS.items())
    layers = "".join(
        f"--l{number}:hsl({hue} {boxes});--b{number}:hsl({hue} {bars});"
        for number, hue in enumerate(_HUES)
    )
    return colours + layers


_FILLS: Final = "".join(
    [
        *(f".l{number}{{fill:var(--l{number})}}" for number in range(COLOURS)),
        # Bars have no text on them, and may stand out.
        *(f".b.l{number}{{fill:var(--b{number})}}" for number in range(COLOURS)),
        *(f".{name}{{fill:var(--{name})}}" for name in _COLOURS),
    ]
)

#: Of drawings, in a page or alone.
DRAWING: Final = (
    f":root{{color-scheme:light dark;{_variables(0, '62% 78%', '55% 62%')}}}"
    f"@media(prefers-color-scheme:dark){{:root{{{_variables(1, '40% 30%', '45% 52%')}}}}}"
    f"text{{font:11px {_FONT};fill:var(--ink);white-space:pre;unicode-bidi:isolate}}"
    "text.faint{fill:var(--faint)}text.add{fill:var(--add)}text.del{fill:var(--del)}"
    "text.chg{fill:var(--chg)}"
    ".box{stroke:var(--paper);stroke-width:1}.frame{fill:var(--under);stroke:var(--line)}"
    ".edge{fill:none;stroke:var(--faint)}.dashed{stroke-dasharray:4 3}"
    f"{_FILLS}"
)

#: Of pages.
PAGE: Final = (
    DRAWING + "body{background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif;"
    "margin:0 auto;padding:24px;max-width:1000px}"
    "h1{font-size:22px;overflow-wrap:anywhere}h2{font-size:17px;margin:32px 0 8px}"
    "h3{font-size:15px;margin:20px 0 6px}"
    "svg{display:block;max-width:100%;height:auto}"
    "table{border-collapse:collapse;max-width:100%}"
    "th,td{text-align:left;vertical-align:top;padding:2px 14px 2px 0;unicode-bidi:isolate}"
    f"td,pre{{font:12.5px/1.45 {_FONT};overflow-wrap:anywhere}}"
    "th{font-weight:600;font-size:13px;color:var(--faint);white-space:nowrap}"
    ".k{white-space:nowrap}td.n{text-align:right;white-space:nowrap}td.add{color:var(--add)}td.del{color:var(--del)}"
    "td.chg{color:var(--chg)}"
    "pre{overflow-x:auto;background:var(--under);padding:10px}"
    "summary{cursor:pointer;color:var(--faint);margin:8px 0}p{margin:6px 0}"
    "footer{margin-top:40px;color:var(--faint);font-size:13px}"
)

_HASH: Final = base64.b64encode(hashlib.sha256(PAGE.encode()).digest()).decode()
#: Nothing is loaded, nothing runs, nothing is sent; only this style sheet counts
#: (Content Security Policy Level 3).
POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; form-action 'none'"
)


def colour(layer: int) -> str:
    """
    Give the class of a layer, which is counted from 1; 0 is none.

    >>> colour(1), colour(13), colour(0)
    ('l0', 'l0', 'under')
    """
    return f"l{(layer - 1) % COLOURS}" if layer else "under"
