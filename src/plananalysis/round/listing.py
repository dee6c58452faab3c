"""The round's list for the office: who sent what when, what is in use, what is open; as a workbook and as a page that opens offline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from plananalysis.base import tables
from plananalysis.base.text import say
from plananalysis.plan import load_plan
from plananalysis.render.blocks import Column, Paragraph, Table
from plananalysis.render.quantities import Count
from plananalysis.render.texts import day, without_mark
from plananalysis.render.xlsx import Sheet, workbook_bytes
from plananalysis.returns import SEVERITIES
from plananalysis.round.accountability import accountability, questions_of, timeliness
from plananalysis.round.checking import Checker
from plananalysis.round.due import due_date

_COUNTS = ("expected", "reported", "explained", "accepted", "provisional", "waiting")
_OPEN = ("open_errors", "open_questions", "waived", "never_reported")
_ROLES = {"message": "reason", **dict.fromkeys(("unit", "state", "severity", "group", "handled", "year"), "short")}
_SEVERITY = dict(zip(("error", "explain", "hint"), SEVERITIES, strict=True))


def write_list(root: Path, area: str, year: int, out: Path, today: str) -> list[Path]:
    """Write the list of a year's round into ``out``, replacing an earlier one: ``<year>_round.xlsx`` and ``.html``.

    Parameters
    ----------
    today
        ISO date, by which it is told what is overdue.

    Raises
    ------
    UsageError
        No such area, or no plan period covers the year.
    DataError
        Plan, observations or register break rules.
    """
    plan = load_plan(root, area, year)
    made = round_tables(root, area, year, today)
    title = say("round.title", area=without_mark(plan.name), year=year)
    mark = say("forms.fictional") if plan.fictional else ""
    sheets = [Sheet(say(f"round.sheet.{name}"), table) for name, table in made.items()]
    paths = [out / f"{year}_round.xlsx", out / f"{year}_round.html"]
    tables.write_atomic(paths[0], workbook_bytes(sheets, title, mark, say("round.made", today=day(today))))
    from plananalysis.render.html import html, tag
    from plananalysis.render.page import Frame, plain_page

    frame = Frame(title, "list", plan.fictional, say("round.made", today=day(today)), file=paths[1].name)
    body = html(tag("h1", title), Paragraph(say("round.made", today=day(today)), "small"), *made.values())
    tables.write_atomic(paths[1], plain_page(body, frame).encode())
    return paths


def round_tables(root: Path, area: str, year: int, today: str, checker: Checker | None = None) -> dict[str, Table]:
    """The tables ``units`` and ``questions`` of a year's round as blocks."""
    checker = checker or Checker.load(root, area)
    rows = accountability(root, area, year, checker)
    units = [
        _text("unit", lambda r: r["name"], 16),
        _text("state", lambda r: say(f"round.state.{timeliness(r, today)}"), 10),
        _text("received_on", lambda r: r["received_on"], 11),
        *map(_count, _COUNTS),
        _text("used_from", lambda r: r["used_from"].replace(";", "、"), 14),
        _text("accepted_on", lambda r: r["accepted_on"], 11),
        *map(_count, _OPEN),
    ]
    caption = say("round.units", year=year, due=day(due_date(root, area, year)))
    asked = [r for r in questions_of(root, area, year, checker) if r["severity"] != "hint"]
    return {
        "units": Table(caption, units, rows, role="rows stack"),
        "questions": Table(
            say("round.questions", year=year),
            _asked(checker),
            asked,
            empty=say("round.no_questions"),
            role="rows stack",
        ),
    }


def _asked(checker: Checker) -> Sequence[Column]:
    names = checker.known.plan.series["name"]
    return [
        _text("unit", lambda r: checker.book.unit_name(r["unit"]), 14),
        _text("severity", lambda r: _SEVERITY[r["severity"]], 8),
        _text("place", lambda r: " ".join(filter(None, (r["file"], r["sheet"], r["cell"]))), 18),
        _text("indicator", lambda r: f"{r['series']} {names.get(r['series'], '')}".strip(), 22),
        _text("group", lambda r: checker.book.groups.get(r["group"], r["group"]), 8),
        _text("year", lambda r: "" if r["year"] is None else str(r["year"]), 6),
        _text("typed", lambda r: r["value"], 10),
        _text("message", lambda r: r["message"], 32),
        _text("advice", lambda r: r["advice"], 28),
        _text("handled", lambda r: say(f"round.question.{r['state']}", reason=r["reason"]), 16),
    ]


def _text(name: str, cell: Any, width: float) -> Column:
    return Column(say(f"round.column.{name}"), lambda r: cell(r) or None, width, role=_ROLES.get(name, ""))


def _count(name: str) -> Column:
    return Column(say(f"round.column.{name}"), lambda r: Count(r[name]), 7, "r")
