"""Documents as PDF with real, selectable Chinese text: set by typst with the package's own font, no browser and no font of the machine."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from plananalysis.base.errors import PlanAnalysisError, UsageError
from plananalysis.base.fonts import FILE, write_cut
from plananalysis.base.text import LANGUAGES, language, say
from plananalysis.render import blocks as b
from plananalysis.render.texts import clean, fitted

_TEMPLATE = files("plananalysis.render") / "document.typ"
_WIDTH, _SIZE = 168, 8  # mm between the margins and points of a table's text, as the template sets them
_HEIGHT = 230  # mm for a drawing on a sheet, its caption below it


def pdf_bytes(document: b.Document, foot: str = "") -> bytes:
    """The document as a PDF file; equal documents give equal bytes.

    Parameters
    ----------
    foot
        Left foot of every page.

    Raises
    ------
    UsageError
        The optional extra ``pdf`` is not installed.
    PlanAnalysisError
        The document could not be set; the message says why.
    """
    try:
        import typst
    except ImportError:
        raise UsageError(say("documents.errors.no_typst")) from None
    content = {
        "title": [clean(t) for t in document.title],
        "subtitle": clean(document.subtitle),
        "mark": clean(document.mark),
        "stamp": clean(document.stamp),
        "foot": clean(foot),
        "blocks": [made for block in b.flat(document.blocks) for made in _block(block)],
    }
    text = json.dumps(content, ensure_ascii=False)
    chinese = language() == LANGUAGES[0]
    try:
        with TemporaryDirectory() as folder:
            if not chinese:
                write_cut(text + _TEMPLATE.read_text(encoding="utf-8"), Path(folder), english=True)
            return typst.compile(
                _TEMPLATE.read_bytes(),
                font_paths=typst.Fonts(
                    include_system_fonts=False, font_paths=[str(Path(str(FILE)).parent) if chinese else folder]
                ),
                sys_inputs={"document": text, "language": language()},
            )
    except typst.TypstError as error:
        raise PlanAnalysisError(say("documents.errors.typst_failed", message=str(error))) from error


def _block(block: Any) -> list[dict[str, Any]]:
    if isinstance(block, b.Heading):
        return [{"kind": "heading", "level": block.level, "text": clean(b.plain(block.text))}]
    if isinstance(block, b.Paragraph):
        return [{"kind": "paragraph", "lead": clean(block.lead), "text": clean(b.plain(block.text))}]
    if isinstance(block, b.Items):
        return [{"kind": "paragraph", "lead": "", "text": clean(b.plain(line))} for line in block.lines]
    if isinstance(block, b.Facts):
        pairs = [(say("documents.about", what=b.plain(term)), content) for term, content in block.pairs if content]
        return [{"kind": "fact", "lead": clean(lead), "text": clean(b.plain(content))} for lead, content in pairs]
    if isinstance(block, b.ToFill):
        return [{"kind": "tofill", "text": clean(say("documents.fill.mark") + block.text)}]
    if isinstance(block, b.Signature):
        return [{"kind": "signature", "lines": [clean(t) for t in block.lines]}]
    if isinstance(block, b.Tiles):
        return [{"kind": "tiles", "tiles": [[clean(b.cell_text(part, "")) for part in one] for one in block.tiles]}]
    if isinstance(block, b.PageBreak):
        return [{"kind": "pagebreak"}]
    if isinstance(block, b.Annex):
        return [{"kind": "annex", "text": say("documents.annex", n=block.number)}]
    if isinstance(block, b.Figure):
        about = {"alt": clean(block.drawing.alt), "caption": clean(b.cell_text(block.caption, ""))}
        return [{"kind": "bar", "svg": clean(block.drawing.svg), "share": _share(block.drawing.svg), **about}]
    return [_table(block)]


def _share(svg: str) -> float:
    """The share of the width of the text, in percent, at which a drawing is no taller than a sheet."""
    found = re.search(r'<svg[^>]* width="([\d.]+)" height="([\d.]+)"', svg)
    return round(min(100.0, 100 * _HEIGHT * float(found[1]) / float(found[2]) / _WIDTH), 1) if found else 100.0


def _table(table: b.Table) -> dict[str, Any]:
    lines = [(kind, [_cell(c) for c in cells]) for kind, cells in table.lines()]
    heads = [b.plain(c.title) for c in table.columns]
    texts = [["" if isinstance(c, dict) else c for c in cells] for _, cells in lines if len(cells) == len(heads)]
    widths, _ = fitted([c.width for c in table.columns], [heads, *texts], _WIDTH, _SIZE)
    columns = zip(heads, widths, table.columns, strict=True)
    return {
        "kind": "table",
        "caption": clean(table.caption),
        "columns": [{"title": clean(head), "width": round(wide, 2), "align": c.align} for head, wide, c in columns],
        "rows": [{"kind": kind, "cells": cells} for kind, cells in lines],
        "note": clean(b.noted(table.note)),
        "empty": clean(table.empty or say("documents.nothing")),
    }


def _cell(cell: Any) -> str | dict[str, str]:
    if isinstance(cell, b.Drawing):
        return {"svg": clean(cell.svg), "alt": clean(cell.alt)}
    return clean(b.cell_text(cell))
