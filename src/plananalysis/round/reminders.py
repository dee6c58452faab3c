"""催报函: a draft letter to each unit whose return has not come or is not complete, or whose questions wait for an answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

from plananalysis.base import tables
from plananalysis.base.errors import UsageError
from plananalysis.base.names import file_part
from plananalysis.base.text import listed, say, sentences
from plananalysis.plan import load_plan
from plananalysis.plan.findings import iso_date
from plananalysis.render.blocks import Column, Document, Paragraph, Signature, Table, ToFill
from plananalysis.render.texts import day, plan_titles, without_mark
from plananalysis.returns import ERROR, TOTAL, Issue
from plananalysis.returns.reading import is_due
from plananalysis.round.accountability import accountability, timeliness
from plananalysis.round.checking import Checker
from plananalysis.round.standing import Standing, standing

_NAMED = 8  # indicators that a sentence names; more are counted


def write_reminders(root: Path, area: str, year: int, out: Path, today: str, units: Sequence[str] = ()) -> list[Path]:
    """Write a reminder to every unit that has to be reminded, as DOCX, replacing those written before.

    Parameters
    ----------
    today
        ISO date the letters are written on.
    units
        Codes or names of the units meant; all where empty.

    Returns
    -------
    list of Path
        Empty where everything has come and been answered.

    Raises
    ------
    UsageError
        No such area or unit, no date, or no plan period covers the year.
    DataError
        Plan, observations or register break rules.
    """
    if not iso_date(today):
        raise UsageError(say("intake.bad_date", date=today))
    load_plan(root, area, year)
    checker = Checker.load(root, area)
    wanted = checker.book.units_called(units)
    state: dict[str, list[Standing]] = {}
    for one in standing(root, area, year, checker):
        state.setdefault(one.submission.unit, []).append(one)
    paths = []
    for row in accountability(root, area, year, checker):
        if wanted and row["unit"] not in wanted:
            continue
        letter = reminder(checker, row, state.get(row["unit"], []), today)
        if letter is not None:
            from plananalysis.render.docx import word_bytes

            paths.append(out / f"{year}_{row['unit']}_{file_part(row['name'])}_{say('round.letter.file')}.docx")
            tables.write_atomic(paths[-1], word_bytes(letter, "letter"))
    return paths


def reminder(checker: Checker, row: dict[str, Any], now: Sequence[Standing], today: str) -> Document | None:
    """The letter to one unit about its row of the accountability table; None where there is nothing to remind it of."""
    plan, year, due = checker.known.plan, row["year"], row["due"]
    told = {r.series for s in now for r in s.found.rows if r.year == year and not r.blank}
    due_lines = [a for a in checker.book.lines(row["unit"]) if a.group == TOTAL and is_due(a, year)]
    silent = [a for a in due_lines if a.series not in told]
    issues = [i for s in now for i in s.open if i.rule not in ("blank", "row_absent")]
    if not silent and not issues:
        return None
    state = timeliness(row, today)
    days = (date.fromisoformat(today) - date.fromisoformat(due)).days
    words = {"year": year, "days": days} | {k: day(d) for k, d in (("due", due), ("today", today))}
    words["received_on"] = day(row["received_on"]) if row["received_on"] else ""
    opening = say(f"round.letter.{state if not row['received_on'] else 'received'}", **words)
    named = listed(f"{a.series} {a.name}" for a in silent[:_NAMED])
    more = {"expected": row["expected"], "count": len(silent), "names": named}
    basis = say("round.letter.basis", titles=plan_titles(plan.all_titles, plan.name))
    key = "silent_some" if len(silent) > _NAMED else "silent"
    parts: list[Any] = [Paragraph(sentences(basis, opening, say(f"round.letter.{key}", **more) if silent else ""))]
    if issues:
        errors = sum(i.severity == ERROR for i in issues)
        counts = {"count": len(issues), "errors": errors, "explain": len(issues) - errors}
        parts += [Paragraph(say("round.letter.open", **counts)), _table(issues)]
    parts += [Paragraph(say("round.letter.ask")), ToFill(say("round.letter.fill"))]
    issuer = say("documents.letter.issuer", area=without_mark(plan.name))
    parts.append(Signature([issuer, say("documents.fill.date")]))
    return Document(
        [say("round.letter.title", year=year), say("round.letter.title_end")],
        parts,
        mark=say("forms.fictional") if plan.fictional else "",
        stamp=say("documents.letter.draft"),
        subtitle=say("documents.letter.to", unit=row["name"]),
        before=[Paragraph(issuer, "发文机关"), Paragraph(say("documents.letter.number"), "文号")],
    )


def _table(issues: Sequence[Issue]) -> Table:
    columns = [
        Column(say("round.column.place"), lambda i: i.cell or None, 8),
        Column(say("round.column.indicator"), lambda i: f"{i.series} {i.about}".strip() or None, 22),
        Column(say("round.column.typed"), lambda i: i.value or None, 10),
        Column(say("round.column.message"), lambda i: str(i.message), 34),
        Column(say("round.column.advice"), lambda i: str(i.advice), 30),
    ]
    return Table(say("round.letter.table"), columns, issues)
