"""数据报表: everything an edition knows, as sheets a person can sort, filter and print."""

from __future__ import annotations

from collections.abc import Sequence

from plananalysis.base.text import listed, say, sentences
from plananalysis.editions.opened import Record
from plananalysis.figures import OUTLOOKS
from plananalysis.pages.counts import counts_sentence, outlook_counts, urgent
from plananalysis.pages.papers import listing
from plananalysis.pages.papers.ahead import needed_sheet, projections_sheet
from plananalysis.pages.papers.beside import comparators_sheet, gaps_sheet
from plananalysis.pages.papers.facts import HIDDEN, NUMERIC, Facts
from plananalysis.pages.papers.observed import group_name, groups_sheet, history_sheet, number, share
from plananalysis.pages.papers.sections import day
from plananalysis.pages.papers.sentences import details, hidden_note, judgement
from plananalysis.plan.units import unit_name
from plananalysis.render.blocks import Table
from plananalysis.render.xlsx import Cell, Number, Sheet, workbook_bytes


def tables_bytes(facts: Facts) -> bytes:
    """The workbook of one edition."""
    worked_out: dict[str, dict[str, Cell]] = {}
    sheets = [
        _overview(facts),
        assessment_sheet(facts, facts.rows, say("documents.sheet.rows"), full=True, worked_out=worked_out),
        reasons_sheet(facts, facts.rows),
        *_domain_sheets(facts, worked_out),
        _units(facts),
        history_sheet(facts, list(facts.edition.series)),
        groups_sheet(facts),
        gaps_sheet(facts),
        comparators_sheet(facts),
        needed_sheet(facts),
        projections_sheet(facts),
        from_table(
            facts,
            listing.action_table(facts, urgent(facts.edition), say("documents.caption.urgent"), ""),
            say("documents.sheet.urgent"),
        ),
        from_table(facts, listing.changes_table(facts, whole=True), say("documents.sheet.changes")),
    ]
    if facts.audience != "public":
        sheets.append(quality_sheet(facts, facts.edition.records("quality")))
        sheets.append(from_table(facts, listing.completeness_table(facts), say("documents.sheet.completeness")))
        if facts.actions:
            sheets.append(
                from_table(
                    facts,
                    listing.actions_table(facts.actions, say("documents.caption.actions")),
                    say("documents.sheet.actions"),
                )
            )
    sheets.append(from_table(facts, listing.thresholds_table(facts), say("documents.sheet.thresholds")))
    shown = [s for s in sheets if s.rows]
    return workbook_bytes([_contents(facts, shown), *shown], _title(facts), facts.mark, footer(facts))


def _title(facts: Facts) -> str:
    return say("documents.tables_title", area=facts.area_name, year=facts.as_of)


def footer(facts: Facts) -> str:
    return say("documents.footer", area=facts.area_name, year=facts.as_of, known_on=facts.known_on)


def from_table(facts: Facts, table: Table, name: str) -> Sheet:
    """A table of a report as a sheet; its cells are text already."""
    return Sheet(
        name,
        table.caption,
        [c.title for c in table.columns],
        table.rows,
        table.note,
        fixed=1,
        groups=frozenset(table.groups),
    )


def _contents(facts: Facts, sheets: Sequence[Sheet]) -> Sheet:
    rows: list[list[Cell]] = [[s.name, s.heading, Number(len(s.rows))] for s in sheets]
    note = sentences(say("documents.tables_note", year=facts.as_of, known_on=day(facts.known_on)), hidden_note(facts))
    heads = [say(f"documents.column.{c}") for c in ("sheet", "content", "lines")]
    return Sheet(say("documents.sheet.contents"), _title(facts), heads, rows, note, filtered=False)


