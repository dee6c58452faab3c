"""What one unit gets back: where its targets stand, what it reported, what is open, what is due. Nothing of other units."""

from __future__ import annotations

from plananalysis.base.text import listed, say
from plananalysis.pages.papers.facts import Facts
from plananalysis.pages.papers.observed import group_name, history_sheet
from plananalysis.pages.papers.sections import day
from plananalysis.pages.papers.tables import assessment_sheet, footer, quality_sheet, reasons_sheet
from plananalysis.pages.unit import UnitPage, groups
from plananalysis.plan.units import unit_name
from plananalysis.render.xlsx import Cell, Number, Sheet, workbook_bytes


def feedback_bytes(facts: Facts, unit: str) -> bytes:
    """The workbook of one responsible unit, named by its code."""
    sheet = UnitPage.of(facts.edition, unit)
    name, rows = sheet.name, sheet.rows
    led = [d.series.text("series") for d in sheet.duties]
    sheets = [
        _summary(facts, sheet),
        _questions(sheet),
        assessment_sheet(facts, rows, say("documents.sheet.own_rows"), say("documents.caption.own_rows", unit=name)),
        reasons_sheet(facts, rows),
        _due(facts, sheet),
        history_sheet(facts, led),
        quality_sheet(facts, sheet.findings),
    ]
    title = say("documents.feedback_title", unit=name, year=facts.as_of)
    return workbook_bytes([s for s in sheets if s.rows], title, facts.mark, footer(facts))


def _summary(facts: Facts, sheet: UnitPage) -> Sheet:
    unit, name, rows = sheet.unit, sheet.name, sheet.rows
    places, severities = [r.text("position") for r in rows], [r.text("severity") for r in sheet.findings]
    alerted = {
        code: sum(code in r.words("alerts") for r in rows)
        for code in ("hard_to_reach", "slipping", "volatile", "verify")
    }
    led = [d.series.text("series") for d in sheet.duties]
    annual = [d.series.text("series") for d in sheet.duties if d.annual]
    reported = [c for c in annual if _has(facts, c, facts.as_of)]
    never = [c for c in led if not any(r.number("value") is not None for r in facts.edition.observed.get(c, []))]
    measures = [a for a in facts.actions if a.text("unit") == unit]
    lines: list[list[Cell]] = [
        [
            say("documents.feedback.rows"),
            Number(len(rows)),
            say("documents.feedback.lead", count=sum(r.text("lead_unit") == name for r in rows)),
        ],
        *[[say(f"position.{p}"), Number(places.count(p)), ""] for p in ("met", "not_met", "unknown")],
        *[[say(f"alert.{code}"), Number(count), ""] for code, count in alerted.items()],
        *_round(sheet),
        [say("documents.feedback.series"), Number(len(led)), ""],
        [say("documents.feedback.due", year=facts.as_of), Number(len(annual)), ""],
        [
            say("documents.feedback.reported", year=facts.as_of),
            Number(len(reported)),
            _names(facts, [c for c in annual if c not in reported], "not_reported"),
        ],
        [say("documents.feedback.never"), Number(len(never)), _names(facts, never, "never_list")],
        [
            say("documents.feedback.errors"),
            Number(severities.count(say("quality.severity.error"))),
            say("documents.feedback.errors_note"),
        ],
        [say("documents.feedback.explain"), Number(severities.count(say("quality.severity.explain"))), ""],
        [
            say("documents.feedback.measures"),
            Number(len(measures)),
            say("joint.clause").join(a.text("title") for a in measures),
        ],
        [
            say("documents.feedback.next", year=facts.as_of + 1),
            day(facts.next_due),
            say("documents.feedback.next_note"),
        ],
    ]
    heads = [say(f"documents.column.{c}") for c in ("item", "count_of", "remark")]
    title = say("documents.feedback_title", unit=name, year=facts.as_of)
    return Sheet(
        say("documents.sheet.summary"),
        title,
        heads,
        lines,
        say("documents.feedback.note", known_on=day(facts.known_on)),
        filtered=False,
    )


def _names(facts: Facts, codes: list[str], key: str) -> str:
    names = listed(f"{c} {facts.edition.series[c].text('name')}" for c in codes)
    return say(f"documents.feedback.{key}", names=names) if names else ""


def _has(facts: Facts, series: str, year: int) -> bool:
    return any(
        r.whole("year") == year and r.number("value") is not None for r in facts.edition.observed.get(series, [])
    )


def _round(sheet: UnitPage) -> list[list[Cell]]:
    """What the round has on the unit: nothing in an area that uses no forms."""
    dates = ("received_on", "due", "accepted_on")
    counts = ("expected", "reported", "explained", "open_errors", "open_questions", "waived", "never_reported")
    lines: list[list[Cell]] = []
    for r in sheet.edition.records("accountability")[:1]:
        lines += [[say(f"units.item.{c}"), r.text(c) or say("units.item.none"), ""] for c in dates]
        in_time = {"True": "in_time", "False": "late"}.get(r.text("on_time"))
        lines.append([say("pages.returns.on_time"), say(f"pages.returns.{in_time}") if in_time else "", ""])
        lines += [[say(f"pages.returns.{c}"), Number(r.whole(c) or 0), ""] for c in counts]
    return lines


def _questions(sheet: UnitPage) -> Sheet:
    """Questions about the unit's return, open ones first; a waived one keeps its reason."""
    lines: list[list[Cell]] = []
    for r in sorted(sheet.edition.records("return_questions"), key=lambda r: r.text("state") != "open"):
        about = sheet.edition.series.get(r.text("series"))
        place = " ".join(filter(None, (r.text("sheet"), r.text("cell"))))
        lines.append(
            [say(f"pages.returns.{r.text('state')}"), r.text("severity"), place, r.text("series"), about.text("name") if about else "",
             group_name(r.text("group")), r.text("year"), r.text("value"), r.text("message"), r.text("advice"), r.text("reason")]
        )  # fmt: skip
    heads = [say("pages.returns.state"), say("documents.column.severity"), say("units.place")]
    heads += [
        say(f"documents.column.{c}") for c in ("code", "name", "group", "year", "reported_value", "issue", "advice")
    ]
    return Sheet(say("units.sheet"), say("units.asked_caption"), [*heads, say("pages.returns.reason")], lines, fixed=3)


def _due(facts: Facts, sheet: UnitPage) -> Sheet:
    """What the unit reports next, until when, with which counts, and what value the way to the target asks for."""
    year = facts.as_of + 1
    lines: list[list[Cell]] = []
    for duty in sheet.duties:
        r = duty.series
        due = day(facts.next_due) if duty.annual else say(f"documents.due.{r.text('rhythm')}")
        wanted = None if duty.needed is None else Number(duty.needed, r.whole("decimals") or 0)
        missing = listed(map(str, duty.missing))
        lines.append(
            [r.text("series"), r.text("name"), unit_name(r.text("unit")), due, listed(duty.counts), groups(duty), missing, wanted]
        )  # fmt: skip
    heads = [
        say(f"documents.column.{c}")
        for c in ("code", "name", "measure", "deadline", "counts", "by_group", "missing_years")
    ]
    heads.append(say("documents.column.needed", year=year))
    heading = say("documents.caption.due", unit=sheet.name, year=year)
    return Sheet(say("documents.sheet.due"), heading, heads, lines, fixed=2)
