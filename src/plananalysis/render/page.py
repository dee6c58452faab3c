"""An executed notebook becomes one self-contained HTML page."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import distribution
from importlib.resources import files
from pathlib import Path

import nbformat
from nbconvert.exporters import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter
from nbformat import NotebookNode
from traitlets.config import Config

from plananalysis.base import fonts
from plananalysis.base.text import LANGUAGES, catalogue, language, say
from plananalysis.render.texts import web_language

_SHOWN = ("text/html", "image/svg+xml", "image/png", "image/jpeg", "text/markdown")
# of a page, and of a list of pages
_SCRIPTS = ("page.js", "menus.js", "csv.js", "picture.js", "take.js"), ("page.js", "match.js", "find.js")
_TAKEN = (  # words that the script for taking figures along needs
    *("csv", "svg", "png", "year", "low", "high", "status", "code", "name"),
    *("unit", "source", "note", "rows", "group", "table", "item", "count", "outlooks"),
)
_PRINTED = "text/plain"  # shown on the pages of people's own notebooks, which have nothing better for a number
_TAG = re.compile(r"<[^>]*>")
_CONTENTS = "<!--contents-->"
_HEADINGS = re.compile(
    r'<h2>(?P<text>.*?)</h2>|<article class="series[^>]* id="(?P<code>[^"]+)"><header><h3>(?P<name>.*?)</h3>', re.DOTALL
)
_FONT = "/*font*/"  # where the page's own cut of the font goes, known only when the rest of the page is


@dataclass(frozen=True)
class Frame:
    """What stands around the content of a page.

    Parameters
    ----------
    title
        Title of the window and of the saved file.
    kind
        CSS class of the page (``overview``, ``domain``, …).
    fictional
        The data are invented; the page carries a watermark and says so in its first line.
    edition_line, foot, running_foot
        The line at the top, the lines at the end, and the short text at the foot of every printed sheet.
    links
        Navigation: (address, text) pairs; where pairs stand in the place of the address, a menu of these.
    turns
        The pages before and after this one of its kind, offered at the end; an empty address where there is none.
    file
        The page's own file name, so that navigation can mark it.
    audience
        For whom it is written; a class of the page beside its kind, since the public's is set larger.
    """

    title: str
    kind: str
    fictional: bool = False
    edition_line: str = ""
    foot: Sequence[str] = ()
    running_foot: str = ""
    links: Sequence[tuple[str | Sequence[tuple[str, str]], str]] = ()
    turns: Sequence[tuple[str, str]] = ()
    file: str = ""
    audience: str = ""


@dataclass(frozen=True)
class Rendered:
    """A page, and what its author should know about it."""

    html: str
    warnings: list[str] = field(default_factory=list)


def page(notebook: NotebookNode, frame: Frame, font_cache: Path | None = None) -> Rendered:
    """The HTML of an executed notebook; equal outputs and frames give equal bytes.

    Shown are markdown cells and outputs that have HTML, a picture or markdown; of people's own notebooks (``kind`` ``own``) plain
    text too. Whatever else a cell put out is left out and reported as a warning. A cell of which nothing is shown is left out
    with the heading before it, and a notebook's own title where the page brings one.
    """
    own = frame.kind == "own"
    kept = _with_content(notebook.cells, own)
    cells = [_spoken(cell) for cell in (kept if own else _titled(kept))]
    draft = with_contents(_draft(nbformat.from_dict({**notebook, "cells": cells}), frame))
    english = language() != LANGUAGES[0]
    drawn = html.unescape(_TAG.sub("", draft))  # style sheets stay in: their ``content`` is drawn too
    text = draft.replace(_FONT, fonts.face([drawn, say("reports.page.stale")], font_cache, english), 1)
    warnings = _left_out(notebook, own)
    if lacking := fonts.missing(drawn):
        warnings.append(f"the package font lacks {lacking}")
    return Rendered(text, warnings)


def warm_up(notebook: NotebookNode) -> None:
    """Read the template, and what else the first page would have to."""
    _draft(notebook, Frame(title="", kind="list"))
    fonts.read_ahead()


def _draft(notebook: NotebookNode, frame: Frame) -> str:
    return _exporter(frame.kind == "own").from_notebook_node(notebook, {"page": _resources(frame)})[0]


def plain_page(body: str, frame: Frame, font_cache: Path | None = None) -> str:
    """A page with the same frame around HTML that no notebook made."""
    output = nbformat.v4.new_output("display_data", data={"text/html": body})
    return page(
        nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[output], id="body")]), frame, font_cache
    ).html


def policy(scripts: Sequence[str] = ()) -> str:
    """The content security policy of a page: nothing is fetched, and only the given inline scripts run."""
    hashes = " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(s.encode()).digest()).decode()}'" for s in scripts)
    parts = ["default-src 'none'", "img-src data:", "font-src data:", "style-src 'unsafe-inline'"]
    return "; ".join([*parts, *([f"script-src {hashes}"] if hashes else []), "base-uri 'none'", "form-action 'none'"])


class _Exporter(HTMLExporter):
    """nbconvert's HTML exporter with our template and without its pass through BeautifulSoup, which spoils SVG attributes."""

    def from_notebook_node(self, nb, resources=None, **kw):  # type: ignore[no-untyped-def]
        return TemplateExporter.from_notebook_node(self, nb, self._init_resources(resources), **kw)

    def get_prefix_root_dirs(self) -> list[str]:
        """Where nbconvert looks for its own templates, and where its package says that they are.

        It looks in the interpreter's folder only, which is another one where packages were put on the path in another way.
        """
        listed = distribution("nbconvert").files or []
        found = [Path(str(f.locate())).resolve() for f in listed if f.as_posix().endswith("templates/base/null.j2")]
        return [*super().get_prefix_root_dirs(), *(str(path.parents[3]) for path in found if path.is_file())]


