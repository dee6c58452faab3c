"""How the targets of a plan spread over the districts of a city, and which districts are exceptions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from plananalysis.base.digits import fixed
from plananalysis.base.text import listed, say
from plananalysis.editions.called import plan_name
from plananalysis.editions.opened import Record, gathered
from plananalysis.pages.cells import binding_mark, chance
from plananalysis.pages.city_tables import CityTables
from plananalysis.pages.columns import column, count_column
from plananalysis.pages.many import in_difficulty, indicator, outlook_columns, strip
from plananalysis.pages.rows import by_chance
from plananalysis.render.blocks import Column, Paragraph, Table, Words, more, words
from plananalysis.render.html import Blocks, blocks
from plananalysis.render.quantities import Chance, Count, Share

MOST = 12  # targets shown as hard in many districts
MANY = 0.25  # of the districts with an outlook
BINS = 20


def hard_everywhere(page: CityTables) -> Blocks:
    """Targets that are hard or very hard in many districts: matters for the city, not for one district."""
    rows = [
        r for r in page.records("targets") if in_difficulty(r) and in_difficulty(r) >= MANY * (r.number("able") or 0)
    ]
    rows.sort(key=lambda r: (-in_difficulty(r) / (r.number("able") or 1), -in_difficulty(r), r.text("series")))
    if not rows:
        return page.none("everywhere_none")
    lead = page.now("everywhere", count=len(rows), shown=min(len(rows), MOST), share=Share(MANY, 0))
    made = page.table(page.now("everywhere_caption"), _columns(page), rows[:MOST], "spread stack")
    always = [r.text("name") for r in rows if in_difficulty(r) == r.number("able") and (r.number("able") or 0) > 1]
    told = page.now("everywhere_all", count=len(always), names=listed(always)) if always else ""
    return blocks(Paragraph(lead, "lead"), Paragraph(told), made)


def standing_out(page: CityTables) -> Blocks:
    """Targets that most districts will reach and a few will not: there the district's own reasons matter."""
    rows = [r for r in page.records("targets") if r.text("behind")]
    if not rows:
        return page.none("out_none")
    held = {(r.text("area"), r.text("series")): r for r in page.rows}
    lines = [held[area, r.text("series")] for r in rows for area in r.words("behind")]
    by_district = gathered(lines, lambda r: r.text("area"))
    order = sorted(by_district, key=lambda a: (-len(by_district[a]), a))
    columns = [
        column("district", page.link),
        count_column("missing", lambda a: len(by_district[a])),
        column("which", lambda a: _named(page, by_district[a])),
    ]
    lead = page.now("out", count=len(lines), districts=len(order), targets=len(rows))
    return blocks(Paragraph(lead, "lead"), page.table(page.now("out_caption"), columns, order, "out stack"))


def every_target(page: CityTables) -> Blocks:
    """Every target of the plan with its distribution over the districts."""
    rows = page.records("targets")
    by_domain = gathered(rows, lambda r: r.text("domain"))
    groups = [
        (say("pages.domain_of", plan=plan_name(page.info, d.text("plan")), domain=d.text("name")), held)
        for d in page.records("domains")
        if (held := by_domain.get(d.text("domain")))
    ]
    caption = say("pages.city.targets_caption", count=len(rows))
    made = page.table(caption, _columns(page), groups, "spread stack", grouped=True)
    note = say("pages.city.targets_counts") if page.on_paper and not page.over else page.now("targets_note")
    return blocks(Paragraph(note, "small"), made)


def _named(page: CityTables, rows: Sequence[Record]) -> Words:
    def piece(r: Record) -> Words:
        # of several parts: its district's page has the words of the worst
        if page.over or r.number("probability") is None:
            return words(page.indicator(r), role="item")
        told = say("pages.city.chance", percent=chance(page, r))
        return words(page.indicator(r), words(told, role="chance"), role="item")

    return words(*map(piece, sorted(rows, key=lambda r: by_chance(r)[1])))


def counts_table(page: CityTables) -> Table:
    """Every target with its counts over the districts in columns of numbers, for a workbook."""
    caption = say("pages.city.targets_caption", count=len(page.records("targets")))
    return page.table(caption, [*_unit(page), *_counts(page, True)], page.records("targets"), "")


