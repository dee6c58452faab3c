"""The papers of a city or a nation: a report of what its page says, and its tables as a workbook."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from plananalysis.base.text import catalogue, language, say
from plananalysis.pages import city_targets, city_values
from plananalysis.pages.cells import chance
from plananalysis.pages.city import CityPage
from plananalysis.pages.columns import column, text_column, worded
from plananalysis.pages.many import Overview
from plananalysis.pages.nation import NationPage
from plananalysis.pages.outlooks import outlook_word
from plananalysis.pages.papers import Makers
from plananalysis.pages.papers.report import heading
from plananalysis.render.blocks import Column, Document, Table, flat
from plananalysis.render.docx import word_bytes
from plananalysis.render.html import blocks
from plananalysis.render.quantities import Year
from plananalysis.render.xlsx import Sheet, workbook_bytes

Sections = Sequence[tuple[str, Any]]  # headings, each with its blocks


def city_papers(page: CityPage, notebook: Path) -> Makers:
    """The papers of a city; its report has the sections of the ``notebook`` that makes its page."""
    paper = replace(page, on_paper=True)
    sections = [(text, blocks(*(getattr(paper, name)() for name in names))) for text, names in sections_of(notebook)]
    sections = [(text, held) for text, held in sections if any(flat([held]))]  # the public is not told everything
    sheets = [
        _sheet("districts", _districts(page)),
        *(_sheet(name, table) for name, table in _first_tables({"matrix": page.matrix()})),
        _sheet("targets", city_targets.counts_table(page)),
        _sheet("movement", city_values.movement_table(page)),
        _sheet("spreads", city_values.spreads_table(page, city_values.ends(page))),
        _sheet("rates", city_values.rates_table(page, page.records("rates"))),
        _sheet("wholes", city_values.wholes_table(page, page.records("wholes"))),
        *(_sheet(name, table) for name, table in _first_tables({"city_gaps": page.gaps()})),
    ]
    return _papers(page, say("pages.city.title", name=page.name, as_of=page.as_of), sections, sheets, paper.notes())


def nation_papers(page: NationPage) -> Makers:
    """The papers of a nation."""
    sections = replace(page, on_paper=True).sections()
    made = dict(_first_tables(dict(sections))) | {"targets": page.targets_table(), "areas": page.areas_table()}
    sheets = [_sheet(f"nation_{name}", table) for name, table in made.items()]
    headed = [(say(f"pages.nation.{name}"), held) for name, held in sections]
    return _papers(page, say("pages.nation.title", name=page.name, as_of=page.info["as_of"]), headed, sheets)


def sections_of(notebook: Path) -> list[tuple[str, list[str]]]:
    """Headings of a notebook in the language spoken, each with the methods of ``page`` that are called below it."""
    found, above = [], ""
    for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"]).strip()
        if cell["cell_type"] == "markdown" and text.startswith("## "):
            key = f"heading.{text}"
            above = (say(key) if key in catalogue(language()) else text).removeprefix("## ")
        elif above and (called := re.findall(r"\bpage\.(\w+)\(\)", text)):
            found.append((above, called))
    return found


def _papers(page: Overview, title: str, sections: Sections, sheets: Sequence[Sheet], notes: Any = None) -> Makers:
    shown = [s for s in sheets if any(s.table.records)]

    def report() -> bytes:
        numbered = [(heading(1, n, text), held) for n, (text, held) in enumerate(sections, start=1)]
        made = [b for first, held in numbered for b in (first, *flat([held]))]
        return word_bytes(Document([title], [*flat([notes]), *made], mark=page.mark))

    def tables() -> bytes:
        about = {"area": page.name, "year": page.info["as_of"], "known_on": page.info["known_on"]}
        return workbook_bytes(shown, title, page.mark, say("documents.footer", **about))

    return {"report.docx": report, "tables.xlsx": tables}


def _first_tables(sections: dict[str, Any]) -> list[tuple[str, Table]]:
    """The first table of each section that has one."""
    found = [(name, next((b for b in flat([held]) if isinstance(b, Table)), None)) for name, held in sections.items()]
    return [(name, table) for name, table in found if table is not None]


def _sheet(name: str, table: Table) -> Sheet:
    return Sheet(say(f"documents.sheet.{name}"), table, fixed=1)


def _districts(page: CityPage) -> Table:
    """Every measured series of every district."""

    def value(title: str, name: str) -> Column:
        return Column(title, lambda r: page.value(r.text("series"), r.number(name)), 10, "r")

    def expected(name: str) -> Column:
        return value(say(f"pages.city.{name}", year=page.target_year), f"{name}_target_year")

    columns = [
        column("district", lambda r: page.districts[r.text("area")]),
        column("code", lambda r: r.text("series")),
        text_column("name"),
        *([] if page.public else [column("unit", lambda r: r.text("lead_unit"))]),
        column("target", lambda r: r.text("target_text"), year=page.target_year),
        value(say("column.value"), "value"),
        column("year", lambda r: Year(r.whole("value_year"))),
        column("position", lambda r: worded("position", r, "position")),
        column("outlook", lambda r: outlook_word(r.text("outlook"))),
        column("probability", lambda r: chance(page, r)),
        *(expected(name) for name in ("low80", "median", "high80")),
    ]
    rows = [r for r in page.records("verdicts") if r.text("role") != "compound"]
    return page.table(say("pages.city.all_rows_caption"), columns, rows, "")