def _overview(facts: Facts) -> Sheet:
    """Counts of positions and outlooks by domain, plan and attribute."""

    def line(name: str, rows: Sequence[Record]) -> list[Cell]:
        places, counts = [r.text("position") for r in rows], outlook_counts(rows)
        now = [Number(places.count(p)) for p in ("met", "not_met", "unknown")]
        return [name, Number(len(rows)), *now, *(Number(counts[o]) for o in OUTLOOKS)]

    lines = [line(say("pages.total"), facts.rows)]
    for plan in dict.fromkeys(d.plan for d in facts.edition.domains):
        lines.append(line(facts.edition.plan_name(plan), [r for r in facts.rows if r.text("plan") == plan]))
    for attribute in ("binding", "anticipatory"):
        lines.append(line(say(f"attribute.{attribute}"), [r for r in facts.rows if r.text("attribute") == attribute]))
    lines += [line(d.name, facts.edition.in_domain(d.code)) for d in facts.edition.domains]
    heads = [say("documents.column.scope"), say("documents.column.rows")]
    heads += [say(f"position.{p}") for p in ("met", "not_met", "unknown")] + [say(f"outlook.{o}") for o in OUTLOOKS]
    return Sheet(
        say("documents.sheet.overview"),
        say("documents.caption.domains"),
        heads,
        lines,
        counts_sentence(facts.edition, facts.rows),
        fixed=1,
        filtered=False,
    )


_FULL = (
    *(
        "code",
        "name",
        "domain",
        "no",
        "measure",
        "unit",
        "attribute",
        "target_text",
        "reading",
        "base_value",
        "previous",
    ),
    *("newest_value", "newest", "step", "since_base_value", "distance", "position_now", "outlook", "chance", "grade"),
    *("schedule", "task", "time", "required", "observed", "alerts", "kind"),
)
_BRIEF = (
    *("code", "name", "measure", "unit", "attribute", "reading", "base_value", "previous", "newest_value", "newest"),
    *("step", "since_base_value", "distance", "position_now", "outlook", "chance", "alerts", "kind"),
)


def assessment_sheet(
    facts: Facts,
    rows: Sequence[Record],
    name: str,
    heading: str = "",
    full: bool = False,
    worked_out: dict[str, dict[str, Cell]] | None = None,
) -> Sheet:
    """Rows and their parts, every number in its own cell.

    Parameters
    ----------
    full
        Every column, for the screen, or the ones that fit on a sheet of paper.
    worked_out
        Keeps the cells of every row, by series, for other sheets of the same facts.
    """
    shown = _FULL if full else _BRIEF
    heads = [say(f"documents.column.{c}") for c in shown]
    found = [*facts.with_parts(rows)]
    worked_out = {} if worked_out is None else worked_out
    worked_out |= {code: _row(facts, r) for r in found if (code := r.text("series")) not in worked_out}
    lines = [[worked_out[r.text("series")][c] for c in shown] for r in found]
    heading = heading or say("documents.caption.rows")
    note = hidden_note(facts)
    return Sheet(
        name,
        heading,
        heads,
        lines,
        note,
        fixed=2,
        widest=24 if full else 12,
        wider=frozenset([1, len(shown) - 1]),
        pages_wide=3 if full else 1,
    )


def reasons_sheet(facts: Facts, rows: Sequence[Record]) -> Sheet:
    """One sentence after the other on every row: the words to the numbers."""
    lines: list[list[Cell]] = [
        [
            r.text("series"),
            r.text("name"),
            listed(r.words("responsible_units")),
            judgement(facts, r) + details(facts, r),
        ]
        for r in facts.with_parts(rows)
    ]
    heads = [say(f"documents.column.{c}") for c in ("code", "name", "unit", "reason")]
    heading, note = say("documents.caption.reasons"), hidden_note(facts)
    return Sheet(say("documents.sheet.reasons"), heading, heads, lines, note, fixed=2, widest=28, wider=_LAST)


_LAST = frozenset([3])