@cache
def _exporter(own: bool = False) -> _Exporter:
    exporter = _Exporter(
        config=Config({"NbConvertBase": {"display_data_priority": [*_SHOWN, *([_PRINTED] if own else [])]}}),
        template_name="plan",
        extra_template_basedirs=[str(files("plananalysis") / "template")],
        exclude_input=True,
        exclude_input_prompt=True,
        exclude_output_prompt=True,
        exclude_anchor_links=True,
        optimistic_validation=True,  # a notebook is held against its schema once, not after each of the preprocessors
    )
    exporter.register_filter("inline_svg", lambda text: text[max(text.find("<svg"), 0) :])
    return exporter


@cache
def _script(kind: str) -> str:
    """The one script of a page: it waits for the font, sorts, sifts, finds and hands out; the policy lets nothing else run."""
    static = files("plananalysis") / "template" / "plan" / "static"
    return "".join((static / name).read_text(encoding="utf-8") for name in _SCRIPTS[kind == "list"])


def _resources(frame: Frame) -> dict[str, object]:
    return vars(frame) | {
        "language": web_language(),
        "policy": policy([_script(frame.kind)]),
        "script": _script(frame.kind),
        "watermark": say("pages.fictional"),
        "fictional_notice": say("reports.page.fictional_notice"),
        "skip": say("reports.page.skip"),
        "nav_label": say("reports.page.navigation"),
        "take": _take(frame),
        "running_foot": re.sub(r'[\\"<>\n]', "", frame.running_foot),
        "links": _links(frame.links, frame.file),
        "turns": _links(frame.turns, ""),
        "turns_label": say("reports.page.turns"),
        "font": _FONT,
    }


def _take(frame: Frame) -> str:
    """The words for taking a figure and its data along, and what stands in each file about where it is from, as JSON."""
    if not frame.file:
        return ""
    mark = say("pages.fictional") if frame.fictional else ""
    edition = frame.running_foot.removesuffix(mark).strip()
    told = {name: say(f"reports.take.{name}") for name in _TAKEN} | {"origin": say("definitions.source")}
    told |= {"from": say("reports.take.from", title=frame.title, edition=edition), "file": edition.partition(" ")[0]}
    return json.dumps(told | {"mark": mark}, ensure_ascii=False)


