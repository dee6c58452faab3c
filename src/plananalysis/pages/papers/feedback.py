"""What one unit gets back: where its targets stand, what it reported, what is open, what is due. Nothing of other units."""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter
from typing import Any

from plananalysis.base.text import say
from plananalysis.editions.opened import Published
from plananalysis.pages.columns import column, columns
from plananalysis.pages.counts import POSITIONS
from plananalysis.pages.papers.data_tables import (
    findings_sheet,
    footer,
    history_sheet,
    reasons_sheet,
    rows_sheet,
    sheet,
)
from plananalysis.pages.papers.sentences import known_on
from plananalysis.pages.quality import COUNTED, asked_table, on_time
from plananalysis.pages.rows import alerted, named, over
from plananalysis.pages.unit import WATCHED, UnitPage
from plananalysis.render.blocks import Table
from plananalysis.render.quantities import Count
from plananalysis.render.xlsx import Sheet, workbook_bytes

_ASKED = (
    *("state", "severity", "asked_place", "code", "name", "group", "year", "number", "message", "advice"),
    "why_waived",
)
_Line = tuple[str, Any, str]


def feedback_bytes(edition: Published, unit: str) -> bytes:
    """The workbook of one responsible unit, named by its code."""
    page = UnitPage.of(edition, unit)
    own, caption = page.edition, say("units.targets_caption", unit=page.name)
    due = page.due_table()  # with code and name in columns of their own
    due = replace(due, columns=[*columns(own, ("code", "name"), lambda d: d.series), *due.columns[1:]])
    sheets = [
        _summary(page),
        Sheet(say("column.open_questions"), asked_table(own, page.asked, say("units.asked_caption"), _ASKED), fixed=3),
        rows_sheet(own, page.rows, "own_rows", caption),
        reasons_sheet(own, page.rows),
        *([] if over(own) else [sheet("due", due, fixed=2)]),
        history_sheet(own, [d.series.text("series") for d in page.duties]),
        findings_sheet(own, page.findings),
    ]
    return workbook_bytes([s for s in sheets if any(s.table.records)], _title(page), own.mark, footer(own))


def _title(page: UnitPage) -> str:
    return say("documents.feedback_title", unit=page.name, year=page.edition.as_of)


def _summary(page: UnitPage) -> Sheet:
    edition, rows, year = page.edition, page.rows, page.edition.as_of
    places, found = [r.text("position") for r in rows], [r.text("severity") for r in page.findings]
    missing = say("documents.feedback.not_reported", names=named(page.silent)) if page.silent else ""
    measures = [a.text("title") for a in edition.records("actions") if a.text("unit") == page.unit]
    leads = say("documents.feedback.lead", count=sum(map(page.leads, rows)))
    lines: list[_Line] = [
        *((todo.name, todo.told, named(todo.which)) for todo in page.todos),
        (say("documents.feedback.rows"), Count(len(rows)), leads),
        *((say(f"position.{p}"), Count(places.count(p)), "") for p in POSITIONS),
        *((say(f"alert.{code}"), Count(len(alerted(rows, code))), "") for code in WATCHED if not over(edition)),
        *_round(page),
        (say("documents.feedback.series"), Count(len(page.duties)), ""),
        (say("documents.feedback.due", year=year), Count(len(page.annual)), ""),
        (say("documents.feedback.reported", year=year), Count(len(page.annual) - len(page.silent)), missing),
        (say("column.never"), Count(len(page.never)), named(page.never)),
        (say("documents.feedback.errors"), Count(found.count("error")), say("documents.feedback.errors_note")),
        (say("documents.feedback.explain"), Count(found.count("explain")), ""),
        (say("documents.caption.actions"), Count(len(measures)), say("joint.clause").join(measures)),
    ]
    heads = [column(name, itemgetter(i)) for i, name in enumerate(("item", "count_of", "remark"))]
    note = say("documents.feedback.note", known_on=known_on(edition))
    return sheet("summary", Table(_title(page), heads, lines), note, 0, filtered=False)


def _round(page: UnitPage) -> list[_Line]:
    """What the round has on the unit: nothing in an area that uses no forms."""
    lines: list[_Line] = []
    for r in page.edition.records("accountability")[:1]:
        dates = ("received_on", "due", "accepted_on")
        lines += [(say(f"units.item.{c}"), r.text(c) or say("units.item.none"), "") for c in dates]
        lines.append((say("column.on_time"), on_time(r), ""))
        lines += [(say(f"column.{c}"), Count(r.number(c) or 0), "") for c in COUNTED]
    return lines