def _unit(page: CityTables) -> list[Column]:
    if page.public:
        return []
    return [column("unit", lambda r: r.text("lead_unit"), sort=lambda r: r.text("lead_unit"))]


def _counts(page: CityTables, whole: bool) -> list[Column]:
    """Counts over the districts in columns of numbers; the ``whole`` of them, or those that fit on a sheet."""

    def number(title: str, name: str, made: Callable[[float], Any]) -> Column:
        def cell(r: Record) -> Any:
            return made(r.number(name) or 0.0) if r.whole("able") and r.number(name) is not None else None

        return Column(title, cell, 9, "r")

    expected = [
        number(say("column.expected_districts"), "expected", lambda x: Count(round(x))),
        *(number(say(f"column.districts_{n}"), n, Count) for n in ("least", "most") if whole),
    ]
    chances = [number(say(f"column.chance_{p}"), p, Chance) for p in ("p10", "p50", "p90")] if whole else []
    return [
        replace(column("indicator", lambda r: indicator(r)), width=44),
        replace(column("target", lambda r: r.text("target_text"), year=page.target_year), width=20),
        *(_in_positions(page) if page.over else [*outlook_columns(whole), *expected, *chances]),
        *([column("exceptions", lambda r: _exceptions(page, r) or None)] if whole else []),
    ]


def _columns(page: CityTables) -> list[Column]:
    if page.on_paper and not page.over:
        return _counts(page, False)
    chances: dict[str, list[float]] = {}
    for r in page.rows:
        if (p := r.number("probability")) is not None:
            chances.setdefault(r.text("series"), []).append(p)

    def text(r: Record) -> Words:
        other = (r.whole("readings") or 1) > 1
        return words(r.text("target_text"), more(say("pages.city.readings") if other else None))

    if page.over:
        told = _in_positions(page)
    else:
        told = [
            column("districts_strip", strip, "figure"),
            column("expected_districts", _expected, "num", sort=lambda r: r.number("expected")),
            column("probability_spread", lambda r: _spread(page, r, chances.get(r.text("series"), [])), "figure"),
        ]
    return [
        *_unit(page),
        column("indicator", lambda r: _indicator(page, r), sort=lambda r: r.text("series")),
        column("target", text, year=page.target_year),
        *told,
        column("exceptions", lambda r: _exceptions(page, r) or None, "units"),
    ]


def _in_positions(page: CityTables) -> list[Column]:
    """How many districts reached each target, and how many did not."""
    held = Counter((r.text("position"), r.text("series")) for r in page.rows)

    def of(position: str) -> Column:
        return count_column(f"districts_{position}", lambda r: held[position, r.text("series")])

    return [of("met"), of("not_met")]


def _spread(page: CityTables, row: Record, held: Sequence[float]) -> Any:
    if not held:
        return None
    low, middle, high = (Chance(row.number(p)) for p in ("p10", "p50", "p90"))
    alt = str(middle) if low == high else say("pages.city.spread_alt", low=low, middle=middle, high=high)
    bins = [0] * BINS
    for p in held:
        bins[min(int(p * BINS), BINS - 1)] += 1
    return words(page.spread(bins, alt), words(alt, role="more"))


def _indicator(page: CityTables, row: Record) -> Words:
    """Name of a row, leading to all districts on it where it is measured itself."""
    measured = row.text("series") in page.about
    return words(page.named(row.text("series")), binding_mark(row)) if measured else indicator(row)


def _expected(row: Record) -> Words | None:
    """How many districts will meet a target, with its range; nothing to be expected where all is decided."""
    if not row.whole("able") or row.number("expected") is None:
        return None
    ends = say("pages.city.expected_range", low=row.whole("least"), high=row.whole("most"))
    return words(fixed(row.number("expected") or 0.0, 0), words(ends, role="more"))


def _exceptions(page: CityTables, row: Record) -> str:
    told = [
        page.now(f"{side}_are", names=page.few(areas), count=len(areas))
        for side in ("behind", "ahead")
        if (areas := row.words(side))
    ]
    return say("pages.clause_joint").join(told)