def _row(facts: Facts, r: Record) -> dict[str, Cell]:
    domain = next((d.name for d in facts.edition.domains if d.code == r.text("domain")), "")
    before = facts.previous(r)
    base = facts.number(r, "baseline")
    gap = facts.number(r, "shortfall") if r.text("position") == "not_met" else None
    numeric = r.text("kind") in NUMERIC
    timed = numeric and r.text("schedule") != "not_applicable"
    year = r.whole("value_year")
    return {
        "code": r.text("series"),
        "name": r.text("name"),
        "domain": domain,
        "no": r.text("number") + r.text("sub"),
        "measure": unit_name(r.text("unit")),
        "unit": listed(r.words("responsible_units")),
        "attribute": say(f"attribute.{r.text('attribute')}"),
        "target_text": r.text("target_text"),
        "reading": facts.reading(r),
        "base_value": HIDDEN if facts.starred(r, "baseline") else number(r, base),
        "previous": number(r, before[1] if before else None),
        "newest_value": HIDDEN if facts.withheld(r) else number(r, facts.number(r, "value")),
        "newest": None if year is None else Number(year),
        "step": number(r, facts.change(r, before[1]) if before else None),
        "since_base_value": number(r, facts.since_base(r)),
        "distance": number(r, gap),
        "position_now": say(f"position.{r.text('position')}"),
        "outlook": say(f"outlook.{r.text('outlook')}"),
        "chance": HIDDEN if facts.starred(r, "probability") else share(r.number("probability")),
        "grade": r.text("evidence_grade"),
        "schedule": say(f"schedule.{r.text('schedule')}") if timed else "",
        "task": share(facts.number(r, "task_progress")) if numeric else None,
        "time": share(facts.number(r, "time_progress")) if numeric else None,
        "required": number(r, facts.number(r, "required_annual_change"), finer=True),
        "observed": number(r, facts.number(r, "observed_annual_change"), finer=True),
        "alerts": listing.alerts(r) if r.words("alerts") else "",
        "kind": listing.kinds(facts, r) if facts.kinds(r) else "",
    }


def _domain_sheets(facts: Facts, worked_out: dict[str, dict[str, Cell]]) -> list[Sheet]:
    """One sheet per domain, named as the domain is."""
    sheets = []
    for d in facts.edition.domains:
        rows = facts.edition.in_domain(d.code)
        if rows:
            plan = say(f"pages.plan_short_{d.plan}")
            heading = say("documents.domain_heading", plan=plan, domain=d.name)
            name = say("pages.domain_of", plan=plan, domain=d.name)
            sheets.append(assessment_sheet(facts, rows, name, heading, worked_out=worked_out))
    return sheets


def _units(facts: Facts) -> Sheet:
    """Rows under every unit that answers for them; a row of several units stands under each."""
    lines: list[list[Cell]] = []
    groups = set()
    for unit, name in facts.unit_names.items():
        rows = facts.of_unit(unit)
        if not rows:
            continue
        groups.add(len(lines))
        places = [r.text("position") for r in rows]
        counted = say(
            "documents.unit_line",
            unit=name,
            rows=len(rows),
            met=places.count("met"),
            not_met=places.count("not_met"),
            unknown=places.count("unknown"),
        )
        lines.append([counted])
        for r in rows:
            role = say("documents.lead" if r.text("lead_unit") == name else "documents.shared")
            value = facts.value(r)
            lines.append(
                [name, role, r.text("series"), r.text("name"), say(f"attribute.{r.text('attribute')}"), facts.reading(r) or r.text("target_text"), value,
                 None if r.whole("value_year") is None else Number(r.whole("value_year") or 0), say(f"position.{r.text('position')}"), say(f"outlook.{r.text('outlook')}"),
                 HIDDEN if facts.starred(r, "probability") else share(r.number("probability")), listing.alerts(r) if r.words("alerts") else "", listing.kinds(facts, r) if facts.kinds(r) else ""]
            )  # fmt: skip
    heads = (
        "unit",
        "role",
        "code",
        "name",
        "attribute",
        "reading",
        "newest_value",
        "newest",
        "position_now",
        "outlook",
        "chance",
        "alerts",
        "kind",
    )
    return Sheet(
        say("documents.sheet.units"),
        say("documents.caption.units"),
        [say(f"documents.column.{h}") for h in heads],
        lines,
        hidden_note(facts),
        fixed=4,
        groups=frozenset(groups),
    )


def quality_sheet(facts: Facts, issues: Sequence[Record]) -> Sheet:
    """Questions about reported values, worst first, each with its place."""
    lines: list[list[Cell]] = []
    for r in issues:
        about = facts.edition.series.get(r.text("series"))
        lines.append(
            [r.text("severity"), r.text("series"), about.text("name") if about else "", group_name(r.text("group")), r.text("year"), r.text("value"),
             r.text("message"), r.text("advice"), r.text("submission"), r.text("file_row")]
        )  # fmt: skip
    heads = [
        say(f"documents.column.{c}")
        for c in ("severity", "code", "name", "group", "year", "reported_value", "issue", "advice", "file", "file_row")
    ]
    return Sheet(say("documents.sheet.quality"), say("documents.caption.quality"), heads, lines, fixed=3)
