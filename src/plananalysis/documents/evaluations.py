"""中期评估 and 终期评估: the questions of the middle and of the end of a plan period."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from plananalysis.assessments.sentences import is_nothing
from plananalysis.documents import listing, sections
from plananalysis.documents.annual import finished
from plananalysis.documents.blocks import Block, Column, Document, Paragraph, Table, ToFill
from plananalysis.documents.facts import Facts
from plananalysis.documents.listing import DASH, code_and_name, column
from plananalysis.documents.record import Said, national_record, said_and_came
from plananalysis.documents.sentences import hidden_note, why_silent
from plananalysis.pages.brief import urgent
from plananalysis.pages.published import Record
from plananalysis.text import listed, say


def midterm_report(facts: Facts) -> Document:
    """How far the way is gone in how much of the time, what needs an effort, what needs a decision, and how good the tool was."""
    parts = [
        (say("documents.section.standing"), sections.standing(facts)),
        (say("documents.section.progress"), _progress(facts)),
        (say("documents.section.storm"), _storm(facts)),
        (say("documents.section.adjust"), _adjust(facts)),
        (say("documents.section.base"), _base(facts)),
        (say("documents.section.record"), _record(facts)),
    ]
    return _assembled(facts, parts)


def final_report(facts: Facts) -> Document:
    """Reached or not with the figures that decide, how the years went, and what earlier editions had said."""
    parts = [
        (say("documents.section.standing"), sections.standing(facts)),
        (say("documents.section.story"), [Paragraph(_story_words(facts)), _story(facts)]),
        (say("documents.section.said"), _said(facts)),
    ]
    return _assembled(facts, parts)


def _assembled(facts: Facts, parts: Sequence[tuple[str, list[Block]]]) -> Document:
    blocks: list[Block] = sections.opening(facts)
    for n, (title, inside) in enumerate(parts, start=1):
        blocks += [sections.heading(1, n, title), *inside]
    n = len(parts) + 1
    blocks += sections.domains(facts, first=n)
    n += len({d.plan for d in facts.edition.domains if facts.edition.in_domain(d.code)})
    blocks += sections.problems(facts, n) + sections.advice(facts, n + 1)
    annexes = sections.annexes(facts)
    return finished(facts, blocks, annexes)


# ---- mid-term ------------------------------------------------------------------------------------------------------


def _progress(facts: Facts) -> list[Block]:
    rows = listing.numeric_rows(facts)
    timed = [r for r in rows if facts.number(r, "task_progress") is not None and r.text("schedule") != "not_applicable"]
    words = [r.text("schedule") for r in timed]
    counts = {w: words.count(w) for w in ("ahead", "on", "behind")}
    met = sum(r.text("position") == "met" for r in rows)
    text = say("documents.progress_counts", rows=len(rows), met=met, timed=len(timed), **counts)
    return [Paragraph(text), listing.progress_table(facts, rows)]


def _storm(facts: Facts) -> list[Block]:
    """Distance to go, and what each remaining year must bring, for every row that needs an effort."""
    rows = [r for r in urgent(facts.edition) if r.text("position") == "not_met"]
    cells = []
    for r in rows:
        needed, usual = facts.number(r, "required_annual_change"), facts.number(r, "observed_annual_change")
        gap = facts.number(r, "shortfall")
        cells.append(
            [
                code_and_name(r),
                listed(r.words("responsible_units")),
                say(f"attribute.{r.text('attribute')}"),
                listing.dated(facts, r),
                facts.reading(r) if r.text("kind") != "worst_part" else r.text("target_text"),
                DASH if gap is None else facts.size(r, gap),
                _signed(facts, r, needed),
                _signed(facts, r, usual),
                listing.alerts(r),
            ]
        )
    columns = [column("indicator", 22), column("unit", 12), column("attribute", 8, "c")]
    columns += [column("value", 10, "r", year=facts.as_of), column("target", 14, year=facts.target_year)]
    columns += [column("gap", 12, "r"), column("required", 12, "r"), column("observed", 12, "r"), column("alerts", 12)]
    both = sum("both_red" in r.words("alerts") for r in rows)
    binding = sum(r.text("attribute") == "binding" for r in rows)
    text = say("documents.storm", count=len(rows), binding=binding, both=both, years=facts.target_year - facts.as_of)
    empty = listing.nothing_urgent(facts)
    return [
        Paragraph(text if rows else empty),
        Table(say("documents.caption.storm"), columns, cells, note=hidden_note(facts), empty=empty),
    ]


def _signed(facts: Facts, row: Record, change: float | None) -> str:
    if change is None:
        return DASH
    size = facts.size(row, change, finer=True)
    if is_nothing(size):
        return say("documents.unchanged")
    return ("+" if change > 0 else "−") + size


def _adjust(facts: Facts) -> list[Block]:
    """Targets a decision is needed on; why is read off the tables, what to decide is not."""
    rows = []
    for r in facts.edition.assessments.values():
        if r.text("role") == "compound":
            continue
        reasons = _reasons(facts, r)
        if reasons:
            rows.append([code_and_name(r), r.text("target_text"), facts.reading(r), say("joint.clause").join(reasons)])
    columns = [column("indicator", 27), column("target_text", 15), column("reading", 22), column("adjust", 36)]
    table = Table(say("documents.caption.adjust"), columns, rows, note=hidden_note(facts))
    blocks: list[Block] = [Paragraph(say("documents.adjust", count=len(rows))), table]
    return [*blocks, ToFill(say("documents.fill.adjust"))] if facts.audience != "public" else blocks


def _reasons(facts: Facts, row: Record) -> list[str]:
    found = []
    if row.text("why_no_probability") == "no_band" or row.text("kind") == "keep_reasonable":
        found.append(say("documents.reason.no_band"))
    if row.text("operator_source") == "inferred":
        found.append(say("documents.reason.inferred"))
    if row.text("kind") == "about":
        found.append(
            say("documents.reason.tolerance", points=f"{facts.edition.thresholds.get('about_tolerance', 0):g}")
        )
    base_met = row.number("task_progress") is None and row.number("baseline") is not None
    if row.text("outlook") == "met_secure" and base_met and row.text("schedule") == "not_applicable":
        found.append(say("documents.reason.met_at_base"))
    elif row.text("outlook") == "met_secure" and (row.number("probability") or 0) >= 0.95:
        found.append(say("documents.reason.met_early"))
    if row.text("why_no_probability") == "no_reference":
        found.append(why_silent(row))
    return found


def _base(facts: Facts) -> list[Block]:
    """Base values that are missing, revised, estimated, or in another definition than the newest values."""
    year, rows, have = facts.base_year, [], 0
    leaves = [leaf for row in facts.rows for leaf in (facts.edition.parts(row) or [row])]
    revised = {
        r.text("series"): r.text("message")
        for r in facts.edition.records("quality")
        if r.whole("year") == year and r.text("rule") == "revision" and r.text("group") == "total"
    }
    for leaf in leaves:
        series = leaf.text("series")
        at_base = [
            r
            for r in facts.edition.observed.get(series, [])
            if r.whole("year") == year and r.number("value") is not None
        ]
        have += bool(at_base)
        remarks = [] if at_base else [say("documents.base.missing", year=year, unit=leaf.text("lead_unit"))]
        newest = facts.edition.observed.get(series, [])[-1:]
        for r in at_base[-1:]:
            remarks += [facts.cell_note(r)] if r.text("status") in ("P", "E", "B") else []
            remarks += [say("documents.base.corrected")] if r.text("correction") else []
            remarks += [revised[series]] if series in revised and facts.audience != "public" else []
            remarks += [say("documents.base.revised")] if series in revised and facts.audience == "public" else []
            if newest and r.text("definition") != newest[0].text("definition"):
                remarks.append(say("documents.base.definition"))
        if remarks:
            value = facts.amount(leaf, at_base[-1].number("value")) if at_base else DASH
            value = "*" if at_base and facts.hidden(series, year) else value
            rows.append(
                [code_and_name(leaf), listed(leaf.words("responsible_units")), value, say("joint.clause").join(remarks)]
            )
    columns = [
        column("indicator", 30),
        column("unit", 16),
        column("base", 14, "r", year=year),
        column("base_remark", 40),
    ]
    text = say(
        "documents.base.counts", year=year, count=len(leaves), have=have, missing=len(leaves) - have, remarked=len(rows)
    )
    return [Paragraph(text), Table(say("documents.caption.base"), columns, rows, note=hidden_note(facts))]


def _record(facts: Facts) -> list[Block]:
    """How good projections of this kind were: on this area's own past, and on the national outline that has ended."""
    blocks: list[Block] = [Paragraph(say("documents.record.why"))]
    own = [r for r in facts.edition.records("backtests") if r.text("method") == "engine"]
    rows = [
        [
            say("documents.record.ahead", years=r.whole("horizon")) if r.whole("horizon") else say("pages.total"),
            f"{r.whole('cases') or 0:,}",
            f"{r.number('met_share') or 0:.1%}",
            f"{r.number('brier'):.3f}" if r.number("brier") is not None else DASH,
            f"{r.number('coverage80'):.1%}" if r.number("coverage80") is not None else DASH,
        ]
        for r in sorted(own, key=lambda r: (r.whole("horizon") == 0, r.whole("horizon")))
    ]
    columns = [
        column("horizon", 24),
        column("cases", 18, "r"),
        column("met_share", 20, "r"),
        column("score", 18, "r"),
        column("coverage", 20, "r"),
    ]
    blocks.append(
        Table(
            say("documents.caption.own"),
            columns,
            rows,
            note=say("documents.record.score"),
            empty=say("pages.scores_none"),
        )
    )
    national = national_record(facts.root)
    if national is None:
        blocks.append(Paragraph(say("documents.record.no_national")))
    else:
        ended, said = national
        caption = say("documents.caption.national", first=ended.base_year + 1, last=ended.target_year)
        blocks += [Paragraph(_said_words(said)), _said_table(said, caption)]
    return blocks