def _with_content(cells: Sequence[NotebookNode], own: bool) -> list[NotebookNode]:
    """The cells without those of which nothing can be shown, and without the heading right before such a cell."""
    kept: list[NotebookNode] = []
    for cell in cells:
        if not _is_empty(cell, own):
            kept.append(cell)
            continue
        while kept and kept[-1].cell_type == "markdown" and not kept[-1].source.startswith("# "):
            kept.pop()
    return kept


def _titled(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells from the page's own title on: what the notebook says before it is for whoever runs it."""
    for n, cell in enumerate(cells):
        if any("<h1" in "".join(output.get("data", {}).get("text/html", "")) for output in cell.get("outputs", [])):
            return [c for c in cells[:n] if c.cell_type != "markdown"] + cells[n:]
    return cells


def _spoken(cell: NotebookNode) -> NotebookNode:
    """A heading in the language spoken: notebooks hold the Chinese, the catalogue its translation."""
    key = f"heading.{cell.source.strip()}"
    if cell.cell_type != "markdown" or key not in catalogue(language()):
        return cell
    return nbformat.from_dict({**cell, "source": say(key)})


def _is_empty(cell: NotebookNode, own: bool) -> bool:
    """Whether a cell has outputs and none of them has content that is shown."""
    return bool(cell.get("outputs")) and not any(_shows(output, own) for output in cell.outputs)


def _shows(output: NotebookNode, own: bool) -> bool:
    if output.output_type == "stream":
        return own and bool(output.text.strip())
    data = output.get("data", {})
    if "text/html" in data:
        return bool("".join(data["text/html"]).strip())
    return any(kind in data for kind in (*_SHOWN, *([_PRINTED] if own else [])))


def _links(pairs: Sequence[tuple[str | Sequence[tuple[str, str]], str]], here: str) -> list[dict[str, object]]:
    made: list[dict[str, object]] = []
    for place, text in pairs:
        if isinstance(place, str):
            made.append({"href": place, "text": text, "here": place == here})
        else:
            menu = _links(place, here)
            made.append({"menu": menu, "text": text, "here": any(link["here"] for link in menu)})
    return made


def with_contents(page_html: str) -> str:
    """The page with places for its headings, and a menu of them and of its indicators in the navigation."""
    entries: list[str] = []

    def placed(found: re.Match[str]) -> str:
        if code := found["code"]:
            name = _TAG.sub(" ", found["name"].partition('<span class="unit">')[0]).strip()
            entries.append(f'<a class="sub" href="#{code}">{name}</a>')
            return found[0]
        place = f"q{sum('sub' not in e for e in entries) + 1}"
        entries.append(f'<a href="#{place}">{_TAG.sub("", found["text"])}</a>')
        return f'<h2 id="{place}">{found["text"]}</h2>'

    head, main, rest = page_html.partition('<main id="main"')
    rest = _HEADINGS.sub(placed, rest)
    label = html.escape(say("reports.page.contents"))
    menu = f"<details><summary>{label}</summary><div>{''.join(entries)}</div></details>" if entries else ""
    return head.replace(_CONTENTS, menu, 1) + main + rest


def _left_out(notebook: NotebookNode, own: bool) -> list[str]:
    """Outputs a reader does not see, one line each."""
    lines = []
    for number, cell in enumerate(notebook.cells):
        for output in cell.get("outputs", []):
            if output.output_type == "stream" and not own:
                lines.append(f"cell {number} {output.name}: {output.text.strip()[:200]}")
                continue
            data = output.get("data", {})
            if data and "text/html" not in data and not _shows(output, own):
                lines.append(f"cell {number}: output only as {', '.join(sorted(data))}")
    return lines
