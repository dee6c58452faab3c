"""What one unit gets back: where its targets stand, what it reported, what is open, what is due. Nothing of other units."""

from __future__ import annotations

from plananalysis.assessments.sentences import unit_name
from plananalysis.documents.facts import Facts
from plananalysis.documents.observed import history_sheet
from plananalysis.documents.sections import day
from plananalysis.documents.tables import assessment_sheet, footer, quality_sheet, reasons_sheet
from plananalysis.documents.workbook import Cell, Number, Sheet, workbook_bytes
from plananalysis.pages.published import Record
from plananalysis.text import listed, say


def feedback_bytes(facts: Facts, unit: str) -> bytes:
    """The workbook of one responsible unit, named by its code."""
    name = facts.unit_names[unit]
    led = [
        c
        for c, r in facts.edition.series.items()
        if r.text("role") != "compound" and r.words("responsible_units")[:1] == (unit,)
    ]
    issues = [r for r in facts.edition.records("quality") if r.text("series") in led]
    rows = facts.of_unit(unit)
    rows = [r for r in rows if r.text("lead_unit") == name] + [r for r in rows if r.text("lead_unit") != name]
    sheets = [
        _summary(facts, unit, name, rows, led, issues),
        assessment_sheet(facts, rows, say("documents.sheet.own_rows"), say("documents.caption.own_rows", unit=name)),
        reasons_sheet(facts, rows),
        _due(facts, name, led),
        history_sheet(facts, led),
        quality_sheet(facts, issues),
    ]
    title = say("documents.feedback_title", unit=name, year=facts.as_of)
    return workbook_bytes([s for s in sheets if s.rows], title, facts.mark, footer(facts))


def _summary(facts: Facts, unit: str, name: str, rows: list[Record], led: list[str], issues: list[Record]) -> Sheet:
    places, severities = [r.text("position") for r in rows], [r.text("severity") for r in issues]
    alerted = {
        code: sum(code in r.words("alerts") for r in rows)
        for code in ("hard_to_reach", "slipping", "volatile", "verify")
    }
    annual = [c for c in led if facts.edition.series[c].text("rhythm") == "annual"]
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


def _due(facts: Facts, name: str, led: list[str]) -> Sheet:
    """What the unit reports next, until when, with which counts, and what value the way to the target asks for."""
    year = facts.as_of + 1
    lines: list[list[Cell]] = []
    for code in led:
        r = facts.edition.series[code]
        missing = [y for y in range(facts.base_year, year) if r.text("rhythm") == "annual" and not _has(facts, code, y)]
        verdict = facts.edition.assessments.get(code)
        needed = verdict.number(f"required_{year}") if verdict else None
        counts = listed(t for t in (r.text("numerator"), r.text("denominator")) if t)
        due = day(facts.next_due) if r.text("rhythm") == "annual" else say(f"documents.due.{r.text('rhythm')}")
        lines.append(
            [
                code,
                r.text("name"),
                unit_name(r.text("unit")),
                due,
                counts,
                listed(r.words("groups")) and _groups(r),
                listed(map(str, missing)),
                None if needed is None else Number(needed, r.whole("decimals") or 0),
            ]
        )
    heads = [
        say(f"documents.column.{c}")
        for c in ("code", "name", "measure", "deadline", "counts", "by_group", "missing_years")
    ]
    heads.append(say("documents.column.needed", year=year))
    return Sheet(say("documents.sheet.due"), say("documents.caption.due", unit=name, year=year), heads, lines, fixed=2)


def _groups(row: Record) -> str:
    return listed(say(f"documents.by.{g}") for g in row.words("groups"))