# ---- final ---------------------------------------------------------------------------------------------------------


def _story_words(facts: Facts) -> str:
    moves = [c for r in facts.rows if (c := _good_years(facts, r)) is not None]
    if not moves:
        return say("documents.story.none")
    mostly = sum(2 * good > steps for good, steps in moves)
    return say(
        "documents.story.words",
        count=len(moves),
        mostly=mostly,
        base_year=facts.base_year,
        target_year=facts.target_year,
    )


def _story(facts: Facts) -> Table:
    """Base, middle and end value of every row, and in how many years it moved the right way."""
    middle = (facts.base_year + facts.target_year) // 2
    cells = []
    for r in facts.rows:
        leaf = facts.measured(r)
        good = _good_years(facts, r)
        cells.append(
            [
                code_and_name(r),
                facts.amount(r, facts.number(r, "baseline")) or DASH,
                _at(facts, leaf, middle),
                listing.dated(facts, r),
                listing.since_base(facts, r),
                DASH if good is None else say("documents.story.moves", good=good[0], steps=good[1]),
                facts.reading(r) if r.text("kind") != "worst_part" else r.text("target_text"),
                say(f"documents.final.{r.text('position')}"),
            ]
        )
    columns = [
        column("indicator", 25),
        column("first", 10, "r", year=facts.base_year),
        column("first", 10, "r", year=middle),
        column("final", 11, "r", year=facts.target_year),
        column("since_base", 12, "r", year=facts.base_year),
        column("moves", 9, "c"),
        column("target", 15, year=facts.target_year),
        column("position", 9, "c"),
    ]
    return Table(say("documents.caption.story"), columns, cells, note=say("documents.story.note") + hidden_note(facts))


