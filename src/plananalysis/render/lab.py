"""Blocks as a notebook shows them: with the pages' own look, scoped to the cell, on paper of their own.

A page brings its style sheet; a cell in JupyterLab has none, and in a dark theme black lines would stand on black. So a cell carries the
sheet within a scope. Figures are images here: of an untrusted notebook JupyterLab takes out style sheets and inline drawings, but not
images, nor the few words of style on the elements themselves.
"""

from __future__ import annotations

import base64
import os
import re
import sys
from functools import cache
from importlib.resources import files

PAGE = "PLANANALYSIS_PAGE"  # set where notebooks are run to become pages, which bring the style sheet themselves
_SHEETS = ("frame.css", "plan.css", "cards.css")
_PAPER = "background:#fff;color:#1c1c1c;padding:4px 12px;font-size:14px;line-height:1.6"
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
# what a front end colours by its theme, and without the style sheet would be light on our light paper
_COLOURS = {"table": "color:#1c1c1c", "tr": "background:#fff", "a": "color:#1f4a5c"}
_OWN = re.compile(r"<(table|tr|a)(?=[ >])")
_SIZE = re.compile(r'<svg\b[^>]*?\bclass="([^"]*)"[^>]*?\bwidth="([\d.]+)"[^>]*?\baria-label="([^"]*)"')
_BARE = "dt,dd{float:none;width:auto;margin:0} table{table-layout:auto;border:0;font-size:inherit;margin:0} tr,td,th{background:none;text-align:left;color:inherit}"
_CONTROLS = "tbody tr:is(:nth-child(odd),:nth-child(even),:hover){background:none} :is(.sift,form){display:none}"


def shown_in_lab() -> bool:
    """Whether a notebook's front end shows what is put out, rather than a page made from it."""
    if os.environ.get(PAGE) or "IPython" not in sys.modules:
        return False
    shell = sys.modules["IPython"].get_ipython()
    return shell is not None and type(shell).__name__ == "ZMQInteractiveShell"


def for_a_cell(html: str) -> str:
    """A page's content as one cell's: scoped style, images for drawings."""
    if not html:
        return html
    drawn = _SVG.sub(lambda found: _image(found[0]), html)
    drawn = _OWN.sub(lambda found: f'{found[0]} style="{_COLOURS[found[1]]}"', drawn)
    return f'<div class="plananalysis" style="{_PAPER}"><style>{_scoped()}</style>{drawn}</div>'


def _image(svg: str) -> str:
    about = _SIZE.search(svg)
    css, width, alt = about.groups() if about else ("", "", "")
    named = svg if "xmlns=" in svg[:200] else svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    named = named.replace("<svg ", '<svg font-family="sans-serif" ', 1)
    data = base64.b64encode(named.encode()).decode()
    size = f' width="{width}"' if width else ""
    return f'<img class="{css}"{size} alt="{alt}" src="data:image/svg+xml;base64,{data}" style="max-width:100%">'


@cache
def _scoped() -> str:
    folder = files("plananalysis") / "template" / "plan" / "static"
    sheet = "\n".join((folder / name).read_text(encoding="utf-8") for name in _SHEETS)
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    sheet = re.sub(r"(?<![\w.#-])(?::root|html|body)(?![\w-])", "&", sheet)
    sheet = re.sub(r"(?<![\w.#-])main ", "", sheet)
    # named three times, so that it outweighs what the front end says of tables and links
    return ".plananalysis.plananalysis.plananalysis{" + _BARE + re.sub(r"\s+", " ", sheet) + _CONTROLS + "}"