def _within(facts: Facts, leaf: Record) -> list[Record]:
    """Comparable values from the base year on, one a year."""
    found: dict[int, Record] = {}
    held = [r for r in facts.edition.observed.get(leaf.text("series"), []) if r.number("value") is not None]
    definition = held[-1].text("definition") if held else ""
    for r in held:
        if r.whole("year") >= facts.base_year and r.text("definition") == definition:
            found[r.whole("year")] = r
    return list(found.values())


def _at(facts: Facts, leaf: Record, year: int) -> str:
    if facts.hidden(leaf.text("series"), year):
        return "*"
    value = next((r.number("value") for r in _within(facts, leaf) if r.whole("year") == year), None)
    return facts.amount(leaf, value) or DASH


def _good_years(facts: Facts, row: Record) -> tuple[int, int] | None:
    """In how many of the steps between observed years the value moved the good way; None for rows without one."""
    leaf = facts.measured(row)
    direction = leaf.whole("direction") or 0
    values = [r.number("value") for r in _within(facts, leaf)]
    if direction == 0 or len(values) < 3 or facts.any_withheld(row):
        return None
    steps = [b - a for a, b in itertools.pairwise(values)]
    return sum(s * direction > 0 for s in steps), len(steps)


def _said(facts: Facts) -> list[Block]:
    said = said_and_came(facts)
    if not said:
        return [Paragraph(say("documents.said.none"))]
    years = sorted(facts.earlier)
    rows = []
    for r in facts.rows:
        series = r.text("series")
        held = [facts.earlier[y].get(series) for y in years]
        words = [DASH if h is None else say(f"outlook.{h.text('outlook')}") for h in held]
        rows.append([code_and_name(r), *words, say(f"documents.final.{r.text('position')}")])
    width = 70 / max(len(years) + 1, 1)
    columns = [column("indicator", 30), *[Column(str(y), width, "c") for y in years], column("position", width, "c")]
    table = Table(say("documents.caption.said"), columns, rows)
    return [Paragraph(_said_words(said)), _said_table(said, say("documents.said.counts")), table]


def _said_words(said: Sequence[Said]) -> str:
    def shares(outlooks: Sequence[str]) -> tuple[int, int]:
        held = [s for s in said if s.outlook in outlooks]
        return sum(s.count for s in held), sum(s.met for s in held)

    (good, good_met), (bad, bad_met) = shares(("met_secure", "likely")), shares(("hard", "very_hard"))
    clauses = [say("documents.said.good", count=good, met=good_met)] if good else []
    clauses += [say("documents.said.bad", count=bad, missed=bad - bad_met)] if bad else []
    return say("documents.said.words", clauses=say("joint.clause").join(clauses) or say("documents.said.no_clear"))


def _said_table(said: Sequence[Said], caption: str) -> Table:
    rows = [
        [str(s.year), say(f"outlook.{s.outlook}"), str(s.count), str(s.met), f"{s.met / s.count:.0%}"] for s in said
    ]
    columns = [
        column("edition", 18, "c"),
        column("said", 32, "c"),
        column("count", 14, "r"),
        column("came", 20, "r"),
        column("came_share", 16, "r"),
    ]
    return Table(caption, columns, rows, note=say("documents.said.note"))
